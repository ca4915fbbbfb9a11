"""What a test found, as data and as text."""

import textwrap
from dataclasses import dataclass, field

from .compare import some
from .steps import STEPS

INDENT = " " * 4
WIDTH = max(len(step) for step in STEPS)


@dataclass
class StepResult:
    """The outcomes of one step's cases, what they look like, and a note: why there are none, or are not more.

    where    sentences about the place of the mistake in a longer computation
    missing  the names of the cases that have no result although the step should have been tested
    """

    step: str
    outcomes: list
    hints: list = field(default_factory=list)
    note: str = ""
    missing: list = field(default_factory=list)
    where: list = field(default_factory=list)

    @property
    def failed(self):
        """The outcomes that did not pass."""
        return [outcome for outcome in self.outcomes if outcome.failure]

    @property
    def verdict(self):
        """ "pass" if every case does, "FAIL", "part" if cases are missing, or "-" for not tested."""
        if not self.outcomes:
            return "-"
        return "FAIL" if self.failed else "part" if self.missing else "pass"

    @property
    def worst(self):
        """The outcome with the largest error among those that could be compared, or None."""
        return max((o for o in self.outcomes if o.error is not None), key=lambda o: o.error, default=None)


@dataclass
class Report:
    """The results of all steps. `print` shows them; `text(rounded=True)` leaves out what differs between machines.

    failed, passed, incomplete, untested  the names of the steps with that verdict
    """

    steps: list

    @property
    def failed(self):
        return self._with("FAIL")

    @property
    def passed(self):
        return self._with("pass")

    @property
    def incomplete(self):
        return self._with("part")

    @property
    def untested(self):
        return self._with("-")

    def _with(self, verdict):
        return [result.step for result in self.steps if result.verdict == verdict]

    def is_pass(self, partial=False):
        """Whether something was tested and nothing is wrong or missing; partial: missing results are allowed."""
        complete = partial or not any(result.missing for result in self.steps)
        return complete and not self.failed and bool(self.passed or self.incomplete)

    def __str__(self):
        return self.text()

    def text(self, rounded=False):
        """A line for each step, and below a failing one what is wrong and what it looks like."""
        lines = [line for result in self.steps for line in _lines(result, rounded)]
        counts = f"{len(self.passed)} passed, {len(self.failed)} failed, {len(self.untested)} not tested"
        lines.append(counts + (f", {len(self.incomplete)} incomplete" if self.incomplete else ""))
        return "\n".join(lines)


def _lines(result, rounded):
    head = f"{result.step:{WIDTH}}  {result.verdict:4}  "
    if not result.outcomes:
        yield head + (result.note if result.note.startswith("not ") else f"not tested: {result.note}")
        return
    worst, count = result.worst, len(result.outcomes)
    every = count + len(result.missing)
    total = f"{count}" if result.failed else f"{count} of {every}" if result.missing else f"{every}"
    total += " case" if total == "1" else " cases"
    missing = f", {len(result.missing)} missing: {some(result.missing)}" if result.missing else ""
    if not result.failed:
        limit = max(o.allowed for o in result.outcomes)
        total += " in float32" if all(o.single for o in result.outcomes) else ""
        total += f" ({result.note})" if result.note else ""
        where = f"at {worst.place} of {worst.case}"
        largest = f"within {limit:.0e}" if rounded else f"largest error {worst.error:.1e} {where}"
        if missing:
            yield from _wrapped(total + missing, head)
        else:
            yield f"{head}{total}, {largest}"
        return
    left_out = f" ({result.note})" if result.note else ""
    yield from _wrapped(f"{len(result.failed)} of {total}{left_out}{missing}", head)
    # The case with the largest error speaks for its step; without any, the first that failed.
    spokesman = worst if worst and worst.problem else result.failed[0]
    yield from _wrapped(f"{spokesman.case}: {spokesman.failure}")
    if spokesman.problem and spokesman.error is not None:
        yield from _wrapped(f"largest error {spokesman.error:.2g} of the largest entry, at {spokesman.place}")
    others = [other for other in result.failed if other is not spokesman and other.error is None]
    another = [other for other in others if other.failure != spokesman.failure][:1]
    for other in another:
        yield from _wrapped(f"{other.case}: {other.failure}")
    if len(others) > len(another):
        yield from _wrapped(f"and {len(others) - len(another)} more without a result to compare")
    for sentence in result.where:
        yield from _wrapped(sentence)
    for hint in result.hints:
        yield from _wrapped(f"Looks like: {hint}")


def _wrapped(text, start=INDENT):
    return textwrap.wrap(text, 112, initial_indent=start, subsequent_indent=INDENT + "  ", break_on_hyphens=False)
