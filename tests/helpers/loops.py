"""The plain loops of oracle.py behind the kit's signatures."""

from math import exp, log

import numpy as np
import oracle
from oracle import forward, temporal_conv  # noqa: F401 - found by the kit under their names

from reference import Skeleton


def skeleton(num_joints, bones, center=0):
    return Skeleton("loops", [str(v) for v in range(num_joints)], bones.tolist(), center)


def hop_distance(num_joints, bones):
    body = skeleton(num_joints, bones)
    return np.array([oracle.hops(body, i) for i in range(num_joints)])


def adjacency(num_joints, bones):
    around = [oracle.neighbours(skeleton(num_joints, bones), i) for i in range(num_joints)]
    return np.array([[float(j in around[i]) for j in range(num_joints)] for i in range(num_joints)])


def partition(num_joints, bones, center, strategy):
    body = skeleton(num_joints, bones, center)
    hops = oracle.hops(body, center)
    K = {"uni_labeling": 1, "distance": 2, "spatial": 3}[strategy]
    A = np.zeros((K, num_joints, num_joints))
    for i in range(num_joints):
        for j in (i, *oracle.neighbours(body, i)):
            nearer, farther = hops[j] < hops[i], hops[j] > hops[i]
            label = {"uni_labeling": 0, "distance": int(i != j), "spatial": 1 if nearer else 2 if farther else 0}
            A[label[strategy], i, j] = 1
    return A


def normalize(A, method):
    return oracle.normalize(A, method, 0.001)


def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
    return oracle.spatial_conv(f_in, A_hat if edge_importance is None else A_hat * edge_importance, W, b)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None):
    return oracle.batch_norm(f_in, weight, bias, running_mean, running_var)


def block(f_in, A_hat, state, stride, residual, training):
    return oracle.block(f_in, A_hat, state, stride, residual, training)


def update_running_statistics(f_in, running_mean, running_var):
    N, C, T, V = f_in.shape
    new_mean, new_var = np.zeros(C), np.zeros(C)
    for c in range(C):
        values = [f_in[n, c, t, v] for n, t, v in np.ndindex(N, T, V)]
        mean = sum(values) / len(values)
        unbiased = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        new_mean[c], new_var[c] = 0.9 * running_mean[c] + 0.1 * mean, 0.9 * running_var[c] + 0.1 * unbiased
    return new_mean, new_var


def data_batch_norm(clip, weight, bias, running_mean=None, running_var=None):
    return oracle.data_batch_norm(clip, weight, bias, running_mean, running_var)


def pooling(f_in, M):
    return oracle.pooling(f_in, M)


def cross_entropy(logits, labels):
    """With the largest logit taken out, so that no exp overflows."""
    N, classes = logits.shape
    loss, g = 0.0, np.zeros((N, classes))
    for n in range(N):
        largest = max(logits[n])
        total = sum(exp(logit - largest) for logit in logits[n])
        loss -= (logits[n, labels[n]] - largest - log(total)) / N
        for a in range(classes):
            g[n, a] = (exp(logits[n, a] - largest) / total - (a == labels[n])) / N
    return loss, g


def layer_table(T, V, M, in_channels, num_classes, K, gamma, edge_importance, layers):
    """Parameters counted one array at a time, multiply-adds one layer at a time."""
    columns = {"output_shape": [], "parameters": [], "multiply_adds": [], "receptive_field": []}
    frames, field, apart = T, 1, 1
    total, total_cost = 2 * V * in_channels, 0
    for i, (C_in, C_out, stride) in enumerate(layers.tolist()):
        C_in = C_in if i else in_channels
        after = len(range(0, frames, stride))
        arrays = [C_in * C_out * K, C_out * K, C_out * C_out * gamma, C_out, *[C_out] * 4]
        cost = frames * K * (V * C_in * C_out + V * V * C_out) + after * V * gamma * C_out * C_out
        if i > 0 and (C_in != C_out or stride > 1):
            arrays += [C_in * C_out, C_out, C_out, C_out]
            cost += after * V * C_in * C_out
        if edge_importance:
            arrays.append(K * V * V)
        for _ in range(gamma - 1):
            field += apart
        apart, frames = apart * stride, after
        for name, value in zip(columns, ((M, C_out, after, V), sum(arrays), M * cost, field), strict=True):
            columns[name].append(value)
        total, total_cost = total + sum(arrays), total_cost + M * cost
    totals = (total + C_out * num_classes + num_classes, total_cost + C_out * num_classes)
    return columns | dict(zip(("total_parameters", "total_multiply_adds"), totals, strict=True))
