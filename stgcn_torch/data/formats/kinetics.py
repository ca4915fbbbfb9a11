"""Kinetics-skeleton (Yan et al., AAAI 2018): a .json for each clip, and one label file for the folder.

A clip is {"data": [{"frame_index": 1, "skeleton": [{"pose": [x, y, x, y, ...], "score": [...]}, ...]}, ...], "label",
"label_index"}: 18 joints as OpenPose orders them, x and y as parts of the picture, 0..1, score 0 for what was not
detected. The label file is {clip's name: {"has_skeleton": true, "label": "...", "label_index": 0}, ...}.
"""

import json
from collections import Counter
from pathlib import Path

import numpy as np

from reference import SKELETONS

from ..reading import MOST_FRAMES, as_float32, largest_two, list_files, read_bytes
from ..recordings import PUBLISHED_OPTION, Format, RawFile, Recording, Source, is_label

SKELETON = SKELETONS["openpose_18"]
CHANNELS = ("x", "y", "score")
V = len(SKELETON.joints)
# OpenPose adds up scores over the pixels of a joint, so that a few exceed 1.
_HIGHEST_SCORE = 2.0
_FIRST = 5  # so many persons of a frame are looked at by yysijie/st-gcn


def open_kinetics(folder, labels=None, published=False):
    """The Source of a folder of .json clips.

    labels     the label file; by default the one beside the folder, with _label.json after the folder's name
    published  whether clips are read as by `read_published`; else as by `read_pose`

    Clips whose entry says has_skeleton: false are left out, with a note. Raises FileNotFoundError if there is nothing
    to read or no label file, and ValueError for a label file that is not what the format says.
    """
    folder = Path(folder).absolute()
    path = Path(labels).absolute() if labels is not None else folder.with_name(f"{folder.name}_label.json")
    clips = [clip for clip in list_files(folder, "*.json") if clip != path]
    if not path.exists():
        raise FileNotFoundError(f"there is no label file {path}; name it with --labels")
    entries, class_names = _read_labels(path)
    kept = [clip for clip in clips if clip.stem not in entries or entries[clip.stem][2]]
    if not kept:
        raise ValueError(f"{folder} has no clip with a skeleton")
    empty = len(clips) - len(kept)
    return Source(
        skeleton=SKELETON,
        channels=CHANNELS,
        class_names=class_names,
        persons=2,
        entries=[clip.name for clip in kept],
        read=lambda entry: _recording(kept[entry], entries, path, published),
        dtype="<f8" if published else "<f4",
        notes=[f"{empty} of {len(clips)} clips have no skeleton by the label file: left out"] if empty else [],
    )


def _recording(clip, entries, path, published):
    if clip.stem not in entries:
        raise ValueError(f"{path.name} has no entry {clip.stem!r}")
    label, index, _ = entries[clip.stem]
    content = _read_json(clip)
    frames = _poses(content, published)
    own = content.get("label", "")
    if own not in ("", None, label):  # blank in clips that were made for a demonstration
        raise ValueError(f"its label is {str(own)[:40]!r}, but {path.name} says {label!r}")
    return Recording(clip.stem, index, frames)


def read_pose(path):
    """One clip: float32 (T, 2, 18, 3), x, y, score. Its label, or that it has none, does not matter.

    In every frame the two persons with the highest mean score, the higher first; absent persons and joints with score
    0 are zeros. T is the last frame_index; frames that are not listed are empty. Raises ValueError, with the frame, for
    a file that is not what the format says, for one with nobody in it, and for one whose scores are all 0.
    """
    return _poses(_read_json(path))


def read_published(path):
    """The same as yysijie/st-gcn reads it: float64, of each frame's first five persons the two with the highest mean
    score (of equal ones the first), and frame_index 1 at frame 1, behind an empty frame 0. Raises as `read_pose` does.

    That implementation subtracts 0.5 from x and y before it rounds to single precision: x = 0.523 becomes 0.023 with
    all its digits. So the sets of these clips are in double precision.
    """
    return _poses(_read_json(path), published=True)


def _read_json(path):
    def refuse(word):
        raise ValueError(f"{word} is no finite number")

    try:
        content = json.loads(read_bytes(path), parse_constant=refuse)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None
    if not isinstance(content, dict):
        raise ValueError(f"it must be an object {{...}}, got {type(content).__name__}")
    return content


def _read_labels(path):
    """The label file: {clip's name: (label, index, has_skeleton)}, and the labels in the order of their indices; an
    index without a clip is a class called by its number."""
    try:
        content = _read_json(path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    entries, names = {}, {}
    for name, entry in content.items():
        entry = entry if isinstance(entry, dict) else {}
        label, index, there = entry.get("label"), entry.get("label_index"), entry.get("has_skeleton", True)
        if not isinstance(label, str) or not is_label(index) or type(there) is not bool:
            raise ValueError(
                f"{path}: {name[:40]!r} must have a label (text), a label_index (from 0) and has_skeleton (true or not)"
            )
        if names.setdefault(index, label) != label:
            raise ValueError(f"{path}: {name[:40]!r}: index {index} is both {names[index]!r} and {label!r}")
        entries[name] = (label, index, there)
    if not names:
        raise ValueError(f"{path}: it has no entries")
    return entries, [names.get(index) or f"class {index}" for index in range(max(names) + 1)]


def _poses(content, published=False):
    listed = content.get("data")
    if not isinstance(listed, list) or not listed:
        raise ValueError('"data" must be a list of frames')
    numbers = [frame.get("frame_index") if isinstance(frame, dict) else None for frame in listed]
    for t, number in enumerate(numbers):
        if type(number) is not int or not 0 <= number <= MOST_FRAMES:
            raise ValueError(f'frame {t} of "data": frame_index must be a whole number from 0 to {MOST_FRAMES}')
    number, times = Counter(numbers).most_common(1)[0]
    if times > 1:
        raise ValueError(f"frame_index {number} is there twice")
    first = 0 if published else min(1, *numbers)  # the data set's clips count from 1
    frames = np.zeros((max(numbers) - first + 1, 2, V, 3))
    placed = False
    for number, frame in zip(numbers, listed, strict=True):
        persons = _persons(frame, f"frame_index {number}")[: _FIRST if published else None]
        placed |= any(person[:, :2].any() for person in persons)
        # Added up from the first joint to the last, which decides between persons that differ in rounding only.
        best = largest_two(persons, [person[:, 2].cumsum()[-1] for person in persons])
        for m, person in enumerate(best):
            frames[number - first, m] = person * (person[:, 2:] > 0)
    if not frames.any():
        nobody = f"there is nobody in any of its {len(frames)} frames"
        raise ValueError("all scores are 0, though joints are placed" if placed else nobody)
    return frames if published else as_float32(frames)


def _persons(frame, where):
    """The persons of a frame, each (18, 3)."""
    listed = frame.get("skeleton")
    if not isinstance(listed, list):
        raise ValueError(f'{where}: "skeleton" must be a list of persons')
    persons = []
    for m, person in enumerate(listed):
        person = person if isinstance(person, dict) else {}
        pose = _numbers(person.get("pose"), 2 * V, f'{where}, person {m}: "pose"').reshape(V, 2)
        score = _numbers(person.get("score"), V, f'{where}, person {m}: "score"')
        if pose.min() < 0 or pose.max() > 1:
            raise ValueError(f"{where}, person {m}: x and y must be from 0 to 1, got {pose.min():g} to {pose.max():g}")
        if score.min() < 0 or score.max() > _HIGHEST_SCORE:
            raise ValueError(f"{where}, person {m}: scores must be from 0 to about 1, got {score.max():g}")
        persons.append(np.concatenate([pose, score[:, None]], axis=1))
    return persons


def _numbers(values, count, where):
    if not isinstance(values, list) or len(values) != count or not {type(value) for value in values} <= {int, float}:
        raise ValueError(f"{where} must be {count} numbers")
    try:
        return np.array([float(value) for value in values])
    except OverflowError:
        raise ValueError(f"{where} has a number without end") from None


FORMAT = Format(
    "kinetics",
    "a folder of Kinetics-skeleton .json",
    open_kinetics,
    options={"labels": {"metavar": "FILE", "help": "the label file (default: IN_label.json)"}} | PUBLISHED_OPTION,
    raw=RawFile(".json", read_pose, SKELETON, CHANNELS, read_published),
)
