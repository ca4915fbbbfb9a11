"""What training does to a clip at random: crops in time, turns, changes of size, a moving camera, lost joints.

All functions take and return a clip (C, T, V, M), and draw from the generator they are given and from nothing else: the
same generator, the same clip. What is not random is in reference/preparation.py.
"""

import numpy as np

from reference.preparation import ClipMaker

# The moving camera of the widely copied code: at the first and the last frame an angle, a size and a shift are drawn
# within these bounds (there from a few values, here uniformly), and every frame between has the interpolated ones.
MOVING_ANGLE = 10.0  # degrees, either way
MOVING_SIZE = 0.1  # as a share of 1, either way
MOVING_SHIFT = 0.2  # in units of the coordinates (in a Kinetics-skeleton clip the picture is 1 wide), either way


class VaryingClipMaker(ClipMaker):
    """A ClipMaker that also makes clips as training sees them, varied as its InputSettings say."""

    def varied(self, clip, rng):
        """A sequence (C, T, V, M) of the set, a np.random.Generator -> one clip (C', T', V, M), float32."""
        settings, c = self.settings, self.coordinates
        clip, present = self.prepared(clip)
        if settings.crop < 1:
            start, stop = random_crop(len(present), settings.crop, rng)
            clip, present = clip[:, start:stop], present[start:stop]
        if settings.turn and len(c) == 3:
            clip = random_turn(clip, c[0], c[2], settings.turn, rng)
        if settings.zoom and c:
            clip = random_zoom(clip, c, settings.zoom, rng)
        if settings.moving:
            clip = random_moving(clip, c, rng)
        if settings.joint_dropout:
            present = random_joint_dropout(present, settings.joint_dropout, rng)
        return self.finished(clip, present, settings.frames, lambda room: int(rng.integers(abs(room) + 1)))


def random_crop(T, smallest, rng):
    """A stretch of T frames as (start, stop): from `smallest` (a share of T) to all of them, anywhere."""
    share = rng.uniform(smallest, 1)
    length = max(1, round(share * T))
    start = int(rng.integers(T - length + 1))
    return start, start + length


def random_turn(clip, x, z, degrees, rng):
    """Turn about the vertical axis (y up) by an angle within ±degrees. x, z: which channels these are."""
    return _rotated(clip, z, x, np.deg2rad(rng.uniform(-degrees, degrees)))


def random_zoom(clip, coordinates, share, rng):
    """All coordinates times one factor within 1 ± share."""
    clip = clip.copy()
    clip[coordinates] *= rng.uniform(1 - share, 1 + share)
    return clip


def random_moving(clip, coordinates, rng, keys=2):
    """The paper's random moving: an affine map of every frame, interpolated between a few key frames.

    It imitates a camera that turns in its picture's plane, comes nearer and drifts: rotation of the first two
    coordinates (x, y), one factor on all coordinates, a shift of the first two.

    keys  key frames, evenly spaced from the first frame to the last; 2 or more
    """
    T = clip.shape[1]
    key_frames = np.linspace(0, T - 1, keys)

    def over_time(bound):
        return np.interp(np.arange(T), key_frames, rng.uniform(-bound, bound, keys))[:, None, None]  # (T, 1, 1)

    angle, size = np.deg2rad(over_time(MOVING_ANGLE)), 1 + over_time(MOVING_SIZE)
    shift = np.stack([over_time(MOVING_SHIFT), over_time(MOVING_SHIFT)])
    x, y = coordinates[:2]
    clip = _rotated(clip, x, y, angle)
    clip[coordinates] *= size
    clip[[x, y]] += shift
    return clip


def random_joint_dropout(present, probability, rng):
    """present (T, V, M) with some joints lost for the whole clip, each with this probability."""
    return present & (rng.random(present.shape[1]) >= probability)[:, None]


def _rotated(clip, a, b, angle):
    """A copy of the clip, rotated from channel a towards channel b by an angle or one for each frame (T, 1, 1)."""
    cos, sin = np.cos(angle), np.sin(angle)
    rotated = clip.copy()
    rotated[a] = cos * clip[a] - sin * clip[b]
    rotated[b] = sin * clip[a] + cos * clip[b]
    return rotated
