"""What the readers of several formats share: files and lines within limits, numbers, and which persons to keep."""

import gzip
import json
import zlib
from math import isfinite
from pathlib import Path

import numpy as np

# What may lie in the files of one recording. NTU's longest takes 2 MB, an hour of a body a few hundred; beyond that a
# file is something else, or unpacks without end.
LARGEST_FILE = 2**29
# An hour at 30 frames a second: a frame number beyond it is a mistake, and would ask for memory that is not there.
MOST_FRAMES = 108_000


def read_bytes(path):
    """The bytes of a file, unpacked if its name ends in .gz.

    Raises ValueError above LARGEST_FILE, and ValueError, OSError or EOFError for what cannot be unpacked.
    """
    opened = gzip.open if Path(path).suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from None
    if len(content) > LARGEST_FILE:
        raise ValueError(f"it is larger than the {LARGEST_FILE // 2**20} MiB that one recording may take")
    return content


def read_lines(path):
    """The lines of a text file, without line ends (LF or CRLF) and without the empty ones at its end.

    Raises ValueError for a byte that is no ASCII: all the formats read here are numbers.
    """
    try:
        text = read_bytes(path).decode("ascii").replace("\r\n", "\n").rstrip()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is no ASCII text") from None
    return text.split("\n") if text else []


def read_json(path, nan=False, decoder=json.JSONDecoder):
    """The content of a JSON file.

    nan      whether NaN is a number in it: tools write one for what they did not see
    decoder  SeveralValues: a list of the values in a file where one follows another

    Raises what read_bytes raises, and ValueError for what is not JSON, for an infinity, and for a NaN unless `nan`.
    """

    def constant(word):
        if nan and word == "NaN":
            return float("nan")
        raise ValueError(f"{word} is no finite number")

    try:
        return json.loads(read_bytes(path), cls=decoder, parse_constant=constant)
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


class SeveralValues(json.JSONDecoder):
    """Decodes a text of one or more values into the list of them."""

    def decode(self, text):
        """The list of values, at least one. Raises ValueError for anything else."""
        values, at = [], len(text) - len(text.lstrip())
        while at < len(text) or not values:
            value, at = self.raw_decode(text, at)
            values.append(value)
            while text[at : at + 1].isspace():
                at += 1
        return values


def read_npy(path):
    """The array of an .npy, memory-mapped. Raises FileNotFoundError, and ValueError, naming the file, for another file.

    What holds pickled objects is not a plain array.
    """
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise
    # NumPy reads the header as a line of Python: a damaged one fails in the tokenizer, the parser or the arithmetic.
    except Exception as error:
        raise ValueError(f"{path} is not a whole .npy of a plain array: {error}") from None


def numbers(words, where):
    """The float64 array of a list of words. Raises ValueError, beginning with `where`, for what is no finite number."""
    values = np.empty(len(words))
    for i, word in enumerate(words):
        try:
            values[i] = float(word)
        except ValueError:
            raise ValueError(f"{where}: {word[:20]!r} is no number") from None
        if not isfinite(values[i]) or "_" in word:  # Python reads 1_0 as ten
            raise ValueError(f"{where}: {word[:20]!r} is no finite number")
    return values


def as_float32(frames):
    """The array in single precision. Raises ValueError for a NaN, an infinity or a number beyond its range."""
    with np.errstate(over="ignore"):
        single = np.asarray(frames).astype(np.float32)
    if not np.isfinite(single).all():
        bad = np.argwhere(~np.isfinite(single))[0]
        raise ValueError(f"{np.asarray(frames)[tuple(bad)]} in frame {bad[0]} is no finite number of single precision")
    return single


def motion(body):
    """How much a body moved: the sum of squared distances of its joints from their mean places.

    body  (T, V, C); a joint that is all zeros in a frame is absent there, which does not count
    """
    seen = body.any(axis=2, keepdims=True)
    body = np.where(seen, body, 0).astype(np.float64)
    mean = body.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    return float(np.sum(np.where(seen, body - mean, 0) ** 2))


def largest_two(bodies, values):
    """The two of the list `bodies` whose values are largest, the largest first; equal ones in the order they have."""
    return [bodies[i] for i in np.argsort(-np.array(values), kind="stable")[:2]]


def list_files(folder, pattern):
    """The files of a folder that match, sorted. Raises FileNotFoundError if there is no folder, or none in it."""
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder")
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise FileNotFoundError(f"there is no {pattern} in {folder}")
    return paths
