"""Inputs of the block, the network and their gradients."""

import numpy as np

from .drawn_inputs import Numbers, block_state, graph, random_state, with_absent_person

TEN_ROWS = ((2, 4, 1), *[(4, 4, 1)] * 3, (4, 5, 2), *[(5, 5, 1)] * 2, (5, 6, 2), *[(6, 6, 1)] * 2)
THREE_ROWS = ((3, 3, 1), (3, 6, 2), (6, 6, 1))  # row one keeps its channels: adding a residual there would go unnoticed
MODES = (("inference", False), ("training", True))


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _block_cases()
    yield from _odd_blocks("block")
    yield from _network_cases()
    yield from _block_gradient_cases()
    yield from _loss_cases()


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


def _odd_blocks(step):
    for n, (name, (N, C_in, C_out, T, V, K, gamma, stride, residual, importance, aim)) in enumerate(
        BLOCK_SIZES.items()
    ):
        r = Numbers(300 + n)
        A_hat = r.signed(K, V, V)
        options = {"A_hat": A_hat, "gamma": gamma, "edge_importance": importance}
        # A row before it: the first has no residual.
        state = block_state(random_state(r, ((C_in, C_in, 1), (C_in, C_out, stride)), C_in, **options), 1)
        if not residual:
            state = {entry: array for entry, array in state.items() if not entry.startswith("residual")}
        inputs = {"f_in": r.signed(N, C_in, T, V), "A_hat": A_hat, "state": state}
        for mode, training in MODES:
            settings = {"stride": stride, "residual": residual, "training": training}
            yield f"{step}.{name}_{mode}", aim, settings, inputs


# N, layers, T, V, M, K, Γ, classes, importance, and what the case aims at
NETWORK_SIZES = {
    "one_person": (2, ((2, 3, 1), (3, 3, 1)), 4, 3, 1, 2, 3, 3, True, "M = 1: nothing to average; K = 2, Γ = 3"),
    "three_persons": (1, ((1, 2, 2), (2, 2, 2)), 7, 4, 3, 1, 5, 2, False,
                      "M = 3, N = 1, K = 1, a first row with a stride, no edge importance"),
    "equal": (3, ((3, 3, 1),), 3, 3, 3, 3, 3, 3, True, "all sizes are equal; one block"),
    "one_frame": (3, ((3, 2, 1), (2, 2, 2)), 1, 6, 2, 4, 1, 1, True, "T = 1, one class, K = 4, Γ = 1"),
    "stride_3": (2, ((2, 2, 1), (2, 4, 3), (4, 3, 1)), 8, 2, 4, 3, 7, 5, True, "M = 4, stride 3"),
}  # fmt: skip


def _odd_networks():
    for n, (name, (N, layers, T, V, M, K, gamma, classes, importance, aim)) in enumerate(NETWORK_SIZES.items()):
        r = Numbers(320 + n)
        options = {"A_hat": r.signed(K, V, V), "classes": classes, "gamma": gamma, "edge_importance": importance}
        state = random_state(r, layers, layers[0][0], **options)
        yield name, aim, state, r.signed(N, layers[0][0], T, V, M)


def _networks():
    """By name: what it aims at, a state, and three clips with an absent person."""
    for name, layers, seed in (("ten_rows", TEN_ROWS, 18020), ("three_rows", THREE_ROWS, 9)):
        r = Numbers(seed)
        state = random_state(r, layers, in_channels=layers[0][0])
        clip = with_absent_person(r.signed(3, layers[0][0], 7, 5, 2))
        yield name, "an absent person, odd T, every kind of row", state, clip


def _network_cases():
    for name, aim, state, clip in (*_networks(), *_odd_networks()):
        for mode, training in MODES:
            yield f"forward.{name}_{mode}", aim, {"training": training}, {"state": state, "clip": clip}
    yield "forward.nobody_inference", "every person is absent", {"training": False}, {"state": state, "clip": clip * 0}
    turned = state | {"A_hat": state["A_hat"][::-1].copy()}
    aim = "the graph is the state's, not one of the same size that came before"
    yield "forward.other_graph_inference", aim, {"training": False}, {"state": turned, "clip": clip}


def _block_gradient_cases():
    for name, aim, settings, inputs in _odd_blocks("block_gradients"):
        N, _, T, V = inputs["f_in"].shape
        shape = (N, len(inputs["state"]["temporal_conv.b"]), -(-T // settings["stride"]), V)
        inputs = {"g": Numbers(4341).signed(*shape)} | inputs
        yield name, aim, settings, inputs
    state = dict(inputs["state"])
    for entry in ("spatial_bn.weight", "spatial_bn.bias", "temporal_bn.weight", "temporal_bn.bias"):
        state[entry] = state[entry] * np.arange(len(state[entry]))  # 0 for channel 0
    yield "block_gradients.at_zero", "ReLU takes 0 itself: nothing passes", settings, inputs | {"state": state}


def _loss_cases():
    others = [network for network in _odd_networks() if network[0] not in ("equal", "one_frame")]
    for name, aim, state, clip in (*list(_networks())[:1], *others):
        labels = np.array([2, 0, 3], dtype=np.int64)[: len(clip)] % len(state["classifier.b"])
        inputs = {"state": state, "clip": clip, "labels": labels}
        yield f"loss_and_gradients.{name}", aim, {}, inputs
    large = state | {"classifier.b": state["classifier.b"] * 4096}
    yield "loss_and_gradients.large_logits", "logits in the thousands", {}, inputs | {"state": large}
