"""What an exercise is: a question in words, points, and what the check asks of an answer and expects."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .verdicts import verdict


def _itself(answer):
    return answer


@dataclass(frozen=True)
class Question:
    """What is asked of an answer, what should come, and what known mistakes give.

    expected   a text, a number or an array
    mistakes   {sentence: the value that this mistake gives}; a sentence goes on after "Not yet: "
    ask        answer -> a text, a number or an array. The answer itself, unless something else is given: for an answer
               that is a function, what it returns for arguments chosen here
    tolerance  the largest error that counts as right, relative to the largest number in `expected`
    """

    expected: object
    mistakes: dict = field(default_factory=dict)
    ask: Callable = _itself
    tolerance: float = 1e-6


@dataclass(frozen=True)
class Exercise:
    """One exercise of the course; `@exercise(...)` makes it. `question()` is computed anew each time it is called."""

    name: str
    points: int
    title: str
    rubric: str
    question: Callable

    def reply(self, answer):
        """Ask the answer: {"value": a text, a number, a list ...}, or {"problem": a sentence}. Never raises.

        A reply holds nothing but what JSON can carry. The grader (notebooks/grade.py) asks in one process and judges
        in another.
        """
        if answer is None or answer is ...:
            return {"value": None}
        try:
            return {"value": _plain(self.question().ask(answer))}
        except (Exception, SystemExit) as error:  # a reader's code can raise anything
            first_line = str(error).strip().partition("\n")[0][:200]
            what = "function" if callable(answer) else "answer"
            return {"problem": f"your {what} raises {type(error).__name__}" + (f": {first_line}" if first_line else "")}

    def verdict(self, reply):
        """What is said to a reply: "Right.", "Not answered yet.", or "Not yet: " and what is wrong."""
        if "problem" in reply:
            return f"Not yet: {reply['problem']}."
        question = self.question()
        return verdict(reply["value"], question.expected, question.mistakes, question.tolerance)


def exercise(name, points, title, rubric):
    """Turn a function without arguments, which returns a Question, into an Exercise.

    name    the notebook's number and the exercise's: "01.3"
    points  what a right answer is worth
    title   what is to be found, for lists of points: a few words
    rubric  for those who grade by hand: what earns how many points
    """
    return lambda question: Exercise(name, points, title, rubric, question)


def _plain(value):
    """The same in what JSON can carry: arrays and tensors as lists; {"type": its name} for what holds no numbers."""
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if value is None or value is ...:
        return None
    if isinstance(value, int) and abs(value) >= 2**63:  # no array has such integers
        return float(value)
    if isinstance(value, str | bool | int | float):
        return value
    array = np.asarray(value)
    if array.dtype == object and array.ndim:
        return [_plain(entry) for entry in array]
    return array.tolist() if array.dtype.kind in "biuf" else {"type": type(value).__name__}
