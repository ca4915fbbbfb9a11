"""Published checkpoints: weights of other implementations of ST-GCN, brought into this project's names and shapes.

Four families of names are known, all of the same network: those of the widely copied implementation (yysijie/st-gcn
and what copies it), of mmaction2, of mmaction2 before 1.0 and of pyskl. What differs from this project:

    A                (K, V, V), row = source and column = target: transposed here
    edge importance  (K, V, V): transposed like A
    gcn.conv.weight  (K·C_out, C_in, 1, 1), k slowest           -> W (C_in, C_out, K); bias (K·C_out,) -> b (C_out, K)
    temporal weight  (C_out, C_out, Γ, 1)                       -> W (C_out, C_out, Γ)
    residual weight  (C_out, C_in, 1, 1)                        -> W (C_in, C_out, 1)
    classifier       (classes, C, 1, 1) or (classes, C)         -> W (C, classes)

A checkpoint carries its own matrix, so no skeleton has to be named; strides are 2 where a block's residual has a
convolution, which is where these implementations have them. What names and shapes cannot tell is taken for the usual:
PA as a factor of A (pyskl's "importance"; its variant that adds PA has the same names), and no residual in block 0.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file

from reference.layer_table import needs_residual_conv
from reference.state import BATCH_NORM, check_state

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


_COPIED = {
    "A": "A",
    "data_bn": "data_bn",
    "edge_importance": "edge_importance.{i}",
    "spatial_conv": "st_gcn_networks.{i}.gcn.conv",
    "spatial_bn": "st_gcn_networks.{i}.tcn.0",
    "temporal_conv": "st_gcn_networks.{i}.tcn.2",
    "temporal_bn": "st_gcn_networks.{i}.tcn.3",
    "residual_conv": "st_gcn_networks.{i}.residual.0",
    "residual_bn": "st_gcn_networks.{i}.residual.1",
}
_BACKBONE = {
    "A": "backbone.gcn.{i}.gcn.A",
    "data_bn": "backbone.data_bn",
    "edge_importance": "backbone.gcn.{i}.gcn.PA",
    "spatial_conv": "backbone.gcn.{i}.gcn.conv",
    "spatial_bn": "backbone.gcn.{i}.gcn.bn",
    "temporal_conv": "backbone.gcn.{i}.tcn.conv",
    "temporal_bn": "backbone.gcn.{i}.tcn.bn",
    "residual_conv": "backbone.gcn.{i}.residual.conv",
    "residual_bn": "backbone.gcn.{i}.residual.bn",
    "classifier_axes": 2,
}
_OLD_BACKBONE = {role: f"backbone.{name}" for role, name in _COPIED.items()}
LAYOUTS = (
    Layout(title="the widely copied implementation", classifier="fcn", classifier_axes=4, **_COPIED),
    Layout(title="mmaction2", classifier="cls_head.fc", **_BACKBONE),
    Layout(title="pyskl", classifier="cls_head.fc_cls", **_BACKBONE),
    Layout(title="mmaction2 before 1.0", classifier="cls_head.fc", classifier_axes=4, **_OLD_BACKBONE),
)


def load_official(source):
    """A published checkpoint as an STGCN in eval mode, which gives the logits of the implementation it comes from.

    source  the path of a `.pt` or `.pth` (read with weights_only=True, so that nothing in it runs) or `.safetensors`
            file, or a mapping of names to tensors or arrays. The names may have a `module.` prefix, or sit under a
            `state_dict` or `model` key. The model has the widest floating-point type among the entries

    Raises FileNotFoundError, and ValueError for a file that cannot be read and for a checkpoint that is something else:
    the message has the first name that is missing, extra, misshapen or not finite, and what was expected.
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
        if not np.isfinite(arrays[name]).all():  # of a training that diverged: every logit would be NaN
            raise ValueError(f"the checkpoint's {name} holds NaN or infinity; expected finite numbers")
    for name in arrays:
        if name not in expected and not name.endswith("num_batches_tracked"):
            raise ValueError(f"the checkpoint has an entry {name!r} that ST-GCN in {layout.title} does not have")
    return translate(arrays, expected)


def read_checkpoint(source):
    """Names and NumPy arrays of a checkpoint, without wrappers and prefixes; floating-point entries all of one type."""
    entries = source if hasattr(source, "items") else _read_file(Path(source))
    while wrapped := [key for key in ("state_dict", "model") if hasattr(entries.get(key), "items")]:
        entries = entries[wrapped[0]]
    entries = {str(name): value for name, value in entries.items()}
    if "A_hat" in entries:
        raise ValueError("this is a network of this project already: STGCN.from_state(reference.load_state(path))")
    if all(name.startswith("module.") for name in entries):
        entries = {name.removeprefix("module."): value for name, value in entries.items()}
    tensors = {name: _tensor(name, value) for name, value in entries.items()}
    dtype = (
        torch.float64 if torch.float64 in {t.dtype for t in tensors.values()} else torch.float32
    )  # NumPy's own types
    return {name: (t.to(dtype) if t.is_floating_point() else t).numpy() for name, t in tensors.items()}


def _tensor(name, value):
    if not isinstance(value, (torch.Tensor, np.ndarray)):
        raise ValueError(f"the checkpoint's entry {name!r} is a {type(value).__name__}, expected a tensor")
    if isinstance(value, np.ndarray):
        try:
            value = torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="C"))
        except TypeError:  # text, objects, more than 64 bits: PyTorch has no such tensors
            kind = value.dtype
            raise ValueError(f"the checkpoint's entry {name!r} is {kind}; expected floating-point numbers") from None
    counter = name.endswith("num_batches_tracked")
    if value.layout != torch.strided or not (value.is_floating_point() or counter):
        raise ValueError(
            f"the checkpoint's entry {name!r} is {value.dtype}, {value.layout}; expected floating-point numbers"
        )
    return value.detach().cpu()


def _read_file(path):
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        entries = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # what the two readers raise on bytes that are no checkpoint is of every kind
        # PyTorch's own words advise to switch the safety off.
        refused = re.search(r"GLOBAL ([\w.]+)", str(error))
        why = f"it is empty, cut short or of another kind ({type(error).__name__})"
        why = f"it holds a {refused[1]}; save the state_dict alone" if refused else why
        raise ValueError(f"{path} could not be read as a checkpoint of plain tensors: {why}") from None
    if not hasattr(entries, "items"):
        raise ValueError(f"{path} holds a {type(entries).__name__}, expected a mapping of names to tensors")
    return entries


def recognise(arrays):
    """The Layout whose names are there. Raises ValueError if none is."""
    known = [layout for layout in LAYOUTS if f"{layout.spatial_conv.format(i=1)}.weight" in arrays]
    known = known or [layout for layout in LAYOUTS if layout.A.format(i=0) in arrays]
    for layout in known:  # mmaction2 and pyskl differ in the classifier only
        if f"{layout.classifier}.weight" in arrays:
            return layout
    if known:
        return known[0]
    some = ", ".join(list(arrays)[:3])
    first = " or ".join(f"{layout.spatial_conv.format(i=0)}.weight ({layout.title})" for layout in LAYOUTS[:2])
    raise ValueError(f"this is no checkpoint of ST-GCN: expected {first}; its first names are {some}")


def expected_entries(layout, arrays):
    """What a checkpoint must hold: {name: (shape, name in this project's state, how to bring it there)}.

    The settings are read off the shapes. Each shows in several entries; the size that most of them have counts, so that
    a misshapen entry is the one that is named.
    """
    blocks = _number_of_blocks(layout, arrays)
    matrices = [name.format(i=i) for i in range(blocks) for name in (layout.A, layout.edge_importance)]
    K = _most_common(arrays, dict.fromkeys(matrices, 0), "A (K, V, V)")
    V = _most_common(arrays, dict.fromkeys(matrices, 1), "A (K, V, V)")
    temporal = {f"{layout.temporal_conv.format(i=i)}.weight": 2 for i in range(blocks)}
    gamma = _most_common(arrays, temporal, "temporal weights (C_out, C_out, gamma, 1)")
    has_edge_importance = any(layout.edge_importance.format(i=i) in arrays for i in range(blocks))
    C_in = _channels_in(layout, arrays, V)
    expected = _batch_norm(layout.data_bn, "data_bn", V * C_in)
    for i in range(blocks):
        expected_block, C_in = _expected_block(layout, arrays, i, (K, V, gamma, has_edge_importance), C_in)
        expected |= expected_block
    weight, bias = f"{layout.classifier}.weight", f"{layout.classifier}.bias"
    classes = _most_common(arrays, {weight: 0, bias: 0}, f"{weight} (classes, {C_in})")
    shape = (classes, C_in, 1, 1)[: layout.classifier_axes]
    expected[weight] = (shape, "classifier.W", lambda W: W.reshape(shape[:2]).T)
    expected[bias] = ((classes,), "classifier.b", _unchanged)
    return expected


def _number_of_blocks(layout, arrays):
    weights = (layout.spatial_conv, layout.temporal_conv, layout.temporal_bn)
    blocks = 0
    while sum(f"{name.format(i=blocks)}.{entry}" in arrays for name in weights for entry in ("weight", "bias")) > 2:
        blocks += 1
    return max(blocks, 1)


def _channels_in(layout, arrays, V):
    """C of the clips: of the first convolution, if the data batch norm has V·C channels or a multiple, else of that."""
    sizes = dict.fromkeys((f"{layout.data_bn}.{entry}" for entry in BATCH_NORM), 0)
    normalised = _most_common(arrays, sizes, f"{layout.data_bn}.weight (V·C,)")
    weight = arrays.get(f"{layout.spatial_conv.format(i=0)}.weight")
    C = weight.shape[1] if weight is not None and weight.ndim == 4 else 0
    return C if C and normalised % (V * C) == 0 else max(normalised // V, 1)


def _most_common(arrays, axis_of, what):
    """The size that most of the named entries have along their axis; of two as common ones, the first."""
    sizes = [arrays[name].shape[axis] for name, axis in axis_of.items() if name in arrays and arrays[name].ndim > axis]
    if not sizes or max(sizes) < 1:
        first = next(iter(axis_of))
        if first in arrays:
            raise ValueError(f"the checkpoint's {first} has the shape {arrays[first].shape}; expected {what}")
        raise ValueError(f"the checkpoint has no entry {first!r}; expected {what}")
    return max(sizes, key=sizes.count)


def _expected_block(layout, arrays, i, settings, C_in):
    """The entries of block i, and its channels out."""
    K, V, gamma, has_edge_importance = settings
    name = {role: value.format(i=i) for role, value in layout._asdict().items() if isinstance(value, str)}
    own = f"blocks.{i}"
    norms = {f"{name[bn]}.{entry}": 0 for bn in ("spatial_bn", "temporal_bn") for entry in ("weight", "bias")}
    C_out = _most_common(arrays, norms, f"{name['spatial_bn']}.weight (C_out,)")
    expected = {name["A"]: ((K, V, V), "A_hat", _transposed)}
    if has_edge_importance:
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
    return expected, C_out


def translate(arrays, expected):
    """The checkpoint's arrays under this project's names, each in its shape, and the strides."""
    state = {}
    for name, (_, own, transform) in expected.items():
        array = np.array(transform(arrays[name]), order="C")  # a copy: the source keeps its own
        if own in state and not np.array_equal(state[own], array):
            raise ValueError(f"the checkpoint's {name} differs from that of block 0, but all blocks share one graph")
        state[own] = array
    blocks = range(sum(name.endswith(".spatial_conv.W") for name in state))
    state["strides"] = np.array([2 if f"blocks.{i}.residual_conv.W" in state else 1 for i in blocks])
    check_state(state)
    return state


def _batch_norm(name, own, channels):
    return {f"{name}.{entry}": ((channels,), f"{own}.{entry}", _unchanged) for entry in BATCH_NORM}


def _convolution(name, own, shape):
    return {
        f"{name}.weight": (shape, f"{own}.W", lambda W: W[..., 0].transpose(1, 0, 2)),
        f"{name}.bias": (shape[:1], f"{own}.b", _unchanged),
    }


def _transposed(A):
    return A.transpose(0, 2, 1)


def _unchanged(array):
    return array
