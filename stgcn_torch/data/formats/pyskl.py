"""The annotation pickles that pyskl and mmaction2 publish.

{"split": {"xsub_train": [names], "xsub_val": [names], ...}, "annotations": [{"frame_dir": name, "label": 3,
"total_frames": T, "keypoint": (M, T, V, C), "keypoint_score": (M, T, V) for bodies found in pictures}, ...]}
"""

import re
from collections import Counter
from pathlib import Path

import numpy as np

from ..reading import as_float32, largest_two, motion
from ..recordings import BODY_OPTION, Format, Recording, Source, channels_for, is_label, numbered_classes, skeleton_for
from ..unpickling import read_pickle

_PERSONS = 2
_SIDE = re.compile("(.*?)_?(train|val|test)([0-9]*)")


def open_pyskl(path, skeleton=None):
    """The Source of one annotation file. A pickle can only be read as a whole, so memory holds all of it.

    skeleton  the name of a built-in layout; by default the usual one with that many joints

    Keypoints stay as they are, in pixels mostly; joints with score 0 are zeros. Of more than two persons, the two with
    the highest mean score, or, without scores, with the most motion are kept. `split` has a column for every pair of
    lists such as xsub_train and xsub_val. Raises ValueError, naming it, for a file that is not what the format says.
    """
    content = read_pickle(path)
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if not isinstance(annotations, list) or not annotations:
        raise ValueError(f'{path} must be {{"split": ..., "annotations": [...]}} with at least one annotation')
    columns, notes = _columns(content.get("split") or {}, path)
    shapes = Counter(shape for annotation in annotations if (shape := _shape(annotation)))
    if not shapes:
        raise ValueError(f'{path}: no annotation has a "keypoint" (M, T, V, C)')
    (V, C, scored), _ = shapes.most_common(1)[0]
    body = skeleton_for(V, skeleton)
    return Source(
        skeleton=body,
        channels=channels_for(C, body, scored),
        class_names=numbered_classes(a.get("label") for a in annotations if _shape(a)),
        persons=min(_PERSONS, max(len(a["keypoint"]) for a in annotations if _shape(a) == (V, C, scored))),
        entries=[f"{Path(path).name}, annotation {i}{_named(a)}" for i, a in enumerate(annotations)],
        read=lambda entry: _recording(annotations[entry], (V, C, scored), columns),
        notes=notes + [f"split {i} is {name or 'train against test'}" for i, name in enumerate(columns)],
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


def _columns(split, path):
    """{name of a column: {name of a sequence: 1 for train, 2 for test, 0 for both}}, and what to note."""
    if not isinstance(split, dict):
        raise ValueError(f'{path}: "split" must be a mapping, got {type(split).__name__}')
    columns, notes = {}, []
    for key, names in split.items():
        found = _SIDE.fullmatch(key) if isinstance(key, str) else None
        if not found:
            notes.append(f"the split {str(key)[:40]!r} is called neither ..._train, ..._val nor ..._test: left out")
            continue
        if not isinstance(names, (list, tuple, set)) or not {type(name) for name in names} <= {str, np.str_}:
            raise ValueError(f"{path}: the split {key[:40]!r} must be a list of names")
        side = 1 if found[2] == "train" else 2
        column = columns.setdefault(found[1] + found[3], {})
        for name in names:
            column[name] = side if column.get(name, side) == side else 0
    return columns, notes


def _recording(annotation, expected, columns):
    if not isinstance(annotation, dict):
        raise ValueError(f"it must be a mapping, got {type(annotation).__name__}")
    name = annotation.get("frame_dir")
    if not isinstance(name, str) or not name:
        raise ValueError('"frame_dir", the name, must be text')
    if not is_label(annotation.get("label")):
        raise ValueError('"label" must be a number from 0')
    split = tuple(column.get(name, -1) for column in columns.values())
    if 0 in split:
        raise ValueError("it is in both the training and the test list of a split")
    frames = _frames(annotation, expected)
    return Recording(name, int(annotation["label"]), frames, split=tuple(max(side, 0) for side in split))


def _frames(annotation, expected):
    """The frames (T, M, V, C) of an annotation, M at most 2."""
    shape = _shape(annotation)
    if shape is None:
        raise ValueError('"keypoint" must be an array of numbers (M, T, V, C)')
    if shape != expected:
        raise ValueError(
            f"it has (joints, channels, scores) {shape}, the others have {expected}: a set has one kind of body"
        )
    keypoint = annotation["keypoint"]
    M, T, V, _ = keypoint.shape
    total = annotation.get("total_frames", T)
    if not isinstance(total, (int, np.integer)) or total != T or not T or not M:
        raise ValueError(f'"total_frames" is {str(total)[:20]}, "keypoint" has {T} frames and {M} persons')
    persons = as_float32(np.asarray(keypoint))
    values = [motion(person) for person in persons]
    if shape[2]:
        score = annotation["keypoint_score"]
        if not isinstance(score, np.ndarray) or score.shape != (M, T, V) or score.dtype.kind not in "fiu":
            raise ValueError(f'"keypoint_score" must be an array of numbers {(M, T, V)}')
        score = as_float32(np.asarray(score))
        if score.min() < 0:
            raise ValueError('"keypoint_score" must be 0 or more')
        if persons.any() and not score.any():
            raise ValueError("all scores are 0, though joints are placed")
        values = [person.mean() for person in score]
        persons = np.concatenate([persons, score[..., None]], axis=-1) * (score[..., None] > 0)
    kept = largest_two(persons, values) if M > _PERSONS else list(persons)
    return np.stack(kept, axis=1)


FORMAT = Format("pyskl", "an annotation .pkl of pyskl or mmaction2", open_pyskl, options=BODY_OPTION)
