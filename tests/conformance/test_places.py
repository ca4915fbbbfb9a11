"""The report says where a longer computation goes wrong, and how near a near miss is; also as JSON and for CI."""

import json
import os
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest

from reference.conformance import __main__, answers, check, run_folder, tensors
from reference.conformance.compare import call
from reference.conformance.steps import STEPS
from reference.conformance.vectors import load_cases


def doubled(state, name):
    return {entry: array * 2 if entry == name else array for entry, array in state.items()}


def test_the_first_wrong_stage_of_a_network_is_named():
    def forward(state, clip, training, trace):
        return answers.forward(doubled(state, "blocks.1.temporal_conv.W"), clip, training, trace)

    words = " ".join(str(check(forward=forward)).split())
    assert "First wrong stage: blocks.1.temporal_conv[0, 0, 0, 0] is" in words
    assert "blocks.1.relu, before it, is right." in words


def test_the_first_wrong_stage_of_a_block_is_named():
    def block(f_in, A_hat, state, stride, residual, training, trace):
        return answers.block(f_in, A_hat, doubled(state, "spatial_conv.b"), stride, residual, training, trace)

    assert "First wrong stage: spatial_conv[" in str(check(block=block))


def test_right_stages_and_a_wrong_end():
    def forward(state, clip, training, trace):
        return 2 * answers.forward(state, clip, training, trace)

    assert "stages that were handed out are right: the mistake comes after" in str(check(forward=forward))


def test_a_file_of_results_hands_out_stages_as_well(tmp_path):
    (case,) = (case for case in load_cases() if case.name == "forward.one_person_training")
    stages = {f"stages/{name}": array * (2 if "blocks.1" in name else 1) for name, array in case.stages.items()}
    outputs = {name: array * 2 for name, array in case.outputs.items()}
    tensors.write(outputs | stages, tmp_path / f"{case.name}.npz")
    words = " ".join(str(run_folder(tmp_path, cases=[case.name])).split())
    assert "First wrong stage: blocks.1" in words and "blocks.0, before it, is right" in words


def test_without_stages_the_report_says_how_to_hand_them_out():
    report = check(forward=lambda state, clip, training: answers.forward(state, clip, training) + 1)
    assert "Where? Take an argument trace, a dict, and put your stages there: data_bn, blocks.0" in str(report)
    assert "Where?" not in str(check(spatial_conv=lambda **given: answers.spatial_conv(**given) + 1))


def wrong_gradients(wrong):
    def loss_and_gradients(state, clip, labels):
        loss, gradients = answers.loss_and_gradients(state, clip, labels)
        return loss, {name: 1 + g if wrong(name) else g for name, g in gradients.items()}

    return " ".join(str(check(loss_and_gradients=loss_and_gradients)).split())


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (lambda name: name.endswith("edge_importance"), "Wrong: all 10 of edge_importance; none else."),
        (lambda name: name == "classifier.b", "Wrong: classifier.b; none else."),
        (lambda name: name == "blocks.3.spatial_conv.W", "Wrong: 1 of 10 of spatial_conv.W; none else."),
        (
            lambda name: name in ("blocks.3.spatial_conv.W", "blocks.7.spatial_bn.bias"),
            "the first wrong block is blocks.7; blocks.8, 9 behind it are right.",
        ),
    ],
)
def test_wrong_gradients_are_grouped(wrong, expected):
    assert expected in wrong_gradients(wrong)


def test_a_near_miss_is_shown_in_full():
    def in_single(**given):
        return answers.spatial_conv(**{name: array.astype(np.float32) for name, array in given.items()}).astype(float)

    words = " ".join(str(check(spatial_conv=in_single)).split())
    assert "where 1e-12 of the largest entry is allowed; looks like single precision" in words

    def slightly(**given):
        return answers.batch_norm(**given) * (1 + 3e-8)

    words = " ".join(str(check(batch_norm=slightly)).split())
    assert "where 1e-08 of the largest entry is allowed" in words
    assert words.count(".") > 3


def test_a_small_wrong_output_is_not_hidden_by_a_large_right_one():
    """float32 may be off by more than float64: each output has its own limit."""

    def mixed(g, f_in, A_hat, W, b):
        of = answers.spatial_conv_gradients(g, f_in, A_hat, W, b)
        return of | {"f_in": (of["f_in"] * (1 + 1e-6)).astype(np.float32), "W": of["W"] * (1 + 1e-8)}

    assert check(spatial_conv_gradients=mixed).failed == ["spatial_conv_gradients"]


MODULE = """from reference.conformance.answers import spatial_conv
def adjacency(num_joints, bones):
    return spatial_conv
def temporal_conv(f_in, W, b=None, stride=1): raise NotImplementedError
"""


def test_reports_for_programs(tmp_path, capsys):
    (tmp_path / "mine.py").write_text(MODULE, encoding="utf-8")
    files = ["--json", str(tmp_path / "report.json"), "--junit", str(tmp_path / "report.xml")]
    assert __main__.main(["run", str(tmp_path / "mine.py"), *files]) == 1
    steps = {step["step"]: step for step in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["steps"]}
    assert [steps[name]["verdict"] for name in ("adjacency", "spatial_conv", "temporal_conv")] == ["FAIL", "pass", "-"]
    assert all(case["passed"] for case in steps["spatial_conv"]["cases"])
    assert "object" in steps["adjacency"]["cases"][0]["problem"]
    suites = ElementTree.parse(tmp_path / "report.xml").getroot()
    counts = {suite.get("name"): [suite.get(name) for name in ("failures", "skipped")] for suite in suites}
    assert list(counts) == list(STEPS)
    assert counts["spatial_conv"] == ["0", "0"] and counts["temporal_conv"] == ["0", "1"]
    failing = suites.find("testsuite[@name='adjacency']")
    assert failing.get("tests") == failing.get("failures") == str(len(failing.findall("testcase/failure")))
    assert __main__.main(["run", str(tmp_path / "mine.py"), "--json", str(tmp_path / "nowhere" / "x.json")]) == 1
    assert "there is no folder" in capsys.readouterr().out


def test_missing_results_fail_in_the_report_for_ci(tmp_path):
    case, *others = (case for case in load_cases() if case.step == "pooling")
    tensors.write(case.outputs, tmp_path / f"{case.name}.npz")
    assert __main__.main(["run", str(tmp_path), "--step", "pooling", "--junit", str(tmp_path / "report.xml")]) == 1
    messages = [failure.get("message") for failure in ElementTree.parse(tmp_path / "report.xml").iter("failure")]
    assert len(messages) == len(others) and set(messages) == {"no result"}


def test_the_plugin_makes_a_test_of_every_case(tmp_path):
    module = "from reference.conformance.answers import pooling\ndef adjacency(**given): raise ValueError('no')"
    (tmp_path / "mine.py").write_text(module, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "reference.conformance.pytest_plugin",
    ]
    done = subprocess.run(
        [*command, "--stgcn", "mine.py"], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # which would load it a second time, where installed
    )  # fmt: skip
    count = {step: sum(case.step == step for case in load_cases()) for step in STEPS}
    assert f"{count['adjacency']} failed, {count['pooling']} passed" in done.stdout, done.stdout + done.stderr
    assert "raised ValueError: no" in done.stdout


def test_of_a_large_output_some_rows_are_compared_and_all_are_asked_for():
    (case,) = (case for case in load_cases() if case.name == "hop_distance.limb_258")
    hops = answers.hop_distance(**case.arguments)
    assert (case.whole("hops"), case.outputs["hops"].shape) == ((258, 258), (6, 258))
    hops[257, 3] += 1
    assert call(lambda **_: hops, case).failure.startswith("hops[257, 3] is ")
    assert "hops has the shape (9, 258), expected (258, 258)" in call(lambda **_: hops[:9], case).failure
