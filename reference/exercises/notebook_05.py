"""The exercises of notebook 05: temporal convolution."""

import numpy as np

from ..layer_table import LAYERS, layer_table
from ..sequence_files import load_clips
from ..temporal_convolution import temporal_conv
from .exercise import Question, exercise


@exercise(
    "05.1",
    points=2,
    title="the temporal convolution of one joint",
    rubric="1 point for the window in the middle, 1 for zeros beyond the ends",
)
def _by_hand():
    signal, taps = np.array([2.0, 0, 1, 5, 3, 4]), np.array([1.0, -2, 0, 3, 1])
    held, ahead = np.pad(signal, 2, mode="edge"), np.pad(signal, (0, 4))
    return Question(
        ask=lambda answer: answer(signal, taps),
        expected=temporal_conv(signal.reshape(1, 6, 1), taps.reshape(1, 1, 5))[0, :, 0],
        mistakes={
            "the filter is turned round; tap 0 meets the earliest frame of the window.":
                np.convolve(signal, taps, "same"),
            "the ends are held; beyond them, frames are zero.": [held[t : t + 5] @ taps for t in range(6)],
            "the window begins at frame t; t should be its middle.": [ahead[t : t + 5] @ taps for t in range(6)],
        },
    )  # fmt: skip


@exercise("05.2", points=1, title="nine taps that measure a speed", rubric="1 point for the nine numbers")
def _wide_speed():
    ends = np.array([-1.0, 0, 0, 0, 0, 0, 0, 0, 1])
    return Question(
        expected=ends * 30 / 8,
        mistakes={
            "forwards comes out negative; turn the signs.": -ends * 30 / 8,
            "that is metres per frame; a second has 30 of them.": ends / 8,
            "that divides by two frames, but eight lie between the first tap and the last.": ends * 30 / 2,
            "that divides by nine; nine taps are eight frames apart.": ends * 30 / 9,
        },
    )


@exercise(
    "05.3",
    points=2,
    title="how many outputs, and where the last one stands",
    rubric="1 point for the number of outputs, 1 for the frame",
)
def _last_output():
    return Question(
        ask=lambda answer: answer(43, [1, 1, 1, 1, 2, 1, 1, 2, 1, 1]),
        expected=[11, 40],
        mistakes={
            "lengths are rounded down; there is always an output on frame 0, so they are rounded up.": [10, 36],
            "that is a frame of the layer below, not of the clip; multiply by all strides.": [11, 10],
            "only one of the strides is in it.": [22, 42],
            "that is the 'same' padding of section 6.": [11, 42],
        },
    )


@exercise(
    "05.4",
    points=2,
    title="the receptive field of any list of rows",
    rubric="1 point for Γ - 1 steps a row from 1 on, 1 for strides that act from the next row on",
)
def _last_field():
    nine = LAYERS[:3] + LAYERS[4:]  # the paper's nine units
    return Question(
        ask=lambda answer: answer(nine, 5),
        expected=layer_table(layers=nine, gamma=5).rows[-1].receptive_field,
        mistakes={
            "a row's own stride is counted too early; it acts from the next row on.": 85,
            "a row adds Γ - 1 steps, not Γ: one tap stands on the frame itself.": 91,
            "the strides are not in it.": 37,
            "before the first row a frame sees itself: begin at 1.": 72,
        },
    )


@exercise(
    "05.5",
    points=3,
    title="a walk that goes on",
    rubric="1 point for cycles of 38 frames, 1 for moving on by every cycle, 1 for one movement of the whole body",
)
def _walk_on():
    walk = load_clips("mocap_15").clip("walk").astype(np.float64)[0, ..., 0]  # (3, T, V)
    t, way = np.arange(100), walk[:, -1:] - walk[:, :1]  # way (3, 1, V), of every joint
    on_the_spot, cycles = walk[:, t % 38], (t // 38)[:, None]
    return Question(
        ask=lambda answer: answer(walk, 100),
        expected=on_the_spot + way[..., :1] * cycles,
        mistakes={
            "it jumps back to the start; add the way of each cycle.": on_the_spot,
            "the last frame of the clip is still in it.": walk[:, t % 39] + way[..., :1] * (t // 39)[:, None],
            "each joint goes its own way, and the body comes apart; move all by the pelvis.":
                on_the_spot + way * cycles,
        },
    )  # fmt: skip
