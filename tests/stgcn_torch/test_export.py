"""Export: what ONNX Runtime and torch.export make of the network has its logits for any number of clips and frames."""

import io
import sys

import numpy as np
import pytest
import torch

import reference
from stgcn_torch import STGCN
from stgcn_torch import export as exporting
from stgcn_torch.__main__ import main

NARROW = tuple((C_in // 8 or 3, C_out // 8, stride) for C_in, C_out, stride in reference.LAYERS)
SETTINGS = [
    {"layers": NARROW},
    {"layers": NARROW, "strategy": "uni_labeling", "edge_importance": False},
    {"layers": ((3, 4, 3), (4, 1, 1)), "gamma": 1},
    {"layers": ((1, 8, 2),), "in_channels": 1, "num_classes": 1},
]


def needs_onnx():
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e '.[onnx]'")


def settings_of(changes):
    return {"num_classes": 7, "in_channels": 3, "skeleton": "toy_5"} | changes


def a_state(dtype=np.float32):
    """A narrow network of which no part of a batch norm is neutral."""
    state = reference.init_state(**settings_of(SETTINGS[0]), dtype=dtype)
    rng = np.random.default_rng(0)
    for name, array in state.items():
        if name.endswith((".weight", ".bias", "running_mean", "running_var", "edge_importance")):
            array += 0.2 * rng.uniform(-1, 1, array.shape).astype(dtype)
    return state


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_command_writes_a_file_with_free_axes_and_the_logits_of_the_reference(tmp_path, capsys, dtype):
    needs_onnx()
    import onnx
    import onnxruntime

    state = a_state(dtype)
    reference.save_state(state, tmp_path / "weights.safetensors")
    assert main(["export", str(tmp_path / "weights.safetensors"), str(tmp_path / "out.onnx")]) == 0
    printed = capsys.readouterr().out
    assert "clip (N, 3, T, 5, M) float32 -> logits (N, 7)" in printed
    assert ("weights in float64, rounded to float32" in printed) == (dtype is np.float64)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.onnx", "weights.safetensors"]  # weights inside
    onnx.checker.check_model(str(tmp_path / "out.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "out.onnx")
    assert session.get_inputs()[0].shape == ["N", 3, "T", 5, "M"]
    assert session.get_outputs()[0].shape == ["N", 7]
    for N, T, M in ((1, 1, 1), (1, 4, 2), (5, 33, 1), (2, 300, 2)):
        clip = np.random.default_rng(T).standard_normal((N, 3, T, 5, M)).astype(np.float32)
        expected = reference.forward(state, clip.astype(dtype))
        (logits,) = session.run(None, {"clip": clip})
        assert np.max(np.abs(logits - expected)) <= 1e-5 * np.max(np.abs(expected)), (N, T, M)


@pytest.mark.parametrize("changes", SETTINGS)
def test_other_networks(changes):
    needs_onnx()
    torch.manual_seed(0)
    model = STGCN(**settings_of(changes)).eval()
    assert max(exporting.compare(model, exporting.to_onnx(model)).values()) < exporting.TOLERANCE


def test_nothing_is_written_where_the_runtime_differs(tmp_path, capsys, monkeypatch):
    needs_onnx()
    reference.save_state(a_state(), tmp_path / "weights.safetensors")
    right = exporting.to_onnx
    monkeypatch.setattr(exporting, "to_onnx", lambda model: right(_with_more_edge_importance(model)))
    assert main(["export", str(tmp_path / "weights.safetensors"), str(tmp_path / "out.onnx")]) == 1
    assert "ONNX Runtime's logits differ from PyTorch's by more than 1e-05; nothing written" in capsys.readouterr().err
    assert not (tmp_path / "out.onnx").exists()


def _with_more_edge_importance(model):
    state = {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
    state["blocks.3.edge_importance"] *= 1.01
    return STGCN.from_state(state).eval()


@pytest.mark.parametrize("package", ["onnx", "onnxscript"])
def test_a_missing_package_is_named_with_the_extra(tmp_path, capsys, monkeypatch, package):
    for name in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, name, None if name == package else sys)
    reference.save_state(a_state(), tmp_path / "weights.safetensors")
    assert main(["export", str(tmp_path / "weights.safetensors"), str(tmp_path / "out.onnx")]) == 1
    message = f"needs the package {package}, which is not installed: pip install -e '.[onnx]'"
    assert message in capsys.readouterr().err


def test_what_cannot_be_exported_is_said(tmp_path, capsys):
    assert main(["export", str(tmp_path / "none.safetensors"), str(tmp_path / "out.onnx")]) == 1
    assert "there is no file" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "none.safetensors"), str(tmp_path / "out.pt")]) == 1
    assert "the file to write must end in .onnx, got" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore:No complete tensor found")  # of filters that lie channels last; they are complete
@pytest.mark.parametrize("fused", [False, True])
def test_torch_export_round_trip_with_free_clips_and_frames(fused):
    torch.manual_seed(0)
    model = STGCN(**settings_of({"layers": ((3, 16, 1), (16, 8, 2), (8, 4, 1))})).eval()
    model = model.fuse() if fused else model
    free = torch.export.Dim.DYNAMIC  # an error, should the network fix an axis
    program = torch.export.export(model, (torch.randn(2, 3, 22, 5, 2),), dynamic_shapes={"clip": {0: free, 2: free}})
    file = io.BytesIO()
    torch.export.save(program, file)
    file.seek(0)
    loaded = torch.export.load(file).module()
    for N, T in ((1, 3), (1, 300), (3, 64), (2, 7)):
        clip = torch.randn(N, 3, T, 5, 2)
        torch.testing.assert_close(loaded(clip), model(clip), rtol=1e-5, atol=1e-6)
    # torch.export takes no axis of one element for a free one, and a stride of 2 makes one frame of two.
    with pytest.raises(AssertionError, match=r"size\(\)\[2\] >= 3"):
        loaded(torch.randn(1, 3, 2, 5, 2))
