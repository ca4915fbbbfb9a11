"""What the readers of several formats share: files and lines within limits, numbers, and which persons to keep."""

import gzip
import json
import zlib
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

import numpy as np

from reference.input_files import check_file, most_unpacked
from reference.preparation import movement

# What may lie in the files of one recording. NTU's longest takes 2 MB, an hour of a body a few hundred; beyond that a
# file is something else, or unpacks without end.
LARGEST_FILE = 2**29
_LONGEST_LINE = 2**20
# OpenPose adds up scores over the pixels of a joint, so that a few exceed 1.
HIGHEST_SCORE = 2.0
LOWEST_SCORE = -0.01  # below 0 by no more than roundings and filters make it


def read_bytes(path):
    """The bytes of a file, unpacked if its name ends in .gz.

    Raises ValueError above LARGEST_FILE, and ValueError, OSError or EOFError for what cannot be unpacked.
    """
    with _opened(path) as (file, most):
        content = file.read(most + 1)
    _refuse_more(len(content), most)
    return content


@contextmanager
def _opened(path):
    """The open file, unpacked if its name ends in .gz, and how many bytes of it are read at most."""
    check_file(path)
    packed = Path(path).suffix == ".gz"
    try:
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            yield file, min(LARGEST_FILE, most_unpacked(path)) if packed else LARGEST_FILE
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked: {error}") from None


def _refuse_more(size, most):
    if size > most:
        raise ValueError(f"it is larger than the {most // 2**20} MiB that one recording may take")


def each_line(path):
    """What read_lines gives, line by line: memory holds one of them."""
    with _opened(path) as (file, most):
        number = size = empty = 0
        while line := file.readline(_LONGEST_LINE):
            number, size = number + 1, size + len(line)
            _refuse_more(size, most)
            if len(line) == _LONGEST_LINE:
                raise ValueError(f"line {number} has more than {_LONGEST_LINE} letters")
            try:
                text = line.decode("ascii").removesuffix("\n").removesuffix("\r")
            except UnicodeDecodeError as error:
                raise ValueError(f"byte {size - len(line) + error.start} is not ASCII text") from None
            if not text.strip():
                empty += 1
                continue
            yield from [""] * empty
            empty = 0
            yield text


def read_lines(path):
    """The lines of a text file, without line ends (LF or CRLF) and without the empty ones at its end.

    Raises ValueError for a byte that is not ASCII: all the formats read here are numbers.
    """
    try:
        text = read_bytes(path).decode("ascii").replace("\r\n", "\n").rstrip()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not ASCII text") from None
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
        raise ValueError(f"{word} is not a finite number")

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
    check_file(path)
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except FileNotFoundError:
        raise
    # NumPy reads the header as a line of Python: a damaged one fails in the tokenizer, the parser or the arithmetic.
    except Exception as error:
        raise ValueError(f"{path} is not a whole .npy of a plain array: {error}") from None


def numbers(words, where):
    """A list of words as floats. Raises ValueError, beginning with `where`, for what is not a finite number."""
    values = []
    for word in words:
        try:
            value = float(word)
        except ValueError:
            raise ValueError(f"{where}: {word[:20]!r} is not a number") from None
        if not isfinite(value) or "_" in word:  # Python reads 1_0 as ten
            raise ValueError(f"{where}: {word[:20]!r} is not a finite number")
        values.append(value)
    return values


def as_float32(frames):
    """The array in single precision. Raises ValueError for a NaN, an infinity or a number beyond its range."""
    with np.errstate(over="ignore"):
        single = np.asarray(frames).astype(np.float32)
    if not np.isfinite(single).all():
        bad = np.argwhere(~np.isfinite(single))[0]
        value = np.asarray(frames)[tuple(bad)]
        raise ValueError(f"{value} in frame {bad[0]} is not a finite number of single precision")
    return single


def seen_only(places, score, what="scores"):
    """Bodies with their scores as one more channel, and zeros in all channels of the joints that are not seen.

    places  (..., C); score (...); what: what a message calls the scores

    A joint is not seen where its score is 0, NaN or just below 0; and, whatever its score, at (0, 0), the corner of the
    picture: detectors put there what they have not found. Where coordinates lie around 0, as in data that somebody has
    centred, (0, 0) is a place like any other, and the score alone counts.

    Returns the array (..., C + 1), float64, and what was tolerated, for Recording.notes. Raises ValueError for scores
    that are none, being far below 0, and if joints are placed but not one has a score.
    """
    places, score = np.asarray(places, dtype=np.float64), np.asarray(score, dtype=np.float64)
    if (score < LOWEST_SCORE).any():
        raise ValueError(f"{what} must be 0 or more, got {np.nanmin(score):g}")
    scored, placed = score > 0, places.any(axis=-1)  # a NaN is not above 0
    if placed.any() and not scored.any():
        nan = " or NaN (NaN is not a finite number)" if np.isnan(score).any() else ""
        raise ValueError(f"all scores are 0{nan}, though joints are placed")
    known = places[scored]
    known = known[np.isfinite(known)]
    in_picture = known.min(initial=0) >= -0.1 * known.max(initial=0)
    seen = scored & placed if in_picture else scored
    notes = {
        "scores that are NaN or just below 0; the joints count as not seen": (np.isnan(score) | (score < 0)).sum(),
        "joints at (0, 0) with a score above 0; they count as not seen": (scored & ~seen).sum(),
        "scores above 1, kept as they are": (score > 1).sum(),
    }
    bodies = np.concatenate([places, score[..., None]], axis=-1)
    return np.where(seen[..., None], bodies, 0), {note: int(count) for note, count in notes.items() if count}


def are_scores(values):
    """Whether numbers can be scores: from 0 to 1, but for NaN, roundings, and a few up to 2, as OpenPose has them."""
    values = values[np.isfinite(values)]
    low, high = values.min(initial=0), values.max(initial=0)
    return low >= LOWEST_SCORE and high <= HIGHEST_SCORE and (values > 1).sum() <= 0.1 * (values > 0).sum()


def check_scores(values):
    """Raise ValueError, asking what they are, if numbers in the place of scores cannot be scores."""
    if not are_scores(values):
        raise ValueError(
            f"the last channel would be the score, from 0 to 1, but it holds {np.nanmin(values):.4g} to"
            f" {np.nanmax(values):.4g}: say what the channels are, for example --channels x y z"
        )


def movement_of(body):
    """How much a body (T, V, C) moved, as reference.preparation.movement has it; what is zeros does not count."""
    places = body.astype(np.float64).transpose(2, 0, 1)[..., None]
    return float(movement(places, places.any(axis=0))[0])


def largest_two(bodies, values):
    """The two of the list `bodies` whose values are largest, the largest first; equal ones in the order they have."""
    return [bodies[i] for i in np.argsort(-np.array(values), kind="stable")[:2]]


def list_files(folder, pattern):
    """The files of a folder that match, sorted. Raises FileNotFoundError if there is no folder, or none in it."""
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder")
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise FileNotFoundError(f"there is no {pattern} in {folder}")
    return paths
