"""From a recorded sequence to the clip that the network takes: centre, scale, bring to T frames, add streams.

Everything here is (C, T, V, M) with `present` (T, V, M), where a joint is seen, and depends on nothing but its input.
What training varies at random comes in between, and lives in stgcn_torch/training/augment.py.
"""

from itertools import groupby, islice
from math import prod

import numpy as np

from .input_settings import COORDINATES
from .resampling import nearest_frames, resample
from .streams import bone_vectors, motion, parents

LARGEST = 1e15  # squares of larger numbers overflow in float32, and a batch norm would silently forget everything else
_MOST_NUMBERS = 2**28  # in all views of a clip: 1 GiB
_AT_ONCE = 2**18  # numbers, in the views of clips that are made together: more of them spill out of the caches


class ClipMaker:
    """Makes clips of one set's sequences, as evaluation sees them: `make(clip)` and `make.views(clip)`.

    settings  InputSettings
    channels  the names of the set's channels
    skeleton  the Skeleton of its joints; for a trained network the one that it was trained with

    Raises ValueError for a channel that the set does not have, for a place that needs one that is not chosen, and for
    clips of more than 1 GiB.
    """

    def __init__(self, settings, channels, skeleton):
        self.settings = settings
        channels = [str(channel) for channel in channels]
        self.channels = list(settings.channels) or channels
        for name in self.channels:
            if name not in channels:
                raise ValueError(f"there is no channel {name!r}: the set has {', '.join(channels)}")
        if len(set(self.channels)) < len(self.channels):
            raise ValueError(f"a channel is named twice: {', '.join(self.channels)}")
        self.coordinates = [self.channels.index(name) for name in COORDINATES if name in self.channels]
        if settings.moving and len(self.coordinates) < 2:
            raise ValueError(f"random moving needs the channels x and y, got {', '.join(self.channels)}")
        if settings.streams and not self.coordinates:
            raise ValueError(f"{settings.streams[0]} needs the channels x, y or z, got {', '.join(self.channels)}")
        self._chosen = [channels.index(name) for name in self.channels]
        self.places = [self._chosen[c] for c in self.coordinates]  # the coordinates, among the set's channels
        # Whether a joint is seen is not asked of channels that are foreign to the network.
        tell = {*self.channels, *COORDINATES, "score"}
        self._telling = [c for c, name in enumerate(channels) if name in tell]
        self._center, self._parents = skeleton.center, parents(skeleton)
        self._bones = np.array(skeleton.bones, dtype=int).reshape(-1, 2)
        self._frames = settings.test_frames or settings.frames
        T, M = max(settings.frames, settings.test_frames), max(settings.persons, 1)
        shape = (settings.test_views, len(self.clip_channels), T, skeleton.num_joints, M)
        if prod(shape) > _MOST_NUMBERS:
            raise ValueError(
                f"a clip would be {shape} (views, C, T, V, M), which is {prod(shape):.2g} numbers, but the most is"
                f" {_MOST_NUMBERS:.2g}: take fewer frames, persons or views"
            )

    @property
    def clip_channels(self):
        """The names of the clip's channels: those chosen, then those of the streams."""
        names = [self.channels[c] for c in self.coordinates]
        return self.channels + [f"{stream} {name}" for stream in self.settings.streams for name in names]

    def __call__(self, clip):
        """A sequence (C, T, V, M) of the set -> the clip of all of it (C', T', V, M), float32."""
        return self._whole(*self.prepared(clip))

    def views(self, clip):
        """A sequence (C, T, V, M) of the set -> (views, C', T', V, M), the clips that evaluation looks at."""
        return next(self.views_of_each([clip]))

    def views_of_each(self, clips):
        """The `views` of each of several sequences, made as they are asked for: those in a row that are of one length
        together, a few at a time."""
        of_a_frame = self.settings.test_views * len(self.clip_channels) * self._frames
        for shape, alike in groupby(map(self.prepared, clips), lambda prepared: prepared[0].shape):
            numbers = max(prod(shape), of_a_frame * prod(shape[2:]))
            while some := list(islice(alike, max(1, _AT_ONCE // numbers))):
                # As if they were the persons of one clip: from here on each is made alone.
                together = (np.concatenate(arrays, axis=-1) for arrays in zip(*some, strict=True))
                yield from np.split(self._views(*together), len(some), axis=-1)

    def _views(self, clip, present):
        T, length = len(present), max(1, round((self.settings.crop + 1) / 2 * len(present)))
        whole = self._whole(clip, present)
        starts = np.linspace(0, T - length, self.settings.test_views - 1).round().astype(int).tolist()
        if length == T or not starts:
            return np.stack([whole] * self.settings.test_views)
        # Stretches are made together in the same way; of a short sequence several are the same.
        distinct, which = np.unique(starts, return_inverse=True)
        together = [np.concatenate([a[..., s : s + length, :, :] for s in distinct], axis=-1) for a in (clip, present)]
        made = np.split(self._whole(*together), len(distinct), axis=-1)
        return np.stack([whole, *(made[k] for k in which)])

    def prepared(self, clip):
        """What comes first: channels, persons, empty frames dropped, centred, scaled: clip, float64, and `present`."""
        present = clip[self._telling].any(axis=0)
        clip = clip[self._chosen].astype(np.float64)
        if self.settings.persons not in (0, clip.shape[3]):
            clip, present = self._with_persons(clip, present)
        somebody = present.any(axis=(1, 2))
        if self.settings.drop_empty and somebody.any() and not somebody.all():
            clip, present = clip[:, somebody], present[somebody]
        return self._scaled(self._centered(clip, present), present), present

    def finished(self, clip, present, T, start):
        """What comes last: T frames, and the streams. The clip that the network takes, float32.

        start  "pad" and "repeat": of `room` more frames than T, how many are left out before those that are taken; of
               -room fewer, how many zeros stand before them
        """
        clip, present = self._fitted(clip, present, T, start)
        clip = np.where(present, clip, 0)
        places = clip[self.coordinates]
        added = {
            "bone": lambda: bone_vectors(places, present, self._parents),
            "motion": lambda: motion(places, present),
        }
        clip = np.concatenate([clip, *(added[stream]() for stream in self.settings.streams)])
        return np.ascontiguousarray(clip, dtype=np.float32)

    def _whole(self, clip, present):
        return self.finished(clip, present, self._frames, _in_the_middle)

    def left_out(self, clip):
        """How many persons of a sequence (C, T, V, M) of the set are seen, but have no place in the clip."""
        there = int(clip[self._telling].any(axis=(0, 1, 2)).sum())
        return max(0, there - self.settings.persons) if self.settings.persons else 0

    def _with_persons(self, clip, present):
        """As many persons as the settings say, in the order they have."""
        moved = movement(clip[self.coordinates or slice(None)], present)
        moved[~present.any(axis=(0, 1))] = -1  # somebody who stands still counts more than nobody
        kept = np.sort(np.argsort(-moved, kind="stable")[: self.settings.persons])
        missing = [(0, 0), (0, 0), (0, self.settings.persons - len(kept))]
        return np.pad(clip[..., kept], [(0, 0), *missing]), np.pad(present[..., kept], missing)

    def _fitted(self, clip, present, T, start):
        length = len(present)
        if self.settings.fit == "resample":
            return resample(clip, T, present), present[nearest_frames(length, T)]
        if self.settings.fit == "repeat":
            again = np.arange(max(T, length)) % length
            clip, present = clip[:, again], present[again]
        room = len(present) - T
        before = start(room)
        if room >= 0:
            return clip[:, before : before + T], present[before : before + T]
        around = (before, -room - before)
        return np.pad(clip, ((0, 0), around, (0, 0), (0, 0))), np.pad(present, (around, (0, 0), (0, 0)))

    def _centered(self, clip, present):
        where, c = self.settings.center, self.coordinates
        if where == "none" or not c or not present.any():
            return clip
        if where == "image":
            origin = np.full((len(c), 1), 0.5)
        else:
            origin = self._origins(clip[c], present)  # (coordinates, T)
            origin = origin[:, :1] if where == "first" else origin
        clip = clip.copy()
        clip[c] -= origin[:, :, None, None]
        return clip

    def _origins(self, places, present):
        """The centre joint of the first person that has it, frame by frame (coordinates, T).

        Where nobody has it, the last one seen counts, before that the first one to come; where it is never seen, the
        mean of all joints of the first frame that has any.
        """
        T = len(present)
        has_center = present[:, self._center]  # (T, M)
        seen = np.flatnonzero(has_center.any(axis=1))
        if not len(seen):
            t = np.flatnonzero(present.any(axis=(1, 2)))[0]
            return np.repeat(places[:, t, present[t]].mean(axis=1)[:, None], T, axis=1)
        origin = places[:, seen, self._center, has_center[seen].argmax(axis=1)]
        last_seen = np.searchsorted(seen, np.arange(T), side="right") - 1
        return origin[:, np.maximum(last_seen, 0)]

    def _scaled(self, clip, present):
        c = self.coordinates
        if self.settings.scale == "none" or not c:
            return clip
        i, j = self._bones.T
        both = present[:, i] & present[:, j]  # (T, bones, M)
        lengths = np.linalg.norm(clip[c][:, :, i] - clip[c][:, :, j], axis=0)[both]
        if not lengths.any():
            return clip
        clip = clip.copy()
        clip[c] /= lengths.mean()
        return clip


def _in_the_middle(room):
    return max(room, 0) // 2


def movement(places, present):
    """How much each person moves (M,): the sum of squared distances of the joints from their own mean places.

    places (C, T, V, M), present (T, V, M): where a joint is not seen, it does not count
    """
    seen = np.where(present, places, 0.0)
    middle = seen.sum(axis=1, keepdims=True) / np.maximum(present.sum(axis=0), 1)
    return np.where(present, (seen - middle) ** 2, 0).sum(axis=(0, 1, 2))
