"""The state of a network: one flat dict of named arrays, which is all that `forward` needs.

    A_hat                          (K, V, V)         the normalised graph; not trained
    strides                        (rows,)           stride of every block's temporal convolution; not trained
    data_bn.*                      (V·C,)            the channel of joint v and input channel c is v·C + c
    blocks.{i}.edge_importance     (K, V, V)         M; absent if the network does without
    blocks.{i}.spatial_conv.W, .b  (C_in, C_out, K), (C_out, K)
    blocks.{i}.spatial_bn.*        (C_out,)
    blocks.{i}.temporal_conv.W, .b (C_out, C_out, Γ), (C_out,)
    blocks.{i}.temporal_bn.*       (C_out,)
    blocks.{i}.residual_conv.W, .b (C_in, C_out, 1), (C_out,)  only where channels or frames change, never in block 0
    blocks.{i}.residual_bn.*       (C_out,)          likewise
    classifier.W, .b               (C, classes), (classes,)

`*` stands for weight, bias, running_mean and running_var. Blocks count from 0. The PyTorch twin's `state_dict()` has
the same names, shapes and meanings.
"""

from math import prod
from numbers import Integral

import numpy as np

from .layer_table import LAYERS, checked_layers, needs_residual_conv
from .layouts import find_skeleton
from .normalization import normalize
from .partitions import partition

BATCH_NORM = ("weight", "bias", "running_mean", "running_var")  # the entries of one, as `batch_norm` takes them

_LARGEST_STRIDE = 1000  # in a file from elsewhere: beyond it, sizes overflow


def state_shapes(num_classes, in_channels, V, K, layers=LAYERS, gamma=9, edge_importance=True):
    """The shape of every entry of a state, by name, in the order of the computation.

    num_classes      size of the logits
    in_channels      C of the clips; replaces the input channels of row one of `layers`
    V, K             joints, and subsets of the partition
    layers           rows of (in channels, out channels, stride)
    gamma            Γ, frames a temporal filter spans; odd
    edge_importance  whether every block has a factor for every edge

    Raises ValueError for rows that do not follow on one another, for an even gamma, and for a size that is not an
    integer >= 1.
    """
    rows = checked_layers(layers, in_channels)
    check_sizes(num_classes, gamma)
    shapes = {"A_hat": (K, V, V), "strides": (len(rows),), **_batch_norm_shapes("data_bn", V * in_channels)}
    for i, (C_in, C_out, stride) in enumerate(rows):
        block = f"blocks.{i}"
        if edge_importance:
            shapes[f"{block}.edge_importance"] = (K, V, V)
        shapes |= {f"{block}.spatial_conv.W": (C_in, C_out, K), f"{block}.spatial_conv.b": (C_out, K)}
        shapes |= _batch_norm_shapes(f"{block}.spatial_bn", C_out)
        shapes |= {f"{block}.temporal_conv.W": (C_out, C_out, gamma), f"{block}.temporal_conv.b": (C_out,)}
        shapes |= _batch_norm_shapes(f"{block}.temporal_bn", C_out)
        if needs_residual_conv(i + 1, C_in, C_out, stride):
            shapes |= {f"{block}.residual_conv.W": (C_in, C_out, 1), f"{block}.residual_conv.b": (C_out,)}
            shapes |= _batch_norm_shapes(f"{block}.residual_bn", C_out)
    features = rows[-1][1]
    return shapes | {"classifier.W": (features, num_classes), "classifier.b": (num_classes,)}


def init_state(
    num_classes,
    in_channels=2,
    skeleton="openpose_25",
    strategy="spatial",
    normalization="two_sided",
    layers=LAYERS,
    gamma=9,
    edge_importance=True,
    *,
    seed=0,
    dtype=np.float32,
):
    """The state of an untrained network.

    The settings are those of the PyTorch twin `STGCN`.
    num_classes, in_channels, layers, gamma, edge_importance  as for `state_shapes`
    skeleton       a Skeleton, or the name of a built-in one
    strategy       how neighbourhoods are split: what `partition` takes
    normalization  a method of `normalize`
    seed           of the random numbers: an integer or a numpy.random.Generator
    dtype          of all entries but `strides`

    Every W and b is drawn uniformly from ±1/sqrt(fan-in), where the fan-in is C_in for the spatial and the residual
    convolution, C_in·Γ for the temporal one and C for the classifier: PyTorch's default for convolutions. Batch norms
    start as the identity, edge importance at ones.

    Raises ValueError for unknown names, rows that do not follow on one another and a dtype that is not floating-point.
    """
    if np.dtype(dtype).kind != "f":
        raise ValueError(f"init_state: weights are floating-point numbers, got the dtype {np.dtype(dtype)}")
    A_hat = normalize(partition(find_skeleton(skeleton), strategy), normalization)
    K, V, _ = A_hat.shape
    layers = checked_layers(layers, in_channels)
    shapes = state_shapes(num_classes, in_channels, V, K, layers, gamma, edge_importance)
    rng = np.random.default_rng(seed)
    state = {}
    for name, shape in shapes.items():
        if name.endswith((".W", ".b")):
            W = shapes[name[:-1] + "W"]  # (C_in, C_out, K), (C_in, C_out, Γ) or (C, classes)
            fan_in = W[0] if "spatial_conv" in name else prod(W) // W[1]
            state[name] = (rng.uniform(-1, 1, shape) / np.sqrt(fan_in)).astype(dtype)
        else:
            start_at_one = name.endswith((".weight", ".running_var", ".edge_importance"))
            state[name] = np.full(shape, float(start_at_one), dtype)
    state["A_hat"] = A_hat.astype(dtype)
    state["strides"] = np.array([stride for _, _, stride in layers], dtype=np.int64)
    return state


def check_sizes(num_classes, gamma):
    """Refuse a number of classes that is not an integer >= 1, and a Γ that is not odd as well: a ValueError."""
    if not isinstance(num_classes, Integral) or num_classes < 1:
        raise ValueError(f"num_classes must be an integer >= 1, got {num_classes!r}")
    if not isinstance(gamma, Integral) or gamma < 1 or gamma % 2 == 0:
        raise ValueError(f"gamma must be odd and >= 1, so that the temporal filter has a middle frame, got {gamma!r}")


def check_state(state):
    """Refuse a state that no network has: a ValueError names the first entry that is missing, extra or misshapen."""

    def shape(name, axes):
        if name not in state:
            raise ValueError(f"the state has no entry {name!r}")
        if len(state[name].shape) != axes:
            raise ValueError(f"the state's {name} must have {axes} axes, got shape {state[name].shape}")
        return state[name].shape

    K, V, _ = shape("A_hat", 3)
    if shape("strides", 1) == (0,) or state["strides"].dtype.kind not in "iu":
        raise ValueError(f"the state's strides must be one integer for each block, got {state['strides']!r}")
    if state["strides"].max() > _LARGEST_STRIDE:
        raise ValueError(f"the state's strides must be up to {_LARGEST_STRIDE}, got {state['strides'].max()}")
    weights = [shape(f"blocks.{i}.spatial_conv.W", 3) for i in range(len(state["strides"]))]
    layers = [(C_in, C_out, int(stride)) for (C_in, C_out, _), stride in zip(weights, state["strides"], strict=True)]
    gamma = shape("blocks.0.temporal_conv.W", 3)[2]
    num_classes = shape("classifier.W", 2)[1]
    in_channels = layers[0][0]
    expected = state_shapes(num_classes, in_channels, V, K, layers, gamma, "blocks.0.edge_importance" in state)
    for name, expected_shape in expected.items():
        if shape(name, len(expected_shape)) != expected_shape:
            raise ValueError(f"the state's {name} must be {expected_shape}, got {state[name].shape}")
    for name, array in state.items():
        if name not in expected:
            raise ValueError(f"the state has an entry {name!r} that its network does not use")
        if name != "strides" and (array.dtype.kind != "f" or array.dtype != state["A_hat"].dtype):
            raise ValueError(f"the state's {name} is {array.dtype}, but all entries must have one floating-point type")


def entries_under(named, prefix):
    """The entries of a state, or the stages of a trace, whose names start with `prefix`, by the rest of their names."""
    return {name[len(prefix) :]: array for name, array in named.items() if name.startswith(prefix)}


def trained_names(state):
    """The names of the entries that training changes: all but the graph, the strides and the running statistics."""
    return [name for name in state if name not in ("A_hat", "strides") and ".running_" not in name]


def _batch_norm_shapes(name, channels):
    return {f"{name}.{entry}": (channels,) for entry in BATCH_NORM}
