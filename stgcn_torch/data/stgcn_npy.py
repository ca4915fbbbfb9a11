"""The pair of files that yysijie/st-gcn, the widely copied code, trains on: NAME_data.npy and NAME_label.pkl.

The array is (N, C, T, V, M), filled up with zeros to the same T; the pickle is (names, labels), N each, from 0. Usually
there are two pairs in a folder, train and val.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from .layouts import channels_for, skeleton_for
from .recordings import Recording, Source, as_float32
from .unpickling import read_pickle

_SPLIT = {"train": 1, "val": 2, "test": 2}


class _Pair(NamedTuple):
    """One pair that was read: the memory-mapped array, and what belongs to each of its N samples."""

    title: str
    data: np.ndarray
    names: list
    labels: list
    split: tuple


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
    pairs, broken = [], {}
    for file, split in zip(paths, splits, strict=True):
        try:
            pairs.append(_read_pair(file, () if None in splits else (split,)))
        except (ValueError, OSError, EOFError) as error:
            broken[file.name] = str(error)
    if not pairs:
        raise ValueError("; ".join(broken.values()))
    _, C, _, V, M = pairs[0].data.shape
    body = skeleton_for(V, skeleton)
    samples = [(pair, n) for pair in pairs for n in range(len(pair.labels))]
    labels = [label for pair in pairs for label in pair.labels if _is_label(label)]
    entries = [f"{pair.title}, sample {n}" for pair, n in samples] + list(broken)
    return Source(
        skeleton=body,
        channels=channels_for(C, body),
        class_names=[f"class {label}" for label in range(max(labels, default=0) + 1)],
        persons=M,
        entries=entries,
        read=lambda entry: _recording(*samples[entry]) if entry < len(samples) else _refuse(broken[entries[entry]]),
        notes=[] if None in splits else ["split 0 is as the files are called: train is 1, val and test are 2"],
    )


def _refuse(reason):
    raise ValueError(reason)


def _is_label(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and 0 <= value < 10_000


def _read_pair(path, split):
    if not path.name.endswith("_data.npy"):
        raise ValueError(f"{path}: the name must end in _data.npy; _label.pkl lies beside it")
    try:
        data = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise
    # NumPy reads the header as a line of Python: a damaged one fails in the tokenizer, the parser or the arithmetic.
    except Exception as error:
        raise ValueError(f"{path} is not a whole .npy of a plain array: {error}") from None
    if not isinstance(data, np.ndarray) or data.ndim != 5 or data.dtype.kind != "f" or 0 in data.shape:
        what = f"{data.dtype} {data.shape}" if isinstance(data, np.ndarray) else "an archive"
        raise ValueError(f"{path} must be floating-point (N, C, T, V, M), got {what}")
    label_path = path.with_name(path.name.removesuffix("_data.npy") + "_label.pkl")
    pair = read_pickle(label_path)
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise ValueError(f"{label_path} must be (names, labels), got {type(pair).__name__}")
    names, labels = (list(part) if isinstance(part, (list, tuple, np.ndarray)) else None for part in pair)
    if names is None or labels is None or not len(names) == len(labels) == len(data):
        raise ValueError(f"{label_path} must have a name and a label for each of the {len(data)} samples")
    return _Pair(path.name, data, names, labels, split)


def _recording(pair, n):
    name, label = pair.names[n], pair.labels[n]
    if not isinstance(name, str) or not name:
        raise ValueError("its name is no text")
    if not _is_label(label):
        raise ValueError(f"its label is {str(label)[:20]!r}, not a number from 0")
    frames = as_float32(pair.data[n].transpose(1, 3, 2, 0))  # (C, T, V, M) -> (T, M, V, C)
    there = np.flatnonzero(frames.any(axis=(1, 2, 3)))
    if not len(there):
        raise ValueError("it is all zeros")
    frames = frames[: there[-1] + 1]
    return Recording(name.removesuffix(".skeleton").removesuffix(".json"), int(label), frames, split=pair.split)
