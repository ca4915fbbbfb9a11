"""How close is equal below float64? Derived from the arithmetic, for each case and each precision.

What a rounding does to a result depends on the case: a sum of numbers of one sign keeps it, a difference of close
numbers or a division by a small root magnifies it. So it is measured where it can be measured well, in float64: every
number that goes in is changed by a random part of at most u, the unit roundoff, and the largest change of the output,
of its scale, is e(u). A computation rounds not only what goes in but once for every summand, in all its layers. n
random roundings add up like √n, and a bound of 4 √n u is exceeded with a probability below 2 exp(-4² / 2) = 0.07 %
(Higham and Mary, 2019). With four roundings of the result itself, and that of the stored one, the limits are

    float32                    4 √n e(2^-24) + 4·2^-24 + 2^-30    n: the summands of the longest sum of each layer
    tf32, bfloat16   4 √r e(u) + 4 √n e(2^-24) + 4 u + 2^-30    r: three roundings for each layer, both factors of its
                                                                  products and what it hands on; sums in float32

A limit above a quarter of the largest entry could tell nothing: such a case is left out in that precision. So is one in
which terms cancel that are much larger than the result (there the reference itself, in float32, is off by more).
"""

import math

import numpy as np

from .steps import STEPS, WHOLE

UNITS = {"float32": 2.0**-24, "tf32": 2.0**-11, "bfloat16": 2.0**-8}
PRECISIONS = ("float64", *UNITS)
SURE = 4  # standard deviations, about
FINAL = 4  # roundings of the result itself: a root, a quotient, a product, a sum
GRID = 30  # binary digits kept of a stored output's largest entry: a rounding of at most 1e-9 of it
NOISE = 3e-13  # what another machine may differ by, of the largest entry; against PyTorch: 4e-14 in the network
STORED = 2.0**-GRID
DRAWS = 8
USELESS = 0.25


def limits(case, compute):
    """The largest relative error that passes a case, by precision: {"float64": 1e-8, "float32": …}; useless ones not.

    compute  function of a case -> its outputs by name, as `reference` gives them
    """
    exact = STEPS[case.step].tolerance
    if exact is WHOLE:
        return {"float64": exact.float64} | UNITS
    sizes = longest_sums(case)
    n, r = sum(sizes), 3 * len(sizes)
    e = {name: _change(case, compute, u) for name, u in UNITS.items()}
    single = SURE * math.sqrt(n) * e["float32"]
    found = {"float64": exact.float64, "float32": single + FINAL * UNITS["float32"] + STORED}
    if _distance(case, compute(case.in_precision("float32"))) > found["float32"]:
        return {"float64": exact.float64}
    for name in ("tf32", "bfloat16"):
        found[name] = SURE * math.sqrt(r) * e[name] + single + FINAL * UNITS[name] + STORED
    return {name: _rounded_up(limit) for name, limit in found.items() if limit <= USELESS}


def _change(case, compute, u):
    """e(u): the largest change of an output, of its scale, where all that goes in is changed by a part of up to u."""
    stream, most = np.random.RandomState(24), 0.0

    def changed(array):
        return array * (1 + u * stream.uniform(-1, 1, array.shape)) if array.dtype.kind == "f" else array

    for _ in range(DRAWS):
        most = max(most, _distance(case, compute(case.with_each(changed))))
    return most


def _distance(case, outputs):
    """The largest error of outputs, of their scales."""
    return max(float(np.max(np.abs(array - case.outputs[name]))) / case.scale[name] for name, array in outputs.items())


def _rounded_up(limit):
    """Two digits, so that the last ones of a machine do not show."""
    unit = 10.0 ** (math.floor(math.log10(limit)) - 1)
    return float(f"{math.ceil(limit / unit - 1e-6) * unit:.1e}")


def longest_sums(case):
    """The number of summands of the longest sum of each layer, along the longest way through a case."""
    given, step = case.inputs, case.step.removesuffix("_gradients")
    backward = case.step.endswith("_gradients")
    if step == "normalize":
        return [given["A"].size // given["A"].shape[1]]
    if step == "cross_entropy":
        return [given["logits"].size]
    if step in ("forward", "loss_and"):
        sums = _of_network(given["state"], given["clip"], case.settings.get("training", True))
    elif step == "pooling":
        sums = [given["f_in"][0, 0].size * case.settings["M"]]
    elif step == "data_batch_norm":
        N, _, T, _, M = given["clip"].shape
        sums = _of_norm(N * T * M, "running_mean" not in given)
    else:
        N, C, T, V = given["f_in"].shape
        if step == "block":
            sums = _of_block(given["state"], N * T * V, V, case.settings["training"])
        elif step == "spatial_conv":
            sums = [C + 1 + given["A_hat"].shape[0] * V]
        elif step == "temporal_conv":
            sums = [C * given["W"].shape[2] + 1]
        else:  # a batch norm or its running statistics
            sums = _of_norm(N * T * V, "running_mean" not in given or step.startswith("update"))
        backward = N * T * V if backward else 0  # parameters sum over clips, frames and joints
    if step == "loss_and":
        backward = given["clip"].size // given["clip"].shape[1]
    return [*sums, *sums, backward] if backward else sums


def _of_norm(count, training):
    return [count, count] if training else [2]  # the mean, then the variance


def _of_block(state, count, V, training):
    C_in, C_out, K = state["spatial_conv.W"].shape
    norm = _of_norm(count, training)
    return [C_in + 1 + K * V, *norm, C_out * state["temporal_conv.W"].shape[2] + 1, *norm, 2]  # 2: the residual


def _of_network(state, clip, training):
    N, _, T, V, M = clip.shape
    sums = _of_norm(N * T * M, training)
    for i, stride in enumerate(state["strides"]):
        prefix = f"blocks.{i}."
        entries = {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
        sums += _of_block(entries, N * M * T * V, V, training)
        T = -(-T // int(stride))
    return [*sums, M * T * V, len(state["classifier.W"])]
