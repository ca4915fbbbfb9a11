"""The exercises of the course, each defined once: `check("01.3", answer)` says what is wrong with an answer.

Every notebook has a file here, and each exercise is one private function of it, computed only when it is needed:

    @exercise("01.4", points=2, title="edges over several frames", rubric="1 point for neighbouring frames only")
    def _space_time_adjacency():
        A = adjacency(SKELETONS["toy_5"])
        return Question(
            ask=lambda answer: answer(A, 4, 2),    # what is asked of a function; left out where the answer is a value
            expected=...,                          # computed with NumPy from reference/, never with PyTorch
            mistakes={"edges go both ways.": ...},  # what known mistakes give; the sentence follows "Not yet: "
        )

In the notebook the cell `# Exercise 4` holds the stub, and `# Check 4` below it one line, `check("01.4",
space_time_adjacency)`; the notebook of solutions has both with the answer in it, and `# Mistake 4`, a wrong answer with
the same check. What a cell asks twice gets two names, "06.2a" and "06.2b". An answer that needs PyTorch is handed over
ready to be asked: `check("07.5", module)`, and `ask` uses its methods.

Strangers' answers are asked in one process and judged in another (notebooks/grade.py): `ask` returns a text, numbers or
an array, and each call of the function makes its arguments anew, so that no answer can change what is expected.
tests/reference/test_exercises.py tries every exercise: the right answer passes, each mistake is told its own sentence.
"""

import importlib

from .exercise import Exercise


def exercises_of(notebook):
    """{name: Exercise} of a notebook, in order; `notebook` is its number, "01". Empty if none is defined."""
    try:
        module = importlib.import_module(f"{__name__}.notebook_{notebook}")
    except ModuleNotFoundError:
        return {}
    return {found.name: found for found in vars(module).values() if isinstance(found, Exercise)}


def check(name, answer):
    """Print "Right.", "Not answered yet.", or "Not yet: " and what is wrong with the answer to an exercise ("01.3").

    Nothing is returned, and nothing raised for an answer, so that a notebook with empty exercises runs to its end.
    ValueError for the name of no exercise.
    """
    name = str(name)
    known = exercises_of(name[:2])
    if name not in known:
        raise ValueError(f"check: there is no exercise {name!r}; notebook {name[:2]} has {', '.join(known) or 'none'}")
    print(known[name].verdict(known[name].reply(answer)))
