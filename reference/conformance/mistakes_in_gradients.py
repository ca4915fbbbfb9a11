"""Mistakes in the backward pass."""

from functools import partial

import numpy as np

from .. import backward, block_gradients, forward, trained_names, weigh_edges_gradients
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


@mistake(
    "spatial_conv_gradients", "the bias left out of the gradient of A_hat", "h_k[j] = Σ_c f_in[j] W + b: it holds b."
)
def matrix_without_bias(g, f_in, A_hat, W, b):
    """∂L/∂A_hat as if there were no bias."""
    right = answers.spatial_conv_gradients(g, f_in, A_hat, W, b)
    return right | {"A_hat": answers.spatial_conv_gradients(g, f_in, A_hat, W, np.zeros_like(b))["A_hat"]}


def _scaled(factor, state, clip, labels):
    loss, gradients = answers.loss_and_gradients(state, clip, labels)
    N = len(labels)
    return loss * (N if factor == "both" else 1), {name: N * array for name, array in gradients.items()}


@mistake("block_gradients", "the residual's gradient dropped", "f_in receives what comes back from both branches.")
def main_branch_alone(g, f_in, A_hat, state, stride, residual, training):
    """∂L/∂f_in through the main path only."""
    right = answers.block_gradients(g, f_in, A_hat, state, stride, residual, training)
    return right | {"f_in": _main_branch(g, f_in, A_hat, state, stride, residual, training)}


def _main_branch(g, f_in, A_hat, state, stride, residual, training):
    masked = g * (answers.block(f_in, A_hat, state, stride, residual, training) > 0)
    alone = {name: array for name, array in state.items() if not name.startswith("residual")}
    options = {"stride": stride, "residual": False, "training": training}
    return block_gradients(masked, f_in, A_hat, _open(alone), **options)["f_in"]


def _open(state):
    """A state with which the last ReLU lets everything pass."""
    return state | {"temporal_bn.bias": state["temporal_bn.bias"] + 1e6}


@mistake("block_gradients", "edge importance without A_hat", "∂L/∂M = ∂L/∂(A_hat ⊙ M) ⊙ A_hat: 0 where no edge is.")
def importance_alone(g, f_in, A_hat, state, stride, residual, training):
    """∂L/∂(A_hat ⊙ M) taken for ∂L/∂M."""
    right = answers.block_gradients(g, f_in, A_hat, state, stride, residual, training)
    if "edge_importance" in state:
        plain = {name: array for name, array in state.items() if name != "edge_importance"}
        weighed = A_hat * state["edge_importance"]
        of_product = answers.block_gradients(g, f_in, weighed, plain, stride, residual, training)["A_hat"]
        right["gradients"]["edge_importance"] = of_product
    return right


@mistake("block_gradients", "the last ReLU's gradient left out", "g passes only where f_out is positive.")
def last_relu_open(g, f_in, A_hat, state, stride, residual, training):
    """g through the last ReLU as it is."""
    return answers.block_gradients(g, f_in, A_hat, _open(state), stride, residual, training)


def _entropy(loss_times, g_times, logits, labels):
    loss, g = answers.cross_entropy(logits, labels)
    N = len(labels)
    return loss * (N if loss_times else 1), g * (N if g_times else 1)


for _name, _summed in (
    ("the loss summed over the batch", (True, True)),
    ("the loss summed over the batch, g averaged", (True, False)),
    ("g summed over the batch, the loss averaged", (False, True)),
):
    mistake("cross_entropy", _name, "Both are means over N.")(partial(_entropy, *_summed))


def _with_layers(step, changed, **arguments):
    """A step's gradients where layers' gradients come from other functions: {name: function}."""
    kept = {name: getattr(backward, name) for name in changed}
    try:
        vars(backward).update(changed)
        return getattr(answers, step)(**arguments)
    finally:
        vars(backward).update(kept)


def _as_product(g, A_hat, edge_importance):
    """∂L/∂(A_hat ⊙ M) taken for ∂L/∂M."""
    return weigh_edges_gradients(g, A_hat, edge_importance) | {"edge_importance": g}


@mistake("loss_and_gradients", "edge importance without A_hat", "∂L/∂M = ∂L/∂(A_hat ⊙ M) ⊙ A_hat: 0 where no edge is.")
def importance_of_product(state, clip, labels):
    """In its natural form, which is not zero where no edge is."""
    return _with_layers(
        "loss_and_gradients", {"weigh_edges_gradients": _as_product}, state=state, clip=clip, labels=labels
    )


@mistake(
    "loss_and_gradients", "edge importance without A_hat where there are edges", "∂L/∂M = ∂L/∂(A_hat ⊙ M) ⊙ A_hat."
)
def importance_without_graph(state, clip, labels):
    """The gradient of M not multiplied with A_hat, where it is not zero."""
    loss, gradients = answers.loss_and_gradients(state, clip, labels)
    A_hat = np.where(state["A_hat"] == 0, 1, state["A_hat"])
    return loss, {name: g / A_hat if name.endswith("edge_importance") else g for name, g in gradients.items()}


def _block_without_residual(g, f_in, A_hat, state, *, stride, residual, training, trace):
    of = block_gradients(g, f_in, A_hat, state, stride=stride, residual=residual, training=training, trace=trace)
    return of | {"f_in": _main_branch(g, f_in, A_hat, state, stride, residual, training)}


@mistake("loss_and_gradients", "the residual's gradient dropped", "A block's input receives what both branches give.")
def residuals_dropped(state, clip, labels):
    """Every block hands back the gradient of its main path only."""
    return _with_layers(
        "loss_and_gradients", {"block_gradients": _block_without_residual}, state=state, clip=clip, labels=labels
    )


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
mistake("loss_and_gradients", "the loss summed over the batch, gradients averaged", "Both are means over N.")(
    lambda state, clip, labels: (lambda loss, of: (loss * len(labels), of))(
        *answers.loss_and_gradients(state, clip, labels)
    )
)
mistake("loss_and_gradients", "gradients summed over the batch, the loss averaged", "Both are means over N.")(
    partial(_scaled, "gradients")
)


def _register_mistakes_of_layers():
    """A mistake in a layer's gradients is one of the block's and the network's."""
    for part in [known for known in MISTAKES if known.step.endswith(("conv_gradients", "norm_gradients"))]:
        in_networks = part.function is not masked  # hidden there: ∂L/∂M is multiplied by A_hat
        for step in ("block_gradients", "loss_and_gradients") if in_networks else ("block_gradients",):
            mistake(step, f"in {part.step}: {part.name}", part.advice)(
                partial(_of_layers, step, {part.step: part.function})
            )


def _of_layers(step, changed, **arguments):
    return _with_layers(step, changed, **arguments)


_register_mistakes_of_layers()
