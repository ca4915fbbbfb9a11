"""The vectors of the conformance kit: complete, described, the same bytes again, passed by other implementations."""

import filecmp
import json
import re
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from reference import NORMALIZATIONS, PAPER_STRATEGIES, SKELETONS
from reference.conformance import answers, run_module
from reference.conformance.build_vectors import build, on_grid
from reference.conformance.steps import STEPS
from reference.conformance.vectors import VECTORS, load_cases

IMPLEMENTATIONS = Path(__file__).parent.parent / "helpers"


@pytest.fixture(scope="module")
def manifest():
    return json.loads((VECTORS / "manifest.json").read_text(encoding="utf-8"))


def test_building_again_changes_no_byte(tmp_path):
    build(tmp_path)
    names = sorted(path.name for path in VECTORS.iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(VECTORS, tmp_path, names, shallow=False) == (names, [], [])


@pytest.mark.parametrize(("other", "most"), [(".npz", 3e6), (".safetensors", 3.5e6)])
def test_the_vectors_are_small(other, most):
    """In each of the two forms: nobody needs both. An .npz has a longer head for each array."""
    assert sum(path.stat().st_size for path in VECTORS.iterdir() if path.suffix != other) < most


def test_a_number_between_two_multiples_is_refused():
    assert on_grid(np.array([1.0, 2.0**-31 * 1.01]), 1.0, "x").tolist() == [1.0, 2.0**-30]
    with pytest.raises(ValueError, match="x: a number lies between two multiples of 9e-10"):
        on_grid(np.array([1.0, 2.0**-31]), 1.0, "x")


@pytest.mark.parametrize("step", STEPS)
def test_both_formats_hold_what_the_manifest_says(manifest, step):
    with np.load(VECTORS / f"{step}.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    by_the_library = load_file(VECTORS / f"{step}.safetensors")
    assert arrays.keys() == by_the_library.keys()
    for name, array in arrays.items():
        assert array.dtype == by_the_library[name].dtype
        np.testing.assert_array_equal(array, by_the_library[name])
    used = set()
    for case in (case for case in manifest["cases"] if case["step"] == step):
        for name, described in [*case["inputs"].items(), *case["outputs"].items()]:
            array = arrays[described["key"]]
            used.add(described["key"])
            assert (list(array.shape), str(array.dtype)) == (described["shape"], described.get("dtype", "float64"))
            if not name.startswith("state/"):
                axes = described["axes"].split(", ")
                assert axes[0] in ("bone", "row") or len(axes) == max(array.ndim, 1), (case["name"], name, axes)
    assert used == set(arrays)


def test_the_cases_are_the_ones_that_matter(manifest):
    names = {case["name"] for case in manifest["cases"]}
    assert {case["step"] for case in manifest["cases"]} == set(STEPS) == set(manifest["steps"]) == set(answers.__all__)
    assert names >= {f"adjacency.{name}" for name in SKELETONS}
    assert names >= {f"partition.{name}_{strategy}" for name in SKELETONS for strategy in PAPER_STRATEGIES}
    assert names >= {f"normalize.ntu_25_{method}" for method in NORMALIZATIONS}
    cases = {case.name: case for case in load_cases()}
    assert cases["temporal_conv.stride_2_odd"].inputs["f_in"].shape[2] % 2 == 1
    assert cases["temporal_conv.short"].inputs["f_in"].shape[2] < cases["temporal_conv.short"].inputs["W"].shape[2]
    ten_rows = cases["forward.ten_rows_inference"].inputs
    assert len(ten_rows["state"]["strides"]) == 10
    assert np.any(~np.any(ten_rows["clip"] != 0, axis=(1, 2, 3))), "a person is absent"
    for step in manifest["steps"].values():
        assert step["formula"] and step["tolerance"]["reason"]
        assert step["tolerance"]["float64"] <= step["tolerance"]["float32"]
    for case in manifest["cases"]:
        limits = [case["tolerance"].get(name, 1) for name in ("float64", "float32", "tf32", "bfloat16")]
        assert limits == sorted(limits) and limits[0] == manifest["steps"][case["step"]]["tolerance"]["float64"]


@pytest.mark.parametrize("case", load_cases(), ids=lambda case: case.name)
def test_floats_are_float64_and_inputs_lose_nothing_in_float32(case):
    inputs = [value for value in case.inputs.values() if not isinstance(value, dict)]
    inputs += [array for value in case.inputs.values() if isinstance(value, dict) for array in value.values()]
    for array in inputs:
        assert array.dtype in (np.float32 if case.name.endswith("float32") else np.float64, np.int64)
        if case.step != "normalize" and not re.search(r"\.(digits|far)", case.name):  # those are made to lose some
            np.testing.assert_array_equal(array.astype(np.float32), array)
    assert {array.dtype for array in case.outputs.values()} == {np.dtype(np.float64)}


def test_the_reference_passes_all():
    report = run_module("reference.conformance.answers")
    assert report.passed == list(STEPS)


def test_the_pytorch_twin_passes_all_that_it_computes():
    report = run_module(str(IMPLEMENTATIONS / "twin.py"))
    assert report.failed == []
    assert report.passed == [
        step for step in STEPS if step not in ("adjacency", "hop_distance", "partition", "normalize", "layer_table")
    ]


def test_plain_loops_pass_all_that_they_compute():
    report = run_module(str(IMPLEMENTATIONS / "loops.py"))
    assert report.failed == []
    assert report.passed == [step for step in STEPS if not step.endswith("gradients")]
