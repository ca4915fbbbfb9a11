"""Inputs that ordinary ones are not like: more digits than float32 has, far from zero, long clips, many joints."""

import numpy as np

from .drawn_inputs import Numbers, edges, far, graph, single


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _digits_of_convolutions()
    yield from _digits_of_norms()
    yield from _far_from_zero()
    yield from _zeros_and_scales()
    yield from _channels_unlike_others()
    yield from _in_float32()
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
    """Depths in millimetres: the mean of the squares less the square of the mean has no digit left."""
    r = Numbers(420)
    f_in = {"f_in": r.signed(2, 2, 2, 4) / 256 + 4096}
    running = {"running_mean": r.signed(2), "running_var": np.zeros(2)}
    aim = "a large mean: the variance is that of the differences from it"
    yield "update_running_statistics.far", aim, {}, f_in | running
    r = Numbers(424)
    f_in = far(r, 2, 3, 2, 4)
    weight, bias = r.signed(3), r.signed(3)
    yield "batch_norm.far_training", aim, {}, {"f_in": f_in, "weight": weight, "bias": bias}
    g = r.signed(2, 3, 2, 4)
    yield "batch_norm_gradients.far_training", aim, {}, {"g": g, "f_in": f_in, "weight": weight}
    clip = np.reshape(far(r, 2, 4, 2, 2), (2, 2, 2, 2, 2))  # n (v c) t m -> n v c t m
    layer = {"clip": np.ascontiguousarray(np.transpose(clip, (0, 2, 3, 1, 4)))}
    layer |= {"weight": r.signed(4), "bias": r.signed(4)}
    yield "data_batch_norm.far_training", aim, {}, layer


def _larger_than_a_tile():
    """What computes tile by tile must fetch the neighbours of a tile, and take the last, shorter one as well."""
    r = Numbers(430)
    layer = {"f_in": r.signed(1, 1, 131, 1), "W": r.signed(1, 1, 9), "b": r.signed(1)}
    for stride in (1, 2):
        yield f"temporal_conv.long_stride_{stride}", "T = 131: more than a tile", {"stride": stride}, layer
    for C_in, C_out in ((67, 2), (2, 67)):
        layer = {"f_in": r.signed(1, C_in, 1, 2), "A_hat": r.signed(1, 2, 2)}
        layer |= {"W": r.signed(C_in, C_out, 1), "b": r.signed(C_out, 1)}
        aim = "more channels than a tile has"
        yield f"spatial_conv.channels_{C_in}_{C_out}", aim, {}, layer
        yield f"spatial_conv_gradients.channels_{C_in}_{C_out}", aim, {}, {"g": r.signed(1, C_out, 1, 2)} | layer
    layer = {"f_in": r.signed(1, 2, 1, 67), "A_hat": edges(r, 2, 67), "W": r.signed(2, 2, 2), "b": r.signed(2, 2)}
    yield "spatial_conv.many_joints", "67 joints: more than a tile, or than a word has bits", {}, layer
    layer = {"g": r.signed(1, 2, 1, 67)} | layer
    yield "spatial_conv_gradients.many_joints", "67 joints", {}, layer


def _zeros_and_scales():
    """A joint, a subset, a filter of zeros; features in the thousands beside weights of a millionth."""
    r = Numbers(440)
    for name, aim, layer in (
        ("zeros", "an absent joint, an empty subset, a matrix W_k of zeros",
         {"f_in": r.signed(2, 2, 3, 4), "A_hat": r.signed(3, 4, 4), "W": r.signed(2, 3, 3), "b": r.signed(3, 3)}),
        ("nobody", "no feature but zeros, and the graph of a single subset",
         {"f_in": np.zeros((1, 2, 2, 3)), "A_hat": np.eye(3)[None], "W": r.signed(2, 2, 1), "b": r.signed(2, 1)}),
        ("scales", "an edge that weighs 31.6, features in the thousands, small weights",
         {"f_in": r.signed(1, 2, 3, 5) * 4096, "A_hat": graph(method="symmetric"), "W": r.signed(2, 2, 3) / 2**20,
          "b": r.signed(2, 3) / 2**10}),
        ("tiny", "features of a billionth", {"f_in": r.signed(1, 2, 2, 3) / 2**30, "A_hat": _both_ways(r),
                                             "W": r.signed(2, 2, 2), "b": r.signed(2, 2) / 2**30}),
    ):  # fmt: skip
        if name == "zeros":
            layer["f_in"][..., 1] = layer["A_hat"][2] = layer["W"][:, :, 0] = 0
        N, _, T, V = layer["f_in"].shape
        g = {"g": r.signed(N, layer["W"].shape[1], T, V)}
        yield f"spatial_conv.{name}", aim, {}, layer
        yield f"spatial_conv_gradients.{name}", aim, {}, g | layer
    for name, aim, f_in in (
        ("zeros", "frames and channels of zeros", r.signed(2, 2, 5, 2) * np.array([1, 0, 0, 1, 1])[:, None]),
        ("scales", "features in the thousands, a large bias, small weights", r.signed(1, 2, 5, 2) * 4096),
    ):
        f_in[:, 1] *= name != "zeros"
        layer = {"f_in": f_in, "W": r.signed(2, 3, 3) / 2**12, "b": r.signed(3) * 64}
        yield f"temporal_conv.{name}", aim, {"stride": 2}, layer
        yield f"temporal_conv_gradients.{name}", aim, {"stride": 2}, {"g": r.signed(len(f_in), 3, 3, 2)} | layer
    layer = {"f_in": r.signed(1, 2, 6, 2), "W": r.signed(2, 2, 3)}
    yield "temporal_conv.no_bias_stride_2", "no bias, N = 1", {"stride": 2}, layer


def _both_ways(r):
    A = r.signed(2, 3, 3)
    return A + np.transpose(A, (0, 2, 1))


def _channels_unlike_others():
    """Zeros, a constant, what hardly varies, what varies much, a weight of zero: side by side in one batch norm."""
    r = Numbers(450)
    f_in = r.signed(2, 6, 2, 4)
    f_in[:, 0], f_in[:, 1] = 0, 0.75
    f_in[:, 2] /= 2**12
    f_in[:, 3] *= 64
    weight, bias = {"weight": np.array([0.5, 2, -1, 0.75, 0, 1])}, {"bias": r.signed(6)}
    running = {"running_mean": r.signed(6) * 64, "running_var": np.array([0, 2**-20, 1, 64, 4, 0.5])}
    fresh = {"running_mean": np.zeros(6), "running_var": np.ones(6)}
    aim = "zeros, a constant, little and much variance, a weight of 0, side by side"
    g = {"g": r.signed(2, 6, 2, 4)}
    for mode, statistics in (("training", {}), ("inference", running), ("fresh", fresh)):
        yield f"batch_norm.mixed_{mode}", aim, {}, {"f_in": f_in} | weight | bias | statistics
        yield f"batch_norm_gradients.mixed_{mode}", aim, {}, g | {"f_in": f_in} | weight | statistics
    yield "update_running_statistics.mixed", aim, {}, {"f_in": f_in} | running
    yield "update_running_statistics.fresh", "0 and 1, as a network begins", {}, {"f_in": f_in + 1} | fresh
    aim = "a variance far below epsilon, whose every digit shows"
    quiet, weight = {"f_in": r.signed(2, 2, 2, 2) / 2**20}, {"weight": np.array([0.625, -0.5])}
    still = {"running_mean": r.signed(2) / 2**20, "running_var": np.array([0, 2.0**-40])}
    g, zero = {"g": r.signed(2, 2, 2, 2)}, {"bias": np.zeros(2)}
    for mode, statistics in (("training", {}), ("inference", still)):
        yield f"batch_norm.quiet_{mode}", aim, {}, quiet | weight | zero | statistics
        yield f"batch_norm_gradients.quiet_{mode}", aim, {}, g | quiet | weight | statistics
    r = Numbers(1460)
    weight, bias = {"weight": r.signed(6)}, {"bias": r.signed(6)}
    running = {"running_mean": r.signed(6), "running_var": np.array([0, 2**-20, 1, 16, 0.5, 2])}
    clip = r.signed(2, 2, 3, 3, 2)
    clip[:, :, :, 1] = clip[:, :, 0] = clip[0, ..., 0] = 0
    yield (
        "data_batch_norm.zeros_training",
        "an absent joint, frame and first person",
        {},
        {"clip": clip} | weight | bias,
    )
    aim = "and running variances from 0 to 16"
    yield "data_batch_norm.zeros_inference", aim, {}, {"clip": clip} | weight | bias | running
    yield "data_batch_norm.nobody_inference", aim, {}, {"clip": clip * 0} | weight | bias | running
    f_in = r.signed(4, 2, 2, 3) * 4096
    f_in[1] = 0
    yield "pooling.zeros", "an absent person, features in the thousands", {"M": 2}, {"f_in": f_in}


def _in_float32():
    r, aim = Numbers(470), "inputs in float32"
    f_in, weights = {"f_in": r.signed(2, 3, 2, 4)}, {"weight": r.signed(3), "bias": r.signed(3)}
    g = {"g": r.signed(2, 3, 2, 4)}
    running = {"running_mean": r.signed(3), "running_var": r.positive(3)}
    yield "batch_norm.training_float32", aim, {}, single(f_in | weights)
    yield "update_running_statistics.float32", aim, {}, single(f_in | running)
    yield "batch_norm_gradients.float32", aim, {}, single(g | f_in | {"weight": weights["weight"]})
    clip = {"clip": r.signed(2, 2, 3, 2, 2), "weight": r.signed(4), "bias": r.signed(4)}
    yield "data_batch_norm.float32", aim, {}, single(clip)
    yield "pooling.float32", aim, {"M": 2}, single(f_in)
    layer = {"f_in": r.signed(1, 2, 2, 3), "A_hat": r.signed(2, 3, 3), "W": r.signed(2, 2, 2), "b": r.signed(2, 2)}
    yield "spatial_conv_gradients.float32", aim, {}, single({"g": r.signed(1, 2, 2, 3)} | layer)
    layer = {"f_in": r.signed(1, 2, 5, 2), "W": r.signed(2, 2, 3), "b": r.signed(2)}
    yield "temporal_conv_gradients.float32", aim, {"stride": 2}, single({"g": r.signed(1, 2, 3, 2)} | layer)
