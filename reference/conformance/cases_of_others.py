"""Cases that differ from a first one in one argument alone: what a function keeps from earlier calls shows."""

import numpy as np

from .drawn_inputs import Numbers, block_state, random_state


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    for step, settings, inputs in _first():
        yield f"{step}.first", "small; the cases called other differ from it", settings, inputs
        for argument, value in inputs.items():
            aim = f"as first but for {argument}: nothing may stay from there"
            yield f"{step}.other_{argument.lower()}", aim, settings, inputs | {argument: _other(value)}


def _other(value):
    """The same numbers, each in the next one's place."""
    if isinstance(value, dict):
        return {name: _other(array) for name, array in value.items()}
    return np.reshape(np.roll(value, 1), value.shape)


def _first():
    """Yields (step, settings, inputs)."""
    r = Numbers(800)
    f_in, g, A_hat = {"f_in": r.signed(1, 2, 2, 2)}, {"g": r.signed(1, 2, 2, 2)}, {"A_hat": r.signed(1, 2, 2)}
    spatial = f_in | A_hat | {"W": r.signed(2, 2, 1), "b": r.signed(2, 1)}
    temporal = f_in | {"W": r.signed(2, 2, 3), "b": r.signed(2)}
    running = {"running_mean": r.signed(2), "running_var": r.positive(2)}
    norm = f_in | {"weight": r.signed(2), "bias": r.signed(2)} | running
    yield "spatial_conv", {}, spatial | {"edge_importance": r.positive(1, 2, 2)}
    yield "temporal_conv", {"stride": 1}, temporal
    yield "batch_norm", {}, norm
    yield "update_running_statistics", {}, f_in | running
    yield (
        "data_batch_norm",
        {},
        {"clip": r.signed(1, 1, 2, 2, 2)} | {name: norm[name] for name in norm if name != "f_in"},
    )
    yield "pooling", {"M": 1}, f_in
    yield "spatial_conv_gradients", {}, g | spatial
    yield "temporal_conv_gradients", {"stride": 1}, g | temporal
    yield "batch_norm_gradients", {}, g | {name: norm[name] for name in norm if name != "bias"}
    yield "cross_entropy", {}, {"logits": r.signed(2, 3), "labels": np.array([2, 0], dtype=np.int64)}
    options = {"A_hat": A_hat["A_hat"], "gamma": 3, "classes": 2, "edge_importance": False}
    state = random_state(r, ((2, 2, 1), (2, 2, 2)), 2, **options)
    state = {"state": block_state(state, 1)}
    settings = {"stride": 2, "residual": True, "training": False}
    yield "block", settings, f_in | A_hat | state
    yield "block_gradients", settings, {"g": r.signed(1, 2, 1, 2)} | f_in | A_hat | state
    network = {"state": random_state(r, ((2, 2, 1),), 2, **options), "clip": r.signed(2, 2, 2, 2, 1)}
    yield "forward", {"training": False}, network
    yield "loss_and_gradients", {}, network | {"labels": np.array([1, 0], dtype=np.int64)}
