"""Kinetics-skeleton (Yan et al., AAAI 2018): a .json for each clip, and one label file for the folder.

A clip is {"data": [{"frame_index": 1, "skeleton": [{"pose": [x, y, x, y, ...], "score": [...]}, ...]}, ...], "label",
"label_index"}: 18 joints as OpenPose orders them, x and y as parts of the picture, 0..1, score 0 for what was not
detected. The label file is {clip's name: {"has_skeleton": true, "label": "...", "label_index": 0}, ...}; the label
"unknown" with the index -1 is what clips of no known class have.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from reference import SKELETONS
from reference.input_settings import MOST_FRAMES

from ..clip_labels import LABELS_OPTION
from ..reading import (
    HIGHEST_SCORE,
    LOWEST_SCORE,
    as_float32,
    largest_two,
    list_files,
    read_json,
    seen_only,
)  # fmt: skip
from ..recordings import PUBLISHED_OPTION, Format, RawFile, Recording, Source, is_label
from ..splits import part_of, split_columns

SKELETON = SKELETONS["openpose_18"]
CHANNELS = ("x", "y", "score")
V = len(SKELETON.joints)
_FIRST = 5  # so many persons of a frame are looked at by yysijie/st-gcn
_OUTSIDE = 0.01  # how far beyond the picture's edge a joint may lie: what rounding and resizing make of one on it
_UNKNOWN = "unknown"


def open_kinetics(folder, labels=None, published=False):
    """The Source of a folder of .json clips; or of a folder that holds such folders, called train, val or test, as
    kinetics_train and kinetics_val are: then `split` says which.

    labels     the label file; by default the one beside the folder, with _label.json after the folder's name
    published  whether clips are read as by `read_published`; else as by `read_pose`

    Clips whose entry says has_skeleton: false are left out, with a note. Raises FileNotFoundError if there is nothing
    to read or no label file, and ValueError for a label file that is not what the format says.
    """
    folders = _parts(Path(folder).absolute(), None if labels is None else Path(labels).absolute())
    columns = split_columns({part for _, _, part in folders}) if len(folders) > 1 else {}
    kept, names, empty = [], {}, 0  # kept: the clip, its label, index and split
    for place, path, part in folders:
        clips = [clip for clip in list_files(place, "*.json") if clip != path]
        if not path.exists():
            raise FileNotFoundError(f"there is no label file {path}; name it with --labels")
        entries, split = _read_labels(path, names), tuple(sides.get(part, 0) for sides in columns.values())
        there = [clip for clip in clips if clip.stem not in entries or entries[clip.stem][2]]
        empty += len(clips) - len(there)
        kept += [(clip, entries.get(clip.stem), path, split) for clip in there]
    if not kept:
        raise ValueError(f"{folder} has no clip with a skeleton")
    class_names = [names.get(index) or f"class {index}" for index in range(max(names, default=-1) + 1)]
    unknown = sum(entry is not None and entry[1] is None for _, entry, *_ in kept)
    notes = [f"split {i} is {title}, as the folders are called" for i, title in enumerate(columns)]
    if empty:
        notes.append(f"{empty} of {empty + len(kept)} clips have no skeleton by the label file: left out")
    if unknown:
        class_names.append(_UNKNOWN)
        notes.append(f"{unknown} clips are of no known class (label_index -1): of the last class, {_UNKNOWN!r}")
    return Source(
        skeleton=SKELETON,
        channels=CHANNELS,
        class_names=class_names,
        persons=2,
        entries=[clip.name for clip, *_ in kept],
        read=lambda entry: _recording(*kept[entry], len(class_names) - 1, published),
        dtype="<f8" if published else "<f4",
        notes=notes,
    )


def _parts(folder, labels):
    """[(folder of clips, its label file, which part it is)]: the folder alone, part None, or those in it."""
    if not any(path != labels and not path.name.endswith("_label.json") for path in folder.glob("*.json")):
        inside = [path for path in sorted(folder.glob("*")) if path.is_dir() and part_of(path.name)]
        if inside:
            return [(path, labels or folder / f"{path.name}_label.json", part_of(path.name)[1]) for path in inside]
    return [(folder, labels or folder.with_name(f"{folder.name}_label.json"), None)]


def _recording(clip, entry, path, split, last, published):
    if entry is None:
        raise ValueError(f"{path.name} has no entry {clip.stem!r}")
    label, index, _ = entry
    content = _read_json(clip)
    frames, notes = _poses(content, published)
    own = content.get("label", "")
    if own == _UNKNOWN != label:
        notes = notes | {f"clips that call their own class {_UNKNOWN!r}; the label file's is taken": 1}
    elif own not in ("", None, label):  # blank in clips that were made for a demonstration
        raise ValueError(f"its label is {str(own)[:40]!r}, but {path.name} says {label!r}")
    return Recording(clip.stem, last if index is None else index, frames, split=split, notes=notes)


def read_pose(path):
    """One clip: float32 (T, 2, 18, 3), x, y, score. Its label, or that it has none, does not matter.

    In every frame the two persons with the highest mean score, the higher first; absent persons, and joints that are
    not seen (reading.seen_only), are zeros. T is the last frame_index; frames that are not listed are empty. Raises
    ValueError, with the frame, for a file that is not what the format says, for one with nobody in it, and for one
    whose scores are all 0.
    """
    return _poses(_read_json(path))[0]


def read_published(path):
    """The same as yysijie/st-gcn reads it: float64, of each frame's first five persons the two with the highest mean
    score (of equal ones the first), and frame_index 1 at frame 1, behind an empty frame 0. Raises as `read_pose` does.

    That implementation subtracts 0.5 from x and y before it rounds to single precision: x = 0.523 becomes 0.023 with
    all its digits. So the sets of these clips are in double precision.
    """
    return _poses(_read_json(path), published=True)[0]


def _read_json(path):
    content = read_json(path, nan=True)
    if not isinstance(content, dict):
        raise ValueError(f"it must be an object {{...}}, got {type(content).__name__}")
    return content


def _read_labels(path, names):
    """The label file: {clip's name: (label, index, has_skeleton)}, the index None for what is of no known class.

    names  {index: label} of other label files, which must agree; those of this one are added
    """
    try:
        content = _read_json(path)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    entries = {}
    for name, entry in content.items():
        entry = entry if isinstance(entry, dict) else {}
        label, index, there = entry.get("label"), entry.get("label_index"), entry.get("has_skeleton", True)
        if index == -1 and label in (_UNKNOWN, "") and type(there) is bool:
            entries[name] = (label, None, there)
            continue
        if not isinstance(label, str) or not is_label(index) or type(there) is not bool:
            raise ValueError(
                f"{path}: {name[:40]!r} must have a label (text), a label_index (from 0; or -1 and the label"
                f" {_UNKNOWN!r}) and has_skeleton (true or not)"
            )
        if names.setdefault(int(index), label) != label:
            raise ValueError(f"{path}: {name[:40]!r}: index {index} is both {names[index]!r} and {label!r}")
        entries[name] = (label, int(index), there)
    if not entries:
        raise ValueError(f"{path}: it has no entries")
    return entries


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
    for number, frame in zip(numbers, listed, strict=True):
        persons = _persons(frame, f"frame_index {number}")[: _FIRST if published else None]
        # Added up from the first joint to the last, which decides between persons that differ in rounding only.
        best = largest_two(persons, [np.nan_to_num(person[:, 2]).cumsum()[-1] for person in persons])
        for m, person in enumerate(best):
            frames[number - first, m] = person
    places = frames[..., :2]
    outside = (((places < 0) | (places > 1)) & (frames[..., 2:] > 0)).any(axis=-1).sum()
    if published:  # there (0, 0) with a score is a place
        frames, notes = np.where(frames[..., 2:] > 0, frames, 0), {}
    else:
        frames, notes = seen_only(places, frames[..., 2])
    if not frames.any():
        raise ValueError(f"there is nobody in any of its {len(frames)} frames")
    notes |= {"joints just outside the picture, kept where they are": int(outside)} if outside else {}
    return (frames if published else as_float32(frames)), notes


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
        wrong = score[(score < LOWEST_SCORE) | (score > HIGHEST_SCORE)]
        if len(wrong):
            way_out = ": divide per cent by 100" if wrong[0] > 1 else ""
            raise ValueError(f"{where}, person {m}: scores must be from 0 to about 1, got {wrong[0]:g}{way_out}")
        placed = pose[score > 0]
        if np.isnan(placed).any():
            raise ValueError(f"{where}, person {m}: NaN is not a finite number")
        if placed.min(initial=0) < -_OUTSIDE or placed.max(initial=0) > 1 + _OUTSIDE:
            raise ValueError(
                f"{where}, person {m}: x and y must be from 0 to 1, got {placed.min():g} to {placed.max():g}: divide"
                " pixels by the picture's width and height"
            )
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
    "a folder of Kinetics-skeleton .json, or of such folders called ..._train and ..._val",
    open_kinetics,
    options=LABELS_OPTION | PUBLISHED_OPTION,
    raw=RawFile(".json", read_pose, SKELETON, CHANNELS, read_published),
)
