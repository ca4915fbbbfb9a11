"""From a recorded sequence to the clip that the network takes: crop, centre, scale, vary, and bring to T frames."""

from dataclasses import dataclass, fields

import numpy as np

from .augment import random_crop, random_joint_dropout, random_moving, random_turn, random_zoom
from .streams import STREAMS, bone_vectors, motion, parents

COORDINATES = ("x", "y", "z")  # the channels that are a place; others (score ...) are never moved or scaled
FITS = ("resample", "pad", "repeat")
CENTERS = ("first", "frame", "image", "none")
SCALES = ("none", "body")


@dataclass(frozen=True)
class InputSettings:
    """How sequences become clips. They are saved with the weights, so that a trained network sees what it learnt on.

    channels       names of those to use, in this order; none named: all of the set
    streams        what is added to them as more channels: "bone" (from each joint's neighbour nearer the centre to the
                   joint) and "motion" (to the joint's place in the next frame of the clip); see streams.py
    frames         T of the clip
    test_frames    T in evaluation; 0: the same
    test_views     clips made of a sequence in evaluation, whose logits are averaged: the whole sequence, then evenly
                   spaced stretches of a share half-way between `crop` and 1. (After each epoch but the last, training
                   looks at the whole sequence only.)
    fit            how a sequence of another length gets T frames: "resample" (linear interpolation, first frame to
                   last), "pad" (zeros after it) or "repeat" (from its start again); where "pad" and "repeat" meet a
                   longer one they take T frames in a row: at random in training, the middle in evaluation
    drop_empty     leave out frames in which nobody is seen, before anything else
    center         subtract from the coordinates the centre joint of the "first" frame, of each "frame", half the
                   picture ("image": 0.5, for coordinates from 0 to 1), or "none"
    scale          "body": divide the coordinates by the sequence's mean bone length, so that size and unit drop out
    crop           training takes a stretch of this share of the sequence or more, at random; 1: always all of it
    moving         training imitates a moving camera: the paper's random moving, see augment.py
    turn           training turns the body about the vertical axis by up to so many degrees; only with x, y and z, y up
    zoom           training changes the size by up to this share
    joint_dropout  training loses each joint for the whole clip with this probability

    An absent joint is zero in all channels of a set, and it is zero in the clip.
    """

    channels: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    frames: int = 32
    test_frames: int = 0
    test_views: int = 5
    fit: str = "resample"
    drop_empty: bool = True
    center: str = "first"
    scale: str = "none"
    crop: float = 0.7
    moving: bool = False
    turn: float = 30.0
    zoom: float = 0.2
    joint_dropout: float = 0.0

    def __post_init__(self):
        for name, known in {"fit": FITS, "center": CENTERS, "scale": SCALES}.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}")
        for name in self.streams:
            if name not in STREAMS:
                raise ValueError(f"streams must be among {', '.join(STREAMS)}, got {name!r}")
        if len(set(self.streams)) < len(self.streams):
            raise ValueError(f"a stream is named twice: {', '.join(self.streams)}")
        bounds = {"frames": (1, np.inf), "test_frames": (0, np.inf), "test_views": (1, 99), "crop": (1e-9, 1),
                  "turn": (0, 360), "zoom": (0, 0.99), "joint_dropout": (0, 0.99)}  # fmt: skip
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low:.2g} to {high:.2g}, got {getattr(self, name)}")

    @classmethod
    def from_dict(cls, entries):
        """The settings as `dataclasses.asdict` and JSON give them. Raises ValueError for an unknown name."""
        unknown = set(entries) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"the input settings have no {', '.join(sorted(unknown))}")
        return cls(**(entries | {name: tuple(entries.get(name, ())) for name in ("channels", "streams")}))


class ClipMaker:
    """Makes clips of one set's sequences: `maker(frames, rng)` varied as in training, `maker(frames)` of the whole
    sequence as it is, and `maker.views(frames)` all that evaluation looks at.

    settings  InputSettings
    channels  the names of the set's channels
    skeleton  the set's Skeleton

    Raises ValueError for a channel that the set does not have, and for a place that needs one that is not chosen.
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
        self._chosen = [channels.index(name) for name in self.channels]
        self._coordinates = [self.channels.index(name) for name in COORDINATES if name in self.channels]
        if settings.moving and len(self._coordinates) < 2:
            raise ValueError(f"random moving needs the channels x and y, got {', '.join(self.channels)}")
        if settings.streams and not self._coordinates:
            raise ValueError(f"{settings.streams[0]} needs the channels x, y or z, got {', '.join(self.channels)}")
        self._center, self._parents = skeleton.center, parents(skeleton)
        self._bones = np.array(skeleton.bones, dtype=int).reshape(-1, 2)

    def __call__(self, frames, rng=None):
        """frames (T, M, V, C) of the set, a np.random.Generator in training -> clip (C', T', V, M), float32."""
        track, present = self._prepared(frames)
        if rng is not None:
            track, present = self._varied(track, present, rng)
        return self._clip(track, present, rng)

    def views(self, frames):
        """frames (T, M, V, C) of the set -> (views, C', T', V, M), the clips that evaluation looks at."""
        track, present = self._prepared(frames)
        views, stretches = [self._clip(track, present)], self.settings.test_views - 1
        length = max(1, round((self.settings.crop + 1) / 2 * len(track)))
        for start in np.linspace(0, len(track) - length, stretches).round().astype(int):
            views.append(self._clip(track[start : start + length], present[start : start + length]))
        return np.stack(views)

    @property
    def clip_channels(self):
        """The names of the clip's channels: those chosen, then those of the streams."""
        names = [self.channels[c] for c in self._coordinates]
        return self.channels + [f"{stream} {name}" for stream in self.settings.streams for name in names]

    def _prepared(self, frames):
        """What does not depend on chance: track (T, M, V, chosen channels) and where a joint is present (T, M, V)."""
        present = frames.any(axis=3)
        track = frames[..., self._chosen].astype(np.float64)
        somebody = present.any(axis=(1, 2))
        if self.settings.drop_empty and somebody.any() and not somebody.all():
            track, present = track[somebody], present[somebody]
        return self._scaled(self._centered(track, present), present), present

    def _clip(self, track, present, rng=None):
        track, present = self._fitted(track, present, rng)
        track = np.where(present[..., None], track, 0)
        places = track[..., self._coordinates]
        added = {
            "bone": lambda: bone_vectors(places, present, self._parents),
            "motion": lambda: motion(places, present),
        }
        track = np.concatenate([track, *(added[stream]() for stream in self.settings.streams)], axis=-1)
        return np.ascontiguousarray(track.transpose(3, 0, 2, 1), dtype=np.float32)

    def _centered(self, track, present):
        where, c = self.settings.center, self._coordinates
        if where == "none" or not c or not present.any():
            return track
        if where == "image":
            origin = np.full((1, len(c)), 0.5)
        else:
            origin = self._origins(track[..., c], present)  # (T, coordinates)
            origin = origin[:1] if where == "first" else origin
        track = track.copy()
        track[..., c] -= origin[:, None, None]
        return track

    def _origins(self, places, present):
        """The centre joint of the first person that has it, frame by frame (T, coordinates).

        Where nobody has it, the last one seen counts, before that the first one to come; where it is never seen, the
        mean of all joints of the first frame that has any.
        """
        has_center = present[:, :, self._center]  # (T, M)
        seen = np.flatnonzero(has_center.any(axis=1))
        if not len(seen):
            t = np.flatnonzero(present.any(axis=(1, 2)))[0]
            return np.repeat(places[t][present[t]].mean(axis=0)[None], len(places), axis=0)
        origin = places[seen, has_center[seen].argmax(axis=1), self._center]
        last_seen = np.searchsorted(seen, np.arange(len(places)), side="right") - 1
        return origin[np.maximum(last_seen, 0)]

    def _scaled(self, track, present):
        c = self._coordinates
        if self.settings.scale == "none" or not c:
            return track
        i, j = self._bones.T
        both = present[:, :, i] & present[:, :, j]  # (T, M, bones)
        lengths = np.linalg.norm(track[:, :, i][..., c] - track[:, :, j][..., c], axis=-1)[both]
        if not lengths.any():
            return track
        track = track.copy()
        track[..., c] /= lengths.mean()
        return track

    def _varied(self, track, present, rng):
        settings, c = self.settings, self._coordinates
        if settings.crop < 1:
            start, stop = random_crop(len(track), settings.crop, rng)
            track, present = track[start:stop], present[start:stop]
        if settings.turn and len(c) == 3:
            track = random_turn(track, c[0], c[2], settings.turn, rng)
        if settings.zoom and c:
            track = random_zoom(track, c, settings.zoom, rng)
        if settings.moving:
            track = random_moving(track, c, rng)
        if settings.joint_dropout:
            present = random_joint_dropout(present, settings.joint_dropout, rng)
        return track, present

    def _fitted(self, track, present, rng):
        settings = self.settings
        T = settings.frames if rng is not None else settings.test_frames or settings.frames
        if settings.fit == "resample":
            return resample(track, present, T)
        if settings.fit == "repeat":
            again = np.arange(max(T, len(track))) % len(track)
            track, present = track[again], present[again]
        room = len(track) - T
        if room >= 0:
            start = room // 2 if rng is None else int(rng.integers(room + 1))
            return track[start : start + T], present[start : start + T]
        before = 0 if rng is None else int(rng.integers(-room + 1))
        around = (before, -room - before)
        return np.pad(track, (around, *[(0, 0)] * 3)), np.pad(present, (around, (0, 0), (0, 0)))


def resample(track, present, T):
    """A track (·, M, V, C) and where it is present (·, M, V), with T frames from first to last in even steps.

    Linear interpolation where a joint is present in both frames around a place; else it is as in the nearer of the two:
    half-way between a hand and nothing there is no hand.
    """
    place = np.linspace(0, len(track) - 1, T)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, len(track) - 1)
    share = (place - before)[:, None, None]
    share = np.where(present[before] & present[after], share, np.round(share))[..., None]  # (T, M, V, 1)
    nearer = np.where((place - before > 0.5)[:, None, None], present[after], present[before])
    return track[before] * (1 - share) + track[after] * share, nearer
