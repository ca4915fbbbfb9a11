"""Which known mistake does a wrong result look like?"""

import warnings
from functools import cache

from . import mistakes
from .cases import named
from .compare import as_arrays, equal
from .pairs import pairs
from .steps import STEPS
from .vectors import load_cases


def hints_for(cases, outcomes, passed=()):
    """What wrong results of one step look like: sentences, none where everything passes or nothing known fits.

    passed  the names of steps that passed: their mistakes are named only if nothing else fits

    A mistake fits if it gives the same results as the function under test in every case, the passing ones included.
    Where none does, but two of them together do, both are named; else those that explain most of the failing cases,
    each with their number.
    """
    compared = [pair for pair in zip(cases, outcomes, strict=True) if pair[1].outputs is not None]
    failing = {case.name for case, outcome in compared if outcome.problem is not None}
    if not failing:
        return []
    step, found = compared[0][0].step, []
    for mistake in mistakes.of_step(step):
        same = {case.name for case, outcome in compared if _same(results_of(mistake, case.name), case, outcome)}
        if same & failing:
            found.append((mistake, same & failing, len(same) == len(compared)))
    whole = [mistake for mistake, _, fits in found if fits]
    if whole:
        return _sentences(whole, passed)
    both = _pair(step, compared)
    if both:
        return [f"two mistakes together. {mistake.sentence}" for mistake in both]
    told, unexplained = [], set(failing)
    while unexplained and len(told) < 4:
        most = max((len(explained & unexplained) for _, explained, _ in found), default=0)
        if not most:
            break
        best = [(mistake, explained) for mistake, explained, _ in found if len(explained & unexplained) == most]
        told += [f"in {most} of {len(failing)} cases, {text}" for text in _sentences([m for m, _ in best], passed)]
        unexplained -= set().union(*(explained for _, explained in best))
    return told


def _sentences(fitting, passed):
    """The advice of mistakes; those in a layer that passed by itself come only if there are no others."""

    def layer(mistake):
        return mistake.name.removeprefix("in ").split(":")[0] if mistake.name.startswith("in ") else ""

    others = [mistake.sentence for mistake in fitting if layer(mistake) not in passed]
    return others or [
        f"{mistake.sentence} ({layer(mistake)} by itself passes: is it the same code that is used here?)"
        for mistake in fitting
    ]


def _pair(step, compared):
    """The two mistakes that together give all results of a step, or None; of one or two cases, it would be chance."""
    if len(compared) < 3:
        return None
    # The smallest failing case first: it rules most pairs out.
    compared = sorted(compared, key=lambda pair: (pair[1].problem is None, pair[0].size))
    for outer, inner, both in pairs(mistakes.of_step(step)):
        if all(_same(results(both, case), case, outcome) for case, outcome in compared):
            return outer, inner
    return None


@cache
def results_of(mistake, case_name):
    """The named arrays that a mistake gives for a case; None where it cannot compute any."""
    (case,) = (case for case in load_cases() if case.name == case_name)
    return results(mistake.function, case)


def results(function, case):
    """The named arrays that a function gives for a case; None where it cannot compute any."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mistake may divide by zero
            result = function(**case.arguments)
        return as_arrays(named(result, STEPS[case.step].outputs), case)
    except (ValueError, IndexError, KeyError, TypeError):
        return None


def _same(results, case, outcome):
    return results is not None and equal(case, outcome.outputs, results)
