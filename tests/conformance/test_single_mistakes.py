"""Sixty implementations with one mistake each: the report names the step, the place and, but for a few, the mistake."""

import numpy as np
import pytest
import torch
import wrong
from torch.nn import functional

from reference.conformance import answers, check

NORMS = ("weight", "bias", "running_mean", "running_var")


def conv(mode):
    """A temporal convolution by PyTorch with another kind of padding."""

    def temporal_conv(f_in, W, b=None, stride=1):
        p = (W.shape[2] - 1) // 2
        index = {"wrap": lambda t, T: t % T, "edge": lambda t, T: np.clip(t, 0, T - 1)}[mode]
        T = f_in.shape[2]
        f = torch.as_tensor(np.stack([f_in[:, :, index(t, T)] for t in range(-p, T + p)], axis=2), dtype=torch.float64)
        bias = None if b is None else torch.as_tensor(b, dtype=torch.float64)
        weights = torch.as_tensor(W, dtype=torch.float64).permute(1, 0, 2)[..., None]
        return functional.conv2d(f, weights, bias, stride=(stride, 1))

    return temporal_conv


def normed(f, weight, bias, mean=None, var=None, eps=1e-5, ddof=0):
    mean = f.mean((0, 2, 3)) if mean is None else mean
    var = f.var((0, 2, 3), ddof=ddof) if var is None else var
    return ((np.moveaxis(f, 1, -1) - mean) / np.sqrt(var + eps) * weight + bias).transpose(0, 3, 1, 2)


def data_norm(**options):
    def data_batch_norm(clip, weight, bias, running_mean=None, running_var=None):
        N, C, T, V, M = clip.shape
        f = clip.transpose(0, 4, 3, 1, 2).reshape(N * M, V * C, T, 1)
        f = normed(f, weight, bias, running_mean, running_var, **options)
        return f.reshape(N * M, V, C, T).transpose(0, 2, 3, 1)

    return data_batch_norm


def block(
    join=lambda f, r: np.maximum(f + r, 0), relu=lambda f: np.maximum(f, 0), importance=lambda M: M, residual_norm=True
):
    """A block with exchangeable parts."""

    def function(f_in, A_hat, state, stride, residual, training):
        def norm(f, name):
            return normed(f, *(state[f"{name}.{entry}"] for entry in (NORMS[:2] if training else NORMS)))

        weighed = A_hat * importance(state["edge_importance"]) if "edge_importance" in state else A_hat
        f = relu(
            norm(answers.spatial_conv(f_in, weighed, state["spatial_conv.W"], state["spatial_conv.b"]), "spatial_bn")
        )
        f = norm(answers.temporal_conv(f, state["temporal_conv.W"], state["temporal_conv.b"], stride), "temporal_bn")
        if residual and "residual_conv.W" in state:
            f_in = answers.temporal_conv(f_in, state["residual_conv.W"], state["residual_conv.b"], stride)
            f_in = norm(f_in, "residual_bn") if residual_norm else f_in
        return join(f, f_in if residual else 0)

    return function


def leaky(f):
    return np.where(f > 0, f, 0.01 * f)


def spatial(change):
    def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
        return answers.spatial_conv(f_in, A_hat, W, **change({"b": b, "edge_importance": edge_importance}))

    return spatial_conv


def without(name):
    return lambda given: given | {name: None}


def flat_bias(given):
    b = given["b"]
    return given | {"b": None if b is None else b.ravel().reshape(b.shape[1], b.shape[0]).T}


def importance_transposed(given):
    M = given["edge_importance"]
    return given | {"edge_importance": None if M is None else M.transpose(0, 2, 1)}


def alpha(value):
    def normalize(A, method):
        row, column, whole = A.sum(2) + value, A.sum(1) + value, A.sum((0, 2))
        return A * wrong.by_method(row, column, whole, method)

    return normalize


def alpha_in_joint(A, method):
    return A * wrong.by_method(A.sum(2) + 0.001, A.sum(1) + 0.001, A.sum((0, 2)) + 0.001, method)


def equal_farther(num_joints, bones, center, strategy):
    if strategy != "spatial":
        return wrong.labels(num_joints, bones, center, strategy)
    hops = answers.hop_distance(num_joints, bones)
    near, d = hops <= 1, hops[center]
    closer = near & (d[None, :] < d[:, None])
    itself = np.eye(num_joints, dtype=bool)
    return np.stack([itself, closer, near & ~closer & ~itself]).astype(float)


def graph_gradient_without_bias(g, f_in, A_hat, W, b):
    of = answers.spatial_conv_gradients(g, f_in, A_hat, W, b)
    h = np.einsum("nctj,cok->knotj", f_in, W)
    return of | {"A_hat": np.einsum("noti,knotj->kij", g, h)}


def natural_importance(g, f_in, A_hat, state, stride, residual, training):
    of = answers.block_gradients(g, f_in, A_hat, state, stride, residual, training)
    if "edge_importance" not in state:
        return of
    plain = {name: array for name, array in state.items() if name != "edge_importance"}
    product = A_hat * state["edge_importance"]
    natural = answers.block_gradients(g, f_in, product, plain, stride, residual, training)["A_hat"]
    return of | {"gradients": of["gradients"] | {"edge_importance": natural}}


def pooled(how):
    def pooling(f_in, M):
        f = f_in.reshape(-1, M, *f_in.shape[1:])
        return how(f)

    return pooling


def times_N(loss_too, g_too):  # noqa: N802
    def cross_entropy(logits, labels):
        t = torch.as_tensor(logits, dtype=torch.float64).requires_grad_()
        loss = functional.cross_entropy(t, torch.as_tensor(labels))
        loss.backward()
        return loss.item() * (len(labels) if loss_too else 1), t.grad * (len(labels) if g_too else 1)

    return cross_entropy


def momentum(value, ddof=1):
    def update_running_statistics(f_in, running_mean, running_var):
        mean, var = f_in.mean((0, 2, 3)), f_in.var((0, 2, 3), ddof=ddof)
        return (1 - value) * running_mean + value * mean, (1 - value) * running_var + value * var

    return update_running_statistics


MORE = [
    ("temporal_conv", "circular padding", conv("wrap")),
    ("temporal_conv", "ends padded with copies", conv("edge")),
    ("temporal_conv", "the filter reversed",
     lambda f_in, W, b=None, stride=1: answers.temporal_conv(f_in, W[..., ::-1], b, stride)),
    ("temporal_conv", "bias left out", lambda f_in, W, b=None, stride=1: answers.temporal_conv(f_in, W, None, stride)),
    ("block", "the residual scaled (by 0.5)", block(join=lambda f, r: np.maximum(f + r / 2, 0))),
    ("block", "the residual left out", block(join=lambda f, r: np.maximum(f, 0))),
    ("block", "leaky ReLU (slope 0.01)", block(relu=leaky, join=lambda f, r: leaky(f + r))),
    ("block", "the last ReLU left out", block(join=lambda f, r: f + r)),
    ("block", "no batch norm in the residual path", block(residual_norm=False)),
    ("block", "edge importance transposed", block(importance=lambda M: M.transpose(0, 2, 1))),
    ("block", "edge importance left out", block(importance=np.ones_like)),
    ("spatial_conv", "edge importance transposed", spatial(importance_transposed)),
    ("spatial_conv", "b read as (K, C_out)", spatial(flat_bias)),
    ("spatial_conv", "bias left out", spatial(without("b"))),
    ("normalize", "α is 0.01", alpha(0.01)),
    ("normalize", "α is 1e-06", alpha(1e-6)),
    ("normalize", 'α in "joint"', alpha_in_joint),
    ("normalize", "not normalised", lambda A, method: A),
    ("partition", "equal distances filed as farther", equal_farther),
    ("spatial_conv_gradients", "the bias left out of the gradient of A_hat", graph_gradient_without_bias),
    ("block_gradients", "edge importance without A_hat", natural_importance),
    ("cross_entropy", "the loss summed over the batch", times_N(True, True)),
    ("cross_entropy", "the loss summed over the batch, g averaged", times_N(True, False)),
    ("pooling", "max pooling", pooled(lambda f: f.max((3, 4)).mean(1))),
    ("pooling", "the first person only", pooled(lambda f: f[:, 0].mean((2, 3)))),
    ("partition", "self-loops left out", lambda num_joints, bones, center, strategy: wrong.labels(
        num_joints, bones, center, strategy, one=0)),
    ("pooling", "the sum over persons", pooled(lambda f: f.mean((3, 4)).sum(1))),
    ("data_batch_norm", "epsilon 0.001", data_norm(eps=1e-3)),
    ("data_batch_norm", "unbiased variance", data_norm(ddof=1)),
    ("update_running_statistics", "biased variance", momentum(0.1, ddof=0)),
    ("update_running_statistics", "momentum 0.01", momentum(0.01)),
    ("adjacency", "bones counted from 1", lambda num_joints, bones: wrong.edges(num_joints, (bones - 1) % num_joints)),
]  # fmt: skip


def test_there_are_sixty():
    assert len(MORE) + len(wrong.WRONG) >= 60


@pytest.mark.parametrize(("step", "name", "function"), MORE, ids=[f"{step}: {name}" for step, name, _ in MORE])
def test_a_single_mistake_is_named(step, name, function):
    report = check(**{step: function})
    assert report.failed == [step]
    (result,) = report.steps
    assert any(outcome.place or "shape" in outcome.problem for outcome in result.failed)
    assert any(name in hint for hint in result.hints), report
