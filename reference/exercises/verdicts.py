"""Is an answer right, and if it is not, what is wrong with it? In words that do not give the answer away."""

from numbers import Number

import numpy as np


def verdict(answer, expected, mistakes, tolerance=1e-6):
    """ "Right.", "Not answered yet.", or "Not yet: " and what is wrong.

    answer     what the reader computed; None, ... or a list of nothing else stands for an empty page
    expected   the right answer: a text, a number or an array (lists count as arrays)
    mistakes   {sentence: the answer that this mistake gives}. A wrong answer that equals one of them is told the
               sentence; any other is told its first wrong place (an array) or its direction (a number)
    tolerance  the largest error that counts as right, relative to the largest number in `expected`
    """
    if _is_empty(answer):
        return "Not answered yet."
    problem = _not_comparable(answer, expected)
    if problem:
        return f"Not yet: {problem}."
    if _equal(answer, expected, tolerance):
        return "Right."
    for sentence, wrong in mistakes.items():
        if _equal(answer, wrong, tolerance):
            return f"Not yet: {sentence}"
    return f"Not yet: {_first_difference(answer, expected, tolerance)}."


def _is_empty(answer):
    several = isinstance(answer, list | tuple) and len(answer) > 0
    return answer is None or answer is ... or (several and all(map(_is_empty, answer)))


def _not_comparable(answer, expected):
    """Why an answer is not even of the right kind, in words; None if it is."""
    if isinstance(expected, str):
        return None if isinstance(answer, str) else f"expected a text, got {_kind(answer)}"
    expected = np.asarray(expected)
    try:
        got = np.asarray(answer)
    except ValueError:  # a ragged list
        return f"expected an array of shape {expected.shape}, got lists of different lengths"
    if got.dtype.kind not in "biuf":
        empty = got.dtype == object and any(_is_empty(entry) for entry in got.flat)
        what = "at least one of them is not answered" if empty else f"got {_kind(answer)}"
        return f"expected {_shape_in_words(expected)}; {what}"
    return f"{_place(np.isnan(got))} is not a number (NaN)" if np.any(np.isnan(got)) else None


def _equal(answer, other, tolerance):
    if isinstance(answer, str) or isinstance(other, str):
        return isinstance(answer, str) and answer == other
    answer, other = np.asarray(answer), np.asarray(other)
    return answer.shape == other.shape and not np.any(_wrong(answer, other, tolerance))


def _wrong(answer, expected, tolerance):
    """Where an answer is off by more than the tolerance: booleans of its shape."""
    # In float64: booleans and unsigned integers have no differences of their own.
    error = np.abs(np.asarray(answer, dtype=np.float64) - np.asarray(expected, dtype=np.float64))
    largest = np.max(np.abs(np.asarray(expected, dtype=np.float64)), initial=0)
    return error > tolerance * (largest or 1.0)


def _first_difference(answer, expected, tolerance):
    if isinstance(expected, str):
        return f"{answer!r} is not it"
    got, right = np.asarray(answer), np.asarray(expected)
    if got.shape != right.shape:
        return f"expected {_shape_in_words(right)}, got {_shape_in_words(got)}"
    if got.ndim == 0 and right.dtype.kind == "b":
        return f"{bool(got)} is not it"
    if got.ndim == 0:  # the number itself would give the answer away
        return f"{got:.6g} is too {'large' if got > right else 'small'}"
    wrong = _wrong(got, right, tolerance)
    index = tuple(np.argwhere(wrong)[0])
    wrong_places = f"{np.count_nonzero(wrong)} of {wrong.size} entries differ, the first at {_place(wrong)}"
    return f"{wrong_places}: {_number(got[index])}, expected {_number(right[index])}"


def _place(mask):
    """The first True of a mask in words: [0, 1]."""
    return f"[{', '.join(str(int(i)) for i in np.argwhere(mask)[0])}]" if mask.ndim else "it"


def _number(value):
    return str(bool(value)) if value.dtype.kind == "b" else f"{value + 0.0:.6g}"


def _shape_in_words(array):
    return f"an array of shape {array.shape}" if array.ndim else "one number"


def _kind(answer):
    """What an answer is, with its article; {"type": name} stands for what is neither text nor numbers."""
    if isinstance(answer, Number):
        return "one number"
    name = answer["type"] if isinstance(answer, dict) else type(answer).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
