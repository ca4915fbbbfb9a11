"""Clips longer than memory allows: the network in overlapping windows, with the result of the whole clip at once.

One frame of the last block's output depends on a bounded stretch of the clip (the receptive field of `layer_table`).
So the output frames are computed in stretches, each from a window that holds all they depend on. A window starts at a
multiple of all strides together, or the strides would keep other frames than in the whole clip; its outermost output
frames, which have seen the window's end instead of the clip, are thrown away. At the clip's own ends the window ends
there too, and the zeros of the padding are the right ones.
"""

from math import prod
from numbers import Integral
from typing import NamedTuple

from .layers import classifier, pooling
from .network import forward


class Window(NamedTuple):
    """Run the network on the frames start to stop of a clip; of the output, keep the frames first to last."""

    start: int
    stop: int
    first: int
    last: int


def windows_of(T, strides, gamma, frames):
    """The windows that together give every output frame of a clip of T frames once: yields Window.

    strides  of the blocks' temporal convolutions
    gamma    Γ of all of them
    frames   how many frames of the clip a window's kept outputs stand for; rounded up to a multiple of all strides
             together. A window is longer than that by the receptive field, at most

    Raises ValueError for frames below 1.
    """
    if not isinstance(frames, Integral) or frames < 1:
        raise ValueError(f"windows_of: frames must be an integer >= 1, got {frames!r}")
    step = prod(strides)
    T_out = -(-T // step)
    kept = -(-frames // step)
    for begin in range(0, T_out, kept):
        end = min(begin + kept, T_out)
        low, high = begin, end - 1
        for stride in reversed(strides):  # a row's frame t reads the frames stride·t ± (Γ-1)/2 before it
            low, high = stride * low - (gamma - 1) // 2, stride * high + (gamma - 1) // 2
        start = max(low // step, 0) * step
        yield Window(start, min(high + 1, T), begin - start // step, end - start // step)


def forward_in_windows(state, clip, A_hat=None, *, frames=512):
    """The logits of `forward`, window by window: the memory for features does not grow with the clip.

    state, clip, A_hat  as in `forward`, in inference: training statistics are those of a whole batch at once
    frames              as in `windows_of`

    Returns logits (N, classes), or (classes,) for one clip; they differ from those of `forward` by rounding only.
    Raises ValueError as `forward` does, and for frames below 1.
    """
    if len(clip.shape) == 4:
        return forward_in_windows(state, clip[None], A_hat, frames=frames)[0]
    forward(state, clip[:, :, :1] if clip.ndim == 5 else clip, A_hat)  # on one frame: refuses what does not fit
    strides = [int(stride) for stride in state["strides"]]
    last = f"blocks.{len(strides) - 1}"
    T, M = clip.shape[2], clip.shape[4]
    total = 0
    for window in windows_of(T, strides, state["blocks.0.temporal_conv.W"].shape[2], frames):
        trace = OneStage(last)
        forward(state, clip[:, :, window.start : window.stop], A_hat, trace=trace)
        f = trace[last][:, :, window.first : window.last]  # (N·M, C, frames that are kept, V)
        total = total + pooling(f, M) * f.shape[2]  # (N, C)
    return classifier(total / -(-T // prod(strides)), state["classifier.W"], state["classifier.b"])


class OneStage(dict):
    """A trace that keeps one stage, so that the memory of all others is free again."""

    def __init__(self, stage):
        self.stage = stage

    def __setitem__(self, stage, output):
        if stage == self.stage:
            super().__setitem__(stage, output)
