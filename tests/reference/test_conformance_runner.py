"""The runner of the conformance kit: whatever comes, it says what is wrong, and goes on."""

import os
import subprocess
import sys

import numpy as np
import pytest

from reference.conformance import __main__, answers, check, run_folder, run_module, tensors
from reference.conformance.steps import STEPS
from reference.conformance.vectors import load_cases

CASES = {case.name: case for case in load_cases()}


def right_results(case):
    """Its outputs; of those that are stored in part, the rows that nobody looks at are zeros."""
    results = dict(case.outputs)
    for name, rows in case.rows.items():
        results[name] = np.zeros(case.whole(name))
        results[name][..., rows["kept"], :] = case.outputs[name]
    return results


def write_results(folder, suffix=".npz", change=lambda case, outputs: outputs):
    for case in CASES.values():
        tensors.write(change(case, right_results(case)), folder / f"{case.name}{suffix}")
    return folder


def test_a_result_in_part_is_refused(tmp_path):
    case = CASES["hop_distance.limb_258"]
    tensors.write(case.outputs, tmp_path / f"{case.name}.npz")
    report = run_folder(tmp_path)
    assert "hops has the shape (6, 258), expected (258, 258)" in str(report)


def module(folder, text):
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_module_by_path_and_what_it_leaves_out(tmp_path, capsys):
    text = (
        "from reference.conformance.answers import adjacency\ndef temporal_conv(f_in, W, b=None, stride=1):\n    1 / 0"
    )
    assert __main__.main(["run", module(tmp_path, text)]) == 1
    printed = capsys.readouterr().out
    assert "adjacency                  pass  21 cases, largest error 0.0e+00 at A[0, 0] of adjacency.toy_5" in printed
    assert "temporal_conv              FAIL  61 of 61 cases" in printed
    assert "temporal_conv.stride_1: raised ZeroDivisionError: division by zero" in printed
    assert "and 60 more without a result to compare" in printed
    assert "block                      -     not tested: the module has no function block" in printed
    assert "1 passed, 1 failed, 17 not tested" in printed


def test_a_module_may_have_helper_modules_beside_it(tmp_path):
    (tmp_path / "helper_of_mine.py").write_text("from reference.conformance.answers import adjacency", encoding="utf-8")
    before = list(sys.path)
    assert run_module(module(tmp_path, "from helper_of_mine import adjacency")).passed == ["adjacency"]
    assert sys.path == before


def test_a_package_is_a_module_even_where_a_folder_has_its_name(tmp_path):
    command = [sys.executable, "-m", "reference.conformance", "run"]
    (tmp_path / "mine").mkdir()
    text = "from reference.conformance.answers import *"
    (tmp_path / "mine" / "__init__.py").write_text(text, encoding="utf-8")
    done = subprocess.run([*command, "mine"], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "19 passed, 0 failed, 0 not tested"), done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def adjacency(:", "mine.py cannot be imported: SyntaxError"),
        (
            "import no_such_package",
            "mine.py cannot be imported: ModuleNotFoundError: No module named 'no_such_package'",
        ),
        ("x = 1 / 0", "mine.py cannot be imported: ZeroDivisionError"),
        ("def something_else(): pass", "mine.py defines none of the functions adjacency, hop_distance"),
    ],
)
def test_a_module_that_cannot_be_used_is_named(tmp_path, capsys, text, message):
    assert __main__.main(["run", module(tmp_path, text)]) == 1
    assert message in capsys.readouterr().out


def test_a_module_that_does_not_exist_is_named(capsys):
    assert __main__.main(["run", "no.such.module"]) == 1
    assert "the module no.such.module cannot be imported" in capsys.readouterr().out


def test_a_function_that_is_written_in_part_fails():
    def without_bias(f_in, W, b=None, stride=1):
        if b is not None:
            raise NotImplementedError("bias")
        return answers.temporal_conv(f_in, W, None, stride)

    text = str(check(temporal_conv=without_bias))
    assert "FAIL  59 of 61 cases" in text
    assert "temporal_conv.stride_1: raised NotImplementedError: bias" in text


def test_functions_that_are_not_written_yet():
    def stub(**arguments):
        raise NotImplementedError

    report = check(spatial_conv=stub, adjacency=answers.adjacency)
    assert "spatial_conv               -     not written yet" in str(report)
    assert (report.passed, report.failed) == (["adjacency"], [])
    with pytest.raises(ValueError, match="check: there is no step graph_conv; there are adjacency"):
        check(graph_conv=stub)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "returned None for f_out"),
        ("f_out", "f_out is an array of <U5; expected float64 (or float32)"),
        (np.zeros((2, 6, 7)), "f_out has the shape (2, 6, 7), expected (2, 6, 7, 5) (N, C_out, T, V)"),
        (np.full((2, 6, 7, 5), np.nan), "f_out[0, 0, 0, 0] is nan"),
        (np.zeros((2, 6, 7, 5), complex), "f_out is an array of complex128"),
        ({"f": 1}, "has no output 'f_out'; it has f"),
    ],
)
def test_results_of_the_wrong_kind_are_described(result, message):
    assert message in str(check(spatial_conv=lambda **arguments: result))


def test_the_largest_error_and_its_place():
    def off(**arguments):
        f_out = answers.temporal_conv(**arguments)
        f_out[-1, -1, -1, -1] += 0.5
        f_out[:1, :1, :1, :1] += 0.25 * (f_out.size > 1)
        return f_out

    (result,) = check(temporal_conv=off).steps
    for outcome in result.outcomes:
        last = [size - 1 for size in CASES[outcome.case].outputs["f_out"].shape]
        assert outcome.place == f"f_out{last}"
    assert result.hints == []
    scale = CASES[result.worst.case].scale["f_out"]
    assert result.worst.error == pytest.approx(0.5 / scale)
    text = check(temporal_conv=off).text(rounded=True)
    assert f"largest error {0.5 / scale:.2g} of the largest entry, at {result.worst.place}" in text


def test_inputs_are_fresh_for_every_call():
    def careless(f_in, **others):
        f_out = answers.temporal_conv(f_in, **others)
        f_in[:] = 0
        return f_out

    for _ in range(2):
        assert {outcome.problem for outcome in check(temporal_conv=careless).steps[0].outcomes} == {None}


def test_a_function_that_changes_its_inputs_is_told_so():
    def careless(f_in, running_mean, running_var):
        result = answers.update_running_statistics(f_in, running_mean, running_var)
        running_mean[:] = result[0]
        return result

    report = check(update_running_statistics=careless)
    assert report.failed == ["update_running_statistics"]
    assert "the function changed its input running_mean; work on a copy" in str(report)
    assert "Looks like" not in str(report) and "largest error" not in str(report)

    def adds(f_in, A_hat, state, **others):
        f_out = answers.block(f_in, A_hat, state, **others)
        state["cache"] = state["spatial_conv.W"] = f_out
        return 2 * f_out

    text = " ".join(str(check(block=adds)).split())
    assert "; and the function changed its input state/spatial_conv.W, state/cache; work on a copy" in text


def test_float32_has_its_own_tolerance():
    def single(**arguments):
        arrays = {name: a.astype(np.float32) if isinstance(a, np.ndarray) else a for name, a in arguments.items()}
        return answers.batch_norm(**arrays)

    report = check(batch_norm=single)
    assert report.passed == ["batch_norm"]
    assert "53 cases in float32, within 2e-01" in report.text(rounded=True)
    assert check(batch_norm=lambda **a: single(**a).astype(np.float64)).failed == ["batch_norm"]


def test_a_run_in_float32():
    report = run_module("reference.conformance.answers", precision="float32")
    assert report.passed == list(STEPS), report
    assert "layer_table                pass" in str(report) and str(report).count("cases in float32") >= 10


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_a_folder_of_result_files_passes(tmp_path, suffix):
    report = run_folder(write_results(tmp_path, suffix))
    assert report.passed == list(STEPS)


def test_a_folder_with_some_results_wrong(tmp_path, capsys):
    def transposed(case, outputs):
        if case.step != "normalize":
            return outputs
        return {"A_hat": answers.normalize(**case.arguments).swapaxes(-1, -2)}

    write_results(tmp_path, change=transposed)
    (tmp_path / "temporal_conv.short.npz").unlink()
    (tmp_path / "adjacency.toy_5.npz").unlink()
    count = sum(case.step == "temporal_conv" for case in CASES.values())
    assert __main__.main(["run", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "Looks like: the result transposed. A_hat keeps the layout of A" in printed
    words = " ".join(printed.split())
    assert f"temporal_conv part {count - 1} of {count} cases, 1 missing: temporal_conv.short" in words
    assert f"{len(STEPS) - 3} passed, 1 failed, 0 not tested, 2 incomplete" in printed


def test_incomplete_is_not_passed(tmp_path, capsys):
    write_results(tmp_path)
    assert __main__.main(["run", str(tmp_path)]) == 0
    (tmp_path / "temporal_conv.short.npz").unlink()
    assert __main__.main(["run", str(tmp_path)]) == 1
    assert __main__.main(["run", str(tmp_path), "--partial"]) == 0
    assert __main__.main(["run", str(tmp_path), "--step", "spatial_conv", "--case", "temporal_conv.stride_1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed, 0 not tested"
    for path in tmp_path.glob("forward.*"):
        path.unlink()
    (tmp_path / "temporal_conv.short.npz").touch()
    assert __main__.main(["run", str(tmp_path), "--step", "forward", "--step", "block"]) == 1, "a step without results"
    assert __main__.main(["run", str(tmp_path), "--partial"]) == 1, "a file that is empty"


def test_only_what_was_asked_for_is_tested(tmp_path, capsys):
    mine = module(tmp_path, "from reference.conformance.answers import *\ndef temporal_conv(**given): 1 / 0")
    assert __main__.main(["run", mine, "--step", "spatial_conv"]) == 0
    assert __main__.main(["run", mine, "--case", "temporal_conv.short"]) == 1
    assert "temporal_conv              FAIL  1 of 1 case" in capsys.readouterr().out
    assert __main__.main(["run", mine, "--step", "temporal_convolution"]) == 1
    assert "there is no step temporal_convolution; did you mean temporal_conv" in capsys.readouterr().out
    assert __main__.main(["run", mine, "--case", "temporal_conv.shorts"]) == 1
    assert "there is no case temporal_conv.shorts; did you mean temporal_conv.short" in capsys.readouterr().out


def test_what_is_missing_is_called_what_it_is(tmp_path, capsys):
    for what, message in (
        (f"{tmp_path}/resutls", "there is no folder"),
        (f"{tmp_path}/mine.py", "there is no file"),
        ("resutls", "the module resutls cannot be imported: ModuleNotFoundError: No module named 'resutls' (and there"),
    ):
        assert __main__.main(["run", what]) == 1
        assert message in capsys.readouterr().out
    with pytest.raises(ValueError, match="there is no folder"):
        run_folder(tmp_path / "resutls")


def test_files_of_both_kinds_are_refused(tmp_path):
    write_results(tmp_path)
    write_results(tmp_path, ".safetensors")
    with pytest.raises(ValueError, match=r"files of both kinds, .npz \(.*npz\) and .safetensors \(.*safetensors\)"):
        run_folder(tmp_path)


def test_all_missing_outputs_are_named(tmp_path):
    write_results(tmp_path, change=lambda case, outputs: {"x": np.zeros(1)} if len(outputs) > 1 else outputs)
    words = " ".join(str(run_folder(tmp_path)).split())
    assert "has no output 'f_in', 'A_hat', 'W', 'b'; it has x" in words
    assert "has no output 'loss', 'gradients/data_bn.weight'" in words and "more; it has x" in words


def test_only_stubs_is_no_pass(tmp_path):
    mine = module(tmp_path, "def adjacency(num_joints, bones): raise NotImplementedError")
    assert __main__.main(["run", mine]) == 1


def pickled(path):
    np.savez(path, f_out=np.array([{"a": 1}], dtype=object))


def foreign_header(path):
    path.with_suffix(".safetensors").write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x00[]")


def short_data(path):
    whole = path.with_suffix(".safetensors")
    tensors.write(CASES["spatial_conv.bias"].outputs, whole)
    whole.write_bytes(whole.read_bytes()[:-8])


def no_such_dtype(path):
    header = b'{"f_out":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
    path.with_suffix(".safetensors").write_bytes(len(header).to_bytes(8, "little") + header + b"\x00\x00")


def shape_of_more(path):
    header = b'{"f_out":{"dtype":"F64","shape":[3],"data_offsets":[0,16]}}'
    path.with_suffix(".safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(16))


def one_place_for_two(path):
    entry = b'{"dtype":"F64","shape":[2],"data_offsets":[0,16]}'
    header = b'{"f_out":' + entry + b',"again":' + entry + b"}"
    path.with_suffix(".safetensors").write_bytes(len(header).to_bytes(8, "little") + header + bytes(16))


def zeros_without_end(path):
    np.savez_compressed(path, f_out=np.zeros(2**26))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (one_place_for_two, "again lies where another array does"),
        (zeros_without_end, "it takes 0.5 GiB unpacked, more than 0.25"),
        pytest.param(
            lambda path: os.mkfifo(path),
            "spatial_conv.bias.npz is a FIFO, a device or a socket; expected a file",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs"),
        ),
        (lambda path: path.write_bytes(b""), "spatial_conv.bias.npz is not a whole .npz file of plain arrays"),
        (lambda path: path.write_bytes(b"no zip"), "spatial_conv.bias.npz is not a whole .npz file of plain arrays"),
        (lambda path: np.savez(path, f=np.zeros(3)), "spatial_conv.bias.npz: has no output 'f_out'; it has f"),
        (pickled, "Object arrays cannot be loaded when allow_pickle=False"),
        (foreign_header, "spatial_conv.bias.safetensors is not a whole .safetensors file"),
        (short_data, "f_out is cut short"),
        (shape_of_more, "f_out has 16 bytes, expected 24"),
        (no_such_dtype, "f_out is BF16; this kit reads F64, F32"),
    ],
)
def test_a_truncated_or_foreign_file_fails_with_a_message(tmp_path, capsys, spoil, message):
    spoil(tmp_path / "spatial_conv.bias.npz")
    assert __main__.main(["run", str(tmp_path)]) == 1
    printed = " ".join(capsys.readouterr().out.split())  # lines are wrapped
    assert "spatial_conv FAIL 1 of 1 case, " in printed
    assert message in printed


def test_a_file_cut_anywhere_is_no_traceback(tmp_path):
    for suffix in (".npz", ".safetensors"):
        path = tmp_path / f"spatial_conv.bias{suffix}"
        tensors.write(CASES["spatial_conv.bias"].outputs, path)
        whole = path.read_bytes()
        for length in range(0, len(whole), 37):
            path.write_bytes(whole[:length])
            assert run_folder(tmp_path).failed == ["spatial_conv"]
        path.unlink()


def test_a_folder_without_results_or_with_a_foreign_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no .npz or .safetensors file; a result file is called <case>.npz"):
        run_folder(tmp_path)
    write_results(tmp_path)
    np.savez(tmp_path / "spatial.npz", f_out=np.zeros(1))
    with pytest.raises(ValueError, match="spatial.npz is named after no case"):
        run_folder(tmp_path)


def test_build_writes_where_it_is_told(tmp_path, capsys):
    assert __main__.main(["build", "--out", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "manifest.json").exists()
    assert capsys.readouterr().out.endswith(" bytes\n")


def test_a_nan_is_an_error_and_not_dropout():
    report = check(normalize=lambda A, method: A * np.nan)
    assert "two results" not in str(report)
    assert report.failed


def test_a_module_with_dataclasses_and_late_imports_runs(tmp_path):
    (tmp_path / "late_helper.py").write_text("import numpy as np\nzeros = np.zeros\n")
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n\n"
        "@dataclass\nclass Settings:\n    width: int = 3\n\n"
        "def adjacency(num_joints, bones):\n"
        "    from late_helper import zeros\n"
        "    A = zeros((num_joints, num_joints))\n"
        "    for i, j in bones:\n        A[i, j] = A[j, i] = 1\n"
        "    return A\n"
    )
    report = run_module(str(tmp_path / "mine.py"))
    assert not report.failed
    assert "1 passed, 0 failed" in str(report)


@pytest.mark.parametrize(
    "source", ["import sys\nsys.exit(0)\n", "def adjacency(num_joints, bones):\n    raise SystemExit(0)\n"]
)
def test_a_module_that_stops_the_program_fails(source, tmp_path):
    (tmp_path / "stops.py").write_text(source)
    assert __main__.main(["run", str(tmp_path / "stops.py")]) == 1


def test_a_terminal_without_greek_letters_is_no_obstacle(tmp_path):
    module = tmp_path / "mine.py"
    module.write_text(
        "import reference\ndef normalize(A, method): return reference.normalize(A + 0.001, method)\n", encoding="utf-8"
    )
    command = [sys.executable, "-m", "reference.conformance", "run", str(module)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, encoding="ascii", env=environment, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "Looks like: ? added to every entry of the matrix." in done.stdout


LUCKY = """
import os

def adjacency(*_, **__):
    os._exit(0)
"""


def test_a_module_that_ends_the_process_has_not_passed(tmp_path, capsys):
    path = tmp_path / "lucky.py"
    path.write_text(LUCKY)
    assert __main__.main(["run", str(path)]) == 1
    assert "lucky.py ended its process, with exit status 0, before all was tested" in capsys.readouterr().out


def test_a_module_that_hangs_is_stopped(tmp_path, capsys):
    path = tmp_path / "slow.py"
    path.write_text("import time\ntime.sleep(60)\n")
    assert __main__.main(["run", str(path), "--seconds", "0.5"]) == 1
    assert "slow.py was not done after 0.5 seconds, and was stopped" in capsys.readouterr().out


def test_nothing_in_a_folder_of_results_is_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    results = tmp_path / "results"
    results.mkdir()
    case = next(case for case in load_cases() if case.step == "adjacency")
    tensors.write(case.outputs, results / f"{case.name}.npz")
    (results / "__init__.py").write_text("raise SystemExit('it was run')")
    for name in ("results", "results/", str(results)):
        __main__.main(["run", name, "--step", "adjacency", "--partial"])
        said = capsys.readouterr().out
        assert "adjacency" in said
        assert "it was run" not in said
    (results / f"{case.name}.npz").unlink()
    assert __main__.main(["run", "results/"]) == 1
    assert "there is no .npz or .safetensors file" in capsys.readouterr().out


@pytest.mark.parametrize("seconds", ["-1", "nan", "inf", "1e10"])
def test_a_time_that_no_clock_takes_is_refused(tmp_path, capsys, seconds):
    assert __main__.main(["run", module(tmp_path, ""), f"--seconds={seconds}"]) == 1
    assert f"--seconds must be from 0 to 1000000, got {float(seconds):g}" in capsys.readouterr().out


MUTE = "class Mute(Exception):\n    def __str__(self):\n        raise self\n"


def test_an_error_that_cannot_say_what_it_is_is_named(tmp_path):
    with pytest.raises(ImportError, match="mine.py cannot be imported: Mute"):
        run_module(module(tmp_path, f"{MUTE}raise Mute"))
    (wrong,) = run_module(module(tmp_path, f"{MUTE}def pooling(f_in, M=1):\n    raise Mute"), ["pooling"]).steps
    assert {outcome.problem for outcome in wrong.outcomes} == {"raised Mute"}


def test_a_result_that_fails_when_it_is_looked_at_is_wrong(tmp_path):
    odd = "class Odd:\n    def __array__(self, *_, **__):\n        raise KeyError(3)\n"
    odd += "def pooling(f_in, M=1):\n    return Odd()"
    (wrong,) = run_module(module(tmp_path, odd), ["pooling"]).steps
    assert {outcome.problem for outcome in wrong.outcomes} == {"its result cannot be read: KeyError: 3"}
