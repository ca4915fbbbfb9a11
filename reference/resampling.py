"""Another number of frames for the same clip, by linear interpolation."""

import numpy as np


def resample(clip, T, present=None):
    """A clip (C, ·, V, M) with T frames from first to last in even steps, by linear interpolation: (C, T, V, M).

    present (·, V, M): only a joint that is there in both frames around a place is interpolated; else it is as in the
    nearer of the two, since half-way between a hand and nothing there is no hand. Unless given, all are there.
    """
    place = np.linspace(0, clip.shape[1] - 1, T)  # in frames of the clip
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, clip.shape[1] - 1)
    share = (place - before)[:, None, None]
    if present is not None:
        share = np.where(present[before] & present[after], share, np.round(share))  # (T, V, M)
    share = share.astype(clip.dtype)
    return clip[:, before] * (1 - share) + clip[:, after] * share


def nearest_frames(length, T):
    """For each of T even steps through so many frames the nearest frame; half-way it is the earlier one."""
    return np.ceil(np.linspace(0, length - 1, T) - 0.5).astype(int)
