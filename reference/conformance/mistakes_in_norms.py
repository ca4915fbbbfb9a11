"""Mistakes in batch norm, its running statistics, and the data batch norm."""

from functools import partial

import numpy as np

from ..layers import fold_persons, update_running_statistics
from . import answers
from .mistake import collector

mistake, MISTAKES = collector()
EPS = 1e-5


def normed(f_in, weight, bias, mean, var, eps=EPS, eps_outside=0.0):
    """weight (f_in - mean) / (sqrt(var + eps) + eps_outside) + bias; mean and var broadcast against f_in."""
    z = (f_in - mean) / (np.sqrt(var + eps) + eps_outside)
    return weight[:, None, None] * z + bias[:, None, None]


def moments(f_in, running_mean, running_var, axes=(0, 2, 3), ddof=0):
    """The given statistics, or those of f_in over some axes, ready to broadcast."""
    if running_mean is not None:
        return running_mean[:, None, None], running_var[:, None, None]
    return f_in.mean(axis=axes, keepdims=True), f_in.var(axis=axes, keepdims=True, ddof=ddof)


@mistake("batch_norm", "epsilon outside the root", "It is sqrt(var + ε), not sqrt(var) + ε.")
def eps_outside(f_in, weight, bias, running_mean=None, running_var=None):
    """sqrt(var) + eps"""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var), eps=0, eps_outside=EPS)


@mistake("batch_norm", "epsilon left out", "It is sqrt(var + 0.00001).")
def no_eps(f_in, weight, bias, running_mean=None, running_var=None):
    """sqrt(var)"""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var), eps=0)


def _other_eps(eps, f_in, weight, bias, running_mean=None, running_var=None):
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var), eps=eps)


for _eps, _of in ((0.001, "the default of Keras"), (1e-6, "the default of JAX's libraries"), (1e-8, "a common guess")):
    _advice = f"That is {_of}; here, as in PyTorch, it is 0.00001."
    mistake("batch_norm", f"epsilon {_eps:g}", _advice)(partial(_other_eps, _eps))


@mistake(
    "batch_norm", "unbiased variance", "To normalise, the batch's variance divides by the count, not the count - 1."
)
def unbiased(f_in, weight, bias, running_mean=None, running_var=None):
    """The variance divided by the count less one."""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var, ddof=1))


@mistake("batch_norm", "training mode in inference", "Running statistics were given, and those of the batch were used.")
def always_batch(f_in, weight, bias, running_mean=None, running_var=None):
    """The batch's statistics, always."""
    return normed(f_in, weight, bias, *moments(f_in, None, None))


@mistake("batch_norm", "the variance taken for the standard deviation", "Divide by sqrt(var + ε).")
def no_root(f_in, weight, bias, running_mean=None, running_var=None):
    """var in place of its root."""
    mean, var = moments(f_in, running_mean, running_var)
    return normed(f_in, weight, bias, mean, var**2)


@mistake(
    "batch_norm",
    "statistics of each joint",
    "In a block, mean and variance go over N, T and V: one of each per channel.",
)
def per_joint(f_in, weight, bias, running_mean=None, running_var=None):
    """Over N and T only."""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var, axes=(0, 2)))


@mistake("batch_norm", "statistics of each sample (instance norm)", "Mean and variance go over the batch, too.")
def per_sample(f_in, weight, bias, running_mean=None, running_var=None):
    """Over T and V only."""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var, axes=(2, 3)))


@mistake("batch_norm", "statistics over the channels (layer norm)", "One mean and one variance for each channel.")
def over_channels(f_in, weight, bias, running_mean=None, running_var=None):
    """Over C."""
    return normed(f_in, weight, bias, *moments(f_in, running_mean, running_var, axes=(1,)))


@mistake("batch_norm", "weight and bias left out", "f_out = weight · z + bias.")
def no_affine(f_in, weight, bias, running_mean=None, running_var=None):
    """z alone."""
    return answers.batch_norm(f_in, np.ones_like(weight), np.zeros_like(bias), running_mean, running_var)


@mistake(
    "update_running_statistics", "biased variance", "The running variance takes the batch's divided by the count - 1."
)
def biased(f_in, running_mean, running_var):
    """The variance divided by the count."""
    return 0.9 * running_mean + 0.1 * f_in.mean(axis=(0, 2, 3)), 0.9 * running_var + 0.1 * f_in.var(axis=(0, 2, 3))


@mistake(
    "update_running_statistics",
    "momentum reversed",
    "0.9 of the old, 0.1 of the batch; Keras' and Flax' 0.9 is 0.1 here.",
)
def reversed_momentum(f_in, running_mean, running_var):
    """0.1 of the old, 0.9 of the batch."""
    return update_running_statistics(f_in, running_mean, running_var, 0.9)


@mistake(
    "update_running_statistics", "momentum 0.01", "That is the default of Keras (0.99 of the old); here it is 0.1."
)
def slow_momentum(f_in, running_mean, running_var):
    """0.99 of the old."""
    return update_running_statistics(f_in, running_mean, running_var, 0.01)


def folded(clip):
    """(N, C, T, V, M) -> (N·M, C, T, V)."""
    N, C, T, V, M = clip.shape
    return np.transpose(clip, (0, 4, 1, 2, 3)).reshape(N * M, C, T, V)


def per_joint_and_channel(values, C):
    """(V·C,), channel v·C + c -> (C, 1, V), to broadcast against (N·M, C, T, V)."""
    return values.reshape(-1, C).T[:, None, :]


@mistake(
    "data_batch_norm",
    "batch norm over C instead of V·C",
    "Each joint's each channel has its own mean and variance: reshape to V·C channels first.",
)
def over_c(clip, weight, bias, running_mean=None, running_var=None):
    """Mean and variance of each channel, over all joints; running ones averaged over the joints."""
    f, C = folded(clip), clip.shape[1]
    if running_mean is None:
        mean, var = moments(f, None, None)
    else:
        mean, var = (values.reshape(-1, C).mean(axis=0)[:, None, None] for values in (running_mean, running_var))
    return per_joint_and_channel(weight, C) * (f - mean) / np.sqrt(var + EPS) + per_joint_and_channel(bias, C)


@mistake("data_batch_norm", "channel c·V + v instead of v·C + c", "Of the V·C channels, C varies fastest.")
def channel_order(clip, weight, bias, running_mean=None, running_var=None):
    """The entries are read as (C, V)."""
    C = clip.shape[1]

    def reordered(values):
        return None if values is None else values.reshape(C, -1).T.ravel()

    return answers.data_batch_norm(clip, *(reordered(values) for values in (weight, bias, running_mean, running_var)))


@mistake("data_batch_norm", "persons folded as m·N + n instead of n·M + m", "Bring M next to N before the reshape.")
def person_order(clip, weight, bias, running_mean=None, running_var=None):
    """All first persons, then all second ones."""
    N, M = clip.shape[0], clip.shape[4]
    f = answers.data_batch_norm(clip, weight, bias, running_mean, running_var)
    return f.reshape(N, M, *f.shape[1:]).swapaxes(0, 1).reshape(f.shape)


@mistake(
    "data_batch_norm", "absent persons zeroed afterwards", "Zeros go through like all numbers; the bias moves them."
)
def zeroed(clip, weight, bias, running_mean=None, running_var=None):
    """The output is zero for a person whose every coordinate is."""
    f = answers.data_batch_norm(clip, weight, bias, running_mean, running_var)
    return f * np.any(folded(clip) != 0, axis=(1, 2, 3), keepdims=True)


@mistake("data_batch_norm", "absent persons left out of the statistics", "In training, their zeros count as well.")
def skipped(clip, weight, bias, running_mean=None, running_var=None):
    """Mean and variance of the persons who are there."""
    f, C = folded(clip), clip.shape[1]
    if running_mean is not None:
        return answers.data_batch_norm(clip, weight, bias, running_mean, running_var)
    there = f[np.any(f != 0, axis=(1, 2, 3))]
    mean, var = there.mean(axis=(0, 2), keepdims=True), there.var(axis=(0, 2), keepdims=True)
    return per_joint_and_channel(weight, C) * (f - mean) / np.sqrt(var + EPS) + per_joint_and_channel(bias, C)


@mistake("data_batch_norm", "left out", "The clip came back folded, but not normalised.")
def none_at_all(clip, weight, bias, running_mean=None, running_var=None):
    """Folding only."""
    return folded(clip)


# What any batch norm can get wrong, this one can as well.
ITS_OWN = ("statistics of", "statistics over", "training mode in inference")


def _normed_by(norm, clip, weight, bias, running_mean=None, running_var=None):
    N, C, T, V, M = clip.shape
    f = norm(fold_persons(clip), weight, bias, running_mean, running_var)
    return f.reshape(N * M, V, C, T).transpose(0, 2, 3, 1)


for _known in [known for known in MISTAKES if known.step == "batch_norm" and not known.name.startswith(ITS_OWN)]:
    mistake("data_batch_norm", _known.name, _known.advice)(partial(_normed_by, _known.function))
mistake("data_batch_norm", "training mode in inference", "Running statistics were given: use them.")(
    partial(_normed_by, always_batch)
)
