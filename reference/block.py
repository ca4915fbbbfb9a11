"""One ST-GCN block, and the two layers it needs beside the convolutions: batch norm and ReLU."""

import numpy as np

from .spatial_convolution import spatial_conv
from .temporal_convolution import temporal_conv


def relu(f_in):
    """max(f_in, 0), element by element; any shape."""
    return np.maximum(f_in, 0)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    """Batch norm per channel: f_out = weight · (f_in - mean) / sqrt(var + eps) + bias.

    f_in                       (N, C, T, V), or (C, T, V) for one video
    weight, bias               (C,)
    running_mean, running_var  (C,) each: inference, with statistics that training has gathered. Leave both out for
                               training: mean and var are then those of f_in itself, over N, T and V

    Returns an array of f_in's shape. Raises ValueError where the shapes do not fit or only one statistic is given.
    """
    C = _channels("batch_norm", f_in)
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: give running_mean and running_var together (inference), or neither (training)")
    mean, var = batch_statistics(f_in) if running_mean is None else (running_mean, running_var)
    for name, value in (("weight", weight), ("bias", bias), ("running_mean", mean), ("running_var", var)):
        if value.shape != (C,):
            raise ValueError(f"batch_norm: {name} must be (C,) = ({C},), got {value.shape}")
    scale = weight / np.sqrt(var + eps)  # (C,)
    shift = bias - mean * scale
    return f_in * scale[:, None, None] + shift[:, None, None]


def batch_statistics(f_in):
    """Mean and variance of each channel over N, T and V: two arrays (C,). The variance divides by the count itself.

    f_in  (N, C, T, V), or (C, T, V) for one video. Raises ValueError for any other number of axes.
    """
    _channels("batch_statistics", f_in)
    axes = (0, 2, 3) if f_in.ndim == 4 else (1, 2)
    return np.mean(f_in, axis=axes), np.var(f_in, axis=axes)


def update_running_statistics(f_in, running_mean, running_var, momentum=0.1):
    """What a training step leaves behind: running ← (1 - momentum) · running + momentum · batch. Two new arrays (C,).

    The running variance takes the batch's unbiased variance (it divides by the count less one), as PyTorch does.
    Raises ValueError where the shapes do not fit, and if f_in holds a single value per channel: that has no variance.
    """
    count = f_in.size // _channels("update_running_statistics", f_in)
    if count < 2:
        raise ValueError("update_running_statistics: one value per channel has no variance; give a larger batch")
    mean, var = batch_statistics(f_in)
    for name, value in (("running_mean", running_mean), ("running_var", running_var)):
        if value.shape != mean.shape:
            raise ValueError(f"update_running_statistics: {name} must be (C,) = {mean.shape}, got {value.shape}")
    unbiased = var * (count / (count - 1))
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * unbiased


def block(f_in, A_hat, state, *, stride=1, residual=True, training=False, trace=None):
    """spatial_conv → BN → ReLU → temporal_conv → BN → + residual → ReLU. (Paper: the ST-GCN unit.)

    f_in      (N, C_in, T, V), or (C_in, T, V) for one video
    A_hat     (K, V, V)
    state     the block's arrays by name: spatial_conv.W, .b; spatial_bn.weight, .bias, .running_mean, .running_var;
              temporal_conv.W, .b; temporal_bn.…; and, where present, edge_importance (K, V, V), which multiplies A_hat,
              and residual_conv.W, .b, residual_bn.…, which bring f_in to the shape of the output
    stride    of the temporal convolution
    residual  whether f_in is added before the last ReLU; the first block of the network has no residual
    training  normalise with the statistics of this batch. (Dropout, which follows the temporal BN in training, is left
              to the PyTorch twin: here the same input gives the same output)
    trace     a dict that receives "spatial_conv" and "temporal_conv", the outputs of the two convolutions

    Returns (N, C_out, ⌈T/stride⌉, V), or without N for one video. Raises ValueError for a missing entry of `state`, and
    where the shapes do not fit.
    """

    for name in state:
        if not name.startswith(("edge_importance", "spatial_", "temporal_", "residual_")):
            raise ValueError(f"block: the state has an entry {name!r}, which no block uses")
    if "edge_importance" in state:
        A_hat = weigh_edges(A_hat, state["edge_importance"])
    spatial = spatial_conv(f_in, A_hat, entry(state, "spatial_conv.W"), entry(state, "spatial_conv.b"))
    f = relu(batch_norm_of_state(spatial, state, "spatial_bn.", training))
    temporal = temporal_conv_of_state(f, state, "temporal_conv.", stride)
    f_out = batch_norm_of_state(temporal, state, "temporal_bn.", training)
    if residual:
        if "residual_conv.W" in state:
            f_in = temporal_conv_of_state(f_in, state, "residual_conv.", stride)
            f_in = batch_norm_of_state(f_in, state, "residual_bn.", training)
        if f_in.shape != f_out.shape:
            raise ValueError(
                f"block: the residual {f_in.shape} cannot be added to {f_out.shape}; where channels or frames change,"
                " the state needs residual_conv and residual_bn"
            )
        f_out = f_out + f_in
    if trace is not None:
        trace.update(spatial_conv=spatial, temporal_conv=temporal)
    return relu(f_out)


def batch_norm_of_state(f_in, state, prefix, training=False):
    """`batch_norm` with the entries of `state` under `prefix`: weight, bias and, unless training, the statistics."""
    names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
    entries = [entry(state, prefix + name) for name in names]
    try:
        return batch_norm(f_in, *entries)
    except ValueError as error:
        raise ValueError(f"{prefix}*: {error}") from None


def temporal_conv_of_state(f_in, state, prefix, stride):
    """`temporal_conv` with the entries W and b of `state` under `prefix`."""
    W, b = entry(state, prefix + "W"), entry(state, prefix + "b")
    try:
        return temporal_conv(f_in, W, b, stride)
    except ValueError as error:
        raise ValueError(f"{prefix}*: {error}") from None


def entry(state, name):
    """state[name], or a ValueError that says which entry is missing."""
    if name not in state:
        raise ValueError(f"the state has no entry {name!r}; it has {', '.join(sorted(state))}")
    return state[name]


def weigh_edges(A_hat, edge_importance):
    """A_hat ⊙ M (K, V, V): every edge of every subset gets a learnable factor. (Notes, line 9.)

    Where A_hat is 0 the product stays 0: importance weighs edges, it cannot create one. Raises ValueError if the two
    shapes differ.
    """
    if A_hat.shape != edge_importance.shape:
        raise ValueError(f"edge importance must have the shape of A_hat, {A_hat.shape}, got {edge_importance.shape}")
    return A_hat * edge_importance


def _channels(function, f_in):
    if f_in.ndim not in (3, 4):
        raise ValueError(f"{function}: f_in must be (N, C, T, V) or (C, T, V), got {f_in.shape}")
    return f_in.shape[-3]
