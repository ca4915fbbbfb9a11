"""The inputs of every case. Small, odd-shaped, and such that each known mistake shows.

Numbers come from NumPy's RandomState, whose stream is frozen for good, as multiples of 1/64: with so few binary digits
the convolutions are exact in float64 in whatever order they are summed, and casting inputs to float32 loses nothing.
"""

from typing import NamedTuple

import numpy as np

from .. import NORMALIZATIONS, PAPER_STRATEGIES, SKELETONS, init_state
from . import answers
from .steps import STEPS

NORMALISED = ("toy_5", "openpose_18", "ntu_25")
TEN_ROWS = ((2, 4, 1), *[(4, 4, 1)] * 3, (4, 5, 2), *[(5, 5, 1)] * 2, (5, 6, 2), *[(6, 6, 1)] * 2)
THREE_ROWS = ((3, 3, 1), (3, 6, 2), (6, 6, 1))  # row one keeps its channels: adding a residual there would go unnoticed


class Case(NamedTuple):
    """One call of one function: arguments as they are passed (a state is a dict), and the outputs by name."""

    name: str
    step: str
    settings: dict  # integers, strings and booleans
    inputs: dict  # arrays, or dicts of arrays
    outputs: dict
    scale: dict  # by output: what its error is divided by

    @property
    def arguments(self):
        """Fresh copies of everything, by the function's argument names."""
        copies = {
            name: {entry: array.copy() for entry, array in value.items()} if isinstance(value, dict) else value.copy()
            for name, value in self.inputs.items()
        }
        return self.settings | copies


class Numbers:
    """A source of multiples of 1/64."""

    def __init__(self, seed):
        self.stream = np.random.RandomState(seed)

    def signed(self, *shape):
        """Between -1 and 1."""
        return self.stream.randint(-64, 65, shape) / 64

    def positive(self, *shape):
        """Between 1/2 and 2."""
        return self.stream.randint(32, 129, shape) / 64


def graph(skeleton="toy_5", method="two_sided"):
    """A_hat (K, V, V) of the spatial partition, rounded to multiples of 1/256 so that sums with it are exact."""
    skeleton = SKELETONS[skeleton]
    A = answers.partition(skeleton.num_joints, skeleton.bones, skeleton.center, "spatial")
    return np.round(answers.normalize(A, method) * 256) / 256


def all_cases():
    """Yields (name, settings, inputs) of every case; the step is the part of the name before the dot."""
    yield from _graph_cases()
    yield from _convolution_cases()
    yield from _batch_norm_cases()
    yield from _block_cases()
    yield from _network_cases()
    yield from _gradient_cases()


def _graph_cases():
    def graph_of(skeleton):
        return {"num_joints": skeleton.num_joints}, {"bones": np.array(skeleton.bones, dtype=np.int64)}

    for name, skeleton in SKELETONS.items():
        yield f"adjacency.{name}", *graph_of(skeleton)
    for name, skeleton in SKELETONS.items():
        for strategy in PAPER_STRATEGIES:
            settings, inputs = graph_of(skeleton)
            settings |= {"center": skeleton.center, "strategy": strategy}
            yield f"partition.{name}_{strategy}", settings, inputs
    for name in NORMALISED:
        skeleton = SKELETONS[name]
        A = answers.partition(skeleton.num_joints, skeleton.bones, skeleton.center, "spatial")
        for method in NORMALIZATIONS:
            yield f"normalize.{name}_{method}", {"method": method}, {"A": A}


def _convolution_cases():
    r = Numbers(1)
    layer = {"f_in": r.signed(2, 4, 7, 5), "A_hat": graph(), "W": r.signed(4, 6, 3)}
    bias, importance = {"b": r.signed(6, 3)}, {"edge_importance": r.positive(3, 5, 5)}
    yield "spatial_conv.plain", {}, layer
    yield "spatial_conv.bias", {}, layer | bias
    yield "spatial_conv.edge_importance", {}, layer | bias | importance
    yield "spatial_conv.row_normalised", {}, layer | {"A_hat": graph(method="row")}
    square, bias = {"W": r.signed(4, 4, 9)}, {"b": r.signed(4)}
    for name, T, stride in (("stride_1", 11, 1), ("stride_2_even", 12, 2), ("stride_2_odd", 11, 2), ("short", 3, 1)):
        yield f"temporal_conv.{name}", {"stride": stride}, {"f_in": r.signed(2, 4, T, 5)} | square | bias
    yield "temporal_conv.no_bias", {"stride": 1}, {"f_in": r.signed(2, 4, 10, 5)} | square
    shapes = {"f_in": r.signed(2, 4, 9, 5), "W": r.signed(4, 6, 1), "b": r.signed(6)}
    yield "temporal_conv.one_frame_filter", {"stride": 2}, shapes


def _batch_norm_cases():
    r = Numbers(3)
    f_in = r.signed(2, 3, 4, 5)
    f_in[:, 0] = f_in[:, 0] / 64 + 0.5  # a channel that hardly varies: epsilon matters there
    weights = {"weight": r.positive(3), "bias": r.signed(3)}
    running = {"running_mean": r.signed(3), "running_var": r.positive(3) / np.array([4096, 1, 1])}
    yield "batch_norm.training", {}, {"f_in": f_in} | weights
    yield "batch_norm.inference", {}, {"f_in": f_in} | weights | running
    yield "update_running_statistics.one_step", {}, {"f_in": f_in} | running

    clip = with_absent_person(r.signed(3, 3, 4, 5, 2))
    weights = {"weight": r.positive(15), "bias": r.signed(15)}
    running = {"running_mean": r.signed(15), "running_var": r.positive(15)}
    yield "data_batch_norm.training", {}, {"clip": clip} | weights
    yield "data_batch_norm.inference", {}, {"clip": clip} | weights | running


def with_absent_person(clip):
    """The clip (N, C, T, V, M) with zeros for the second person of the second clip."""
    clip[1, ..., 1] = 0
    return clip


def _block_cases():
    r = Numbers(5)
    layers = ((4, 4, 1), (4, 4, 1), (4, 6, 2))
    entries = random_state(r, layers, in_channels=4)
    options = {"none": (1, False), "identity": (1, True), "convolution": (2, True)}
    for i, (name, (stride, residual)) in enumerate(options.items()):
        prefix = f"blocks.{i}."
        state = {key.removeprefix(prefix): array for key, array in entries.items() if key.startswith(prefix)}
        inputs = {"f_in": r.signed(2, 4, 12, 5), "A_hat": graph(), "state": state}
        for mode, training in (("inference", False), ("training", True)):
            settings = {"stride": stride, "residual": residual, "training": training}
            yield f"block.residual_{name}_{mode}", settings, inputs


def random_state(r, layers, in_channels):
    """A network's state on the toy skeleton with four classes, every entry drawn so that leaving it out shows."""
    state = init_state(4, in_channels, "toy_5", layers=layers, dtype=np.float64)
    for name, array in state.items():
        if name.endswith((".weight", ".running_var", ".edge_importance")):
            state[name] = r.positive(*array.shape)
        elif name not in ("A_hat", "strides"):
            state[name] = r.signed(*array.shape)
    return state | {"A_hat": graph()}


def _networks():
    """By name: a state, and three clips with an absent person."""
    for name, layers, seed in (("ten_rows", TEN_ROWS, 20), ("three_rows", THREE_ROWS, 9)):
        r = Numbers(seed)
        state = random_state(r, layers, in_channels=layers[0][0])
        yield name, state, with_absent_person(r.signed(3, layers[0][0], 11, 5, 2))


def _network_cases():
    for name, state, clip in _networks():
        for mode, training in (("inference", False), ("training", True)):
            yield f"forward.{name}_{mode}", {"training": training}, {"state": state, "clip": clip}


def _gradient_cases():
    r = Numbers(10)
    layer = {"f_in": r.signed(2, 4, 7, 5), "A_hat": graph(), "W": r.signed(4, 6, 3), "b": r.signed(6, 3)}
    yield "spatial_conv_gradients.bias", {}, {"g": r.signed(2, 6, 7, 5)} | layer
    layer = {"W": r.signed(4, 4, 9), "b": r.signed(4)}
    for stride in (1, 2):
        inputs = {"g": r.signed(2, 4, 12 // stride, 5), "f_in": r.signed(2, 4, 12, 5)} | layer
        yield f"temporal_conv_gradients.stride_{stride}", {"stride": stride}, inputs
    layer = {"g": r.signed(2, 3, 4, 5), "f_in": r.signed(2, 3, 4, 5), "weight": r.positive(3)}
    running = {"running_mean": r.signed(3), "running_var": r.positive(3)}
    yield "batch_norm_gradients.training", {}, layer
    yield "batch_norm_gradients.inference", {}, layer | running
    for name, state, clip in list(_networks())[:1]:
        labels = np.array([2, 0, 3], dtype=np.int64)
        yield f"loss_and_gradients.{name}", {}, {"state": state, "clip": clip, "labels": labels}


def solved(name, settings, inputs):
    """A Case with the outputs that `reference` gives."""
    step = name.split(".")[0]
    case = Case(name, step, settings, inputs, {}, {})
    outputs = named(getattr(answers, step)(**case.arguments), STEPS[step].outputs)
    return case._replace(outputs=outputs)


def named(result, names):
    """A function's result as a flat dict: {"A": …}, or {"loss": …, "gradients/classifier.W": …}.

    result  an array; or, where there are several outputs, a tuple in the order of `names` or a dict by name, in which
            dicts may stand for one output. Raises ValueError for anything else.
    """
    names = list(names)
    if not isinstance(result, (tuple, list, dict)) or (len(names) == 1 and not isinstance(result, dict)):
        result = (result,)
    if not isinstance(result, dict):
        if len(result) != len(names):
            raise ValueError(f"returned {len(result)} results; expected {len(names)}: {', '.join(names)}")
        result = dict(zip(names, result, strict=True))
    flat = {}
    for name, value in result.items():
        flat |= (
            {f"{name}/{entry}": array for entry, array in value.items()} if isinstance(value, dict) else {name: value}
        )
    return flat
