"""The pair of files that yysijie/st-gcn, the widely copied code, trains on: NAME_data.npy and NAME_label.pkl.

The array is (N, C, T, V, M), filled up with zeros to the same T; the pickle is (names, labels), N each, from 0. Usually
there are two pairs in a folder, train and val.
"""

from pathlib import Path

import numpy as np

from reference.terminal import brief

from ..reading import are_scores, as_float32, check_scores, read_npy, seen_only
from ..recordings import (
    BODY_OPTION,
    CHANNELS_OPTION,
    PUBLISHED_OPTION,
    Format,
    Recording,
    Source,
    body_note,
    channels_for,
    is_in_space,
    is_label,
    label_notes,
    numbered_classes,
    skeleton_for,
)
from ..splits import part_of, split_columns
from ..unpickling import read_pickle

_FROM_WHERE = "x and y are kept as they are; if the tools of yysijie/st-gcn wrote these files, add --published"


def open_stgcn_npy(path, skeleton=None, channels=None, published=False):
    """The Source of a folder of such pairs, or of one pair, named by its _data.npy.

    skeleton   the name of a built-in layout; by default the usual one with that many joints
    channels   what C is; by default x and y, and as the third z of bodies that are recorded in space, else the score.
               The third of 25 joints is the score (and they are OpenPose's) if it is from 0 to 1, else z (NTU's)
    published  whether they are the arrays that yysijie/st-gcn's own tools write: of Kinetics-skeleton these count x and
               y from the middle of the picture, where sets count from 0 to 1

    Where the pairs are called train, val, trainval or test, `split` says so. Joints that are not seen
    (reading.seen_only) are zeros. The zeros behind the end of a sample are cut off.
    Classes have no names in these files: they are called "class 0" and so on. Raises FileNotFoundError if there is
    nothing to read, and ValueError, naming it, for a pair that is no such pair.
    """
    path = Path(path)
    paths = sorted(path.glob("*_data.npy")) if path.is_dir() else [path]
    if not paths:
        raise FileNotFoundError(f"there is no *_data.npy in {path}")
    samples, broken, columns = _read_pairs(paths)
    if not samples:
        raise ValueError("; ".join(broken.values()))
    first, *_ = samples.values()
    C, _, V, M = first[0].shape
    # A part of what is the score, or not.
    last = np.concatenate([sample[-1].ravel() for sample, *_ in [*samples.values()][:: max(1, len(samples) // 64)]])
    in_space = is_in_space(V, skeleton) and not (V == 25 and skeleton is None and are_scores(last))
    names = channels_for(C, channels, "z" if in_space else "score")
    body = skeleton_for(V, skeleton, names)
    if "score" in names:
        check_scores(last)
    entries = [*samples, *broken]
    from_the_middle = published and body.name == "openpose_18"

    def read(entry):
        if entries[entry] in broken:
            raise ValueError(broken[entries[entry]])
        return _recording(*samples[entries[entry]], "score" in names, from_the_middle)

    return Source(
        skeleton=body,
        channels=names,
        class_names=numbered_classes(label for _, _, label, _ in samples.values()),
        persons=M,
        entries=entries,
        read=read,
        dtype="<f8" if from_the_middle else "<f4",
        notes=[
            body_note(body, names),
            *(f"split {i} is {title}, as the files are called" for i, title in enumerate(columns)),
            *[_FROM_WHERE] * (body.name == "openpose_18" and not published),
        ],
    )


def _read_pairs(paths):
    """{what to call a sample: the arguments of _recording}, {a pair's name: what is wrong with it}, and the columns of
    `split`."""
    parts = [part_of(path.name.removesuffix("_data.npy")) for path in paths]
    told = {part for _, part in parts} if all(part and not part[0] for part in parts) else ()
    columns = split_columns(told) if len(told) > 1 else {}
    samples, broken = {}, {}
    for path, part in zip(paths, parts, strict=True):
        try:
            data, names, labels = _read_pair(path)
        except (ValueError, OSError, EOFError) as error:
            broken[path.name] = str(error)
        else:
            split = tuple(sides.get(part[1], 0) for sides in columns.values())
            for n, own in enumerate(zip(names, labels, strict=True)):
                samples[f"{path.name}, sample {n}"] = (data[n], *own, split)
    return samples, broken, columns


def _read_pair(path):
    """The array of a pair, memory-mapped, and its N names and labels."""
    if not path.name.endswith("_data.npy"):
        raise ValueError(f"{path}: the name must end in _data.npy; _label.pkl lies beside it")
    data = read_npy(path)
    if data.ndim != 5 or data.dtype.kind != "f" or 0 in data.shape:
        raise ValueError(f"{path} must be floating-point (N, C, T, V, M), got {data.dtype} {data.shape}")
    label_path = path.with_name(path.name.removesuffix("_data.npy") + "_label.pkl")
    pair = read_pickle(label_path)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"{label_path} must be (names, labels), got {type(pair).__name__}")
    names, labels = (list(part) if isinstance(part, (list, tuple)) or np.ndim(part) == 1 else None for part in pair)
    if names is None or labels is None or not len(names) == len(labels) == len(data):
        raise ValueError(f"{label_path} must have a name and a label for each of the {len(data)} samples")
    return data, names, labels


def _recording(data, name, label, split, scored, from_the_middle):
    """The Recording of a sample (C, T, V, M), whose last channel is the score if `scored`; as it is, but in double
    precision, in which nothing is rounded, if x and y count from the middle of the picture."""
    if not isinstance(name, str) or not name:
        raise ValueError("its name is not text")
    if not is_label(label):
        raise ValueError(f"its label is {brief(label, 20)}, not a number from 0")
    frames, notes = data.transpose(1, 3, 2, 0), {}  # (T, M, V, C)
    if scored:
        check_scores(frames[..., -1])
        frames, notes = (frames, {}) if from_the_middle else seen_only(frames[..., :-1], frames[..., -1])
    frames = as_float32(frames)
    last = np.flatnonzero(frames.any(axis=(1, 2, 3))).max(initial=0)
    if from_the_middle:
        frames = frames.astype(np.float64)
        frames[..., :2] += 0.5 * frames.any(axis=3, keepdims=True)
    name = name.removesuffix(".skeleton").removesuffix(".json")
    return Recording(name, int(label), frames[: last + 1], split=split, notes=notes | label_notes(label))


FORMAT = Format(
    "stgcn-npy",
    "a folder of *_data.npy with *_label.pkl, or one such .npy",
    open_stgcn_npy,
    options=BODY_OPTION | CHANNELS_OPTION | PUBLISHED_OPTION,
)
