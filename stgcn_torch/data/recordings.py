"""What every format is read into: a Source, whose entries become Recordings one at a time; and the bodies of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reference import SKELETONS, Skeleton, find_skeleton

# What a reader raises for a file that is no good.
REFUSED = (ValueError, OSError, EOFError, MemoryError)
FPS = 30.0  # frames a second, where a format does not say otherwise


@dataclass(frozen=True)
class Recording:
    """One sequence, as a format's reader returns it.

    name             unique within the set
    label            index into the source's class_names
    frames           (T, M, V, C), of the source's dtype, T at least 1, M at most the source's `persons`; what is absent
                     is zeros
    subject, camera  numbers, where the format knows them
    split            one number for each split: 1 = train, 2 = test, 0 = neither
    """

    name: str
    label: int
    frames: np.ndarray
    subject: int | None = None
    camera: int | None = None
    split: tuple[int, ...] = ()


@dataclass(frozen=True)
class Source:
    """A data set somewhere else: what all of it shares, and how one entry is read.

    entries  what to call each entry in a message (a file's name, mostly)
    read     entry number -> Recording; raises ValueError or OSError, with the reason, for an entry that is no good
    dtype    of the set's frames: "<f4", or "<f8" where what is published is computed from more digits
    notes    lines to print before the conversion: what is left out on purpose, what the split columns are
    """

    skeleton: Skeleton
    channels: tuple[str, ...]
    class_names: list[str]
    persons: int
    entries: list[str]
    read: Callable[[int], Recording]
    fps: float = FPS
    dtype: str = "<f4"
    notes: list[str] = field(default_factory=list)


class RawFile(NamedTuple):
    """A file that holds one recording, so that a network can be asked about it as it is (formats.load_recordings).

    suffix          what its name ends in
    read            its path -> its frames, float32 (T, M, V, C), V joints of the skeleton and C channels
    read_published  the same with the bodies and in the frames that yysijie/st-gcn has them, for published checkpoints
    """

    suffix: str
    read: Callable[[Path], np.ndarray]
    skeleton: Skeleton
    channels: tuple[str, ...]
    read_published: Callable[[Path], np.ndarray] | None = None


@dataclass(frozen=True)
class Format:
    """A format, as a file of formats/ defines it. What it says here is all that the command line knows of it.

    name     as --format takes it
    help     what IN has to be
    open     IN, and those of the options that are given, by name -> Source
    options  {"an_option": {"metavar": ..., "help": ...}} becomes --an-option, with these arguments of argparse's
             add_argument; what several formats share is one such mapping, and None is what it is when it is not given
    raw      the RawFile of a format that has one
    """

    name: str
    help: str
    open: Callable[..., Source]
    options: dict[str, dict] = field(default_factory=dict)
    raw: RawFile | None = None


def reason(error):
    """What one of the REFUSED errors says is wrong with a file, without the file's name."""
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


# 25 joints are NTU's far more often than OpenPose's in these formats; 18, 17 and 20 have one owner each.
_USUAL = {25: "ntu_25", 18: "openpose_18", 17: "coco_17", 20: "kinect_20", 33: "mediapipe_33", 21: "hand_21"}
_IN_SPACE = ("ntu_25", "kinect_20")  # recorded with a depth camera: three channels are x, y, z
# The option of formats whose arrays have no joint names; their openers hand it to skeleton_for.
BODY_OPTION = {"skeleton": {"metavar": "NAME", "help": "the body (default: by the number of joints)"}}

# The option of formats that yysijie/st-gcn reads; what it changes is said where each format is read.
PUBLISHED_OPTION = {
    "published": {
        "action": "store_const",
        "const": True,
        "help": "read it exactly as yysijie/st-gcn does, for published checkpoints (stgcn_torch/README.md says how)",
    }
}


def skeleton_for(V, name=None):
    """The Skeleton of V joints: of that name, or the usual one. Raises ValueError if there is none with V joints."""
    if name is None and V not in _USUAL:
        raise ValueError(f"no usual skeleton has {V} joints; name one of {', '.join(SKELETONS)} with --skeleton")
    skeleton = find_skeleton(name or _USUAL[V])
    if len(skeleton.joints) != V:
        raise ValueError(f"{skeleton} has {len(skeleton.joints)} joints, but the data has {V}")
    return skeleton


def channels_for(C, skeleton, scored=False):
    """The names of C channels of a body, and of the scores beside them if `scored`. Raises ValueError for another C."""
    if C not in (2, 3):
        known = "x, y, z beside scores" if scored else "x, y, z or x, y, score"
        raise ValueError(f"there are {C} channels; 2 (x, y) and 3 ({known}) are known")
    third = "z" if scored or skeleton.name in _IN_SPACE else "score"
    return ("x", "y", third)[:C] + ("score",) * scored


def is_label(value):
    """Whether something out of a file can be the number of a class."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < 10_000


def numbered_classes(labels):
    """The names of classes that have only numbers, up to the highest label; what is no label does not count."""
    return [f"class {label}" for label in range(max(filter(is_label, labels), default=0) + 1)]


def body_members(skeleton, channels, fps):
    """The members of a sequence set that say what its bodies are: {name: array}."""
    return {
        "joint_names": np.array(skeleton.joints),
        "bones": np.array(skeleton.bones, dtype=np.int64).reshape(-1, 2),
        "center": np.array(skeleton.center, dtype=np.int64),
        "channels": np.array(channels),
        "fps": np.array(fps, dtype=np.float32),
    }
