"""The engines that a user would choose: ONNX Runtime and OpenVINO, each on the fused network and on the plain one.

Who is not installed is left out, and so is bfloat16 where the engine or the processor does not multiply it: ABSENT says
why. `pip install -e ".[onnx,peers]"` installs both.
"""

import functools
import importlib.util

import torch

from stgcn_torch.export import onnx_of

ABSENT = {}  # {contestant: the reason}, filled by `engines`


def engines(networks, clip, threads):
    """{"ENGINE, NETWORK": a function without arguments that returns [logits]}, on the CPU.

    networks  {name: a PyTorch network in eval mode}
    clip      (N, C, T, V, M), float32, NumPy: each graph is written for this shape
    """
    calls = {}
    for engine, packages, ready in (
        ("ONNX Runtime", ("onnx", "onnxscript", "onnxruntime"), _onnx_runtime),
        ("OpenVINO", ("onnx", "onnxscript", "openvino"), _openvino),
    ):
        missing = [package for package in packages if importlib.util.find_spec(package) is None]
        if missing:
            ABSENT[engine] = f"{', '.join(missing)} not installed (pip install -e '.[onnx,peers]')"
            continue
        for name, network in networks.items():
            graph = onnx_of(network, torch.from_numpy(clip))
            calls |= {f"{engine}, {name}{suffix}": call for suffix, call in ready(graph, clip, threads)}
    return calls


def _onnx_runtime(graph, clip, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    ABSENT["ONNX Runtime, bfloat16"] = "it has no convolution in bfloat16 on the CPU"
    yield "", lambda: session.run(None, {"clip": clip})


def _openvino(graph, clip, threads):
    import openvino

    core = openvino.Core()
    for suffix, precision in (("", "f32"), (", bfloat16", "bf16")):
        if precision == "bf16" and "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
            ABSENT["OpenVINO, bfloat16"] = "this processor does not multiply it, and OpenVINO would take float32"
            continue
        options = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": 1}
        request = core.compile_model(core.read_model(graph), "CPU", options).create_infer_request()
        yield suffix, functools.partial(_infer, request, clip)


def _infer(request, clip):
    return [request.infer({"clip": clip})["logits"]]
