"""Blocks and networks where something is at its least or beyond what is usual: what is dead, one, many, float32."""

import numpy as np

from .cases_of_networks import odd_blocks, odd_networks
from .drawn_inputs import Numbers, block_state, edges, random_state, single


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _blocks()
    yield from _networks()
    yield from _larger_networks()
    yield from _twelve_rows()


def _blocks():
    r = Numbers(760)
    names = {"alone": "stride_without_training", "with": "stride_alone_training"}
    (alone, given), (_, with_residual) = (
        next((settings, inputs) for name, _, settings, inputs in odd_blocks("block") if name.endswith(end))
        for end in names.values()
    )
    last, first = given["state"], with_residual["state"]
    dead = last | {"temporal_bn.weight": last["temporal_bn.weight"] * 0, "temporal_bn.bias": np.array([-1.0, 0])}
    inside = first | {"spatial_bn.bias": first["spatial_bn.bias"] - 8}
    A_hat = edges(r, 1, 67)
    many = block_state(random_state(r, ((1, 1, 1), (1, 2, 2)), 1, A_hat=A_hat, gamma=3, edge_importance=False), 1)
    many = {"f_in": r.signed(2, 1, 2, 67), "A_hat": A_hat, "state": many}
    residual = alone | {"residual": True}
    for name, aim, settings, inputs in (
        ("dead", "the last ReLU lets nothing pass", alone, given | {"state": dead}),
        ("dead_inside", "the first ReLU lets nothing pass: the residual alone is alive", residual | {"training": False},
         with_residual | {"state": inside}),
        ("many_joints", "67 joints: more than a tile, or than a word has bits", residual, many),
        ("float32", "inputs in float32", residual, single(with_residual)),
    ):  # fmt: skip
        N, _, T, V = inputs["f_in"].shape
        g = {"g": r.signed(N, len(inputs["state"]["temporal_conv.b"]), -(-T // settings["stride"]), V)}
        g = single(g) if name == "float32" else g
        yield f"block.{name}", aim, settings, inputs
        yield f"block_gradients.{name}", aim, settings, g | inputs
    settings, aim = residual | {"training": False}, "inputs in float32, and in inference"
    yield "block.inference_float32", aim, settings, single(with_residual)


def _networks():
    """One network, each time but for one thing: most of its arrays are stored once."""
    _, _, state, clip = next(odd_networks())
    last, W, b = "blocks.1.", state["classifier.W"], state["classifier.b"]
    one_tap = {name: array[:, :, 1:2].copy() for name, array in state.items() if name.endswith("temporal_conv.W")}
    dead = {"blocks.0.temporal_bn.weight": state["blocks.0.temporal_bn.weight"] * 0}
    dead |= {"blocks.0.temporal_bn.bias": np.array([-0.5, 0, -1])}
    dead_last = {f"{last}temporal_bn.weight": state[f"{last}temporal_bn.weight"] * 0}
    dead_last |= {f"{last}temporal_bn.bias": np.full(3, -64.0)}
    labels = np.array([2, 1], dtype=np.int64)
    for name, aim, changed, clip_, its in (
        ("one_frame", "T = 1", {}, clip[:, :, :1].copy(), labels),
        ("one_tap", "Γ = 1", one_tap, clip, labels),
        ("one_class", "one class: the loss and all gradients are 0",
         {"classifier.W": W[:, :1].copy(), "classifier.b": b[:1].copy()}, clip, labels * 0),
        ("dead", "the first block lets nothing pass", dead, clip, labels),
        ("dead_last", "the last block lets nothing pass: the classifier's bias alone decides", dead_last, clip, labels),
        ("other_strides", "as one_person but for a stride: nothing may stay from there",
         {"strides": np.array([2, 1], dtype=np.int64)}, clip, labels),
        ("float32", "inputs in float32", {}, clip, labels),
    ):  # fmt: skip
        inputs = {"state": state | changed, "clip": clip_}
        inputs = single(inputs) if name == "float32" else inputs
        yield f"forward.{name}", aim, {"training": True}, inputs
        yield f"loss_and_gradients.{name}", aim, {}, inputs | {"labels": its}
    yield "forward.inference_float32", "inputs in float32, and in inference", {"training": False}, inputs


def _twelve_rows():
    """All but two arrays of each block are those of the second: what tells the blocks apart takes little room."""
    r, layers = Numbers(763), ((1, 1, 1),) * 12
    A_hat = np.array([[[1, 0.5], [0.5, 1]]])
    state = random_state(r, layers, 1, A_hat=A_hat, classes=3, gamma=1, edge_importance=False)
    for name in state:
        if name.startswith("blocks.") and not name.endswith(("temporal_bn.bias", "temporal_conv.W")):
            state[name] = state["blocks.1." + name.split(".", 2)[2]]
    aim = "twelve rows: block 10 comes after block 9, not after block 1; M = 9"
    inputs = {"state": state, "clip": r.signed(1, 1, 2, 2, 9)}
    yield "forward.twelve_rows", aim, {"training": False}, inputs


def _larger_networks():
    r = Numbers(719)
    A_hat, layers = edges(r, 1, 67), ((1, 1, 1), (1, 2, 2))
    state = random_state(r, layers, 1, A_hat=A_hat, classes=2, gamma=3, edge_importance=False)
    joints = {"state": state, "clip": r.signed(2, 1, 2, 67, 1)}
    A_hat = np.array([[[1, 0.5], [0.5, 1]]])
    state = random_state(r, ((1, 1, 1),), 1, A_hat=A_hat, classes=258, gamma=1, edge_importance=False)
    classes = {"state": state, "clip": r.signed(2, 1, 3, 2, 1)}
    for name, aim, inputs, labels in (
        ("many_joints", "67 joints: more than a tile, or than a word has bits", joints, [1, 0]),
        ("many_classes", "more classes than a byte counts", classes, [257, 40]),
    ):
        yield f"forward.{name}", aim, {"training": False}, inputs
        yield f"loss_and_gradients.{name}", aim, {}, inputs | {"labels": np.array(labels, dtype=np.int64)}
