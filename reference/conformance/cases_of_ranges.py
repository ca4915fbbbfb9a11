"""Inputs that ordinary ones are not like: more digits than float32 has, far from zero, long clips, many joints."""

import numpy as np

from .drawn_inputs import Numbers


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _digits_of_convolutions()
    yield from _digits_of_norms()
    yield from _far_from_zero()
    yield from _larger_than_a_tile()


def fine(r, *shape):
    """Numbers that float32 cannot hold: multiples of 2^-28 up to 1, so that sums of their products with others are
    still exact in float64. The first two are tiny, but count."""
    array = r.signed(*shape) + r.signed(*shape) / 2**22
    array.reshape(-1)[:2] = 2**-28, -(2**-27)
    return array


def _digits_of_convolutions():
    """Each input in turn has more digits; with two of them, products would be rounded."""
    spatial = {"f_in": (2, 2, 3, 4), "A_hat": (2, 4, 4), "W": (2, 3, 2), "b": (3, 2), "edge_importance": (2, 4, 4)}
    temporal = {"f_in": (2, 2, 7, 2), "W": (2, 3, 3), "b": (3,)}
    trained = ("f_in", "A_hat", "W", "b")
    for n, (step, shapes, settings) in enumerate((
        ("spatial_conv", spatial, {}),
        ("temporal_conv", temporal, {"stride": 2}),
        ("spatial_conv_gradients", {"g": (2, 3, 3, 4)} | {name: spatial[name] for name in trained}, {}),
        ("temporal_conv_gradients", {"g": (2, 3, 4, 2)} | temporal, {"stride": 2}),
    )):  # fmt: skip
        for name in shapes:
            if step.startswith("temporal_conv") and name == "b":
                continue  # it is added last; no gradient holds it
            r = Numbers(400 + n)
            inputs = {other: r.signed(*shape) for other, shape in shapes.items()}
            inputs[name] = fine(r, *shapes[name])
            yield f"{step}.digits_of_{name.lower()}", f"float32 does not hold {name}", settings, inputs


def _digits_of_norms():
    r = Numbers(411)
    aim = "float32 does not hold the inputs"
    norm = {"f_in": fine(r, 2, 2, 3, 4)}
    weights = {"weight": 1 + fine(r, 2) / 2, "bias": fine(r, 2)}
    running = {"running_mean": fine(r, 2), "running_var": 1 + np.abs(fine(r, 2)) / 2}
    running["running_mean"][:], running["running_var"][:] = (0.7 + 2**-25, -0.9), (0.6, 1.1)
    yield "batch_norm.digits_inference", aim, {}, norm | weights | running
    yield "batch_norm.digits_training", aim, {}, norm | weights
    yield "update_running_statistics.digits", aim, {}, norm | running
    clip = {"clip": fine(r, 2, 2, 3, 2, 2)}
    weights = {"weight": 1 + fine(r, 4) / 2, "bias": fine(r, 4)}
    yield "data_batch_norm.digits_training", aim, {}, clip | weights
    yield "pooling.digits", aim, {"M": 2}, {"f_in": fine(r, 2, 3, 1, 1)}
    logits = {"logits": r.signed(3, 5) * 4 + 1 / 3, "labels": np.array([1, 1, 3], dtype=np.int64)}
    yield "cross_entropy.digits", f"{aim}; a label comes twice, others never", {}, logits
    A = np.array([[[0.7, 1 / 3], [0.3, 0.9]], [[0.1, 0], [1.1, 0.6]]])
    for method in ("symmetric", "two_sided", "row", "joint"):
        yield f"normalize.digits_{method}", "float32 does not hold A", {"method": method}, {"A": A}


def _far_from_zero():
    """Depths in millimetres: the mean of the squares less the square of the mean has no digit left. (A batch norm would
    show it as well, but rounds too much so far from zero to be the same number on every machine.)"""
    r = Numbers(420)
    f_in = {"f_in": r.signed(2, 2, 2, 4) / 256 + 4096}
    running = {"running_mean": r.signed(2), "running_var": np.zeros(2)}
    aim = "a large mean: the variance is that of the differences from it"
    yield "update_running_statistics.far", aim, {}, f_in | running


def _larger_than_a_tile():
    """What computes tile by tile must fetch the neighbours of a tile, and take the last, shorter one as well."""
    r = Numbers(430)
    layer = {"f_in": r.signed(1, 1, 131, 1), "W": r.signed(1, 1, 9), "b": r.signed(1)}
    for stride in (1, 2):
        yield f"temporal_conv.long_stride_{stride}", "T = 131: more than a tile", {"stride": stride}, layer
    layer = {"f_in": r.signed(1, 35, 1, 37), "A_hat": r.signed(1, 37, 37), "W": r.signed(35, 33, 1)}
    yield "spatial_conv.many", "37 joints, 35 and 33 channels: more than a tile", {}, layer
