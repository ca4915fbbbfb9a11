"""Implementations with one mistake each, written as people write them: PyTorch idioms, no code of the kit.

Each entry of WRONG: the mistake as the kit names it, the step, and the function.
"""

import numpy as np
import oracle
import torch
import twin
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from reference import Skeleton

WRONG = []


def wrong(step, name):
    def keep(function):
        WRONG.append((step, name, function))
        return function

    return keep


def edges(num_joints, bones):
    A = np.zeros((num_joints, num_joints))
    for i, j in bones:
        A[i, j] = A[j, i] = 1
    return A


def labels(num_joints, bones, center, strategy, max_hop=None, one=1):
    """Partition by repeated multiplication: hops up to max_hop, all others infinite."""
    A = edges(num_joints, bones)
    hops, walks = np.full(A.shape, np.inf), np.eye(num_joints)
    for distance in range((max_hop or num_joints) + 1):
        hops[np.isinf(hops) & (walks > 0)] = distance
        walks = walks @ A
    near = A + one * np.eye(num_joints)
    if strategy == "uni_labeling":
        return near[None]
    if strategy == "distance":
        return np.stack([near * np.eye(num_joints), A])
    root, neighbour = hops[center][:, None], hops[center][None, :]
    return np.stack([near * (root == neighbour), near * (neighbour < root), near * (neighbour > root)])


@wrong("partition", "hops cut short")
def cut_short(num_joints, bones, center, strategy):
    return labels(num_joints, bones, center, strategy, max_hop=1)


@wrong("partition", "centre off by one (one too small)")
def center_from_one(num_joints, bones, center, strategy):
    return labels(num_joints, bones, center - 1, strategy)


@wrong("partition", "the widely copied partition, in its layout")
def widely_copied(num_joints, bones, center, strategy):
    if strategy != "spatial":
        return labels(num_joints, bones, center, strategy)
    body = Skeleton("copied", [str(v) for v in range(num_joints)], bones.tolist(), center)
    return (oracle.widely_copied_partition(body) > 0).astype(float)


@wrong("partition", "self-loops added twice")
def loops_twice(num_joints, bones, center, strategy):
    return labels(num_joints, bones, center, strategy, one=2)


@wrong("adjacency", "self-connections in A")
def eye_in_adjacency(num_joints, bones):
    return edges(num_joints, bones) + np.eye(num_joints)


def by_method(row, column, whole, method):
    """The factors that A is multiplied with, from the sums of its rows, its columns and its neighbourhoods."""
    return {
        "symmetric": row[:, :, None] ** -0.5 * row[:, None, :] ** -0.5,
        "two_sided": row[:, :, None] ** -0.5 * column[:, None, :] ** -0.5,
        "row": 1 / row[:, :, None],
        "joint": 1 / whole[None, :, None],
    }[method]


@wrong("normalize", "α added to every entry of the matrix")
def alpha_everywhere(A, method, alpha=0.001):
    A = A + alpha
    return A * by_method(A.sum(2) + alpha, A.sum(1) + alpha, A.sum((0, 2)), method)


@wrong("normalize", "α added to every entry of the matrix, in place of the degree")
def alpha_in_the_matrix_alone(A, method):
    A = A + 0.001
    return A * by_method(A.sum(2), A.sum(1), A.sum((0, 2)), method)


@wrong("normalize", "zero rows left at zero")
def zero_rows(A, method):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(A * by_method(A.sum(2), A.sum(1), A.sum((0, 2)), method), posinf=0)


class GraphConv(nn.Module):
    """The usual layer: one 1x1 convolution to K·C_out channels, then the graph. Options are mistakes."""

    def __init__(self, A_hat, W, b, M, contraction="nkctw,kvw->nctv", split="KC", edges="times", late_bias=False):
        super().__init__()
        self.A, self.M, self.edges, self.split = A_hat, M, edges, split
        self.contraction, self.late_bias = contraction, late_bias
        C_in, self.C_out, self.K = W.shape
        self.filters = W.permute(2, 1, 0).reshape(self.K * self.C_out, C_in, 1, 1)
        self.bias = None if b is None else b.t().reshape(-1)
        self.at_construction = A_hat * torch.ones_like(A_hat)

    def forward(self, f):
        N, _, T, V = f.shape
        f = F.conv2d(f, self.filters, None if self.late_bias else self.bias)
        K, C = self.K, self.C_out
        f = f.view(N, K, C, T, V) if self.split == "KC" else f.view(N, C, K, T, V).transpose(1, 2)
        f = torch.einsum(self.contraction, f, self.weighed())
        if self.late_bias and self.bias is not None:
            f = f + self.bias.view(K, C).sum(0)[:, None, None]
        return f

    def weighed(self):
        if self.M is None or self.edges == "at construction":
            return self.at_construction
        return self.A + self.M if self.edges == "plus" else self.A * self.M


def graph_conv(**options):
    def function(f_in, A_hat, W, b=None, edge_importance=None):
        arrays = [None if a is None else torch.as_tensor(a) for a in (A_hat, W, b, edge_importance)]
        return GraphConv(*arrays, **options)(torch.as_tensor(f_in))

    return function


RIGHT_GRAPH_CONV = graph_conv()
wrong("spatial_conv", "A transposed")(graph_conv(contraction="nkctv,kvw->nctw"))
wrong("spatial_conv", "(C, K) instead of (K, C)")(graph_conv(split="CK"))
wrong("spatial_conv", "A + M instead of A ⊙ M")(graph_conv(edges="plus"))
wrong("spatial_conv", "edge importance left out")(graph_conv(edges="at construction"))
wrong("spatial_conv", "bias after A instead of before")(graph_conv(late_bias=True))


@wrong("temporal_conv", '"same" padding at stride 2 (3/4 instead of 4/4)')
def same_padding(f_in, W, b=None, stride=1):
    f, T, gamma = torch.as_tensor(f_in), f_in.shape[2], W.shape[2]
    total = max((int(np.ceil(T / stride)) - 1) * stride + gamma - T, 0)
    f = F.pad(f, (0, 0, total // 2, total - total // 2))
    bias = None if b is None else torch.as_tensor(b)
    return F.conv2d(f, torch.as_tensor(W).permute(1, 0, 2)[..., None], bias, stride=(stride, 1))


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None, ddof=0, divisor=None):
    mean = f_in.mean((0, 2, 3)) if running_mean is None else running_mean
    var = f_in.var((0, 2, 3), ddof=ddof) if running_var is None else running_var
    divide = divisor or (lambda var: np.sqrt(var + 1e-5))
    f = np.moveaxis(f_in, 1, -1)
    return np.moveaxis((f - mean) / divide(var) * weight + bias, -1, 1)


@wrong("batch_norm", "epsilon outside the root")
def eps_outside(*arguments, **named):
    return batch_norm(*arguments, **named, divisor=lambda var: np.sqrt(var) + 1e-5)


@wrong("batch_norm", "unbiased variance")
def unbiased(*arguments, **named):
    return batch_norm(*arguments, **named, ddof=1)


@wrong("update_running_statistics", "momentum reversed")
def flax_momentum(f_in, running_mean, running_var, momentum=0.1):
    n = f_in[:, 0].size
    mean, var = f_in.mean((0, 2, 3)), f_in.var((0, 2, 3)) * n / (n - 1)
    return momentum * running_mean + (1 - momentum) * mean, momentum * running_var + (1 - momentum) * var


@wrong("data_batch_norm", "batch norm over C instead of V·C")
def norm_over_channels(clip, weight, bias, running_mean=None, running_var=None):
    N, C, T, V, M = clip.shape
    f = clip.transpose(0, 4, 1, 2, 3).reshape(N * M, C, T, V)
    if running_mean is None:
        mean, var = f.mean((0, 2, 3)), f.var((0, 2, 3))
    else:
        mean, var = running_mean.reshape(V, C).mean(0), running_var.reshape(V, C).mean(0)
    f = (f - mean[:, None, None]) / np.sqrt(var + 1e-5)[:, None, None]
    return f * weight.reshape(V, C).T[:, None] + bias.reshape(V, C).T[:, None]


@wrong("block", "ReLU before the residual is added")
def early_relu(f_in, A_hat, state, stride, residual, training):
    main = twin.block(f_in, A_hat, state, stride, False, training)
    if not residual:
        return main
    if "residual_conv.W" not in state:
        return main + torch.as_tensor(f_in)
    names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
    branch = twin.temporal_conv(f_in, state["residual_conv.W"], state["residual_conv.b"], stride)
    return main + twin.batch_norm(branch, *(state[f"residual_bn.{name}"] for name in names))


@wrong("forward", "`training` ignored: always on")
def eval_forgotten(state, clip, training):
    return twin.forward(state, clip, True)


@wrong("forward", "softmax inside the model")
def softmax(state, clip, training):
    return twin.forward(state, clip, training).softmax(-1)


@wrong("forward", "missing persons left out of the mean")
def only_present(state, clip, training, absent=False):
    model = twin.without_dropout(twin.network(state)).train(training)
    features = []
    model.blocks[-1].register_forward_hook(lambda module, given, f: features.append(f.mean((2, 3))))
    model(twin.double(clip))
    present = torch.as_tensor((clip != 0).any((1, 2, 3)), dtype=torch.float64)[:, :, None]
    f = features[0].view(clip.shape[0], clip.shape[4], -1) * present
    return model.classifier(f.mean(1) if absent else f.sum(1) / present.sum(1).clamp(min=1)).detach()


@wrong("forward", "missing persons' features zeroed")
def absent_zeroed(state, clip, training):
    return only_present(state, clip, training, absent=True)


@wrong("forward", "a residual in the first block")
def residual_everywhere(state, clip, training):
    model = twin.without_dropout(twin.network(state)).train(training)
    first = model.blocks[0]
    C_in, C_out, _ = first.spatial_conv.W.shape
    first.residual = "identity" if C_in == C_out and first.temporal_conv.stride == 1 else "none"
    return model(twin.double(clip)).detach()


@wrong("forward", "in spatial_conv: A transposed, its edge importance not")
def graph_transposed(state, clip, training):
    return twin.forward(state | {"A_hat": state["A_hat"].swapaxes(1, 2)}, clip, training)


@wrong("batch_norm_gradients", "mean and variance taken for constants")
def frozen_statistics(g, f_in, weight, running_mean=None, running_var=None):
    mean = f_in.mean((0, 2, 3)) if running_mean is None else running_mean
    var = f_in.var((0, 2, 3)) if running_var is None else running_var
    return twin.batch_norm_gradients(g, f_in, weight, mean, var)


@wrong("loss_and_gradients", "the loss summed over the batch")
def summed(state, clip, labels):
    loss, gradients = twin.loss_and_gradients(state, clip, labels)
    return len(labels) * loss, {name: len(labels) * g for name, g in gradients.items()}


@wrong("loss_and_gradients", "softmax inside the model and again in the loss")
def softmax_twice(state, clip, labels):
    model = twin.without_dropout(twin.network(state)).train()
    loss = F.cross_entropy(model(twin.double(clip)).softmax(-1), torch.as_tensor(labels))
    loss.backward()
    return loss.item(), {name: parameter.grad for name, parameter in model.named_parameters()}


def dropout_in_eval(state, clip, training):
    return twin.network(state).train()(twin.double(clip)).detach()


def right_normalize(A, method):
    return A * by_method(A.sum(2) + 0.001, A.sum(1) + 0.001, A.sum((0, 2)), method)


def right_partition(num_joints, bones, center, strategy):
    return labels(num_joints, bones, center, strategy)
