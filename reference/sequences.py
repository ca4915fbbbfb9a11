"""Recorded skeleton sequences: the sequence-set format in memory. (Reading and writing: sequence_files.py.)

A set is one `.npz`, or, when it is too large for memory, a folder of `.npy` files with the same names:

    frames       float32 (ΣT, M, V, C)  all sequences end to end; absent persons and undetected joints are zeros
                                        (float64 where what is computed from them needs more digits)
    offset       int64 (S+1,)           sequence s is frames[offset[s]:offset[s+1]]
    label        int64 (S,)             index into class_names
    class_names  str (classes,)
    joint_names  str (V,)
    bones        int64 (E, 2)
    center       int64 ()
    channels     str (C,)               x, y, z or x, y, score, for example
    fps          float32 ()             frames per second
    subject, camera int64 (S,), name str (S,), split int8 (S, splits)     optional; in split, 1 = train and 2 = test
"""

from dataclasses import dataclass

import numpy as np

from .skeleton import Skeleton

# member: (kind of dtype, number of axes); the kinds are "f" floating-point, "i" integer, "U" text
MEMBERS = {
    "frames": ("f", 4), "offset": ("i", 1), "label": ("i", 1), "class_names": ("U", 1), "joint_names": ("U", 1),
    "bones": ("i", 2), "center": ("i", 0), "channels": ("U", 1), "fps": ("f", 0),
    "subject": ("i", 1), "camera": ("i", 1), "name": ("U", 1), "split": ("i", 2),
}  # fmt: skip
OPTIONAL = ("subject", "camera", "name", "split")


@dataclass(frozen=True)
class Sequences:
    """A set of recorded sequences: the members of the format above as attributes (None where an optional one is
    absent), their `skeleton`, and `clip` to take one out in the network's shape.

    Raises ValueError, naming the member, if the members do not fit together, and, naming sequence and frame, for a NaN
    or an infinity. Frames that are memory-mapped are looked at only when `clip` takes them out.
    """

    title: str
    frames: np.ndarray
    offset: np.ndarray
    label: np.ndarray
    class_names: np.ndarray
    joint_names: np.ndarray
    bones: np.ndarray
    center: np.ndarray
    channels: np.ndarray
    fps: np.ndarray
    subject: np.ndarray | None = None
    camera: np.ndarray | None = None
    name: np.ndarray | None = None
    split: np.ndarray | None = None

    def __post_init__(self):
        for member, (kind, axes) in MEMBERS.items():
            array = getattr(self, member)
            if array is None and member in OPTIONAL:
                continue
            if array.dtype.kind != kind or array.ndim != axes or (array.size and not array.dtype.itemsize):
                expected = {"f": "floating-point", "i": "signed integer", "U": "text"}[kind]
                raise ValueError(
                    f"{self.title}: {member} must be {expected} with {axes} axes, got {array.dtype} {array.shape}"
                )
        self._check_sizes()
        self._check_values()

    @property
    def skeleton(self):
        """The set's Skeleton."""
        bones = [tuple(bone) for bone in self.bones.tolist()]
        return Skeleton(self.title, tuple(self.joint_names.tolist()), tuple(bones), int(self.center))

    def __len__(self):
        """S, the number of sequences."""
        return len(self.label)

    def clip(self, which):
        """One sequence as a clip (1, C, T, V, M).

        which  its index, its name, or a class name: the first sequence of that class

        Raises IndexError for an index, and ValueError for a name, that the set does not have, and ValueError if the
        sequence holds a NaN or an infinity.
        """
        s = self.find(which) if isinstance(which, str) else which
        if not -len(self) <= s < len(self):
            raise IndexError(f"{self.title}: there is no sequence {s}; there are {len(self)}")
        s %= len(self)
        self._refuse_not_finite(s)
        frames = self.frames[self.offset[s] : self.offset[s + 1]]  # (T, M, V, C)
        return np.ascontiguousarray(np.transpose(frames, (3, 0, 2, 1)))[None]

    def find(self, name):
        """The index of the sequence of that name, or of the first one of that class. Raises ValueError if none is."""
        if self.name is not None and name in self.name:
            return int(np.flatnonzero(self.name == name)[0])
        of_class = np.flatnonzero(self.class_names[self.label] == name)
        if len(of_class) == 0:
            names = ", ".join(self.class_names)
            raise ValueError(f"{self.title}: no sequence and no class is called {name!r}; the classes are {names}")
        return int(of_class[0])

    def _describe(self, s):
        return f"sequence {s}" if self.name is None else f"sequence {s} ({self.name[s]})"

    def _check_sizes(self):
        S, V, C = len(self.label), self.frames.shape[2], self.frames.shape[3]
        sizes = {"offset": S + 1, "joint_names": V, "channels": C, "subject": S, "camera": S, "name": S, "split": S}
        for member, size in sizes.items():
            array = getattr(self, member)
            if array is not None and len(array) != size:
                raise ValueError(f"{self.title}: {member} has {len(array)} entries, but there must be {size}")

    def _check_values(self):
        for size, what in zip((len(self), *self.frames.shape), ("sequences", "frames", "persons"), strict=False):
            if not size:
                raise ValueError(f"{self.title}: it has no {what}")
        if not len(self.channels):
            raise ValueError(f"{self.title}: it has no channels")
        first = {}
        for c, name in enumerate(self.class_names.tolist()):
            if not name.strip() or first.setdefault(name, c) != c:
                what = f"the name of class {first[name]} as well" if name.strip() else "empty"
                raise ValueError(f"{self.title}: the name of class {c}, {name!r}, is {what}")
        lengths = np.diff(self.offset.astype(np.int64))
        if self.offset[0] != 0 or self.offset[-1] != len(self.frames):
            raise ValueError(
                f"{self.title}: offset must run from 0 to the {len(self.frames)} frames,"
                f" got {self.offset[0]} to {self.offset[-1]}"
            )
        if np.any(lengths < 1):
            s = int(np.flatnonzero(lengths < 1)[0])
            raise ValueError(
                f"{self.title}: {self._describe(s)} has {lengths[s]} frames by its offset, expected 1 or more"
            )
        if not self.fps > 0:
            raise ValueError(f"{self.title}: fps must be above 0, got {self.fps}")
        if np.any((self.label < 0) | (self.label >= len(self.class_names))):
            s = int(np.flatnonzero((self.label < 0) | (self.label >= len(self.class_names)))[0])
            raise ValueError(
                f"{self.title}: {self._describe(s)} has the label {self.label[s]},"
                f" but there are {len(self.class_names)} classes"
            )
        if self.bones.shape[1:] != (2,):
            raise ValueError(f"{self.title}: bones must be (E, 2), got {self.bones.shape}")
        _ = self.skeleton  # refuses bones and a centre that do not make a body
        if not isinstance(self.frames, np.memmap) and not np.all(np.isfinite(self.frames)):
            for s in range(len(self)):
                self._refuse_not_finite(s)

    def _refuse_not_finite(self, s):
        frames = self.frames[self.offset[s] : self.offset[s + 1]]
        finite = np.isfinite(frames)
        if not finite.all():
            t, m, v, c = np.argwhere(~finite)[0]
            raise ValueError(
                f"{self.title}: {self._describe(s)} has {frames[t, m, v, c]} in frame {t}, person {m},"
                f" joint {v} ({self.joint_names[v]}), channel {self.channels[c]}"
            )
