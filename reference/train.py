"""Training in plain NumPy: gradient descent with momentum, step by step.

Nothing is changed in place: every step returns new arrays, so each state on the way can be kept and looked at.
There is no dropout here (the PyTorch twin has it): the same start and the same clips give the same numbers.
"""

import numpy as np

from .backward import loss_and_gradients
from .layers import fold_persons, update_running_statistics
from .resampling import resample
from .state import trained_names


def train(state, batches, *, rate=0.1, momentum=0.9, weight_decay=0.0, nesterov=False):
    """Train a network: yields (loss, state) after every step, the loss as it was before the step.

    state    of the untrained network, e.g. init_state(...); it stays as it is
    batches  yields (clip, labels): (N, C, T, V, M) and (N,) integers
    the rest as for `sgd`

    Raises ValueError for what `loss_and_gradients` refuses.
    """
    velocity = {name: np.zeros_like(state[name]) for name in trained_names(state)}
    for clip, labels in batches:
        trace = {}
        loss, gradients = loss_and_gradients(state, clip, labels, trace=trace)
        statistics = new_statistics(state, clip, trace)
        state, velocity = sgd(
            state, gradients, velocity, rate=rate, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov
        )
        state = state | statistics
        yield loss, state


def sgd(state, gradients, velocity, *, rate, momentum=0.9, weight_decay=0.0, nesterov=False):
    """One step of gradient descent on every trained entry: (new state, new velocity).

    state, gradients  as `loss_and_gradients` takes and gives them
    velocity          {name: array} for every trained entry, zeros before the first step

    With the parameter p, its gradient g and its velocity v (PyTorch's convention: the rate multiplies v, too):

        g ← g + weight_decay · p        v ← momentum · v + g        p ← p - rate · v

    Nesterov's variant looks ahead along the velocity: p ← p - rate · (g + momentum · v). Raises ValueError for an entry
    without a gradient, and for a gradient of another shape.
    """
    new_state, new_velocity = dict(state), {}
    for name in trained_names(state):
        p = state[name]
        if name not in gradients or gradients[name].shape != p.shape:
            got = gradients[name].shape if name in gradients else "none"
            raise ValueError(f"sgd: the gradient of {name} must be {p.shape}, got {got}")
        g = gradients[name] + weight_decay * p
        v = momentum * velocity[name] + g
        new_velocity[name] = v
        new_state[name] = p - rate * (g + momentum * v if nesterov else v)
    return new_state, new_velocity


def new_statistics(state, clip, trace, momentum=0.1):
    """What a training step leaves in the batch norms: every running_mean and running_var of the state, by name.

    clip   (N, C, T, V, M), the batch
    trace  of forward(state, clip, training=True, trace=trace): what the convolutions gave, the batch norms took
    """
    statistics = {}
    for name in (name.removesuffix(".weight") for name in state if name.endswith("bn.weight")):
        f_in = fold_persons(clip) if name == "data_bn" else trace[name.replace("_bn", "_conv")]
        mean, var = f"{name}.running_mean", f"{name}.running_var"
        statistics[mean], statistics[var] = update_running_statistics(f_in, state[mean], state[var], momentum)
    return statistics


def windows(sequences, frames, count):
    """Windows cut from every sequence of a set, evenly spaced: clips (S·count, C, frames, V, M) and labels (S·count,).

    sequences  Sequences, as `load_clips` gives them
    frames     of each window; a shorter sequence is stretched to this length by linear interpolation
    count      windows of each sequence

    Windows of one recording overlap and show the same performance. Raises ValueError if frames or count is below 1.
    """
    if frames < 1 or count < 1:
        raise ValueError(f"windows: frames and count must be at least 1, got {frames} and {count}")
    clips = []
    for s in range(len(sequences)):
        clip = sequences.clip(s)[0]  # (C, T, V, M)
        if clip.shape[1] < frames:
            clip = resample(clip, frames)
        starts = np.linspace(0, clip.shape[1] - frames, count).round().astype(int)
        clips += [clip[:, start : start + frames] for start in starts]
    return np.stack(clips), np.repeat(sequences.label, count)
