"""What a test found, as data and as text."""

import textwrap
from dataclasses import dataclass, field

from .steps import STEPS

INDENT = " " * 4
WIDTH = max(len(step) for step in STEPS)


@dataclass
class StepResult:
    """The outcomes of one step's cases, what they look like, and a note if there are none."""

    step: str
    outcomes: list
    hints: list = field(default_factory=list)
    note: str = ""

    @property
    def failed(self):
        """The outcomes that did not pass."""
        return [outcome for outcome in self.outcomes if outcome.problem]

    @property
    def verdict(self):
        """ "pass", "FAIL" or "-" for not tested."""
        return "FAIL" if self.failed else "pass" if self.outcomes else "-"

    @property
    def worst(self):
        """The outcome with the largest error among those that could be compared, or None."""
        return max((o for o in self.outcomes if o.error is not None), key=lambda o: o.error, default=None)


@dataclass
class Report:
    """The results of all steps. `print` shows them; `text(rounded=True)` leaves out what differs between machines."""

    steps: list

    @property
    def failed(self):
        """The names of the steps that failed."""
        return [result.step for result in self.steps if result.verdict == "FAIL"]

    @property
    def passed(self):
        """The names of the steps that passed."""
        return [result.step for result in self.steps if result.verdict == "pass"]

    def __str__(self):
        return self.text()

    def text(self, rounded=False):
        """A line for each step, and below a failing one what is wrong and what it looks like."""
        lines = [line for result in self.steps for line in _lines(result, rounded)]
        untested = len(self.steps) - len(self.passed) - len(self.failed)
        lines.append(f"{len(self.passed)} passed, {len(self.failed)} failed, {untested} not tested")
        return "\n".join(lines)


def _lines(result, rounded):
    head = f"{result.step:{WIDTH}}  {result.verdict:4}  "
    if not result.outcomes:
        yield head + (result.note if result.note.startswith("not ") else f"not tested: {result.note}")
        return
    worst = result.worst
    total = f"{len(result.outcomes)} case{'s' if len(result.outcomes) > 1 else ''}"
    if not result.failed:
        single = any(array.dtype.itemsize == 4 for array in worst.outputs.values())
        limit = STEPS[result.step].tolerance.float32 if single else STEPS[result.step].tolerance.float64
        total += " in float32" if single else ""
        where = f"at {worst.place} of {worst.case}"
        yield head + f"{total}, " + (f"within {limit:.0e}" if rounded else f"largest error {worst.error:.1e} {where}")
        return
    yield head + f"{len(result.failed)} of {total}"
    # The case with the largest error speaks for its step; without any, the first that failed.
    spokesman = worst if worst and worst.problem else result.failed[0]
    yield from _wrapped(f"{spokesman.case}: {spokesman.problem}")
    if spokesman.error is not None:
        yield from _wrapped(f"largest error {spokesman.error:.2g} of the largest entry, at {spokesman.place}")
    others = [other for other in result.failed if other is not spokesman and other.error is None]
    another = [other for other in others if other.problem != spokesman.problem][:1]
    for other in another:
        yield from _wrapped(f"{other.case}: {other.problem}")
    if len(others) > len(another):
        yield from _wrapped(f"and {len(others) - len(another)} more without a result to compare")
    for hint in result.hints:
        yield from _wrapped(f"Looks like: {hint}")


def _wrapped(text):
    return textwrap.wrap(text, 112, initial_indent=INDENT, subsequent_indent=INDENT + "  ", break_on_hyphens=False)
