"""Which known mistake does a wrong result look like?"""

import warnings
from functools import cache

from . import mistakes
from .cases import named
from .compare import as_arrays, equal
from .steps import STEPS
from .vectors import load_cases


def hints_for(cases, outcomes):
    """What wrong results of one step look like: sentences, none where everything passes or nothing known fits.

    A mistake fits if it gives the same results as the function under test in every case, the passing ones included.
    Where none does, the one that explains most of the failing cases is named with their number.
    """
    compared = [pair for pair in zip(cases, outcomes, strict=True) if pair[1].outputs is not None]
    failing = sum(outcome.problem is not None for _, outcome in compared)
    if not failing:
        return []
    found = []
    for mistake in mistakes.of_step(compared[0][0].step):
        same = [_same(mistake, case, outcome) for case, outcome in compared]
        explained = sum(same[n] for n, (_, outcome) in enumerate(compared) if outcome.problem)
        if explained:
            found.append((explained, all(same), mistake))
    whole = [mistake for _, fits, mistake in found if fits]
    if whole:
        return [mistake.sentence for mistake in whole]
    most = max((explained for explained, _, _ in found), default=0)
    return [f"in {most} of {failing} cases, {mistake.sentence}" for explained, _, mistake in found if explained == most]


@cache
def results_of(mistake, case_name):
    """The named arrays that a mistake gives for a case; None where it cannot compute any."""
    (case,) = (case for case in load_cases() if case.name == case_name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mistake may divide by zero
            result = mistake.function(**case.arguments)
        return as_arrays(named(result, STEPS[case.step].outputs), case.outputs)
    except (ValueError, IndexError, KeyError, TypeError):
        return None


def _same(mistake, case, outcome):
    results = results_of(mistake, case.name)
    return results is not None and equal(case, outcome.outputs, results)
