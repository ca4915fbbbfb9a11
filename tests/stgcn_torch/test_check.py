"""The cross-check command: it agrees where the twin is right, and says so where it is wrong."""

import re

import numpy as np
import pytest
import torch

import reference
from stgcn_torch import __main__ as command
from stgcn_torch import check
from stgcn_torch.layers import SpatialConv, TemporalConv


@pytest.fixture
def few_cases(monkeypatch):
    """The check on two of its cases only."""
    chosen = [case for case in check.cases() if case.skeleton == "toy_5"][-1:] + check.cases()[-1:]
    monkeypatch.setattr(check, "cases", lambda: chosen)


def test_every_strategy_normalisation_and_skeleton_is_a_case():
    combinations = {case[:3] for case in check.cases() if case.strategy in reference.PAPER_STRATEGIES}
    skeletons = {skeleton for skeleton, _, _ in combinations}
    assert len(skeletons) >= 4
    assert len(combinations) == len(skeletons) * len(reference.PAPER_STRATEGIES) * len(reference.NORMALIZATIONS)


def test_a_checkpoint_of_the_widely_copied_code_carries_its_graph():
    (case,) = [case for case in check.cases() if case.strategy == "widely_copied"]
    assert (case.normalization, case.layout.title) == ("joint", "the widely copied implementation")


def test_the_cases_hold_what_is_easily_got_wrong():
    cases = {case.variant: case for case in check.cases()}
    assert cases["one video, no batch axis"].clip.ndim == 4
    assert cases["two clips"].clip.shape[0] == 2
    assert cases["T 5, shorter than gamma"].clip.shape[2] == 5
    assert check.FRAMES % 2 == 1
    absent = cases["second person absent"].clip
    assert absent.shape[-1] == 2
    assert np.any(absent[..., 0] != 0)
    assert not np.any(absent[..., 1])
    assert cases["training statistics"].training


def test_clips_are_real_and_mapped_by_joint_name():
    from reference import load_clips

    toy = check.real_clip("toy_5")
    walk = load_clips("mocap_15").clip("walk")[:, :, : check.FRAMES]
    names = list(load_clips("mocap_15").skeleton.joints)
    np.testing.assert_array_equal(toy[:, :, :, 3], walk[:, :, :, names.index("right_wrist")])
    assert check.real_clip("openpose_18").shape == (1, 3, check.FRAMES, 18, 1)


def test_the_weights_leave_nothing_neutral():
    case = check.cases()[0]
    state = check.random_state(case)
    for name, array in state.items():
        if name not in ("A_hat", "strides"):
            assert not np.all(array == array.flat[0]), name
    for name in ("blocks.0.edge_importance", "data_bn.running_var"):
        assert np.all(state[name] > 0.5), name


@pytest.mark.parametrize("dtype", check.TOLERANCES)
@pytest.mark.parametrize("case", check.cases(), ids=lambda case: "-".join(case[:4]).replace(" ", "_"))
def test_both_agree_at_every_stage(case, dtype):
    result = check.compare(case, dtype)
    assert result.passed, f"{result.worst_stage}: {result.worst:.1e}"
    layers = ["spatial_conv", "spatial_bn", "relu", "temporal_conv", "temporal_bn"]
    stages = ["graph", "data_bn"]
    for i in range(10):
        residual = ["residual_conv", "residual_bn"] if i in (4, 7) else []
        stages += [*(f"blocks.{i}.{layer}" for layer in layers + residual), f"blocks.{i}"]
    assert list(result.error) == [*stages, "pooled", "logits"]


def test_the_command_prints_the_worst_figures_and_exits_zero(few_cases, capsys):
    assert command.main(["check"]) == 0
    printed = capsys.readouterr().out
    assert "Worst float64 figure, PyTorch on cpu" in printed
    assert "4 of 4 comparisons are within the tolerances." in printed
    for stage in (
        "graph",
        "data_bn",
        "blocks.9.spatial_conv",
        "blocks.9.temporal_conv",
        "blocks.9",
        "pooled",
        "logits",
    ):
        assert re.search(rf"^{stage} +\d\.\de[+-]\d+ ", printed, re.MULTILINE), stage
    if not torch.cuda.is_available():
        assert "No GPU columns: PyTorch sees no CUDA device" in printed


def transposed_graph(self, f_in, A_hat):
    return original_spatial(self, f_in, A_hat.transpose(1, 2))


def no_bias(self, f_in):
    return original_temporal(self, f_in) - self.b[:, None, None]


def slightly_off(self, f_in):
    return original_temporal(self, f_in) * (1 + 1e-5)


original_spatial, original_temporal = SpatialConv.forward, TemporalConv.forward


@pytest.mark.parametrize(
    ("layer", "wrong", "first_stage"),
    [
        (SpatialConv, transposed_graph, "blocks.0.spatial_conv"),
        (TemporalConv, no_bias, "blocks.0.temporal_conv"),
        (TemporalConv, slightly_off, "blocks.0.temporal_conv"),
    ],
)
def test_a_wrong_twin_is_caught_where_it_is_wrong(layer, wrong, first_stage, few_cases, monkeypatch, capsys):
    monkeypatch.setattr(layer, "forward", wrong)
    assert command.main(["check"]) == 1
    assert "FAIL" in capsys.readouterr().out
    result = check.compare(check.cases()[0], "float64")
    beyond = [stage for stage, error in result.error.items() if error > check.TOLERANCES["float64"]]
    assert beyond[0] == first_stage


def test_a_nan_in_the_reference_fails_too(few_cases, monkeypatch, capsys):
    monkeypatch.setattr(check, "forward", lambda *a, **k: reference.forward(*a, **k) * np.nan)
    assert command.main(["check"]) == 1
    assert "0 of 4 comparisons" in capsys.readouterr().out


def test_a_nan_or_another_shape_counts_as_the_largest_error():
    expected = np.ones((2, 3))
    assert check.relative_error(expected, np.full((2, 3), np.nan)) == np.inf
    assert check.relative_error(expected, np.ones(3)) == np.inf
    assert check.relative_error(expected * np.nan, expected) == np.inf
    assert check.relative_error(expected, expected * 1.5) == 0.5
    assert check.relative_error(0 * expected, 0 * expected) == 0
    assert check.relative_error(0 * expected, expected) == np.inf
