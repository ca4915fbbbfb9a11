"""A trained network as an ONNX file: python -m stgcn_torch export WEIGHTS.safetensors OUT.onnx.

What is written is the graph of the fused model (fused.py): it has fewer operations than the model layer by layer, and
ONNX Runtime takes less time for it. The axes N, T and M of the clip are free: any number of clips, frames and persons.
Before the file is written, ONNX Runtime computes clips of several shapes with it, which must give PyTorch's logits.
"""

import importlib
import logging
import warnings

import numpy as np
import torch

from reference import load_state
from reference.whole_files import write_whole

from .model import STGCN

TOLERANCE = 1e-5  # max |difference| / max |logit|: some thirty times what was seen of sums in another order, in float32
# (N, T, M): one of each, clips shorter than gamma, odd and even T, more of everything than the graph was traced with
SHAPES = ((1, 1, 1), (1, 2, 2), (2, 7, 1), (3, 64, 2), (1, 301, 3))


def export(source, destination):
    """Write the network of a `.safetensors` file as ONNX, float32, and print what its inputs are and how it compares.

    Raises ImportError, naming the extra, without the packages that it needs; FileNotFoundError and ValueError as
    `load_state` does; ValueError if `destination` does not end in .onnx, and if ONNX Runtime's logits differ from
    PyTorch's. Then nothing is written.
    """
    if not str(destination).endswith(".onnx"):
        raise ValueError(f"the file to write must end in .onnx, got {destination}")
    state = load_state(source)
    if state["A_hat"].dtype != np.float32:
        print(f"{source}: weights in {state['A_hat'].dtype}, rounded to float32, all that ONNX Runtime convolves.")
        state = {name: array if name == "strides" else array.astype(np.float32) for name, array in state.items()}
    model = STGCN.from_state(state).eval()
    onnx_bytes = to_onnx(model)
    differences = compare(model, onnx_bytes)
    for (N, T, M), difference in differences.items():
        print(f"N {N}, T {T:3}, M {M}: largest difference from PyTorch {difference:.1e} of the largest logit")
    if not all(difference <= TOLERANCE for difference in differences.values()):  # NaN is not, either
        raise ValueError(f"ONNX Runtime's logits differ from PyTorch's by more than {TOLERANCE:.0e}; nothing written")
    write_whole(destination, onnx_bytes)
    _, C, _, V, _ = clip_of(model, 1, 1, 1).shape
    print(f"wrote {destination}: clip (N, {C}, T, {V}, M) float32 -> logits (N, {len(model.classifier.b)})")


def to_onnx(model):
    """An STGCN in eval mode, fused, as the bytes of an ONNX file: N, T and M of the clip are free."""
    return onnx_of(model.fuse(), clip_of(model, 2, 22, 3), {"clip": {0: "N", 2: "T", 4: "M"}})


def onnx_of(network, clip, free_axes=None):
    """A network in eval mode as the bytes of an ONNX file: "clip" (N, C, T, V, M) in, "logits" (N, classes) out.

    clip       an example of what it takes
    free_axes  {"clip": {an axis: its name}}: those that may be of another size than the example's
    """
    _needed("onnx")
    _needed("onnxscript")
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it reports every optional package that this network has no use for
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the exporter about itself
            program = torch.onnx.export(
                network,
                (clip,),
                dynamo=True,
                verbose=False,
                input_names=["clip"],
                output_names=["logits"],
                dynamic_shapes=free_axes,
            )
    finally:
        logger.setLevel(level)
    return program.model_proto.SerializeToString()


@torch.inference_mode()
def compare(model, onnx_bytes):
    """max |difference| / max |logit| of ONNX Runtime from the model, by (N, T, M)."""
    session = _needed("onnxruntime").InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    differences = {}
    for shape in SHAPES:
        clip = clip_of(model, *shape)
        expected = model(clip).numpy()
        (logits,) = session.run(["logits"], {"clip": clip.numpy()})
        differences[shape] = float(np.max(np.abs(logits - expected)) / np.max(np.abs(expected)))
    return differences


def clip_of(model, N, T, M):
    """A random clip (N, C, T, V, M) that fits the model, the same on every call."""
    C, V = model.blocks[0].spatial_conv.W.shape[0], model.A_hat.shape[1]
    return torch.randn(N, C, T, V, M, generator=torch.Generator().manual_seed(0))


def _needed(package):
    try:
        return importlib.import_module(package)
    except ImportError:
        raise ImportError(f"needs the package {package}, which is not installed: pip install -e '.[onnx]'") from None
