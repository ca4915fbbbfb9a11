"""The right answers: every step of ST-GCN as a plain function of arrays, integers and strings, computed by `reference`.

These are the signatures that the kit calls, and the results that it stores. A module under test defines any of them;
the table in README.md gives every shape. N batch, C channels, T frames, V joints, M persons, K partitions.
"""

import numpy as np

from .. import backward as _backward
from .. import block as _block
from .. import forward as _forward
from .. import gradients as _gradients
from .. import layer_table as _layer_table
from .. import layers as _layers
from .. import normalize as _normalize
from .. import partition as _partition
from .. import skeleton as _skeleton
from .. import spatial_conv as _spatial_conv
from .. import trained_names
from ..layers import fold_persons, pooling, weigh_edges
from ..temporal_convolution import temporal_conv

__all__ = [
    "adjacency", "batch_norm", "batch_norm_gradients", "block", "block_gradients", "cross_entropy", "data_batch_norm",
    "forward", "hop_distance", "layer_table", "loss_and_gradients", "normalize", "partition", "pooling", "spatial_conv",
    "spatial_conv_gradients", "temporal_conv", "temporal_conv_gradients", "update_running_statistics",
]  # fmt: skip


def adjacency(num_joints, bones):
    """A (V, V): 1 where one of the bones (E, 2) joins two joints, in both directions; no self-connections."""
    return _skeleton.adjacency(_as_skeleton(num_joints, bones, 0))


def hop_distance(num_joints, bones):
    """hops (V, V): the number of bones on the shortest path from each joint to each other."""
    return _skeleton.hop_distance(_as_skeleton(num_joints, bones, 0))


def partition(num_joints, bones, center, strategy):
    """A (K, V, V): row = root, column = neighbour. strategy "uni_labeling", "distance" or "spatial"."""
    return _partition(_as_skeleton(num_joints, bones, center), strategy)


def normalize(A, method):
    """A_hat (K, V, V) with α = 0.001; method "symmetric", "two_sided", "row" or "joint"."""
    return _normalize(A, method)


def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
    """f_out (N, C_out, T, V); edge_importance (K, V, V), where given, multiplies A_hat entry by entry."""
    weighed = A_hat if edge_importance is None else weigh_edges(A_hat, edge_importance)
    return _spatial_conv(f_in, weighed, W, b)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None):
    """f_out (N, C, T, V): each channel normalised, with the running statistics or, without them, its own."""
    return _layers.batch_norm(f_in, weight, bias, running_mean, running_var)


def update_running_statistics(f_in, running_mean, running_var):
    """running_mean and running_var (C,) after one training step on f_in."""
    return _layers.update_running_statistics(f_in, running_mean, running_var)


def data_batch_norm(clip, weight, bias, running_mean=None, running_var=None):
    """clip (N, C, T, V, M) -> f (N·M, C, T, V): channel v·C + c normalised, persons folded into the batch."""
    N, C, T, V, M = clip.shape
    f = batch_norm(fold_persons(clip), weight, bias, running_mean, running_var)  # (n m) (v c) t 1
    return np.transpose(np.reshape(f, (N * M, V, C, T)), (0, 2, 3, 1))  # -> (n m) c t v


def block(f_in, A_hat, state, stride, residual, training, trace=None):
    """f_out (N, C_out, ⌈T/stride⌉, V). state: the block's arrays by name; trace: see README."""
    return _block(f_in, A_hat, state, stride=stride, residual=residual, training=training, trace=trace)


def forward(state, clip, training, trace=None):
    """logits (N, classes) of clip (N, C, T, V, M). state: the network's arrays by name (reference/state.py)."""
    return _forward(state, clip, training=training, trace=trace)


def layer_table(T, V, M, in_channels, num_classes, K, gamma, edge_importance, layers):
    """What the rows (in channels, out channels, stride) of `layers` make of a clip, and what they cost: a dict."""
    rows = [tuple(int(size) for size in row) for row in layers]
    sizes = {"T": T, "V": V, "M": M, "in_channels": in_channels, "num_classes": num_classes, "K": K, "gamma": gamma}
    table = _layer_table(**sizes, edge_importance=edge_importance, layers=rows)
    columns = ("output_shape", "parameters", "multiply_adds", "receptive_field")
    return {name: np.array([getattr(row, name) for row in table.rows]) for name in columns} | {
        "total_parameters": np.array(table.parameters),
        "total_multiply_adds": np.array(table.multiply_adds),
    }


def spatial_conv_gradients(g, f_in, A_hat, W, b):
    """From g = ∂L/∂f_out, the gradients of f_in, A_hat, W and b: a dict."""
    return _gradients.spatial_conv_gradients(g, f_in, A_hat, W, b)


def temporal_conv_gradients(g, f_in, W, b, stride):
    """From g = ∂L/∂f_out, the gradients of f_in, W and b: a dict."""
    return _gradients.temporal_conv_gradients(g, f_in, W, b, stride)


def batch_norm_gradients(g, f_in, weight, running_mean=None, running_var=None):
    """From g = ∂L/∂f_out, the gradients of f_in, weight and bias: a dict."""
    return _gradients.batch_norm_gradients(g, f_in, weight, running_mean, running_var)


def block_gradients(g, f_in, A_hat, state, stride, residual, training):
    """From g = ∂L/∂f_out, the gradients of f_in, A_hat and every trained entry of the state."""
    of = _backward.block_gradients(g, f_in, A_hat, state, stride=stride, residual=residual, training=training)
    return {"f_in": of["f_in"], "A_hat": of["A_hat"], "gradients": {name: of[name] for name in trained_names(state)}}


def cross_entropy(logits, labels):
    """The loss, and g = ∂L/∂logits (N, classes)."""
    loss, g = _gradients.softmax_cross_entropy(logits, labels)
    return np.array(loss), g


def loss_and_gradients(state, clip, labels, trace=None):
    """The loss in training mode, and a dict with its gradient for every trained entry of the state."""
    loss, gradients = _backward.loss_and_gradients(state, clip, labels, training=True, trace=trace)
    return np.array(loss), {name: gradients[name] for name in trained_names(state)}


def _as_skeleton(num_joints, bones, center):
    joints = tuple(f"joint {v}" for v in range(num_joints))
    return _skeleton.Skeleton("under test", joints, tuple((int(i), int(j)) for i, j in bones), center)
