"""The twin exported and run by ONNX Runtime, in float32, behind the kit's `forward`: inference only, as the fused form.

An export takes seconds, so one small network is tested here, with strides, three persons and no edge importance.
"""

import pytest

from reference.conformance.compare import call
from reference.conformance.vectors import load_cases
from stgcn_torch import STGCN
from stgcn_torch.export import to_onnx

SMALL = "forward.three_persons_inference"


def exported(state, clip, training):
    import onnxruntime

    onnx_bytes = to_onnx(STGCN.from_state(state).eval())
    session = onnxruntime.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"clip": clip})[0]


def test_the_exported_twin_passes():
    for package in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(package, reason=f"{package} is not installed: pip install -e '.[onnx]'")
    (case,) = [case.in_precision("float32") for case in load_cases() if case.name == SMALL]
    assert call(exported, case).failure is None
