"""What the check of an exercise says: it must name what is wrong, and let nothing wrong pass."""

import json

import numpy as np
import pytest

from reference.exercises import check, exercises_of
from reference.exercises.exercise import Question, exercise

EXPECTED = np.array([[1.0, 2.0], [3.0, 4.0]])
NUMBERS = [f"{number:02}" for number in range(14)]
EXERCISES = [found for number in NUMBERS for found in exercises_of(number).values()]


def said(answer, expected, mistakes=None, **options):
    """What an exercise with this answer says."""
    one = exercise("99.1", 1, "", "")(lambda: Question(expected, mistakes or {}, **options))
    return one.verdict(json.loads(json.dumps(one.reply(answer))))


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (None, EXPECTED, "Not answered yet."),
        (..., 3, "Not answered yet."),
        (None, "rows", "Not answered yet."),
        ([None, ...], [1, 2], "Not answered yet."),
        ([[None, None], [None, None]], EXPECTED, "Not answered yet."),
        (EXPECTED + 1e-9, EXPECTED, "Right."),
        ([[1, 2], [3, 4]], EXPECTED, "Right."),
        (((1, 2), (3, 4)), EXPECTED, "Right."),
        (EXPECTED.astype(np.float32), EXPECTED, "Right."),
        (3, 3.0, "Right."),
        (np.int8(3), 3.0, "Right."),
        (0, 0.0, "Right."),
        ("rows", "rows", "Right."),
        (np.str_("rows"), "rows", "Right."),
        (True, True, "Right."),
        (np.True_, True, "Right."),
        (EXPECTED.T, EXPECTED, "Not yet: 2 of 4 entries differ, the first at [0, 1]: 3, expected 2."),
        ([1, 2], EXPECTED, "Not yet: expected an array of shape (2, 2), got an array of shape (2,)."),
        (2.0, EXPECTED, "Not yet: expected an array of shape (2, 2), got one number."),
        (EXPECTED, 2.0, "Not yet: expected one number, got an array of shape (2, 2)."),
        ([[1, 2], [3]], EXPECTED, "Not yet: expected an array of shape (2, 2), got lists of different lengths."),
        ([1, None], [1, 2], "Not yet: expected an array of shape (2,); at least one of them is not answered."),
        ("2", 2, "Not yet: expected one number; got a str."),
        ({1: 2}, 2, "Not yet: expected one number; got a dict."),
        ([{}], [2], "Not yet: expected an array of shape (1,); got a list."),
        (2j, 2, "Not yet: expected one number; got a complex."),
        ({1, 2}, "rows", "Not yet: expected a text, got a set."),
        (2, "rows", "Not yet: expected a text, got one number."),
        ("columns", "rows", "Not yet: 'columns' is not it."),
        (False, True, "Not yet: False is not it."),
        (2.5, 2, "Not yet: 2.5 is too large."),
        (1, 2, "Not yet: 1 is too small."),
        (2**70, 2, "Not yet: 1.18059e+21 is too large."),
        (np.array([1.0, np.nan]), [1.0, 2.0], "Not yet: [1] is not a number (NaN)."),
        (np.inf, 2, "Not yet: inf is too large."),
        ([True, False], [True, True], "Not yet: 1 of 2 entries differ, the first at [1]: False, expected True."),
    ],
)
def test_what_is_said(answer, expected, words):
    assert said(answer, expected) == words


def test_a_known_mistake_is_named():
    mistakes = {"this is the matrix transposed.": EXPECTED.T, "an array of another shape.": np.zeros(3)}
    assert said(EXPECTED.T, EXPECTED, mistakes) == "Not yet: this is the matrix transposed."
    assert said("columns", "rows", {"it is the other one.": "columns"}) == "Not yet: it is the other one."
    assert said(np.zeros(3), EXPECTED, mistakes) == "Not yet: an array of another shape."


def test_a_right_answer_is_right_though_a_mistake_gives_the_same():
    assert said(EXPECTED, EXPECTED, {"never said.": EXPECTED}) == "Right."


def test_the_tolerance_is_relative_to_the_largest_number():
    assert said(31.62, 31.6228, tolerance=1e-3) == "Right."
    assert said([1000.0, 0.0005], [1000.0, 0.0]) == "Right."
    assert said([1000.0, 0.002], [1000.0, 0.0]).startswith("Not yet: 1 of 2 entries differ")


def raises(A):
    raise ValueError("two\nlines")


def quits(A):
    raise SystemExit


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda A: A * 2, "Right."),
        (lambda A: None, "Not answered yet."),
        (lambda A: A, "Not yet: 4 of 4 entries differ, the first at [0, 0]: 1, expected 2."),
        (raises, "Not yet: your function raises ValueError: two."),
        (quits, "Not yet: your function raises SystemExit."),
        (
            lambda: 3,
            "Not yet: your function raises TypeError: <lambda>() takes 0 positional arguments but 1 was given.",
        ),
        (3, "Not yet: your answer raises TypeError: 'int' object is not callable."),
    ],
)
def test_a_function_is_asked_and_may_fail(answer, words):
    assert said(answer, EXPECTED * 2, ask=lambda function: function(EXPECTED.copy())) == words


def test_an_answer_that_changes_its_arguments_changes_nothing_that_is_expected():
    def question():
        given = np.ones(3)
        return Question(ask=lambda function: function(given), expected=2 * given, mistakes={"one too few.": given})

    def doubles_in_place(given):
        given *= 2
        return given

    one = exercise("99.1", 1, "", "")(question)
    assert one.verdict(one.reply(doubles_in_place)) == "Right."
    assert one.verdict(one.reply(lambda given: given)) == "Not yet: one too few."


def test_check_prints_the_verdict_and_knows_the_exercises(capsys):
    check("01.3", "mid_hip")
    check("01.3", "neck")
    check("01.3", ...)
    right, wrong, empty = capsys.readouterr().out.splitlines()
    assert (right, empty) == ("Right.", "Not answered yet.")
    assert wrong.startswith("Not yet: the neck has the most bones")
    with pytest.raises(ValueError, match=r"no exercise '01\.9'; notebook 01 has 01\.1, 01\.2"):
        check("01.9", 3)
    with pytest.raises(ValueError, match="no exercise '77.1'; notebook 77 has none"):
        check("77.1", 3)
    with pytest.raises(ValueError, match=r"no exercise '\[3, 4\]'"):
        check([3, 4], "13.1")


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.name)
def test_each_exercise_lets_the_right_answer_pass_and_names_every_mistake(one):
    question = one.question()
    assert said(question.expected, question.expected, question.mistakes, tolerance=question.tolerance) == "Right."
    assert len(question.mistakes) >= 2
    for sentence, wrong in question.mistakes.items():
        words = said(wrong, question.expected, question.mistakes, tolerance=question.tolerance)
        assert words == f"Not yet: {sentence}"
    assert one.verdict(one.reply(None)) == one.verdict(one.reply(...)) == "Not answered yet."


@pytest.mark.parametrize("one", EXERCISES, ids=lambda one: one.name)
def test_each_exercise_says_what_it_is_worth(one):
    assert 1 <= one.points <= 5
    assert len(one.title) > 10
    assert "point" in one.rubric


@pytest.mark.parametrize("number", NUMBERS)
def test_exercises_are_named_in_order(number):
    names = list(exercises_of(number))
    assert names == sorted(names)
    assert all(name.startswith(f"{number}.") for name in names)
