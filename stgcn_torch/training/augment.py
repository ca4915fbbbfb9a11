"""What training does to a clip at random: crops in time, turns, changes of size, a moving camera, lost joints.

All functions take and return a clip (C, T, V, M), and draw from the generator they are given and from nothing else: the
same generator, the same clip. What is not random is in reference/preparation.py and reference/variations.py.
"""

import numpy as np

from reference.preparation import ClipMaker
from reference.variations import at_tempo, mirrored, noisy, partners, turned, without_frames, without_joints

# The moving camera of the widely copied code: at the first and the last frame an angle, a size and a shift are drawn
# within these bounds (there from a few values, here uniformly), and every frame between has the interpolated ones.
MOVING_ANGLE = 10.0  # degrees, either way
MOVING_SIZE = 0.1  # as a share of 1, either way
MOVING_SHIFT = 0.2  # in units of the coordinates (in a Kinetics-skeleton clip the picture is 1 wide), either way


class VaryingClipMaker(ClipMaker):
    """A ClipMaker that also makes clips as training sees them, varied as its InputSettings say.

    Raises ValueError, too, for a variation that needs x and y, a score, or a partner for every joint.
    """

    def __init__(self, settings, channels, skeleton):
        super().__init__(settings, channels, skeleton)
        for name in ("mirror", "tilt", "downward"):
            if getattr(settings, name) and not {"x", "y"} <= set(self.channels):
                raise ValueError(f"{name} needs the channels x and y, got {', '.join(self.channels)}")
        if settings.score_dropout and "score" not in self.channels:
            raise ValueError(f"score_dropout needs the channel score, got {', '.join(self.channels)}")
        self._partner = partners(skeleton.joints) if settings.mirror else None

    def varied(self, clip, rng, *, mirror=False):
        """A sequence (C, T, V, M) of the set, a np.random.Generator -> one clip (C', T', V, M), float32.

        mirror  whether left and right are exchanged: who asks for it exchanges them in the label, too
        """
        settings, c = self.settings, self.coordinates
        clip, present = self.prepared(self._recorded_worse(clip, rng))
        if settings.crop < 1:
            start, stop = random_crop(len(present), settings.crop, rng)
            clip, present = clip[:, start:stop], present[start:stop]
        if mirror:
            clip, present = mirrored(clip, self.channels.index("x"), self._partner), present[:, self._partner]
        if settings.turn and len(c) == 3:
            clip = random_turn(clip, c[0], c[2], settings.turn, rng)
        if settings.tilt:
            clip = turned(clip, *c[:2], rng.uniform(-settings.tilt, settings.tilt))
        if settings.downward and rng.random() < settings.downward:
            clip[self.channels.index("y")] *= -1
        if settings.zoom and c:
            clip = random_zoom(clip, c, settings.zoom, rng)
        if settings.moving:
            clip = random_moving(clip, c, rng)
        if settings.score_dropout and rng.random() < settings.score_dropout:
            clip[self.channels.index("score")] = rng.uniform(0.1, 1)
        if settings.joint_dropout:
            present = random_joint_dropout(present, settings.joint_dropout, rng)
        return self.finished(clip, present, settings.frames, lambda room: int(rng.integers(abs(room) + 1)))

    def _recorded_worse(self, clip, rng):
        """As a worse recorder might have it: another tempo, noise, joints and frames lost."""
        settings, T, V = self.settings, clip.shape[1], clip.shape[2]
        if settings.frame_dropout:
            lost = rng.random(T) < rng.uniform(0, settings.frame_dropout)
            lost[rng.integers(T)] = False
            clip = without_frames(clip, np.flatnonzero(lost))
        if settings.tempo > 1:
            clip = at_tempo(clip, settings.tempo ** rng.uniform(-1, 1))
        if settings.noise:
            clip = noisy(clip, self.places, rng.uniform(0, settings.noise), rng)
        if settings.lost_joints:
            clip = without_joints(clip, rng.permutation(V)[: rng.integers(min(settings.lost_joints, V - 1) + 1)])
        return clip


def random_crop(T, smallest, rng):
    """A stretch of T frames as (start, stop): from `smallest` (a share of T) to all of them, anywhere."""
    share = rng.uniform(smallest, 1)
    length = max(1, round(share * T))
    start = int(rng.integers(T - length + 1))
    return start, start + length


def random_turn(clip, x, z, degrees, rng):
    """Turn about the vertical axis (y up) by an angle within ±degrees. x, z: which channels these are."""
    return turned(clip, z, x, rng.uniform(-degrees, degrees))


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

    degrees, size = over_time(MOVING_ANGLE), 1 + over_time(MOVING_SIZE)
    shift = np.stack([over_time(MOVING_SHIFT), over_time(MOVING_SHIFT)])
    x, y = coordinates[:2]
    clip = turned(clip, x, y, degrees)
    clip[coordinates] *= size
    clip[[x, y]] += shift
    return clip


def random_joint_dropout(present, probability, rng):
    """present (T, V, M) with some joints lost for the whole clip, each with this probability."""
    return present & (rng.random(present.shape[1]) >= probability)[:, None]
