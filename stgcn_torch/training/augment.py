"""What training does to a clip at random: crops in time, turns, changes of size, a moving camera, lost joints.

All functions take and return a track (T, M, V, C), the layout of a sequence set, and draw from the generator they are
given and from nothing else: the same generator, the same track.
"""

import numpy as np

# The moving camera of the widely copied code: at the first and the last frame an angle, a size and a shift are drawn
# within these bounds (there from a few values, here uniformly), and every frame between has the interpolated ones.
MOVING_ANGLE = 10.0  # degrees, either way
MOVING_SIZE = 0.1  # as a share of 1, either way
MOVING_SHIFT = 0.2  # in units of the coordinates (in a Kinetics-skeleton clip the picture is 1 wide), either way


def random_crop(T, smallest, rng):
    """A stretch of T frames as (start, stop): from `smallest` (a share of T) to all of them, anywhere."""
    share = rng.uniform(smallest, 1)
    length = max(1, round(share * T))
    start = int(rng.integers(T - length + 1))
    return start, start + length


def random_turn(track, x, z, degrees, rng):
    """Turn about the vertical axis (y up) by an angle within ±degrees. x, z: which channels these are."""
    return _rotated(track, z, x, np.deg2rad(rng.uniform(-degrees, degrees)))


def random_zoom(track, coordinates, share, rng):
    """All coordinates times one factor within 1 ± share."""
    track = track.copy()
    track[..., coordinates] *= rng.uniform(1 - share, 1 + share)
    return track


def random_moving(track, coordinates, rng, keys=2):
    """The paper's random moving: an affine map of every frame, interpolated between a few key frames.

    It imitates a camera that turns in its picture's plane, comes nearer and drifts: rotation of the first two
    coordinates (x, y), one factor on all coordinates, a shift of the first two.

    keys  key frames, evenly spaced from the first frame to the last; 2 or more
    """
    T = len(track)
    key_frames = np.linspace(0, T - 1, keys)

    def over_time(bound):
        return np.interp(np.arange(T), key_frames, rng.uniform(-bound, bound, keys))

    angle, size = np.deg2rad(over_time(MOVING_ANGLE)), 1 + over_time(MOVING_SIZE)
    shift = np.stack([over_time(MOVING_SHIFT), over_time(MOVING_SHIFT)], axis=-1)  # (T, 2)
    x, y = coordinates[:2]
    track = _rotated(track, x, y, angle[:, None, None])
    track[..., coordinates] *= size[:, None, None, None]
    track[..., [x, y]] += shift[:, None, None]
    return track


def random_joint_dropout(present, probability, rng):
    """present (T, M, V) with some joints lost for the whole clip, each with this probability."""
    return present & (rng.random(present.shape[2]) >= probability)


def _rotated(track, a, b, angle):
    """A copy of the track, rotated from axis a towards axis b by an angle or one for each frame (T, 1, 1)."""
    cos, sin = np.cos(angle), np.sin(angle)
    rotated = track.copy()
    rotated[..., a] = cos * track[..., a] - sin * track[..., b]
    rotated[..., b] = sin * track[..., a] + cos * track[..., b]
    return rotated
