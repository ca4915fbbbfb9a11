"""The backward pass: the gradients of a whole block and of the whole network. (Of each layer: gradients.py.)

The forward pass is a chain of layers. The backward pass walks it from the loss to the clip: each layer turns the
gradient of its output into those of its input and of its own weights. Where the path forks, as at a residual, both
branches receive the gradient, and where they meet again the gradients add up.
"""

import numpy as np

from .block import batch_norm_of_state, block, entry, relu, weigh_edges
from .gradients import (
    batch_norm_gradients,
    check_gradient,
    classifier_gradients,
    pooling_gradient,
    relu_gradient,
    softmax_cross_entropy,
    spatial_conv_gradients,
    temporal_conv_gradients,
    weigh_edges_gradients,
)
from .network import entries_under, fold_persons, forward
from .temporal_convolution import temporal_conv


def loss_and_gradients(state, clip, labels, A_hat=None, *, training=True, trace=None):
    """The loss of the network on a batch of clips, and its gradients.

    state, clip, A_hat  as for `forward`; clip (N, C, T, V, M)
    labels              (N,) integers, 0 … classes-1
    training            batch norms use the statistics of this batch, as in training; False: the running ones
    trace               a dict that receives the output of every stage, as `forward` fills it

    Returns (loss, gradients). `gradients` has every name of `trained_names(state)`, and beside these "clip" and
    "A_hat": how the loss changes with the input and with the graph itself, which all blocks share. Raises ValueError
    for what `forward` refuses, for one clip without N, and for labels that are not N classes.
    """
    if len(clip.shape) != 5:
        raise ValueError(f"loss_and_gradients: clip must be (N, C, T, V, M), got {clip.shape}")
    A_hat = entry(state, "A_hat") if A_hat is None else A_hat
    trace = {} if trace is None else trace
    logits = forward(state, clip, A_hat, training=training, trace=trace)
    loss, g = softmax_cross_entropy(logits, labels)
    return loss, network_gradients(g, state, clip, A_hat, training=training, trace=trace)


def network_gradients(g, state, clip, A_hat, *, training=True, trace):
    """The gradients of the network, from that of its logits: a dict as `loss_and_gradients` gives it.

    g      (N, classes) = ∂L/∂logits
    trace  the output of every stage, as `forward` fills it
    the others as for `loss_and_gradients`

    Raises ValueError where g does not fit the network.
    """
    strides = entry(state, "strides")
    of = classifier_gradients(g, trace["pooled"], state["classifier.W"])
    gradients = {"classifier.W": of["W"], "classifier.b": of["b"], "A_hat": np.zeros_like(A_hat)}
    g = pooling_gradient(of["features"], trace[f"blocks.{len(strides) - 1}"], M=clip.shape[4])
    for i in reversed(range(len(strides))):
        f_in = trace[f"blocks.{i - 1}"] if i > 0 else trace["data_bn"]
        stages = entries_under(trace, f"blocks.{i}.") | {"f_out": trace[f"blocks.{i}"]}
        entries = entries_under(state, f"blocks.{i}.")
        options = {"stride": int(strides[i]), "residual": i > 0, "training": training, "trace": stages}
        of = block_gradients(g, f_in, A_hat, entries, **options)
        g = of.pop("f_in")
        gradients["A_hat"] = gradients["A_hat"] + of.pop("A_hat")
        gradients |= {f"blocks.{i}.{name}": gradient for name, gradient in of.items()}
    of = data_bn_gradients(g, clip, entries_under(state, "data_bn."), training)
    gradients |= {"clip": of["clip"], "data_bn.weight": of["weight"], "data_bn.bias": of["bias"]}
    return gradients


def block_gradients(g, f_in, A_hat, state, *, stride=1, residual=True, training=True, trace=None):
    """Gradients of `block`: a dict with f_in, A_hat and every trained entry of the block's `state` by name.

    g      (N, C_out, ⌈T/stride⌉, V) = ∂L/∂f_out
    trace  "spatial_conv" and "temporal_conv", as `block` fills it, and "f_out", its result; computed unless given
    the others as for `block`

    Forwards: f_in → spatial_conv → BN → ReLU → temporal_conv → BN → + residual → ReLU. Backwards, from right to left:
    the last ReLU lets g pass where f_out > 0; the sum hands it to both branches as it is, since ∂(a + b)/∂a = 1; the
    main branch takes it through BN, temporal_conv, ReLU, BN and spatial_conv; the residual branch through BN and 1x1
    convolution, or unchanged; and f_in receives what comes out of the two, added up.
    """
    if trace is None:
        trace = {}
        trace["f_out"] = block(f_in, A_hat, state, stride=stride, residual=residual, training=training, trace=trace)
    check_gradient("block_gradients", g, trace["f_out"].shape)
    M = state.get("edge_importance")
    weighed = A_hat if M is None else weigh_edges(A_hat, M)

    g = relu_gradient(g, trace["f_out"])
    gradients, d_main = norm_gradients(g, trace["temporal_conv"], state, "temporal_bn.", training)
    between = relu(batch_norm_of_state(trace["spatial_conv"], state, "spatial_bn.", training))
    of = temporal_conv_gradients(d_main, between, state["temporal_conv.W"], state["temporal_conv.b"], stride)
    gradients |= {"temporal_conv.W": of["W"], "temporal_conv.b": of["b"]}
    d_spatial = relu_gradient(of["f_in"], between)
    of_norm, d_spatial = norm_gradients(d_spatial, trace["spatial_conv"], state, "spatial_bn.", training)
    of = spatial_conv_gradients(d_spatial, f_in, weighed, state["spatial_conv.W"], state["spatial_conv.b"])
    gradients |= of_norm | {"spatial_conv.W": of["W"], "spatial_conv.b": of["b"]}
    if M is not None:
        gradients |= weigh_edges_gradients(of["A_hat"], A_hat, M)
    else:
        gradients["A_hat"] = of["A_hat"]
    of_residual, d_residual = residual_gradients(g, f_in, state, stride, training) if residual else ({}, 0)
    return gradients | of_residual | {"f_in": of["f_in"] + d_residual}


def residual_gradients(g, f_in, state, stride, training=True):
    """Gradients of a block's residual branch: a dict of its entries (empty if f_in is added as it is), and ∂L/∂f_in."""
    if "residual_conv.W" not in state:
        return {}, g
    W, b = state["residual_conv.W"], entry(state, "residual_conv.b")
    gradients, g = norm_gradients(g, temporal_conv(f_in, W, b, stride), state, "residual_bn.", training)
    of = temporal_conv_gradients(g, f_in, W, b, stride)
    return gradients | {"residual_conv.W": of["W"], "residual_conv.b": of["b"]}, of["f_in"]


def norm_gradients(g, f_in, state, prefix, training=True):
    """`batch_norm_gradients` with the entries of `state` under `prefix`: a dict of their gradients, and ∂L/∂f_in."""
    names = ("weight",) if training else ("weight", "running_mean", "running_var")
    of = batch_norm_gradients(g, f_in, *[entry(state, prefix + name) for name in names])
    return {f"{prefix}weight": of["weight"], f"{prefix}bias": of["bias"]}, of["f_in"]


def data_bn_gradients(g, clip, state, training=True):
    """Gradients of the data batch norm and the folding of persons: a dict with clip, weight and bias.

    g      (N·M, C, T, V) = ∂L/∂f_out
    clip   (N, C, T, V, M)
    state  weight (V·C,), bias and, for inference, running_mean and running_var

    Folding only moves numbers to other places, so its gradient moves them back.
    """
    N, C, T, V, M = clip.shape
    check_gradient("data_bn_gradients", g, (N * M, C, T, V))
    g = np.reshape(np.transpose(g, (0, 3, 1, 2)), (N * M, V * C, T, 1))
    of, d_folded = norm_gradients(g, fold_persons(clip), state, "", training)
    d_clip = np.transpose(np.reshape(d_folded, (N, M, V, C, T)), (0, 3, 4, 2, 1))  # -> (N, C, T, V, M)
    return {"clip": d_clip, "weight": of["weight"], "bias": of["bias"]}
