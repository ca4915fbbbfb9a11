"""The vectors of known mistakes name each mistake by the rule that mistakes.json tells, in any language."""

import json

import numpy as np
import pytest
import wrong

from reference.conformance import mistakes, tensors
from reference.conformance.compare import call, equal
from reference.conformance.hints import results_of
from reference.conformance.steps import STEPS
from reference.conformance.vectors import VECTORS, load_cases

TOLD = json.loads((VECTORS / "mistakes.json").read_text(encoding="utf-8"))
ARRAYS = tensors.read(VECTORS / "mistakes.safetensors")


def fits(case, outputs, row):
    """The rule, as in mistakes.json."""
    entries, limits, *results = ARRAYS[case.name]
    flat = np.concatenate([np.ravel(outputs[name]) for name in case.outputs])
    found = np.array([flat[e] if e < len(flat) and np.isfinite(flat[e]) else np.nan for e in entries.astype(int)])
    known = results[row]
    both_absent = np.isnan(found) & np.isnan(known)
    close = np.abs(found - np.nan_to_num(known)) <= limits + 1e-8 * np.abs(known)
    return bool(np.all(both_absent | (np.isfinite(known) & close)))


def names(step, outputs):
    """The known mistakes of a step that fit results, a dict for each case that has any."""
    cases = [case for case in load_cases() if case.step == step and outputs[case.name] is not None]
    rows = enumerate(TOLD["mistakes"][step])
    return [m["name"] for row, m in rows if all(fits(case, outputs[case.name], row) for case in cases)]


def test_all_mistakes_are_listed_in_order():
    for step in STEPS:
        told = [(mistake["name"], mistake["advice"]) for mistake in TOLD["mistakes"][step]]
        assert told == [(mistake.name, mistake.advice) for mistake in mistakes.of_step(step)]
    assert "1e-8 |number|" in TOLD["about"]


@pytest.mark.parametrize("step", STEPS)
def test_every_mistake_is_named_by_its_vectors(step):
    cases = [case for case in load_cases() if case.step == step]
    for mistake in mistakes.of_step(step):
        mine = {case.name: results_of(mistake, case.name) for case in cases}
        found = names(step, mine)
        assert mistake.name in found
        for other in (other for other in mistakes.of_step(step) if other.name in found):
            theirs = {case.name: results_of(other, case.name) for case in cases}
            for case in (case for case in cases if mine[case.name] is not None):
                both = mine[case.name], theirs[case.name]
                # Entries are chosen where two mistakes differ by more than twice the limit; what is closer, fits both.
                wider = case._replace(limits={name: 2.1 * limit for name, limit in case.limits.items()})
                assert equal(wider, *both), (case.name, mistake.name, other.name)


@pytest.mark.parametrize(("step", "name", "function"), wrong.WRONG, ids=[name for _, name, _ in wrong.WRONG])
def test_wrong_implementations_are_named_by_vectors_alone(step, name, function):
    cases = [case for case in load_cases() if case.step == step]
    assert names(step, {case.name: call(function, case).outputs for case in cases}) == [name]


@pytest.mark.parametrize("step", STEPS)
def test_right_results_are_no_mistake(step):
    assert names(step, {case.name: case.outputs for case in load_cases() if case.step == step}) == []
