"""Mistakes in pooling and in the network, those of its layers and blocks included.

The network is put together here from parts that can be exchanged.
"""

from functools import partial

import numpy as np

from . import answers, mistakes_in_blocks, mistakes_in_norms
from .mistake import collector
from .mistakes_in_blocks import assembled_block

mistake, MISTAKES = collector()


def mean_pool(f, clip):
    """(N·M, C, T, V) -> (N, C): over frames, joints and all persons."""
    N, M = clip.shape[0], clip.shape[4]
    return f.mean(axis=(2, 3)).reshape(N, M, -1).mean(axis=1)


def assembled_network(
    state,
    clip,
    training,
    *,
    data_bn=answers.data_batch_norm,
    block=assembled_block,
    first_residual=False,
    pool=mean_pool,
    head=lambda logits: logits,
    classifier_bias=True,
    always=None,
):
    """The network from exchangeable parts; with those by default, the right one. always: `training`, if ignored."""
    training = training if always is None else always
    names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
    f = data_bn(clip, *(state[f"data_bn.{name}"] for name in names))
    for i, stride in enumerate(state["strides"]):
        prefix = f"blocks.{i}."
        entries = {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
        residual = i > 0 or (first_residual and f.shape[1] == entries["temporal_conv.b"].size and stride == 1)
        f = block(f, state["A_hat"], entries, int(stride), residual, training)
    return head(pool(f, clip) @ state["classifier.W"] + (state["classifier.b"] if classifier_bias else 0))


# What a network's shapes do not let show: a sum needs equal shapes.
NOT_IN_NETWORKS = {"no padding", "W read as (C_out, C_in, Γ)", "the temporal convolution first"}


def _register_mistakes_of_layers():
    """Every mistake of a data batch norm or a block is one of the network."""
    for part in mistakes_in_norms.MISTAKES:
        if part.step == "data_batch_norm":
            name = f"in data_batch_norm: {part.name}"
            mistake("forward", name, part.advice)(partial(assembled_network, data_bn=part.function))
    for whole in mistakes_in_blocks.MISTAKES:
        if whole.name.split(": ")[-1] not in NOT_IN_NETWORKS:
            name = whole.name if whole.name.startswith("in ") else f"in block: {whole.name}"
            mistake("forward", name, whole.advice)(partial(assembled_network, block=whole.function))


def _network_mistake(name, advice, **parts):
    mistake("forward", name, advice)(partial(assembled_network, **parts))


_register_mistakes_of_layers()


def _softmax(logits):
    return np.exp(logits - _log_sum_exp(logits))


def _log_sum_exp(logits):
    largest = logits.max(axis=-1, keepdims=True)
    return largest + np.log(np.exp(logits - largest).sum(axis=-1, keepdims=True))


def _there(clip):
    return np.any(clip != 0, axis=(1, 2, 3))[:, :, None]  # (N, M, 1): who is present


def _by_person(f, clip):
    return f.mean(axis=(2, 3)).reshape(clip.shape[0], clip.shape[4], -1)  # (N, M, C)


def _pool_present(f, clip):
    return (_by_person(f, clip) * _there(clip)).sum(axis=1) / np.maximum(_there(clip).sum(axis=1), 1)


_network_mistake("softmax inside the model", "The result is logits; the loss takes the softmax.", head=_softmax)
_network_mistake(
    "log-softmax inside the model",
    "The result is logits; the loss takes the softmax.",
    head=lambda logits: logits - _log_sum_exp(logits),
)
_network_mistake(
    "a residual in the first block",
    "The first block has none, also where its shapes would allow it.",
    first_residual=True,
)
_network_mistake(
    "missing persons left out of the mean",
    "The mean goes over all M persons; an absent one is zeros in the clip and counts.",
    pool=_pool_present,
)
_network_mistake(
    "missing persons' features zeroed",
    "An absent person is zeros in the clip, but goes through the network, and its features count in the mean.",
    pool=lambda f, clip: (_by_person(f, clip) * _there(clip)).mean(axis=1),
)


def _persons(f, M):
    return f.reshape(-1, M, *f.shape[1:])  # (N, M, C, T, V)


def _as_if_two(f, M):
    return answers.pooling(f, M) * M / 2 if M > 1 else answers.pooling(f, M)


# Of the pooling alone, and so of the network: name, advice, function of f (N·M, C, T, V) and M.
POOLINGS = (
    ("the sum over persons", "It is their mean.", lambda f, M: answers.pooling(f, M) * M),
    ("the first person only", "Take the mean of all.", lambda f, M: _persons(f, M)[:, 0].mean(axis=(2, 3))),
    ("maximum over persons", "It is their mean.", lambda f, M: _persons(f, M).mean(axis=(3, 4)).max(axis=1)),
    ("the sum over persons divided by two", "Divide by M, which need not be 2.", _as_if_two),
    ("max pooling", "It is the mean over T and V.", lambda f, M: _persons(f, M).max(axis=(3, 4)).mean(axis=1)),
    ("max pooling, over persons too", "It is the mean over frames, joints and persons.",
     lambda f, M: _persons(f, M).max(axis=(1, 3, 4))),
    ("the sum over frames and joints", "It is their mean.", lambda f, M: answers.pooling(f, M) * f[0, 0].size),
    ("the last frame only", "It is the mean over frames.", lambda f, M: answers.pooling(f[:, :, -1:], M)),
    ("persons taken as m·N + n", "Entry n·M + m of the batch is person m of clip n.",
     lambda f, M: answers.pooling(f.reshape(M, -1, *f.shape[1:]).swapaxes(0, 1).reshape(f.shape), M)),
)  # fmt: skip
for _name, _advice, _pool in POOLINGS:
    mistake("pooling", _name, _advice)(lambda f_in, M, pool=_pool: pool(f_in, M))
    _network_mistake(f"in pooling: {_name}", _advice, pool=lambda f, clip, pool=_pool: pool(f, clip.shape[4]))


_network_mistake("`training` ignored: always on", "False: use the running statistics (eval mode).", always=True)
_network_mistake("`training` ignored: always off", "True: use the batch's statistics.", always=False)
_network_mistake("classifier bias left out", "logits = features W + b.", classifier_bias=False)
