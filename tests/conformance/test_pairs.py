"""Two mistakes in one function are both named, in blocks, networks and gradients too."""

import numpy as np
import pytest
import twin

from reference.conformance import answers, check
from reference.conformance.compare import call
from reference.conformance.hints import hints_for
from reference.conformance.vectors import load_cases


def block(f_in, A_hat, state, stride, residual, training):
    state = state | {name: array * 0 for name, array in state.items() if name in ("temporal_conv.b", "residual_conv.b")}
    return twin.block(f_in, A_hat.swapaxes(1, 2), state, stride, residual, training)


def forward(state, clip, training):
    state = state | {"classifier.b": state["classifier.b"] * 0}
    return twin.forward(state, clip, training).softmax(1)


def two_in_one_layer(f_in, A_hat, state, stride, residual, training):
    """Both in the spatial convolution of a block."""
    state = state | {"spatial_conv.b": state["spatial_conv.b"] * 0}
    return twin.block(f_in, A_hat.swapaxes(1, 2), state, stride, residual, training)


def in_graph_and_residual(f_in, A_hat, state, stride, residual, training):
    alone = {name: array for name, array in state.items() if not name.startswith("residual")}
    return twin.block(f_in, A_hat.swapaxes(1, 2), alone, stride, False, training)


def named_by(step, function):
    (result,) = check(**{step: function}).steps
    assert result.verdict == "FAIL"
    return result.hints


@pytest.mark.parametrize(
    ("step", "function", "names"),
    [
        ("block", block, ["in spatial_conv: A transposed, its edge", "in temporal_conv: bias left out"]),
        ("block", two_in_one_layer, ["in spatial_conv: A transposed, its edge", "in spatial_conv: bias left out"]),
        ("block", in_graph_and_residual, ["in spatial_conv: A transposed, its edge", "the residual left out"]),
        ("forward", forward, ["softmax inside the model", "classifier bias left out"]),
    ],
)
def test_both_are_named(step, function, names):
    hints = named_by(step, function)
    assert len(hints) == 2 and all(hint.startswith("two mistakes together. ") for hint in hints), hints
    for name in names:
        assert any(name in hint for hint in hints), hints


def test_one_or_two_cases_are_no_evidence_for_two_mistakes():
    cases = [case for case in load_cases() if case.step == "block"]
    compared = [(case, call(block, case)) for case in cases]
    failing = [(case, outcome) for case, outcome in compared if outcome.problem]
    for given, told in ((failing[:2], False), (compared, True)):
        hints = hints_for(*map(list, zip(*given, strict=True)))
        assert any("two mistakes together" in hint for hint in hints) is told


def test_two_in_the_gradients_are_both_named():
    def loss_and_gradients(state, clip, labels):
        loss, of = answers.loss_and_gradients(state, clip, labels)
        A_hat = np.where(state["A_hat"] == 0, 1, state["A_hat"])
        wrong = {name: g / A_hat if name.endswith("edge_importance") else g for name, g in of.items()}
        return loss, {name: len(labels) * g for name, g in wrong.items()}

    hints = " ".join(named_by("loss_and_gradients", loss_and_gradients))
    assert "edge importance without A_hat where there are edges" in hints
    assert "gradients summed over the batch, the loss averaged" in hints


def test_what_no_two_mistakes_give_is_not_named():
    assert named_by("block", lambda **given: answers.block(**given) + 1) == []
