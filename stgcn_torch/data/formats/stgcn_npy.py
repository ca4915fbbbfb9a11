"""The pair of files that yysijie/st-gcn, the widely copied code, trains on: NAME_data.npy and NAME_label.pkl.

The array is (N, C, T, V, M), filled up with zeros to the same T; the pickle is (names, labels), N each, from 0. Usually
there are two pairs in a folder, train and val.
"""

from pathlib import Path

import numpy as np

from ..reading import as_float32, read_npy
from ..recordings import BODY_OPTION, Format, Recording, Source, channels_for, is_label, numbered_classes, skeleton_for
from ..unpickling import read_pickle

_SPLIT = {"train": 1, "val": 2, "test": 2}


def open_stgcn_npy(path, skeleton=None):
    """The Source of a folder of such pairs, or of one pair, named by its _data.npy.

    skeleton  the name of a built-in layout; by default the usual one with that many joints

    Where every pair is called train, val or test, `split` says so. The zeros behind the end of a sample are cut off.
    Classes have no names in these files: they are called "class 0" and so on. Raises FileNotFoundError if there is
    nothing to read, and ValueError, naming it, for a pair that is no such pair.
    """
    path = Path(path)
    paths = sorted(path.glob("*_data.npy")) if path.is_dir() else [path]
    if not paths:
        raise FileNotFoundError(f"there is no *_data.npy in {path}")
    splits = [_SPLIT.get(path.name.removesuffix("_data.npy")) for path in paths]
    told = None not in splits
    samples, broken = {}, {}  # by what to call them: the arguments of _recording, and what is wrong
    for file, split in zip(paths, splits, strict=True):
        try:
            data, names, labels = _read_pair(file)
        except (ValueError, OSError, EOFError) as error:
            broken[file.name] = str(error)
        else:
            for n, own in enumerate(zip(names, labels, strict=True)):
                samples[f"{file.name}, sample {n}"] = (data[n], *own, (split,) if told else ())
    if not samples:
        raise ValueError("; ".join(broken.values()))
    first, *_ = samples.values()
    C, _, V, M = first[0].shape
    body = skeleton_for(V, skeleton)
    entries = [*samples, *broken]

    def read(entry):
        if entries[entry] in broken:
            raise ValueError(broken[entries[entry]])
        return _recording(*samples[entries[entry]])

    return Source(
        skeleton=body,
        channels=channels_for(C, body),
        class_names=numbered_classes(label for _, _, label, _ in samples.values()),
        persons=M,
        entries=entries,
        read=read,
        notes=["split 0 is as the files are called: train is 1, val and test are 2"] if told else [],
    )


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
    names, labels = (list(part) if isinstance(part, (list, tuple, np.ndarray)) else None for part in pair)
    if names is None or labels is None or not len(names) == len(labels) == len(data):
        raise ValueError(f"{label_path} must have a name and a label for each of the {len(data)} samples")
    return data, names, labels


def _recording(data, name, label, split):
    """The Recording of a sample (C, T, V, M)."""
    if not isinstance(name, str) or not name:
        raise ValueError("its name is no text")
    if not is_label(label):
        raise ValueError(f"its label is {str(label)[:20]!r}, not a number from 0")
    frames = as_float32(data.transpose(1, 3, 2, 0))  # (T, M, V, C)
    last = np.flatnonzero(frames.any(axis=(1, 2, 3))).max(initial=0)
    return Recording(name.removesuffix(".skeleton").removesuffix(".json"), int(label), frames[: last + 1], split=split)


FORMAT = Format(
    "stgcn-npy", "a folder of *_data.npy with *_label.pkl, or one such .npy", open_stgcn_npy, options=BODY_OPTION
)
