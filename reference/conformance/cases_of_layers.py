"""Inputs of the layers and of their gradients: every size small, one, odd, equal and large."""

import numpy as np

from .drawn_inputs import Numbers, graph, single, with_absent_person


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _spatial_cases()
    yield from _temporal_cases()
    yield from _batch_norm_cases()
    yield from _data_batch_norm_cases()
    yield from _pooling_cases()
    yield from _convolution_gradient_cases()
    yield from _batch_norm_gradient_cases()
    yield from _cross_entropy_cases()


# N, C_in, C_out, T, V, K, and what the case aims at
SPATIAL_SIZES = {
    "ones": (1, 1, 1, 1, 1, 1, "every size is one"),
    "equal": (3, 3, 3, 3, 3, 3, "all sizes are equal: exchanged axes fit"),
    "one_clip": (1, 3, 2, 5, 6, 2, "N = 1 must stay an axis; K = 2"),
    "one_frame": (3, 2, 4, 1, 7, 4, "T = 1; K = 4"),
    "one_subset": (2, 5, 3, 4, 3, 1, "K = 1"),
    "one_channel_in": (2, 1, 4, 3, 4, 5, "C_in = 1; more subsets than joints"),
    "one_channel_out": (2, 4, 1, 3, 2, 3, "C_out = 1; V = 2"),
}


def _spatial_cases():
    r = Numbers(1)
    layer = {"f_in": r.signed(2, 4, 7, 5), "A_hat": graph(), "W": r.signed(4, 6, 3)}
    bias, importance = {"b": r.signed(6, 3)}, {"edge_importance": r.positive(3, 5, 5)}
    yield "spatial_conv.plain", "no bias, no edge importance", {}, layer
    yield "spatial_conv.bias", "the bias enters before A_hat", {}, layer | bias
    yield "spatial_conv.edge_importance", "edge importance multiplies A_hat", {}, layer | bias | importance
    yield "spatial_conv.row_normalised", "rows of A_hat sum to 1", {}, layer | {"A_hat": graph(method="row")}
    yield "spatial_conv.importance_alone", "edge importance without a bias", {}, layer | importance
    for n, (name, (N, C_in, C_out, T, V, K, aim)) in enumerate(SPATIAL_SIZES.items()):
        r = Numbers(100 + n)
        layer = {"f_in": r.signed(N, C_in, T, V), "A_hat": r.signed(K, V, V), "W": r.signed(C_in, C_out, K)}
        layer |= {"b": r.signed(C_out, K)}
        if n % 2 == 0:
            layer |= {"edge_importance": r.signed(K, V, V)}  # of either sign, some zero
        yield f"spatial_conv.{name}", f"{aim}; a dense A_hat of either sign", {}, layer
    layer = {name: layer[name] for name in ("f_in", "A_hat", "W", "b")}
    yield "spatial_conv.float32", "inputs in float32", {}, single(layer)


# N, C_in, C_out, T, V, Γ, stride, and what the case aims at
TEMPORAL_SIZES = {
    "ones": (1, 1, 1, 1, 1, 1, 1, "every size is one"),
    "equal": (3, 3, 3, 3, 3, 3, 3, "all sizes are equal: exchanged axes fit"),
    "one_frame": (2, 3, 2, 1, 4, 5, 2, "T = 1 with a stride: one frame remains"),
    "one_clip": (1, 2, 3, 9, 3, 3, 2, "N = 1 must stay an axis; padding 1"),
    "stride_3": (2, 2, 2, 10, 2, 5, 3, "stride 3; padding 2"),
    "stride_3_exact": (2, 1, 3, 9, 2, 7, 3, "stride 3 divides T; padding 3"),
    "stride_4": (1, 2, 4, 11, 3, 3, 4, "stride 4"),
    "stride_above_filter": (2, 2, 2, 13, 2, 3, 5, "stride 5 steps over frames that no filter sees"),
    "stride_above_frames": (2, 2, 3, 4, 6, 5, 6, "a stride longer than the clip: one frame remains"),
    "even_frames_stride_2": (2, 3, 3, 8, 2, 1, 2, "one-frame filter at stride 2: the residual's"),
    "long_filter": (1, 2, 2, 6, 2, 13, 1, "Γ = 13 is longer than twice the clip; padding 6"),
    "wide_filter_stride_2": (1, 2, 3, 7, 2, 11, 2, "Γ = 11, stride 2"),
}


def _temporal_cases():
    r = Numbers(2)
    square, bias = {"W": r.signed(4, 4, 9)}, {"b": r.signed(4)}
    for name, T, stride, aim in (
        ("stride_1", 11, 1, "padding at both ends"),
        ("stride_2_even", 12, 2, "even T: padding of 4 and 4, where others take 3 and 4"),
        ("stride_2_odd", 11, 2, "odd T: ⌈T/2⌉ frames"),
        ("short", 3, 1, "T below Γ"),
    ):
        yield f"temporal_conv.{name}", aim, {"stride": stride}, {"f_in": r.signed(2, 4, T, 5)} | square | bias
    yield "temporal_conv.no_bias", "no bias", {"stride": 1}, {"f_in": r.signed(2, 4, 10, 5)} | square
    yield "temporal_conv.no_stride", "stride left out: it is 1", {}, {"f_in": r.signed(1, 4, 4, 2)} | square | bias
    shapes = {"f_in": r.signed(2, 4, 9, 5), "W": r.signed(4, 6, 1), "b": r.signed(6)}
    yield "temporal_conv.one_frame_filter", "Γ = 1: nothing is padded", {"stride": 2}, shapes
    for n, (name, (N, C_in, C_out, T, V, gamma, stride, aim)) in enumerate(TEMPORAL_SIZES.items()):
        r = Numbers(120 + n)
        layer = {"f_in": r.signed(N, C_in, T, V), "W": r.signed(C_in, C_out, gamma), "b": r.signed(C_out)}
        yield f"temporal_conv.{name}", aim, {"stride": stride}, layer
    yield "temporal_conv.float32", "inputs in float32", {"stride": 2}, single(layer)


# N, C, T, V, and what the case aims at
NORM_SIZES = {
    "equal": (2, 2, 2, 2, "all sizes are equal: exchanged axes fit"),
    "one_clip": (1, 2, 4, 3, "N = 1"),
    "one_frame": (3, 2, 1, 4, "T = 1"),
    "one_joint": (2, 1, 4, 1, "V = 1, C = 1"),
    "many_channels": (2, 7, 1, 2, "more channels than frames or joints"),
}


def _batch_norm_cases():
    r = Numbers(3)
    f_in = r.signed(2, 3, 4, 5)
    f_in[:, 0] = f_in[:, 0] / 64 + 0.5
    weights = {"weight": r.positive(3), "bias": r.signed(3)}
    running = {"running_mean": r.signed(3), "running_var": r.positive(3) / np.array([4096, 1, 1])}
    aim = "a channel that hardly varies: epsilon matters there"
    yield "batch_norm.training", aim, {}, {"f_in": f_in} | weights
    yield "batch_norm.inference", aim, {}, {"f_in": f_in} | weights | running
    updating = "update_running_statistics"
    yield f"{updating}.one_step", "the unbiased variance, momentum 0.1", {}, {"f_in": f_in} | running
    for n, (name, (N, C, T, V, aim)) in enumerate(NORM_SIZES.items()):
        r = Numbers(140 + n)
        f_in, weights = {"f_in": r.signed(N, C, T, V)}, {"weight": r.signed(C), "bias": r.signed(C)}
        running = {"running_mean": r.signed(C), "running_var": r.positive(C)}
        yield f"batch_norm.{name}_training", f"{aim}; weights of either sign", {}, f_in | weights
        yield f"batch_norm.{name}_inference", f"{aim}; weights of either sign", {}, f_in | weights | running
        yield f"{updating}.{name}", aim, {}, f_in | running
    yield "batch_norm.float32", "inputs in float32", {}, single(f_in | weights | running)
    r = Numbers(150)
    constant = {"f_in": np.broadcast_to(r.signed(1, 2, 1, 1), (2, 2, 3, 2)).copy()}
    weights = {"weight": r.positive(2), "bias": r.signed(2)}
    running = {"running_mean": r.signed(2), "running_var": np.zeros(2)}
    yield "batch_norm.constant_training", "no variance at all: the bias comes out", {}, constant | weights
    yield "batch_norm.constant_inference", "a running variance of 0", {}, constant | weights | running
    yield f"{updating}.constant", "no variance, now or before", {}, constant | running
    one = {"f_in": r.signed(1, 2, 1, 1)}
    running = {"running_mean": r.signed(2), "running_var": r.positive(2)}
    yield "batch_norm.one_value", "one value per channel, in inference", {}, one | weights | running


# N, C, T, V, M, and what the case aims at
CLIP_SIZES = {
    "one_person": (3, 2, 3, 4, 1, "M = 1"),
    "three_persons": (1, 3, 2, 2, 3, "M = 3, N = 1"),
    "equal": (2, 2, 2, 2, 2, "all sizes are equal: exchanged axes fit"),
    "one_frame": (2, 1, 1, 7, 4, "T = 1, C = 1, M = 4"),
}


def _data_batch_norm_cases():
    r = Numbers(1004)
    clip = with_absent_person(r.signed(3, 3, 4, 5, 2))
    weights = {"weight": r.positive(15), "bias": r.signed(15)}
    running = {"running_mean": r.signed(15), "running_var": r.positive(15)}
    yield "data_batch_norm.training", "an absent person counts", {}, {"clip": clip} | weights
    yield "data_batch_norm.inference", "an absent person is moved by the bias", {}, {"clip": clip} | weights | running
    for n, (name, (N, C, T, V, M, aim)) in enumerate(CLIP_SIZES.items()):
        r = Numbers(2160 + n)
        clip = {"clip": r.signed(N, C, T, V, M)}
        weights = {"weight": r.positive(V * C), "bias": r.signed(V * C)}
        running = {"running_mean": r.signed(V * C), "running_var": r.positive(V * C) / 256}
        yield f"data_batch_norm.{name}_training", aim, {}, clip | weights
        yield (
            f"data_batch_norm.{name}_inference",
            f"{aim}; epsilon shows",
            {},
            clip | weights | running,
        )
    r = Numbers(170)
    weights = {"weight": r.positive(6), "bias": r.signed(6)}
    nobody = np.zeros((2, 2, 3, 3, 2))
    still, quiet = nobody.copy(), r.signed(1, 2, 3, 3, 2) / 64 + 0.5
    still[1, :, :, :, 0] = r.signed(2, 3, 3) / 64 + 0.5
    for name, aim, clip in (
        ("nobody", "every person is absent: no variance", nobody),
        ("still", "one person who hardly moves", still),
        ("quiet", "all hardly move: epsilon and the count of the variance show", quiet),
    ):
        yield f"data_batch_norm.{name}_training", aim, {}, {"clip": clip} | weights


def _pooling_cases():
    for n, (name, (N, C, T, V, M, aim)) in enumerate(CLIP_SIZES.items()):
        yield f"pooling.{name}", aim, {"M": M}, {"f_in": Numbers(180 + n).signed(N * M, C, T, V)}
    yield "pooling.ones", "every size is one", {"M": 1}, {"f_in": Numbers(190).signed(1, 1, 1, 1)}
    yield "pooling.odd", "N = 3, M = 5, T = 3, V = 7", {"M": 5}, {"f_in": Numbers(191).signed(15, 2, 3, 7)}


def _convolution_gradient_cases():
    r = Numbers(10)
    layer = {"f_in": r.signed(2, 4, 7, 5), "A_hat": graph(), "W": r.signed(4, 6, 3), "b": r.signed(6, 3)}
    yield "spatial_conv_gradients.bias", "the gradient of A_hat holds the bias", {}, {"g": r.signed(2, 6, 7, 5)} | layer
    layer = {"W": r.signed(4, 4, 9), "b": r.signed(4)}
    for stride in (1, 2):
        inputs = {"g": r.signed(2, 4, 12 // stride, 5), "f_in": r.signed(2, 4, 12, 5)} | layer
        yield f"temporal_conv_gradients.stride_{stride}", "padding at both ends", {"stride": stride}, inputs
    for n, (name, (N, C_in, C_out, T, V, K, aim)) in enumerate(SPATIAL_SIZES.items()):
        r = Numbers(200 + n)
        layer = {"g": r.signed(N, C_out, T, V), "f_in": r.signed(N, C_in, T, V), "A_hat": r.signed(K, V, V)}
        layer |= {"W": r.signed(C_in, C_out, K), "b": r.signed(C_out, K)}
        yield f"spatial_conv_gradients.{name}", aim, {}, layer
    for n, (name, (N, C_in, C_out, T, V, gamma, stride, aim)) in enumerate(TEMPORAL_SIZES.items()):
        r = Numbers(220 + n)
        layer = {"g": r.signed(N, C_out, -(-T // stride), V), "f_in": r.signed(N, C_in, T, V)}
        layer |= {"W": r.signed(C_in, C_out, gamma), "b": r.signed(C_out)}
        yield f"temporal_conv_gradients.{name}", aim, {"stride": stride}, layer


def _batch_norm_gradient_cases():
    r = Numbers(11)
    layer = {"g": r.signed(2, 3, 4, 5), "f_in": r.signed(2, 3, 4, 5), "weight": r.positive(3)}
    running = {"running_mean": r.signed(3), "running_var": r.positive(3)}
    step = "batch_norm_gradients"
    yield f"{step}.training", "mean and variance depend on f_in", {}, layer
    yield f"{step}.inference", "running statistics are constants", {}, layer | running
    for n, (name, (N, C, T, V, aim)) in enumerate(NORM_SIZES.items()):
        r = Numbers(240 + n)
        layer = {"g": r.signed(N, C, T, V), "f_in": r.signed(N, C, T, V) / 64, "weight": r.signed(C)}
        running = {"running_mean": r.signed(C), "running_var": r.positive(C) / 4096}
        yield f"{step}.{name}_training", f"{aim}; epsilon shows", {}, layer
        yield f"{step}.{name}_inference", f"{aim}; epsilon shows", {}, layer | running


def _cross_entropy_cases():
    r = Numbers(260)
    for name, aim, logits, labels in (
        ("plain", "the mean over N", r.signed(3, 4) * 2, [2, 0, 3]),
        ("one_clip", "N = 1", r.signed(1, 7) * 4, [6]),
        ("two_classes", "more clips than classes", r.signed(5, 2), [0, 1, 1, 0, 1]),
        ("one_class", "one class: the loss is 0", r.signed(2, 1), [0, 0]),
        ("equal", "all sizes and all logits are equal", np.ones((3, 3)), [2, 1, 0]),
        ("large", "logits in the thousands: exp overflows unless the largest is subtracted first",
         r.signed(3, 3) * 4096, [0, 1, 2]),
        ("low", "logits far below zero: exp underflows in the same way", r.signed(3, 4) - 2048, [1, 3, 0]),
        ("many_classes", "more classes than a byte counts", r.signed(2, 400), [399, 300]),
        ("one_label", "nine clips of one class", r.signed(9, 3), [1] * 9),
        ("ones", "every size is one", np.zeros((1, 1)), [0]),
        ("tens", "logits above 88, whose exp float32 does not hold", r.signed(4, 4) * 128, [0, 3, 2, 2]),
        ("far_apart", "10000 and -10000 in one row",
         np.array([[1e4, -1e4, 0], [-1e4, 1e4, 1e4], [0, -1e4, 1e4]]), [0, 2, 1]),
        ("float32", "inputs in float32", single({"logits": r.signed(3, 5) * 4})["logits"], [4, 0, 4]),
    ):  # fmt: skip
        yield f"cross_entropy.{name}", aim, {}, {"logits": logits, "labels": np.array(labels, dtype=np.int64)}
