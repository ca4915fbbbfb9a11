"""The backward pass: the gradients of a whole block and of the whole network. (Of each layer: gradients.py.)

The forward pass is a chain of layers. The backward pass walks it from the loss to the clip: each layer turns the
gradient of its output into those of its input and of its own weights. Where the path forks, as at a residual, both
branches receive the gradient, and where they meet again the gradients add up.
"""

import numpy as np

from .block import block
from .gradients import (
    batch_norm_gradients,
    check_gradient,
    classifier_gradients,
    fold_persons_gradient,
    pooling_gradient,
    relu_gradient,
    softmax_cross_entropy,
    spatial_conv_gradients,
    temporal_conv_gradients,
    weigh_edges_gradients,
)
from .layers import fold_persons
from .network import forward
from .state import entries_under


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
    trace = {} if trace is None else trace
    logits = forward(state, clip, A_hat, training=training, trace=trace)
    loss, g = softmax_cross_entropy(logits, labels)
    A_hat = state["A_hat"] if A_hat is None else A_hat
    return loss, network_gradients(g, state, clip, A_hat, training=training, trace=trace)


def network_gradients(g, state, clip, A_hat, *, training=True, trace):
    """The gradients of the network, from that of its logits: a dict as `loss_and_gradients` gives it.

    g      (N, classes) = ∂L/∂logits
    trace  the output of every stage, as `forward` fills it
    the others as for `loss_and_gradients`

    Raises ValueError where g does not fit the network.
    """
    strides = state["strides"]
    of = classifier_gradients(g, trace["pooled"], state["classifier.W"])
    gradients = {"classifier.W": of["W"], "classifier.b": of["b"], "A_hat": np.zeros_like(A_hat)}
    g = pooling_gradient(of["features"], trace[f"blocks.{len(strides) - 1}"], M=clip.shape[4])
    for i in reversed(range(len(strides))):
        f_in = trace[f"blocks.{i - 1}"] if i > 0 else trace["data_bn"]
        entries, stages = (entries_under(named, f"blocks.{i}.") for named in (state, trace))
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
    trace  every stage, as `block` keeps them; computed unless given
    the others as for `block`

    Forwards: f_in → spatial_conv → BN → ReLU → temporal_conv → BN → + residual → ReLU. Backwards, from right to left:
    the last ReLU lets g pass where its input is positive; the sum hands it to both branches as it is, since
    ∂(a + b)/∂a = 1; the main branch takes it through BN, temporal_conv, ReLU, BN and spatial_conv; the residual branch
    through BN and 1x1 convolution, or unchanged; and f_in receives what comes out of the two, added up.
    """
    if trace is None:
        trace = {}
        block(f_in, A_hat, state, stride=stride, residual=residual, training=training, trace=trace)
    last = trace["sum" if residual else "temporal_bn"]  # what the last ReLU takes
    check_gradient("block_gradients", g, last.shape)
    d_sum = relu_gradient(g, last)

    of_norm, g = norm_gradients(d_sum, trace["temporal_conv"], state, "temporal_bn.", training)
    of = temporal_conv_gradients(g, trace["relu"], state["temporal_conv.W"], state["temporal_conv.b"], stride)
    gradients = of_norm | {"temporal_conv.W": of["W"], "temporal_conv.b": of["b"]}
    g = relu_gradient(of["f_in"], trace["spatial_bn"])
    of_norm, g = norm_gradients(g, trace["spatial_conv"], state, "spatial_bn.", training)
    weighed = trace.get("edge_importance", A_hat)
    of = spatial_conv_gradients(g, f_in, weighed, state["spatial_conv.W"], state["spatial_conv.b"])
    gradients |= of_norm | {"spatial_conv.W": of["W"], "spatial_conv.b": of["b"]}
    if "edge_importance" in state:
        gradients |= weigh_edges_gradients(of["A_hat"], A_hat, state["edge_importance"])
    else:
        gradients["A_hat"] = of["A_hat"]
    gradients["f_in"] = of["f_in"]

    if residual and "residual_conv.W" in state:
        of_norm, g = norm_gradients(d_sum, trace["residual_conv"], state, "residual_bn.", training)
        of = temporal_conv_gradients(g, f_in, state["residual_conv.W"], state["residual_conv.b"], stride)
        gradients |= of_norm | {"residual_conv.W": of["W"], "residual_conv.b": of["b"]}
    if residual:
        gradients["f_in"] = gradients["f_in"] + (of["f_in"] if "residual_conv.W" in state else d_sum)
    return gradients


def norm_gradients(g, f_in, state, prefix, training=True):
    """`batch_norm_gradients` with the entries of `state` under `prefix`: a dict of their gradients, and ∂L/∂f_in."""
    names = ("weight",) if training else ("weight", "running_mean", "running_var")
    of = batch_norm_gradients(g, f_in, *[state[prefix + name] for name in names])
    return {f"{prefix}weight": of["weight"], f"{prefix}bias": of["bias"]}, of["f_in"]


def data_bn_gradients(g, clip, state, training=True):
    """Gradients of the data batch norm, the folding of persons included: a dict with clip, weight and bias.

    g      (N·M, C, T, V) = ∂L/∂f_out
    clip   (N, C, T, V, M)
    state  weight (V·C,), bias and, for inference, running_mean and running_var
    """
    N, C, T, V, M = clip.shape
    check_gradient("data_bn_gradients", g, (N * M, C, T, V))
    g = np.reshape(np.transpose(g, (0, 3, 1, 2)), (N * M, V * C, T, 1))  # (n m) c t v -> (n m) (v c) t 1
    of, g = norm_gradients(g, fold_persons(clip), state, "", training)
    return {"clip": fold_persons_gradient(g, clip), "weight": of["weight"], "bias": of["bias"]}
