"""Mistakes in the backward pass."""

from functools import partial

import numpy as np

from .. import forward, trained_names
from ..backward import network_gradients
from ..gradients import softmax_cross_entropy
from . import answers, mistakes_in_graphs
from .mistake import collector

mistake, MISTAKES = collector()


@mistake(
    "spatial_conv_gradients", "A not transposed", "Joint j collects from the roots that read it: Σ_i A_hat[k, i, j]."
)
def not_transposed(g, f_in, A_hat, W, b):
    """The gradients for A_hat from the wrong side."""
    wrong = answers.spatial_conv_gradients(g, f_in, mistakes_in_graphs.transpose(A_hat), W, b)
    return wrong | {"A_hat": answers.spatial_conv_gradients(g, f_in, A_hat, W, b)["A_hat"]}


@mistake("spatial_conv_gradients", "the gradient of A_hat transposed", "∂L/∂A_hat[k, i, j] = Σ g[i] h_k[j].")
def matrix_transposed(g, f_in, A_hat, W, b):
    """Only A_hat's gradient has row = neighbour."""
    right = answers.spatial_conv_gradients(g, f_in, A_hat, W, b)
    return right | {"A_hat": mistakes_in_graphs.transpose(right["A_hat"])}


@mistake("spatial_conv_gradients", "the gradient of A_hat only where there are edges", "It is not zero where A_hat is.")
def masked(g, f_in, A_hat, W, b):
    """∂L/∂A_hat masked with A_hat."""
    right = answers.spatial_conv_gradients(g, f_in, A_hat, W, b)
    return right | {"A_hat": right["A_hat"] * (A_hat != 0)}


@mistake(
    "spatial_conv_gradients", "bias after A instead of before", "b enters before A_hat, which sums its gradient too."
)
def late_bias(g, f_in, A_hat, W, b):
    """b's gradient as that of a bias added at the end; h_k without b."""
    right = answers.spatial_conv_gradients(g, f_in, A_hat, W, np.zeros_like(b))
    return right | {"b": np.repeat(g.sum(axis=(0, 2, 3))[:, None], W.shape[2], axis=1)}


@mistake(
    "temporal_conv_gradients", "the filter not reversed", "Backwards, tap γ of frame s meets frame (s - γ)/stride."
)
def not_reversed(g, f_in, W, b, stride):
    """The gradient of f_in with the taps in the forward order."""
    right = answers.temporal_conv_gradients(g, f_in, W, b, stride)
    return right | {"f_in": answers.temporal_conv_gradients(g, f_in, W[:, :, ::-1], b, stride)["f_in"]}


@mistake(
    "temporal_conv_gradients", "the filter's gradient reversed in time", "Tap γ meets frame stride·t + γ - (Γ-1)/2."
)
def reversed_gradient(g, f_in, W, b, stride):
    """∂L/∂W with γ counted from the other end."""
    right = answers.temporal_conv_gradients(g, f_in, W, b, stride)
    return right | {"W": right["W"][:, :, ::-1]}


@mistake(
    "batch_norm_gradients",
    "mean and variance taken for constants",
    "In training they depend on f_in: subtract mean(g) and z mean(g z).",
)
def constant_statistics(g, f_in, weight, running_mean=None, running_var=None):
    """weight g / σ in both modes."""
    if running_mean is None:
        running_mean, running_var = f_in.mean(axis=(0, 2, 3)), f_in.var(axis=(0, 2, 3))
    return answers.batch_norm_gradients(g, f_in, weight, running_mean, running_var)


@mistake("batch_norm_gradients", "the variance taken for a constant", "Subtract z mean(g z) as well.")
def constant_variance(g, f_in, weight, running_mean=None, running_var=None):
    """The mean depends on f_in, the variance does not."""
    if running_mean is None:
        wrong = constant_statistics(g, f_in, weight)
        return wrong | {"f_in": wrong["f_in"] - wrong["f_in"].mean(axis=(0, 2, 3), keepdims=True)}
    return answers.batch_norm_gradients(g, f_in, weight, running_mean, running_var)


def _scaled(factor, state, clip, labels):
    loss, gradients = answers.loss_and_gradients(state, clip, labels)
    N = len(labels)
    return loss * (N if factor == "both" else 1), {name: N * array for name, array in gradients.items()}


@mistake(
    "loss_and_gradients", "edge importance without A_hat", "∂L/∂M = ∂L/∂(A_hat ⊙ M) ⊙ A_hat: zero where no edge is."
)
def importance_without_graph(state, clip, labels):
    """The gradient of M not multiplied with A_hat, where it is not zero."""
    loss, gradients = answers.loss_and_gradients(state, clip, labels)
    A_hat = np.where(state["A_hat"] == 0, 1, state["A_hat"])
    return loss, {name: g / A_hat if name.endswith("edge_importance") else g for name, g in gradients.items()}


@mistake(
    "loss_and_gradients",
    "softmax inside the model and again in the loss",
    "The network ends with logits; the loss takes their softmax, once.",
)
def softmax_twice(state, clip, labels):
    """The loss of softmax(logits), which takes the softmax of that."""
    trace = {}
    logits = forward(state, clip, training=True, trace=trace)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss, g = softmax_cross_entropy(p, labels)
    g = p * (g - (g * p).sum(axis=1, keepdims=True))  # ∂p_a/∂logits_c = p_a (δ[a, c] - p_c)
    of = network_gradients(g, state, clip, state["A_hat"], trace=trace)
    return np.array(loss), {name: of[name] for name in trained_names(state)}


mistake("loss_and_gradients", "the loss summed over the batch", "It is the mean over N.")(partial(_scaled, "both"))
mistake("loss_and_gradients", "gradients summed over the batch, the loss averaged", "Both are means over N.")(
    partial(_scaled, "gradients")
)
