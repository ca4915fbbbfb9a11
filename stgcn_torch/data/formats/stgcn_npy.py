"""The pair of files that yysijie/st-gcn, the widely copied code, trains on: NAME_data.npy and NAME_label.pkl.

The array is (N, C, T, V, M), filled up with zeros to the same T; the pickle is (names, labels), N each, from 0. Usually
there are two pairs in a folder, train and val.
"""

from pathlib import Path

import numpy as np

from ..reading import as_float32
from ..recordings import (
    BODY_OPTION,
    PUBLISHED_OPTION,
    Format,
    Recording,
    Source,
    channels_for,
    is_label,
    numbered_classes,
    skeleton_for,
)
from ..unpickling import read_pickle

_SPLIT = {"train": 1, "val": 2, "test": 2}
_NAMED = "split 0 is as the files are called: train is 1, val and test are 2"
_FROM_WHERE = "x and y are kept as they are; if the tools of yysijie/st-gcn wrote these files, add --published"


def open_stgcn_npy(path, skeleton=None, published=False):
    """The Source of a folder of such pairs, or of one pair, named by its _data.npy.

    skeleton   the name of a built-in layout; by default the usual one with that many joints
    published  whether they are the arrays that yysijie/st-gcn's own tools write: of Kinetics-skeleton these count x and
               y from the middle of the picture, where sets count from 0 to 1

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
    from_the_middle = published and body.name == "openpose_18"

    def read(entry):
        if entries[entry] in broken:
            raise ValueError(broken[entries[entry]])
        return _recording(*samples[entries[entry]], from_the_middle)

    return Source(
        skeleton=body,
        channels=channels_for(C, body),
        class_names=numbered_classes(label for _, _, label, _ in samples.values()),
        persons=M,
        entries=entries,
        read=read,
        dtype="<f8" if from_the_middle else "<f4",
        notes=[_NAMED] * told + [_FROM_WHERE] * (body.name == "openpose_18" and not published),
    )


def _read_pair(path):
    """The array of a pair, memory-mapped, and its N names and labels."""
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
    return data, names, labels


def _recording(data, name, label, split, from_the_middle):
    """The Recording of a sample (C, T, V, M); in double precision, in which nothing is rounded, if x and y count from
    the middle of the picture."""
    if not isinstance(name, str) or not name:
        raise ValueError("its name is no text")
    if not is_label(label):
        raise ValueError(f"its label is {str(label)[:20]!r}, not a number from 0")
    frames = as_float32(data.transpose(1, 3, 2, 0))  # (T, M, V, C)
    last = np.flatnonzero(frames.any(axis=(1, 2, 3))).max(initial=0)
    if from_the_middle:
        frames = frames.astype(np.float64)
        frames[..., :2] += 0.5 * frames.any(axis=3, keepdims=True)
    return Recording(name.removesuffix(".skeleton").removesuffix(".json"), int(label), frames[: last + 1], split=split)


FORMAT = Format(
    "stgcn-npy",
    "a folder of *_data.npy with *_label.pkl, or one such .npy",
    open_stgcn_npy,
    options=BODY_OPTION | PUBLISHED_OPTION,
)
