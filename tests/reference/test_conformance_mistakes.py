"""Wrong implementations are recognised by name, and every mistake that the kit knows shows in its vectors."""

import pytest
import wrong

from reference.conformance import check, mistakes
from reference.conformance.compare import compare, equal
from reference.conformance.hints import results_of
from reference.conformance.steps import STEPS
from reference.conformance.vectors import load_cases

SAME = {
    ("in batch_norm: training mode in inference", "`training` ignored: always on"),
    ("in data_batch_norm: epsilon 1e-08", "in data_batch_norm: epsilon left out"),
}


def test_the_wrong_ones_are_many_and_each_is_wrong_in_one_way_only():
    assert len({name for _, name, _ in wrong.WRONG}) >= 20
    right = {
        "spatial_conv": wrong.RIGHT_GRAPH_CONV,
        "batch_norm": wrong.batch_norm,
        "normalize": wrong.right_normalize,
        "partition": wrong.right_partition,
        "adjacency": wrong.edges,
    }
    assert check(**right).passed == [step for step in STEPS if step in right]


@pytest.mark.parametrize(("step", "name", "function"), wrong.WRONG, ids=[name for _, name, _ in wrong.WRONG])
def test_a_wrong_implementation_is_recognised_by_name(step, name, function):
    (result,) = check(**{step: function}).steps
    assert result.verdict == "FAIL"
    assert [hint.partition(". ")[0] for hint in result.hints] == [name]


def test_dropout_left_on_is_recognised():
    (result,) = check(forward=wrong.dropout_in_eval).steps
    assert "is dropout active" in result.hints[0]


@pytest.mark.parametrize("step", STEPS)
def test_every_mistake_shows_and_no_two_look_the_same(step):
    cases = [case for case in load_cases() if case.step == step]
    seen = {}
    for mistake in mistakes.of_step(step):
        results = [results_of(mistake, case.name) for case in cases]
        outcomes = [compare(case, given) for case, given in zip(cases, results, strict=True) if given is not None]
        assert any(outcome.problem for outcome in outcomes), f"{mistake.name} shows in no case"
        seen[mistake.name] = results
    assert len(seen) == len(mistakes.of_step(step)) >= 2
    names = list(seen)
    for first, second in ((a, b) for i, b in enumerate(names) for a in names[:i]):
        if all(alike(*pair) for pair in zip(cases, seen[first], seen[second], strict=True)):
            assert {first.removeprefix("in block: "), second.removeprefix("in block: ")} in map(set, SAME)


def alike(case, results, others):
    if results is None or others is None:
        return results is others
    return equal(case, results, others)
