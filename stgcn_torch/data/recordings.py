"""What every format is read into: a Source, whose entries become Recordings one at a time; and the bodies of these."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reference import SKELETONS, Skeleton, find_skeleton
from reference.input_settings import COORDINATES

from .reading import read_json

# What a reader raises for a file that is no good.
REFUSED = (ValueError, OSError, EOFError, MemoryError, RecursionError)
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
    notes            what was tolerated, and how often: {"scores above 1, kept as they are": 3}
    """

    name: str
    label: int
    frames: np.ndarray
    subject: int | None = None
    camera: int | None = None
    split: tuple[int, ...] = ()
    notes: dict[str, int] = field(default_factory=dict)


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
    """A file that holds one recording, so that a network can be asked about it as it is (formats.open_recordings).

    suffix          what its name ends in
    read            its path -> its frames, float32 (T, M, V, C), V joints of the skeleton and C channels
    read_published  the same with the bodies and in the frames that yysijie/st-gcn has them, for published checkpoints
    """

    suffix: str
    read: Callable[[Path], np.ndarray]
    skeleton: Skeleton
    channels: tuple[str, ...]
    read_published: Callable[[Path], np.ndarray] | None = None


class RawClips(NamedTuple):
    """Files and folders of recordings that are told by what is in them, not by their names (formats.open_recordings).

    recognise  a path -> whether what is there, or some of what a folder holds, looks like the format
    open       as that of the Format, but the recordings need no labels: the one class is called "unknown"
    """

    recognise: Callable[[Path], bool]
    open: Callable[..., Source]


@dataclass(frozen=True)
class Format:
    """A format, as a file of formats/ defines it. What it says here is all that the command line knows of it.

    name     as --format takes it
    help     what IN has to be
    open     IN, and those of the options that are given, by name -> Source
    options  {"an_option": {"metavar": ..., "help": ...}} becomes --an-option, with these arguments of argparse's
             add_argument; what several formats share is one such mapping, and None is what it is when it is not given
    raw      the RawFile of a format that has one
    clips    the RawClips of a format that has them
    """

    name: str
    help: str
    open: Callable[..., Source]
    options: dict[str, dict] = field(default_factory=dict)
    raw: RawFile | None = None
    clips: RawClips | None = None


def reason(error):
    """What one of the REFUSED errors says is wrong with a file, without the file's name."""
    if isinstance(error, MemoryError):
        return "it takes more memory than there is"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


# 18, 17 and 20 joints have one owner each; 25 are NTU's in space, and OpenPose's in a picture.
_USUAL = {25: "ntu_25", 18: "openpose_18", 17: "coco_17", 20: "kinect_20", 33: "mediapipe_33", 21: "hand_21"}
_IN_SPACE = ("ntu_25", "kinect_20", "mocap_15")  # recorded so that three channels are x, y, z
# Options of formats whose arrays name neither joints nor channels; their openers hand them to the functions below.
BODY_OPTION = {
    "skeleton": {
        "metavar": "BODY",
        "help": "the body: a name, or a .json file with joints, bones and center (default: by the number of joints)",
    }
}
CHANNELS_OPTION = {
    "channels": {
        "metavar": "NAME",
        "nargs": "+",
        "help": "the channels in their order: x y z, x y score, ..., or x,y,z; behind IN and OUT (default: by their"
        " number)",
    }
}

# The option of formats that yysijie/st-gcn reads; what it changes is said where each format is read.
PUBLISHED_OPTION = {
    "published": {
        "action": "store_const",
        "const": True,
        "help": "read it exactly as yysijie/st-gcn does, for published checkpoints (stgcn_torch/README.md says how)",
    }
}


def skeleton_for(V, name=None, channels=COORDINATES, usual=_USUAL):
    """The Skeleton of V joints: of that name or .json file, or, without a name, the `usual` one: {V: name}.

    25 joints without z are OpenPose's. Raises ValueError if it does not have V joints, with the names of the built-in
    ones that have.
    """
    if name is None and V in usual:
        return find_skeleton("openpose_25" if V == 25 and "z" not in channels else usual[V])
    skeleton = None if name is None else named_skeleton(name)
    if skeleton and len(skeleton.joints) == V:
        return skeleton
    fitting = [known.name for known in SKELETONS.values() if len(known.joints) == V]
    own = f"{skeleton} has {len(skeleton.joints)} joints, but the data has {V}; " if skeleton else ""
    if fitting:
        way_out = f"the body with {V} joints may be {', '.join(fitting)}: name it with --skeleton, or describe yours in"
    else:
        way_out = f"no usual skeleton has {V} joints: describe yours in"
    raise ValueError(
        f'{own}{way_out} a file, --skeleton FILE.json: {{"joints": [names], "bones": [[i, j], ...], "center": joint}}'
    )


def named_skeleton(name):
    """The built-in Skeleton of that name, or what a .json file describes: joints and, by index or name, bones, center.

    The file may have a name; without one the body is called as the file. Raises FileNotFoundError, and ValueError,
    naming the file and the culprit, for a file that does not describe a body.
    """
    if name in SKELETONS or Path(name).suffix != ".json":
        return find_skeleton(name)
    try:
        content = read_json(name)
        if not isinstance(content, dict) or not isinstance(content.get("joints"), list):
            raise ValueError('it must be {"joints": [names], "bones": [[i, j], ...], "center": joint}')
        joints = [str(joint) for joint in content["joints"]]

        def index(joint):
            if isinstance(joint, str) and joint not in joints:
                raise ValueError(f"there is no joint called {joint!r}")
            return joints.index(joint) if isinstance(joint, str) else joint

        bones = content.get("bones")
        if not isinstance(bones, list) or not all(isinstance(bone, list) for bone in bones):
            raise ValueError('"bones" must be a list of pairs [i, j]')
        center = content.get("center", content.get("centre"))
        if center is None or isinstance(center, bool):
            raise ValueError('"center" must be a joint, by index or name')
        bones = tuple(tuple(index(joint) for joint in bone) for bone in bones)
        return Skeleton(str(content.get("name") or Path(name).stem), tuple(joints), bones, index(center))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def is_in_space(V, name=None):
    """Whether three channels of V joints, of the skeleton of that name or the usual one, are x, y, z."""
    return (name or _USUAL.get(V)) in _IN_SPACE


def channels_for(C, given=None, third="z", scored=False):
    """The names of C channels, and of the scores beside them if `scored`: those `given` with --channels, or x, y and
    the third. Raises ValueError, naming the way out, for another C or names that do not fit."""
    if given is None:
        if C not in (2, 3):
            raise ValueError(f"there are {C} channels, not 2 or 3: name them, for example --channels x y z score")
        given = ("x", "y", third)[:C]
    given = tuple(",".join(given).split(","))
    names = given + ("score",) * scored
    if len(given) != C or len(set(names)) < len(names) or "score" in names[:-1]:
        beside = ", with the score beside them" if scored else ""
        raise ValueError(
            f"--channels {' '.join(given)} does not fit: there are {C} channels{beside}; each has a name of its own,"
            " and score is the last"
        )
    return names


def body_note(skeleton, channels):
    """The line that says what bodies are taken for."""
    return (
        f"the bodies are taken for {skeleton.name} with the channels {', '.join(channels)}; --skeleton and --channels"
        " say otherwise"
    )


def is_label(value):
    """Whether something out of a file can be the number of a class: 3, or 3.0."""
    if isinstance(value, (float, np.floating)):
        return bool(value.is_integer()) and 0 <= value < 10_000
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < 10_000


def label_notes(label):
    """For Recording.notes, of what is_label takes."""
    return {} if isinstance(label, (int, np.integer)) else {"labels with a decimal point, such as 1.0, read as 1": 1}


def numbered_classes(labels):
    """The names of classes that have only numbers, up to the highest label; what is no label does not count."""
    return [f"class {label}" for label in range(int(max(filter(is_label, labels), default=0)) + 1)]


def body_members(skeleton, channels, fps):
    """The members of a sequence set that say what its bodies are: {name: array}."""
    return {
        "joint_names": np.array(skeleton.joints),
        "bones": np.array(skeleton.bones, dtype=np.int64).reshape(-1, 2),
        "center": np.array(skeleton.center, dtype=np.int64),
        "channels": np.array(channels),
        "fps": np.array(fps, dtype=np.float32),
    }
