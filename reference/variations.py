"""The same movement, otherwise: turned, mirrored, faster, cut, with noise, with joints or frames lost.

Every function takes a clip (C, T, V, M), where an absent joint is zero in all channels, and returns a new one in which
the same joints are absent. Nothing is random but the noise, which comes from the generator that is given. Training
draws from these (stgcn_torch/training/augment.py), and the networks are measured with them (networks/measure.py).
"""

import re

import numpy as np

from .resampling import resample


def turned(clip, a, b, degrees):
    """Rotated from channel a towards channel b by an angle, or by one for each frame (T, 1, 1).

    About the vertical (y up) it is from z towards x; in the plane of a picture from x towards y.
    """
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    rotated = clip.copy()
    rotated[a] = cos * clip[a] - sin * clip[b]
    rotated[b] = sin * clip[a] + cos * clip[b]
    return rotated


def mirrored(clip, x, partner):
    """As a mirror shows it: channel x negated, and each joint in the place of its partner (V,), see `partners`."""
    clip = clip[:, :, partner]
    clip[x] *= -1
    return clip


def at_tempo(clip, factor):
    """So many times as fast: T / factor frames, rounded, at least one, interpolated where a joint is seen."""
    return resample(clip, max(1, round(clip.shape[1] / factor)), clip.any(axis=0))


def part(clip, start, share):
    """A share of the frames, rounded, at least one; start says which: 0 the first ones, 1 the last."""
    T = clip.shape[1]
    length = max(1, round(share * T))
    first = round(start * (T - length))
    return clip[:, first : first + length].copy()


def noisy(clip, coordinates, deviation, rng):
    """Every coordinate of every joint seen moved by a normal deviate. coordinates: which channels they are."""
    clip = clip.copy()
    noise = rng.normal(0, deviation, (len(coordinates), *clip.shape[1:]))
    clip[coordinates] += np.where(clip.any(axis=0), noise, 0).astype(clip.dtype)
    return clip


def without_joints(clip, joints):
    """Without some joints, by index, in all frames and of everybody."""
    clip = clip.copy()
    clip[:, :, joints] = 0
    return clip


def without_frames(clip, frames):
    """Without some frames, by index: what a recorder that cannot keep up leaves out. ValueError if none would stay."""
    clip = np.delete(clip, frames, axis=1)
    if not clip.shape[1]:
        raise ValueError("without_frames: no frame would stay")
    return clip


_OTHER = {"left": "right", "Left": "Right", "LEFT": "RIGHT"}
_OTHER |= {right: left for left, right in _OTHER.items()}
_SIDE = re.compile(rf"(?<![A-Za-z])({'|'.join(_OTHER)})(?![a-z])")


def other_side(name):
    """A joint's or a class's name with left and right exchanged: left_knee, right_knee; "bright" has no side."""
    return _SIDE.sub(lambda side: _OTHER[side[0]], name)


def partners(names):
    """For each of some names, of joints or of classes, the index of its mirror image: its own where it has no side.

    Raises ValueError for a left or right one whose partner is missing.
    """
    names = [str(name) for name in names]
    for name in names:
        if other_side(name) not in names:
            raise ValueError(f"{name} cannot be mirrored: there is no {other_side(name)}")
    return np.array([names.index(other_side(name)) for name in names])
