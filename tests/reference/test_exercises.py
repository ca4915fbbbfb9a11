"""What the check of an exercise says: it must name what is wrong, and let nothing wrong pass."""

import numpy as np
import pytest

from reference.exercises import check

EXPECTED = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (None, EXPECTED, "Not answered yet."),
        (..., 3, "Not answered yet."),
        (None, "rows", "Not answered yet."),
        (EXPECTED + 1e-9, EXPECTED, "Right."),
        ([[1, 2], [3, 4]], EXPECTED, "Right."),
        (EXPECTED.astype(np.float32), EXPECTED, "Right."),
        (3, 3.0, "Right."),
        (0, 0.0, "Right."),
        ("rows", "rows", "Right."),
        (True, True, "Right."),
        (EXPECTED.T, EXPECTED, "Not yet: 2 of 4 entries differ, the first at [0, 1]: 3, expected 2."),
        ([1, 2], EXPECTED, "Not yet: expected an array of shape (2, 2), got an array of shape (2,)."),
        (2.0, EXPECTED, "Not yet: expected an array of shape (2, 2), got one number."),
        (EXPECTED, 2.0, "Not yet: expected one number, got an array of shape (2, 2)."),
        ([[1, 2], [3]], EXPECTED, "Not yet: expected an array of shape (2, 2), got lists of different lengths."),
        ([1, None], [1, 2], "Not yet: expected an array of shape (2,); at least one of them is not answered."),
        ("2", 2, "Not yet: expected one number; got a str."),
        (2, "rows", "Not yet: expected a text, got one number."),
        ("columns", "rows", "Not yet: 'columns' is not it."),
        (False, True, "Not yet: False is not it."),
        (2.5, 2, "Not yet: 2.5 is too large."),
        (1, 2, "Not yet: 1 is too small."),
        (np.array([1.0, np.nan]), [1.0, 2.0], "Not yet: [1] is not a number (NaN)."),
        (np.inf, 2, "Not yet: inf is too large."),
        ([True, False], [True, True], "Not yet: 1 of 2 entries differ, the first at [1]: False, expected True."),
    ],
)
def test_what_is_said(answer, expected, said, capsys):
    check(answer, expected)
    assert capsys.readouterr().out == said + "\n"


def test_a_known_mistake_is_named(capsys):
    mistakes = {"this is the matrix transposed.": EXPECTED.T, "an array of another shape.": np.zeros(3)}
    check(EXPECTED.T, EXPECTED, mistakes)
    check("columns", "rows", {"it is the other one.": "columns"})
    check(np.zeros(3), EXPECTED, mistakes)
    said = (
        "Not yet: this is the matrix transposed.\nNot yet: it is the other one.\nNot yet: an array of another shape.\n"
    )
    assert capsys.readouterr().out == said


def test_a_right_answer_is_right_though_a_mistake_gives_the_same(capsys):
    check(EXPECTED, EXPECTED, {"never said.": EXPECTED})
    assert capsys.readouterr().out == "Right.\n"


def test_the_tolerance_is_relative_to_the_largest_number(capsys):
    check(31.62, 31.6228, tolerance=1e-3)
    check([1000.0, 0.0005], [1000.0, 0.0])
    check([1000.0, 0.002], [1000.0, 0.0])
    right, also_right, wrong = capsys.readouterr().out.splitlines()
    assert right == also_right == "Right."
    assert wrong.startswith("Not yet: 1 of 2 entries differ")
