"""What the ten layers make of a clip, compactly: for drawing, not for computing.

The network is untrained. Its weights are those of `init_state` with seed 0, and its batch norms use the statistics of
the clip itself (`training=True`), so that every layer's numbers have the size they would have in training.
"""

import base64

import numpy as np

from reference import forward, init_state
from reference.state import entries_under

STAGES = ("spatial_conv", "spatial_bn", "relu", "temporal_conv", "temporal_bn", "residual", "output")
CHANNELS_SHOWN = 3


def activations(clip, skeleton, num_classes):
    """For every row of the network, for every stage: its maps over frames and joints.

    clip  (C, T, V) of one person

    A map is {"channel": c, "low": …, "high": …, "levels": base64 of T x V bytes}: the value is low + (high - low) ·
    level / 255. First comes the root mean square over all channels ("channel": null), then the channels that vary most.
    """
    state = init_state(num_classes, clip.shape[0], skeleton, dtype=np.float64)
    trace = {}
    forward(state, clip[None, ..., None].astype(np.float64), training=True, trace=trace)
    return [_row(trace, i) for i in range(len(state["strides"]))]


def _row(trace, i):
    stages = entries_under(trace, f"blocks.{i}.") | {"output": trace[f"blocks.{i}"]}
    stages["residual"] = stages.get("sum", stages["temporal_bn"])  # the first block adds nothing
    return {stage: _maps(stages[stage][0]) for stage in STAGES}


def _maps(f):
    """The maps of one stage f (C, T, V)."""
    most_varying = np.argsort(-np.var(f, axis=(1, 2)), kind="stable")[:CHANNELS_SHOWN]
    whole = np.sqrt(np.mean(f**2, axis=0))
    return [_map(whole, None), *(_map(f[c], int(c)) for c in sorted(most_varying))]


def _map(values, channel):
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    levels = np.round((values - low) / max(high - low, 1e-12) * 255).astype(np.uint8)
    return {
        "channel": channel,
        "low": float(f"{low:.4g}"),
        "high": float(f"{high:.4g}"),
        "levels": base64.b64encode(levels.tobytes()).decode("ascii"),
    }
