"""The annotation pickles that pyskl and mmaction2 publish.

{"split": {"xsub_train": [names], "xsub_val": [names], ...}, "annotations": [{"frame_dir": name, "label": 3,
"total_frames": T, "keypoint": (M, T, V, C), "keypoint_score": (M, T, V) for bodies found in pictures}, ...]}; or the
list of annotations alone, or one annotation.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from reference.terminal import brief

from ..reading import as_float32, check_scores, largest_two, movement_of, seen_only
from ..recordings import (
    BODY_OPTION,
    CHANNELS_OPTION,
    Format,
    Recording,
    Source,
    body_note,
    channels_for,
    is_label,
    label_notes,
    numbered_classes,
    skeleton_for,
)
from ..splits import part_of, split_columns
from ..unpickling import read_pickle

_PERSONS = 2


def open_pyskl(path, skeleton=None, channels=None):
    """The Source of one annotation file. A pickle can only be read as a whole, so memory holds all of it.

    skeleton  the name of a built-in layout; by default the usual one with that many joints
    channels  what the last axis of keypoints is; by default x, y or x, y, z

    Keypoints stay as they are, in pixels mostly; joints that are not seen (reading.seen_only) are zeros. Of more than
    two persons, the two with the highest mean score, or, without scores, with the most motion are kept. `split` has a
    column for every pair of lists such as xsub_train and xsub_val. Raises ValueError, naming it, for a file that is not
    what the format says.
    """
    content = read_pickle(path)
    if isinstance(content, list) or (isinstance(content, dict) and "keypoint" in content):
        content = {"annotations": content if isinstance(content, list) else [content]}
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if not isinstance(annotations, list) or not annotations:
        raise ValueError(
            f'{path} must be {{"split": ..., "annotations": [...]}} with at least one annotation, or a list of these'
        )
    columns, notes = _columns(content.get("split") or {}, annotations, path)
    shapes = Counter(shape for annotation in annotations if (shape := _shape(annotation)))
    if not shapes:
        raise ValueError(f'{path}: no annotation has a "keypoint" (M, T, V, C)')
    (V, C, scored), _ = shapes.most_common(1)[0]
    names = channels_for(C, channels, scored=scored)
    body = skeleton_for(V, skeleton, names)
    return Source(
        skeleton=body,
        channels=names,
        class_names=numbered_classes(a.get("label") for a in annotations if _shape(a)),
        persons=min(_PERSONS, max(len(a["keypoint"]) for a in annotations if _shape(a) == (V, C, scored))),
        entries=[f"{Path(path).name}, annotation {i}{_named(a)}" for i, a in enumerate(annotations)],
        read=lambda entry: _recording(annotations[entry], (V, C, scored), names, columns),
        notes=[body_note(body, names), *notes, *(f"split {i} is {name}" for i, name in enumerate(columns))],
    )


def _named(annotation):
    name = annotation.get("frame_dir") if isinstance(annotation, dict) else None
    return f" ({name[:60]})" if isinstance(name, str) else ""


def _shape(annotation):
    """(V, C, whether there are scores) of an annotation; None if it has no keypoints of four axes."""
    keypoint = annotation.get("keypoint") if isinstance(annotation, dict) else None
    if not isinstance(keypoint, np.ndarray) or keypoint.ndim != 4 or keypoint.dtype.kind not in "fiu":
        return None
    return (*keypoint.shape[2:], annotation.get("keypoint_score") is not None)


def _columns(split, annotations, path):
    """{name of a column: {name of a sequence: 1 for train, 2 for test, 0 for both}}, and what to note."""
    if not isinstance(split, dict):
        raise ValueError(f'{path}: "split" must be a mapping, got {type(split).__name__}')
    known = {annotation.get("frame_dir") for annotation in annotations if _named(annotation)}
    lists, notes = {}, []  # {of which split: {part: names}}
    for key, names in split.items():
        found = part_of(key) if isinstance(key, str) else None
        if not found:
            notes.append(f"the split {brief(key, 40)} is called neither ..._train, ..._val nor ..._test: left out")
            continue
        if not isinstance(names, (list, tuple, set)) or not {type(name) for name in names} <= {str, np.str_}:
            raise ValueError(f"{path}: the split {key[:40]!r} must be a list of names")
        lists.setdefault(found[0], {}).setdefault(found[1], []).extend(names)
        if strange := sorted(set(names) - known):
            notes.append(f"{len(strange)} names of the split {key[:40]!r} match no annotation, {strange[0]!r} for one")
    columns = {}
    for base, parts in lists.items():
        for title, sides in split_columns(parts).items():
            column = columns.setdefault(", ".join(filter(None, (base, title))), {})
            for part, names in parts.items():
                if part in sides:
                    column |= {
                        name: sides[part] if column.get(name, sides[part]) == sides[part] else 0 for name in names
                    }
    return columns, notes


def _recording(annotation, expected, channels, columns):
    if not isinstance(annotation, dict):
        raise ValueError(f"it must be a mapping, got {type(annotation).__name__}")
    name = annotation.get("frame_dir")
    if not isinstance(name, str) or not name:
        raise ValueError('"frame_dir", the name, must be text')
    if not is_label(annotation.get("label")):
        raise ValueError(
            f'"label" must be a number from 0, that of the class, got {brief(annotation.get("label"), 20)}'
        )
    split = tuple(column.get(name, -1) for column in columns.values())
    if 0 in split:
        raise ValueError("it is in both the training and the test list of a split")
    frames, notes = _frames(annotation, expected, channels)
    label, split = annotation["label"], tuple(max(side, 0) for side in split)
    return Recording(name, int(label), frames, split=split, notes=notes | label_notes(label))


def _frames(annotation, expected, channels):
    """The frames (T, M, V, C) of an annotation, M at most 2, and the notes of its Recording."""
    shape = _shape(annotation)
    if shape is None:
        raise ValueError('"keypoint" must be an array of numbers (M, T, V, C); numpy.array makes one of a list')
    if shape != expected:
        raise ValueError(
            f"it has (joints, channels, scores) {shape}, the others have {expected}: a set has one kind of body, so"
            " convert these in a file of their own"
        )
    keypoint = annotation["keypoint"]
    M, T, V, _ = keypoint.shape
    total = annotation.get("total_frames", T)
    if not isinstance(total, (int, np.integer)) or total != T or not T or not M:
        raise ValueError(f'"total_frames" is {brief(total, 20)}, "keypoint" has {T} frames and {M} persons')
    places, score, notes = np.asarray(keypoint), None, {}
    if shape[2]:
        score = annotation["keypoint_score"]
        if not isinstance(score, np.ndarray) or score.shape != (M, T, V) or score.dtype.kind not in "fiu":
            raise ValueError(f'"keypoint_score" must be an array of numbers {(M, T, V)}')
    elif "score" in channels:
        places, score = places[..., :-1], places[..., -1]
        check_scores(score)
    persons = places
    if score is not None:
        persons, notes = seen_only(places, score, '"keypoint_score"')
    persons = as_float32(persons)
    values = [movement_of(person) if score is None else person[..., -1].mean() for person in persons]
    kept = largest_two(persons, values) if M > _PERSONS else list(persons)
    return np.stack(kept, axis=1), notes


FORMAT = Format("pyskl", "an annotation .pkl of pyskl or mmaction2", open_pyskl, options=BODY_OPTION | CHANNELS_OPTION)
