"""Limits below float64 are derived, hold for what computes in that precision, and still tell mistakes apart."""

import numpy as np
import pytest
import torch
import twin

from reference.conformance import __main__, answers, check, mistakes, run_folder, run_module, tensors
from reference.conformance.cases import computed, named
from reference.conformance.compare import as_arrays, compare
from reference.conformance.hints import results_of
from reference.conformance.precision import PRECISIONS, UNITS, USELESS, limits, longest_sums
from reference.conformance.runner import selected
from reference.conformance.steps import STEPS
from reference.conformance.vectors import VECTORS, load_cases

CASES = {case.name: case for case in load_cases()}
BELOW = [precision for precision in PRECISIONS if precision != "float64"]
# How many of all known mistakes fail in each precision; README tells which do not.
TOLD_APART = {"float32": 290, "tf32": 273, "bfloat16": 253}


@pytest.mark.parametrize(
    ("name", "sums"),
    [
        ("spatial_conv.many_joints", [2 + 1 + 2 * 67]),
        ("temporal_conv.short", [4 * 9 + 1]),
        ("pooling.odd", [5 * 3 * 7]),
        ("batch_norm.training", [2 * 4 * 5] * 2),
        ("batch_norm.inference", [2]),
        ("temporal_conv_gradients.stride_2", [37, 37, 2 * 12 * 5]),
        ("block.equal_inference", [3 + 1 + 9, 2, 3 * 3 + 1, 2, 2]),
        ("forward.equal_inference", [2, 3 + 1 + 9, 2, 3 * 3 + 1, 2, 2, 3 * 3 * 3, 3]),
    ],
)
def test_summands_are_counted(name, sums):
    assert longest_sums(CASES[name]) == sums


def test_a_limit_by_hand():
    """The mean of one number is that number: it is off by at most the rounding of its input and its own."""
    case = CASES["pooling.ones"]
    (x,), (u,) = case.outputs["features"].ravel(), [UNITS["float32"]]
    share = abs(x) / case.scale["features"]
    assert 4 * u < case.limits["float32"] <= 1.1 * (4 * u * share + 4 * u + 2.0**-30)


@pytest.mark.parametrize("name", ["spatial_conv.plain", "block.ones_training", "cross_entropy.large", "adjacency.pair"])
def test_the_manifest_holds_the_limits(name):
    assert limits(CASES[name], computed) == CASES[name].limits
    assert all(0 < limit <= USELESS for limit in CASES[name].limits.values())


def test_where_large_terms_cancel_nothing_is_told():
    assert set(CASES["block_gradients.ones_training"].limits) == {"float64"}, "z is 1 and -1: g - mean(g) - z mean(gz)"


def single(array):
    tensor = torch.as_tensor(array)
    return tensor.float() if tensor.is_floating_point() else tensor


def plain(result):
    """Tensors as arrays in float32."""
    if isinstance(result, dict):
        return {name: plain(value) for name, value in result.items()}
    if isinstance(result, (tuple, list)):
        return tuple(map(plain, result))
    return result.float().numpy() if torch.is_tensor(result) else np.float32(result)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_twin_in_lower_precision_passes(precision, monkeypatch):
    monkeypatch.setattr(twin, "double", single)
    monkeypatch.setattr(torch.nn.Module, "double", torch.nn.Module.float)
    worst = {}
    for case in selected(precision=precision):
        function = getattr(twin, case.step, None)
        if function:
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                outputs = function(**case.arguments)
            outputs = as_arrays(named(plain(outputs), STEPS[case.step].outputs), case)
            outcome = compare(case, outputs)
            assert outcome.failure is None, outcome.failure
            worst[case.step] = max(worst.get(case.step, 0), outcome.error)
    assert precision == "float32" or worst["spatial_conv"] > 1e-3, "it was not computed in bfloat16"


def rounded(array, digits):
    """An array rounded to so many binary digits."""
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        return array
    mantissa, exponent = np.frexp(array.astype(np.float64))
    return np.ldexp(np.round(mantissa * 2.0**digits), exponent - digits).astype(np.float32)


@pytest.mark.parametrize(("precision", "digits"), [("tf32", 11), ("bfloat16", 8)])
def test_products_of_rounded_factors_pass(precision, digits):
    """As the matrix units of a GPU compute: both factors rounded, sums in float32."""
    for case in selected(("spatial_conv", "temporal_conv"), precision=precision):
        given = {name: rounded(array, digits) for name, array in case.arguments.items()}
        if case.step == "spatial_conv":  # two products: h, which the matrix multiplies, is rounded as well
            M = given.pop("edge_importance", None)
            A_hat = given["A_hat"] if M is None else rounded(given["A_hat"] * M, digits)
            h = np.einsum("nctj,cok->knotj", given["f_in"], given["W"])
            h = h if given.get("b") is None else h + given["b"].T[:, None, :, None, None]
            f_out = np.einsum("kij,knotj->noti", A_hat, rounded(h, digits))
        else:
            f_out = answers.temporal_conv(**given)
        assert compare(case, {"f_out": f_out.astype(np.float32)}).failure is None


@pytest.mark.parametrize("precision", BELOW)
def test_mistakes_are_told_apart_in_lower_precision(precision):
    failing = 0
    for step in STEPS:
        cases = [case for case in load_cases() if case.step == step and precision in case.limits]
        for mistake in mistakes.of_step(step):
            results = [(case.in_precision(precision), results_of(mistake, case.name)) for case in cases]
            failing += any(given is None or compare(case, given).failure for case, given in results)
    assert failing == TOLD_APART[precision]
    useless = sum(precision not in case.limits for case in load_cases())
    assert f"| {useless} | {failing} |" in (VECTORS.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_reference_passes_in_every_profile(precision):
    report = run_module("reference.conformance.answers", precision=precision)
    assert (report.failed, report.untested) == ([], [])
    assert report.is_pass()


def test_the_report_says_what_a_precision_leaves_out(capsys, tmp_path):
    run = ["run", "reference.conformance.answers", "--profile", "bfloat16"]
    nothing = ["--case", "loss_and_gradients.far_training"]
    assert __main__.main([*run, "--step", "block_gradients", *nothing]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "block_gradients pass 2 cases in float32 (34 more can tell nothing in bfloat16)" in words
    assert "loss_and_gradients - not tested: no case can tell anything in bfloat16" in words
    assert __main__.main([*run, *nothing]) == 1
    assert "in bfloat16, loss_and_gradients.far_training can tell nothing" in capsys.readouterr().out


def test_results_in_a_folder_have_a_profile_too(tmp_path):
    case = CASES["spatial_conv.plain"]
    tensors.write({"f_out": case.outputs["f_out"] * (1 + 2.0**-9)}, tmp_path / f"{case.name}.npz")
    assert not run_folder(tmp_path, cases=[case.name]).passed
    assert not run_folder(tmp_path, cases=[case.name], precision="float32").passed
    assert run_folder(tmp_path, cases=[case.name], precision="bfloat16").passed
    with pytest.raises(ValueError, match="there is no precision half; did you mean float64"):
        run_folder(tmp_path, precision="half")


def test_a_result_in_float32_has_the_limit_of_float32_without_a_profile():
    def off(by):
        return lambda **given: (answers.pooling(**given) * (1 + by)).astype(np.float32)

    assert check(pooling=off(1e-7)).passed and check(pooling=off(1e-5)).failed


@pytest.mark.parametrize("spoil", [lambda f: f * np.nan, lambda f: f / np.float32(0), lambda f: f[..., :1, :]])
def test_where_float32_tells_nothing_a_result_in_float32_is_still_looked_at(spoil):
    case = next(case for case in load_cases() if "float32" not in case.limits and len(case.outputs) == 1)
    right = {name: array.astype(np.float32) for name, array in case.outputs.items()}
    assert compare(case, {name: array + np.float32(1e6) for name, array in right.items()}).failure is None
    with np.errstate(all="ignore"):
        assert compare(case, {name: spoil(array) for name, array in right.items()}).failure
