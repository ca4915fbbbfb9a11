"""The small layers around the two convolutions. (Their gradients, name for name: gradients.py.)

Features are f (N, C, T, V), or (C, T, V) for one video. Every function raises ValueError where shapes do not fit.
"""

import numpy as np


def relu(f_in):
    """max(f_in, 0), element by element; any shape."""
    return np.maximum(f_in, 0)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    """weight · (f_in - mean) / sqrt(var + eps) + bias, per channel: weight, bias and running statistics are (C,).

    Without running statistics (training), mean and var are those of f_in over N, T and V.
    """
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: give running_mean and running_var together (inference), or neither (training)")
    if f_in.ndim not in (3, 4):
        raise ValueError(f"batch_norm: f_in must be (N, C, T, V) or (C, T, V), got {f_in.shape}")
    axes = (0, 2, 3) if f_in.ndim == 4 else (1, 2)
    mean = np.mean(f_in, axis=axes) if running_mean is None else running_mean
    var = np.var(f_in, axis=axes) if running_var is None else running_var
    for name, array in {"weight": weight, "bias": bias, "running_mean": mean, "running_var": var}.items():
        if array.shape != f_in.shape[-3:-2]:
            raise ValueError(f"batch_norm: {name} must be (C,) = {f_in.shape[-3:-2]}, got {array.shape}")
    scale = weight / np.sqrt(var + eps)  # (C,)
    return f_in * scale[:, None, None] + (bias - mean * scale)[:, None, None]


def batch_statistics(f_in):
    """Mean and variance of each channel over N, T and V: two arrays (C,). The variance divides by the count itself."""
    if f_in.ndim not in (3, 4):
        raise ValueError(f"batch_statistics: f_in must be (N, C, T, V) or (C, T, V), got {f_in.shape}")
    axes = (0, 2, 3) if f_in.ndim == 4 else (1, 2)
    return np.mean(f_in, axis=axes), np.var(f_in, axis=axes)


def update_running_statistics(f_in, running_mean, running_var, momentum=0.1):
    """What a training step leaves behind: running ← (1 - momentum) · running + momentum · batch. Two new arrays (C,).

    The running variance takes the batch's unbiased variance (it divides by the count less one), as PyTorch does.
    Raises ValueError for a single value per channel, too: that has no variance.
    """
    if f_in.ndim not in (3, 4):
        raise ValueError(f"update_running_statistics: f_in must be (N, C, T, V) or (C, T, V), got {f_in.shape}")
    count = f_in.size // f_in.shape[-3]
    if count < 2:
        raise ValueError("update_running_statistics: one value per channel has no variance; give a larger batch")
    mean, var = batch_statistics(f_in)
    for name, array in (("running_mean", running_mean), ("running_var", running_var)):
        if array.shape != mean.shape:
            raise ValueError(f"update_running_statistics: {name} must be (C,) = {mean.shape}, got {array.shape}")
    unbiased = var * (count / (count - 1))
    return (1 - momentum) * running_mean + momentum * mean, (1 - momentum) * running_var + momentum * unbiased


def weigh_edges(A_hat, edge_importance):
    """A_hat ⊙ M (K, V, V): a learnable factor for every edge; it cannot create one where A_hat is 0. (Notes, line 9)"""
    if A_hat.shape != edge_importance.shape:
        raise ValueError(f"edge importance must have the shape of A_hat, {A_hat.shape}, got {edge_importance.shape}")
    return A_hat * edge_importance


def fold_persons(clip):
    """A clip as the data batch norm takes it: persons in the batch, channel c of joint v is channel v·C + c."""
    N, C, T, V, M = clip.shape
    return np.reshape(np.transpose(clip, (0, 4, 3, 1, 2)), (N * M, V * C, T, 1))  # n c t v m -> (n m) (v c) t 1


def pooling(f_in, M=1):
    """(N·M, C, T, V) -> (N, C): the mean over frames and joints, then over a clip's M persons, absent ones included."""
    if f_in.ndim != 4 or M < 1 or f_in.shape[0] % M:
        raise ValueError(f"pooling: f_in must be (N·M, C, T, V) with M = {M}, got {f_in.shape}")
    NM, C, _, _ = f_in.shape
    return np.mean(np.reshape(np.mean(f_in, axis=(2, 3)), (NM // M, M, C)), axis=1)  # (n m) c -> n m c -> n c


def classifier(features, W, b):
    """features W + b: (N, C) x (C, classes) -> logits (N, classes); b (classes,)."""
    if W.shape[:1] != features.shape[1:] or b.shape != W.shape[1:]:
        must = f"classifier.W must be (C, classes) with C = {features.shape[1]}, and classifier.b (classes,)"
        raise ValueError(f"{must}, got {W.shape} and {b.shape}")
    return features @ W + b
