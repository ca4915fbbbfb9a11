"""Inputs of the block, the network and their gradients."""

import numpy as np

from .cases_of_sizes import named
from .drawn_inputs import Numbers, block_state, far, far_means, graph, random_state, with_absent_person

TEN_ROWS = ((2, 2, 1), *[(2, 2, 1)] * 3, (2, 3, 2), *[(3, 3, 1)] * 2, (3, 4, 2), *[(4, 4, 1)] * 2)
THREE_ROWS = ((3, 3, 1), (3, 6, 2), (6, 6, 1))  # row one keeps its channels: adding a residual there would go unnoticed
MODES = (("inference", False), ("training", True))


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _block_cases()
    yield from odd_blocks("block")
    yield from _sized_blocks()
    yield from _far_blocks()
    yield from _network_cases()
    yield from _block_gradient_cases()
    yield from _loss_cases()
    yield from _digits_of_networks()


def _block_cases():
    r = Numbers(5)
    layers = ((4, 4, 1), (4, 4, 1), (4, 6, 2))
    entries = random_state(r, layers, in_channels=4)
    options = {"none": (1, False), "identity": (1, True), "convolution": (2, True)}
    for i, (name, (stride, residual)) in enumerate(options.items()):
        inputs = {"f_in": r.signed(2, 4, 8, 5), "A_hat": graph(), "state": block_state(entries, i)}
        for mode, training in MODES:
            settings = {"stride": stride, "residual": residual, "training": training}
            yield f"block.residual_{name}_{mode}", "the order of the layers, the residual's kind", settings, inputs


# N, C_in, C_out, T, V, K, Γ, stride, residual, importance, and what the case aims at
BLOCK_SIZES = {
    "ones": (1, 1, 1, 2, 1, 1, 1, 1, True, True, "sizes of one"),
    "equal": (3, 3, 3, 3, 3, 3, 3, 1, True, False, "all sizes are equal; no edge importance"),
    "stride_alone": (
        2,
        3,
        3,
        6,
        3,
        2,
        3,
        2,
        True,
        True,
        "channels stay, frames change: the residual has its convolution",
    ),
    "channels_alone": (1, 2, 3, 4, 6, 1, 5, 1, True, True, "frames stay, channels change"),
    "one_frame": (
        3,
        2,
        2,
        1,
        4,
        3,
        3,
        2,
        True,
        False,
        "T = 1 at stride 2: shapes stay, the residual has its convolution",
    ),
    "stride_3": (2, 2, 4, 7, 2, 4, 7, 3, True, False, "stride 3, Γ = 7, K = 4"),
    "stride_without": (2, 3, 2, 5, 7, 2, 3, 2, False, True, "no residual although frames and channels change"),
}


def odd_blocks(step):
    """Cases of "block" or "block_gradients" with the sizes of BLOCK_SIZES: yields (name, aim, settings, inputs)."""
    for n, (name, (N, C_in, C_out, T, V, K, gamma, stride, residual, importance, aim)) in enumerate(
        BLOCK_SIZES.items()
    ):
        r = Numbers(300 + n)
        A_hat = r.signed(K, V, V)
        options = {"A_hat": A_hat, "gamma": gamma, "edge_importance": importance}
        # A row before it: the first has no residual.
        state = block_state(random_state(r, ((C_in, C_in, 1), (C_in, C_out, stride)), C_in, **options), 1)
        state = state if residual else _without_residual(state)
        inputs = {"f_in": r.signed(N, C_in, T, V), "A_hat": A_hat, "state": state}
        for mode, training in MODES:
            settings = {"stride": stride, "residual": residual, "training": training}
            yield f"{step}.{name}_{mode}", aim, settings, inputs


def _without_residual(state):
    return {entry: array for entry, array in state.items() if not entry.startswith("residual")}


SIZED_BLOCKS = (  # N, C_in, C_out, T, V, K, Γ, stride, residual, importance, training
    (5, 2, 2, 4, 2, 5, 9, 1, True, True, True),
    (2, 3, 2, 3, 1, 3, 3, 4, True, False, False),
    (2, 2, 2, 1, 3, 2, 5, 1, True, True, False),
    (2, 4, 4, 3, 6, 1, 11, 1, False, False, True),
    (1, 2, 3, 5, 9, 1, 5, 2, True, True, False),
    (9, 5, 9, 1, 2, 2, 1, 1, True, False, True),
    (4, 9, 5, 10, 1, 9, 3, 5, True, True, False),
    (1, 2, 2, 9, 3, 1, 3, 3, True, False, True),
    (1, 1, 9, 1, 3, 4, 1, 3, False, False, False),
    (9, 5, 5, 2, 1, 6, 11, 1, True, True, False),
)


def _sized_blocks():
    """In one mode the block, in the other its gradients; edge importance and weights of a norm of either sign."""
    symbols = "N C_in C_out T V K Γ stride"
    for n, (*sizes, residual, importance, training) in enumerate(SIZED_BLOCKS):
        N, C_in, C_out, T, V, K, gamma, stride = sizes
        r, (name, aim) = Numbers(2351 + n), named(symbols, sizes)
        options = {"A_hat": r.signed(K, V, V), "gamma": gamma, "edge_importance": importance}
        state = block_state(random_state(r, ((C_in, C_in, 1), (C_in, C_out, stride)), C_in, **options), 1)
        state |= {"edge_importance": r.signed(K, V, V)} if importance else {}
        state |= {"spatial_bn.weight": r.signed(C_out)}
        state = state if residual else _without_residual(state)
        inputs = {"f_in": r.signed(N, C_in, T, V), "A_hat": options["A_hat"], "state": state}
        g = {"g": r.signed(N, C_out, -(-T // stride), V)}
        settings = {"stride": stride, "residual": residual}
        yield f"block.{name}", aim, settings | {"training": training}, inputs
        yield f"block_gradients.{name}", aim, settings | {"training": not training}, g | inputs


def _far_blocks():
    """The batch norms after spatial and residual convolution take numbers far from zero."""
    r = Numbers(345)
    A_hat = np.array([[[1, 0.5], [0.5, 1]]])
    state = random_state(r, ((2, 2, 1), (2, 3, 1)), 2, A_hat=A_hat, gamma=3, edge_importance=False)
    state = block_state(state, 1) | {"spatial_conv.b": far_means(3)[:, None], "residual_conv.b": far_means(3)}
    inputs = {"f_in": r.signed(2, 2, 4, 2), "A_hat": A_hat, "state": state}
    settings, aim = {"stride": 1, "residual": True, "training": True}, "biases that make means large"
    yield "block.far_training", aim, settings, inputs
    yield "block_gradients.far_training", aim, settings, {"g": r.signed(2, 3, 4, 2)} | inputs


# N, layers, T, V, M, K, Γ, classes, importance, and what the case aims at
NETWORK_SIZES = {
    "one_person": (2, ((2, 3, 1), (3, 3, 1)), 4, 3, 1, 2, 3, 3, True, "M = 1: nothing to average; K = 2, Γ = 3"),
    "three_persons": (1, ((1, 2, 2), (2, 2, 2)), 7, 4, 3, 1, 5, 2, False,
                      "M = 3, N = 1, K = 1, a first row with a stride, no edge importance"),
    "equal": (3, ((3, 3, 1),), 3, 3, 3, 3, 3, 3, True, "all sizes are equal; one block"),
    "one_frame": (3, ((3, 2, 1), (2, 2, 2)), 1, 6, 2, 4, 1, 1, True, "T = 1, one class, K = 4, Γ = 1"),
    "stride_3": (2, ((2, 2, 1), (2, 4, 3), (4, 3, 1)), 8, 2, 4, 3, 7, 5, True, "M = 4, stride 3"),
}  # fmt: skip


def odd_networks():
    """Networks with the sizes of NETWORK_SIZES: yields (name, aim, state, clip)."""
    for n, (name, (N, layers, T, V, M, K, gamma, classes, importance, aim)) in enumerate(NETWORK_SIZES.items()):
        r = Numbers(320 + n)
        options = {"A_hat": r.signed(K, V, V), "classes": classes, "gamma": gamma, "edge_importance": importance}
        state = random_state(r, layers, layers[0][0], **options)
        yield name, aim, state, r.signed(N, layers[0][0], T, V, M)


def _networks():
    """By name: what it aims at, a state, and three clips with an absent person."""
    for name, layers, seed in (("ten_rows", TEN_ROWS, 18033), ("three_rows", THREE_ROWS, 9)):
        r = Numbers(seed)
        state = random_state(r, layers, in_channels=layers[0][0])
        clip = with_absent_person(r.signed(3, layers[0][0], 7, 5, 2))
        yield name, "an absent person, odd T, every kind of row", state, clip


def _network_cases():
    for name, aim, state, clip in (*_networks(), *odd_networks()):
        for mode, training in MODES:
            yield f"forward.{name}_{mode}", aim, {"training": training}, {"state": state, "clip": clip}
    state, clip = next((state, clip) for name, _, state, clip in odd_networks() if name == "equal")
    yield "forward.nobody_inference", "every person is absent", {"training": False}, {"state": state, "clip": clip * 0}
    turned = state | {"A_hat": state["A_hat"][::-1].copy()}
    aim = "the graph is the state's, not one of the same size that came before"
    yield "forward.other_graph_inference", aim, {"training": False}, {"state": turned, "clip": clip}
    state, clip = _far_network()
    aim = "joints far from the origin"
    yield "forward.far_training", aim, {"training": True}, {"state": state, "clip": clip}
    inputs = {"state": state, "clip": clip, "labels": np.array([2, 0], dtype=np.int64)}
    yield "loss_and_gradients.far_training", aim, {}, inputs
    for n, (name, aim, state, clip, labels) in enumerate(_sized_networks()):
        yield f"forward.{name}", aim, {"training": n == 0}, {"state": state, "clip": clip}
        yield f"loss_and_gradients.{name}", aim, {}, {"state": state, "clip": clip, "labels": labels}


def _far_network():
    r = Numbers(346)
    state = random_state(r, ((2, 3, 1), (3, 3, 1)), 2, A_hat=r.signed(2, 2, 2), classes=3, gamma=3)
    clip = np.reshape(far(r, 2, 4, 4, 1), (2, 2, 2, 4, 1))  # n (v c) t m -> n v c t m
    return state, np.ascontiguousarray(np.transpose(clip, (0, 2, 3, 1, 4)))


# N, layers, T, V, M, K, Γ, classes, importance, labels, and what the case aims at
SIZED_NETWORKS = {
    "many_of_each": (5, ((2, 2, 1), (2, 3, 1), (3, 3, 2), (3, 2, 1)), 2, 2, 5, 5, 3, 7, False, [6, 1, 1, 1, 0],
                     "N = 5, M = 5, K = 5, four rows that narrow at the end, T below Γ, labels that come twice"),
    "one_joint": (2, ((4, 2, 4), (2, 2, 2), (2, 3, 2)), 9, 1, 2, 2, 5, 4, True, [3, 3],
                  "V = 1, C = 4, strides of 16 in all for 9 frames"),
    "one_row": (1, ((3, 4, 1),), 10, 7, 1, 1, 11, 11, False, [10], "a single row; T = 10, Γ = 11, N = M = K = 1"),
    "short": (4, ((5, 5, 3), (5, 9, 5)), 2, 3, 3, 4, 3, 2, True, [1, 1, 1, 0],
              "T = 2 below the strides 3 and 5, N = K = 4, V = M = Γ = 3, importance and weights of either sign"),
}  # fmt: skip


def _sized_networks():
    for n, (name, sizes) in enumerate(SIZED_NETWORKS.items()):
        N, layers, T, V, M, K, gamma, classes, importance, labels, aim = sizes
        r = Numbers(1600 + n)
        options = {"A_hat": r.signed(K, V, V), "classes": classes, "gamma": gamma, "edge_importance": importance}
        clip = r.signed(N, layers[0][0], T, V, M)
        if name == "many_of_each":
            clip[0, ..., 0] = clip[1] = 0  # a first person is absent, and all persons of a clip are
        state = random_state(r, layers, layers[0][0], **options)
        if name == "short":
            signed = [entry for entry in state if entry.endswith(("edge_importance", "bn.weight"))]
            state |= {entry: r.signed(*state[entry].shape) for entry in signed}
        yield name, aim, state, clip, np.array(labels, dtype=np.int64)


def _block_gradient_cases():
    for name, aim, settings, inputs in odd_blocks("block_gradients"):
        N, _, T, V = inputs["f_in"].shape
        shape = (N, len(inputs["state"]["temporal_conv.b"]), -(-T // settings["stride"]), V)
        inputs = {"g": Numbers(4341).signed(*shape)} | inputs
        yield name, aim, settings, inputs
    state = dict(inputs["state"])
    for entry in ("spatial_bn.weight", "spatial_bn.bias", "temporal_bn.weight", "temporal_bn.bias"):
        state[entry] = state[entry] * np.arange(len(state[entry]))  # 0 for channel 0
    yield "block_gradients.at_zero", "ReLU takes 0 itself: nothing passes", settings, inputs | {"state": state}


def _loss_cases():
    others = [network for network in odd_networks() if network[0] not in ("equal", "one_frame")]
    for name, aim, state, clip in (*list(_networks())[:1], *others):
        labels = np.array([2, 0, 3], dtype=np.int64)[: len(clip)] % len(state["classifier.b"])
        inputs = {"state": state, "clip": clip, "labels": labels}
        yield f"loss_and_gradients.{name}", aim, {}, inputs
    _, _, state, clip = next(odd_networks())
    inputs = {"state": state, "clip": clip, "labels": np.array([2, 0], dtype=np.int64)}
    large = state | {"classifier.b": state["classifier.b"] * 4096}
    yield "loss_and_gradients.large_logits", "logits in the thousands", {}, inputs | {"state": large}


def _digits_of_networks():
    aim = "float32 does not hold the inputs"
    _, _, state, clip = next(odd_networks())
    inputs = _with_digits({"state": state, "clip": clip})
    yield "forward.digits_inference", aim, {"training": False}, inputs
    yield "loss_and_gradients.digits", aim, {}, inputs | {"labels": np.array([2, 1], dtype=np.int64)}
    for step in ("block", "block_gradients"):
        *_, (_, _, settings, inputs) = (case for case in odd_blocks(step) if "equal_inference" in case[0])
        g = {"g": Numbers(4342).signed(*inputs["f_in"].shape)} if step == "block_gradients" else {}
        yield f"{step}.digits_inference", aim, settings, _with_digits(g | inputs)


def _with_digits(inputs):
    """Every number, but indices, times 1.3."""
    return {
        name: _with_digits(value) if isinstance(value, dict) else value * 1.3 if value.dtype.kind == "f" else value
        for name, value in inputs.items()
    }
