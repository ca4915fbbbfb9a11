"""Published checkpoints: weights of other implementations of ST-GCN, brought into this project's names and shapes.

Two families of names are known, both of the same network: those of the widely copied implementation (yysijie/st-gcn and
what copies it) and those of mmaction2 and pyskl. What differs from this project:

    A                (K, V, V), row = source and column = target: transposed here
    edge importance  (K, V, V): transposed like A
    gcn.conv.weight  (K·C_out, C_in, 1, 1), k slowest           -> W (C_in, C_out, K); bias (K·C_out,) -> b (C_out, K)
    temporal weight  (C_out, C_out, Γ, 1)                       -> W (C_out, C_out, Γ)
    residual weight  (C_out, C_in, 1, 1)                        -> W (C_in, C_out, 1)
    classifier       (classes, C, 1, 1) or (classes, C)         -> W (C, classes)

A checkpoint carries its own matrix, so no skeleton has to be named; strides are 2 where a block's residual has a
convolution, which is where these implementations have them.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file

from reference.layer_table import needs_residual_conv
from reference.state import check_state

from .model import STGCN


class Layout(NamedTuple):
    """The names of one family of checkpoints; {i} is the number of the block, from 0."""

    title: str
    A: str
    data_bn: str
    edge_importance: str
    spatial_conv: str
    spatial_bn: str
    temporal_conv: str
    temporal_bn: str
    residual_conv: str
    residual_bn: str
    classifier: str
    classifier_axes: int


LAYOUTS = (
    Layout(
        title="the widely copied implementation",
        A="A",
        data_bn="data_bn",
        edge_importance="edge_importance.{i}",
        spatial_conv="st_gcn_networks.{i}.gcn.conv",
        spatial_bn="st_gcn_networks.{i}.tcn.0",
        temporal_conv="st_gcn_networks.{i}.tcn.2",
        temporal_bn="st_gcn_networks.{i}.tcn.3",
        residual_conv="st_gcn_networks.{i}.residual.0",
        residual_bn="st_gcn_networks.{i}.residual.1",
        classifier="fcn",
        classifier_axes=4,
    ),
    Layout(
        title="mmaction2 or pyskl",
        A="backbone.gcn.{i}.gcn.A",
        data_bn="backbone.data_bn",
        edge_importance="backbone.gcn.{i}.gcn.PA",
        spatial_conv="backbone.gcn.{i}.gcn.conv",
        spatial_bn="backbone.gcn.{i}.gcn.bn",
        temporal_conv="backbone.gcn.{i}.tcn.conv",
        temporal_bn="backbone.gcn.{i}.tcn.bn",
        residual_conv="backbone.gcn.{i}.residual.conv",
        residual_bn="backbone.gcn.{i}.residual.bn",
        classifier="cls_head.fc",
        classifier_axes=2,
    ),
)


def load_official(source):
    """A published checkpoint as an STGCN in eval mode, which gives the logits of the implementation it comes from.

    source  the path of a `.pt` or `.pth` (read with weights_only=True, so that nothing in it runs) or `.safetensors`
            file, or a mapping of names to tensors or arrays. The names may have a `module.` prefix, or sit under a
            `state_dict` or `model` key. The model has the widest floating-point type among the entries

    Raises FileNotFoundError, and ValueError for a file that cannot be read and for a checkpoint that is something else:
    the message has the first name that is missing, extra or misshapen, and what was expected.
    """
    return STGCN.from_state(official_state(source)).eval()


def official_state(source):
    """The same as the named NumPy arrays that `reference.forward` takes."""
    arrays = read_checkpoint(source)
    layout = recognise(arrays)
    expected = expected_entries(layout, arrays)
    for name, (shape, _, _) in expected.items():
        if name not in arrays:
            raise ValueError(f"the checkpoint of {layout.title} has no entry {name!r}; expected shape {shape}")
        if arrays[name].shape != shape:
            raise ValueError(f"the checkpoint's {name} must have the shape {shape}, got {arrays[name].shape}")
    for name in arrays:
        if name not in expected and not name.endswith("num_batches_tracked"):
            raise ValueError(f"the checkpoint has an entry {name!r} that ST-GCN in {layout.title} does not have")
    return translate(arrays, expected)


def read_checkpoint(source):
    """Names and NumPy arrays of a checkpoint, without wrappers and prefixes."""
    entries = source if hasattr(source, "items") else _read_file(Path(source))
    for key in ("state_dict", "model"):
        if key in entries and hasattr(entries[key], "items"):
            entries = entries[key]
    if all(name.startswith("module.") for name in entries):
        entries = {name.removeprefix("module."): value for name, value in entries.items()}
    tensors = {}
    for name, value in entries.items():
        if not isinstance(value, (torch.Tensor, np.ndarray)):
            raise ValueError(f"the checkpoint's entry {name!r} is a {type(value).__name__}, expected a tensor")
        tensors[name] = torch.as_tensor(value).detach().cpu()
    floating = [tensor.dtype for tensor in tensors.values() if tensor.is_floating_point()]
    dtype = torch.float64 if torch.float64 in floating else torch.float32  # NumPy has no bfloat16
    return {name: (t.to(dtype) if t.is_floating_point() else t).numpy() for name, t in tensors.items()}


def _read_file(path):
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        entries = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what the two readers raise on bytes that are no checkpoint is of every kind
        raise ValueError(f"{path} could not be read as a checkpoint of plain tensors: {error}") from None
    if not hasattr(entries, "items"):
        raise ValueError(f"{path} holds a {type(entries).__name__}, expected a mapping of names to tensors")
    return entries


def recognise(arrays):
    """The Layout whose first names are there. Raises ValueError if none is."""
    for layout in LAYOUTS:
        if layout.A.format(i=0) in arrays or f"{layout.spatial_conv.format(i=0)}.weight" in arrays:
            return layout
    some = ", ".join(list(arrays)[:3])
    known = " or ".join(f"{layout.spatial_conv.format(i=0)}.weight ({layout.title})" for layout in LAYOUTS)
    raise ValueError(f"this is no checkpoint of ST-GCN: expected {known}; its first names are {some}")


def expected_entries(layout, arrays):
    """What a checkpoint must hold: {name: (shape, name in this project's state, how to bring it there)}.

    The settings are read off the shapes: K and V from A, channels from the convolutions, Γ from the first temporal one.
    """
    K, V, _ = _shape(arrays, layout.A.format(i=0), 3)
    C_in = _shape(arrays, f"{layout.spatial_conv.format(i=0)}.weight", 4)[1]
    gamma = _shape(arrays, f"{layout.temporal_conv.format(i=0)}.weight", 4)[2]
    expected = _batch_norm(layout.data_bn, "data_bn", V * C_in)
    block = layout.spatial_conv.removesuffix("gcn.conv")
    i = 0
    while any(name.startswith(block.format(i=i)) for name in arrays):
        C_out = _shape(arrays, f"{layout.spatial_conv.format(i=i)}.weight", 4)[0] // K
        expected |= _expected_block(layout, arrays, i, (K, V, gamma), C_in, C_out)
        C_in, i = C_out, i + 1
    weight, bias = f"{layout.classifier}.weight", f"{layout.classifier}.bias"
    classes = _shape(arrays, weight, layout.classifier_axes)[0]
    shape = (classes, C_in, 1, 1)[: layout.classifier_axes]
    expected[weight] = (shape, "classifier.W", lambda W: W.reshape(classes, C_in).T)
    expected[bias] = ((classes,), "classifier.b", _unchanged)
    return expected


def _expected_block(layout, arrays, i, sizes, C_in, C_out):
    K, V, gamma = sizes
    name = {role: value.format(i=i) for role, value in layout._asdict().items() if isinstance(value, str)}
    own = f"blocks.{i}"
    expected = {name["A"]: ((K, V, V), "A_hat", _transposed)}
    if layout.edge_importance.format(i=0) in arrays:
        expected[name["edge_importance"]] = ((K, V, V), f"{own}.edge_importance", _transposed)
    expected[f"{name['spatial_conv']}.weight"] = (
        (K * C_out, C_in, 1, 1),
        f"{own}.spatial_conv.W",
        lambda W: W.reshape(K, C_out, C_in).transpose(2, 1, 0),
    )
    expected[f"{name['spatial_conv']}.bias"] = ((K * C_out,), f"{own}.spatial_conv.b", lambda b: b.reshape(K, C_out).T)
    expected |= _batch_norm(name["spatial_bn"], f"{own}.spatial_bn", C_out)
    expected |= _convolution(name["temporal_conv"], f"{own}.temporal_conv", (C_out, C_out, gamma, 1))
    expected |= _batch_norm(name["temporal_bn"], f"{own}.temporal_bn", C_out)
    stride = 2 if f"{name['residual_conv']}.weight" in arrays else 1
    if needs_residual_conv(i + 1, C_in, C_out, stride):
        expected |= _convolution(name["residual_conv"], f"{own}.residual_conv", (C_out, C_in, 1, 1))
        expected |= _batch_norm(name["residual_bn"], f"{own}.residual_bn", C_out)
    return expected


def translate(arrays, expected):
    """The checkpoint's arrays under this project's names, each in its shape, and the strides."""
    state = {}
    for name, (_, own, transform) in expected.items():
        array = np.ascontiguousarray(transform(arrays[name]))
        if own in state and not np.array_equal(state[own], array):
            raise ValueError(f"the checkpoint's {name} differs from that of block 0, but all blocks share one graph")
        state[own] = array
    blocks = range(sum(name.endswith(".spatial_conv.W") for name in state))
    state["strides"] = np.array([2 if f"blocks.{i}.residual_conv.W" in state else 1 for i in blocks])
    check_state(state)
    return state


def _shape(arrays, name, axes):
    if name not in arrays:
        raise ValueError(f"the checkpoint has no entry {name!r}")
    if arrays[name].ndim != axes:
        raise ValueError(f"the checkpoint's {name} must have {axes} axes, got the shape {arrays[name].shape}")
    return arrays[name].shape


def _batch_norm(name, own, channels):
    entries = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{entry}": ((channels,), f"{own}.{entry}", _unchanged) for entry in entries}


def _convolution(name, own, shape):
    return {
        f"{name}.weight": (shape, f"{own}.W", lambda W: W[..., 0].transpose(1, 0, 2)),
        f"{name}.bias": (shape[:1], f"{own}.b", _unchanged),
    }


def _transposed(A):
    return A.transpose(0, 2, 1)


def _unchanged(array):
    return array
