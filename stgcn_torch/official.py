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

import numpy as np

from reference.layer_table import needs_residual_conv
from reference.state import BATCH_NORM, check_state

from .model import STGCN
from .official_files import read_checkpoint
from .official_layouts import recognise


def load_official(source):
    """A published checkpoint as an STGCN in eval mode, which gives the logits of the implementation it comes from.

    source  the path of a `.pt` or `.pth` (read with weights_only=True, so that nothing in it runs) or `.safetensors`
            file, or a mapping of names to tensors or arrays. What trainings wrap these in is taken off: see
            `read_checkpoint`. The model has the widest floating-point type among the entries

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
