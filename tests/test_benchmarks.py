"""The benchmark's arithmetic and its pages; what it measures is a matter of the machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import contestants
import machine
import measure
import numpy as np
import pytest
import table
import torch

BENCHMARKS = Path(__file__).parent / "benchmarks"
FIGURES = {"GFLOP/s": 100.0}


def row(ms, twin, plain, peak):
    return {
        "ms": ms,
        "twin": [twin - 0.1, twin, twin + 0.1],
        "plain": [plain, plain, plain],
        "peak": [peak, peak, peak],
    }


def results(fused=1.5, peak=0.95, numpy=1.0):
    """As bench.py would have measured them."""
    rows = {
        measure.PEAK: FIGURES,
        contestants.NUMPY: row(300, numpy, 1.1, 0.6),
        contestants.PLAIN: row(330, 0.8, 1.0, 0.6),
        contestants.TWIN: row(250, 1.0, 1.3, 0.8),
        contestants.FUSED: row(220, 1.2, fused, peak),
    }
    absent = {"OpenVINO": "openvino not installed"}
    cases = [{"case": "forward, N 1, T 300", "rounds": 3, "rows": rows, "absent": absent}]
    kinds = [{"kind": kind, "frames": 20000, "seconds": 12.0, "MB": 140.0} for kind in ("fused", "NumPy")]
    return {"machine": machine.describe(), "times": {"1": cases, "2": cases}, "gpu": None, "memory": {"MB": 41.0},
            "stream": {"window": 64, "every": 16, "ms": 3.0},
            "windows": kinds}  # fmt: skip


def test_functions_alternate_and_each_is_timed_alone():
    order, now = [], iter(range(100))
    calls = {name: lambda name=name: order.append(name) for name in "ab"}
    seconds = measure.alternate(calls, 3, lambda: next(now))
    assert "".join(order) == "ab" + "ababab"  # the first two do not count
    assert seconds == {"a": [1, 1, 1], "b": [1, 1, 1]}


def test_ratios_are_of_neighbouring_runs():
    seconds = {measure.PEAK: [1.0, 2.0, 1.0], measure.PEAK + ", bfloat16": [0.5, 0.5, 0.5],
               measure.PEAK + ", NumPy": [2.0, 2.0, 2.0], contestants.PLAIN: [3.0, 30.0, 3.0],
               contestants.TWIN: [2.0, 20.0, 2.0], "twin, bfloat16": [1.0, 1.0, 1.0],
               contestants.NUMPY: [4.0, 4.0, 4.0]}  # fmt: skip
    rows = measure.rows(seconds, multiply_adds=measure.SIZE**3)
    assert rows[contestants.TWIN]["plain"] == [1.5, 1.5, 1.5]  # although both took ten times as long in one round
    assert rows[contestants.TWIN]["ms"] == 2000
    assert rows[contestants.TWIN]["peak"][1] == 0.5
    assert rows["twin, bfloat16"]["peak"][1] == 0.5
    assert rows[contestants.NUMPY]["peak"][1] == 0.5
    assert rows[measure.PEAK]["GFLOP/s"] == 2 * measure.SIZE**3 / 1e9


@pytest.mark.parametrize("task", ["forward", "training"])
def test_all_contestants_compute_the_same(task):
    case = contestants.Case(task, 1, 8)
    calls = contestants.contestants(case, "cpu", threads=1, compiled=False)
    outputs = {name: call() for name, call in calls.items()}
    if task == "training":
        assert len(outputs) == 3 + machine.multiplies_bfloat16("cpu")
        return
    expected = outputs.pop(contestants.NUMPY)
    for name, logits in outputs.items():
        got = np.asarray(logits[0] if isinstance(logits, list) else logits.float())
        tolerance = 0.05 if "bfloat16" in name else 1e-5  # eight binary digits, or twenty-four
        assert np.max(np.abs(got - expected)) < tolerance * np.max(np.abs(expected)), name


def test_multiply_adds_are_those_of_the_layer_table():
    assert contestants.Case("forward", 2, 300).multiply_adds == pytest.approx(2 * 17.1e9, rel=0.01)
    assert contestants.Case("training", 1, 300).multiply_adds == 3 * contestants.Case("forward", 1, 300).multiply_adds


def test_targets_are_met_or_missed_by_the_figures():
    assert all(line.startswith("met") for line in table.targets(results()))
    missed = [line for line in table.targets(results(fused=1.3, peak=0.8, numpy=0.5)) if line.startswith("MISSED")]
    assert len(missed) == 4
    assert "MISSED fused, N 1, two threads: times as fast as plain: 1.30 (at least 1.35)" in missed


def test_the_text_says_what_is_absent_and_on_what_it_was_measured():
    text = table.text(results())
    assert "GPU: no GPU here" in text
    assert "OpenVINO: left out, openvino not installed" in text
    assert machine.processor() in text
    assert f"kernel {machine.numpy_blas().split()[-1]}" in text
    assert "1.20 [1.10 1.30]" in text


def test_the_table_goes_between_the_marks_of_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- benchmark: begin -->\nold\n<!-- benchmark: end -->\nafter\n", "utf-8")
    table.into_readme(page, results())
    text = page.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "old" not in text
    assert f"| {contestants.PLAIN} | 330 ms | 330 ms |" in text
    assert f"| {contestants.FUSED} | 1.50 | 1.50 |" in text
    table.into_readme(page, results())
    assert page.read_text("utf-8") == text
    with pytest.raises(ValueError, match="has no lines <!-- benchmark: begin -->"):
        table.into_readme(Path(__file__).parent / "conftest.py", results())


def test_memory_and_windows_are_measured_in_a_process_of_their_own():
    options = {"threads": 1, "kind": "fused", "frames": 40}
    command = [sys.executable, str(BENCHMARKS / "measure.py"), "windows", json.dumps(options)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    measured = json.loads(done.stdout)
    assert 0 < measured["seconds"] < 60
    assert 0 <= measured["MB"] < 400


def test_the_peak_of_a_gpu_is_timed_when_it_is_done(monkeypatch):
    waits = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: waits.append(1))
    measure.timer("cuda", 1)()
    assert waits == [1]
