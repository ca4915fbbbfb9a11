"""What a runner in another language relies on: manifest, schema, aligned tensors, export. One such runner passes."""

import errno
import inspect
import json
import shutil
import struct
import subprocess
from pathlib import Path

import jsonschema
import pytest

from reference.conformance import __main__, answers, run_folder
from reference.conformance.steps import STEPS
from reference.conformance.vectors import VECTORS, load_cases

HERE = Path(__file__).parent
MANIFEST = json.loads((VECTORS / "manifest.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((VECTORS / "manifest.schema.json").read_text(encoding="utf-8"))


def test_the_manifest_follows_its_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    validator.validate(MANIFEST)
    for spoilt in (
        MANIFEST | {"version": "1.0"},
        MANIFEST | {"cases": [MANIFEST["cases"][0] | {"aim": ""}]},
        {name: value for name, value in MANIFEST.items() if name != "states"},
    ):
        assert not validator.is_valid(spoilt)


@pytest.mark.parametrize("step", STEPS)
def test_the_manifest_has_the_signatures_and_every_case_keeps_to_them(step):
    arguments = MANIFEST["steps"][step]["arguments"]
    parameters = dict(inspect.signature(getattr(answers, step)).parameters)
    parameters.pop("trace", None)
    assert list(arguments) == list(parameters)
    required = {name for name, argument in arguments.items() if argument["required"]}
    assert required == {name for name, parameter in parameters.items() if parameter.default is parameter.empty}
    for case in (case for case in MANIFEST["cases"] if case["step"] == step):
        given = {*case["settings"], *(name.split("/")[0] for name in case["inputs"])}
        assert required <= given <= set(arguments), case["name"]
    assert any(not set(arguments) - {*case.settings, *case.inputs} for case in load_cases() if case.step == step)


def test_every_entry_of_a_state_is_told():
    told = {name.replace("blocks.0.", "") for name in MANIFEST["states"]["entries"]}
    told |= {name.replace("*", entry) for name in told for entry in ("weight", "bias", "running_mean", "running_var")}
    for case in load_cases():
        for name in case.inputs.get("state", {}):
            assert name.split(".", 2)[-1] in told if name.startswith("blocks.") else name in told


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.safetensors")), ids=lambda path: path.name)
def test_every_tensor_is_aligned(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    for name, entry in json.loads(data[8 : 8 + length]).items():
        size = {"F64": 8, "I64": 8, "F32": 4, "U8": 1}[entry["dtype"]]
        assert (8 + length + entry["data_offsets"][0]) % size == 0, name


def test_the_export_is_whole_and_small(tmp_path, capsys):
    assert __main__.main(["export", str(tmp_path / "kit")]) == 0
    names = {path.relative_to(tmp_path / "kit").as_posix() for path in (tmp_path / "kit").rglob("*") if path.is_file()}
    assert names >= {"README.md", "LICENSE", "vectors/manifest.json", "vectors/manifest.schema.json"}
    assert names >= {f"vectors/{step}.safetensors" for step in STEPS} | {"vectors/stages.safetensors"}
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 3e6
    licence = (HERE.parent.parent / "LICENSE").read_text(encoding="utf-8")
    assert (tmp_path / "kit" / "LICENSE").read_text(encoding="utf-8") == licence
    assert __main__.main(["export", str(tmp_path / "kit")]) == 1
    assert "holds something already; name a new folder" in capsys.readouterr().out


def test_of_an_export_to_a_full_disk_nothing_stays(tmp_path, monkeypatch, capsys):
    copy, copied = shutil.copyfile, []

    def filling(source, destination):
        copied.append(copy(source, destination))
        if len(copied) == 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(destination))

    monkeypatch.setattr(shutil, "copyfile", filling)
    assert __main__.main(["export", str(tmp_path / "kit")]) == 1
    assert "No space left on device: " in capsys.readouterr().out
    assert len(copied) == 3 and not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_sample_passes_in_full(tmp_path):
    """It reads an export: neither Python nor an .npz file."""
    assert __main__.main(["export", str(tmp_path / "kit")]) == 0
    command = ["node", HERE / "stgcn.mjs", tmp_path / "kit" / "vectors", tmp_path / "results"]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    assert printed.splitlines() == [f"{step}: pass" for step in STEPS]
    report = run_folder(tmp_path / "results")
    assert report.passed == list(STEPS), report
    assert report.is_pass()


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_javascript_sample_names_known_mistakes(tmp_path):
    source = (HERE / "stgcn.mjs").read_text(encoding="utf-8")
    for right, wrong in (
        ("at(A, k, i, j) * at(h, k", "at(A, k, j, i) * at(h, k"),
        ("(b ? at(b, o) : 0) + sum(G", "sum(G"),
        ("+ 1e-5) + at(bias, c)", "+ 1e-3) + at(bias, c)"),
    ):
        assert source.count(right) == 1
        source = source.replace(right, wrong)
    (tmp_path / "wrong.mjs").write_text(source, encoding="utf-8")
    command = ["node", tmp_path / "wrong.mjs", VECTORS, tmp_path / "results"]
    printed = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
    for step, name in (
        ("spatial_conv: 39 of 44 cases are wrong", "A transposed. Root i gathers"),
        ("temporal_conv: 59 of 61 cases are wrong", "bias left out. b is added"),
        ("data_batch_norm: 42 of 43 cases are wrong", "epsilon 0.001. That is the default of Keras"),
    ):
        assert f"{step}\n  looks like: {name}" in printed
    assert "adjacency: pass\nhop_distance: pass" in printed
