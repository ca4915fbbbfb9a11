"""Mistakes in the block and the network, those of their layers included.

A block is put together here from layers that can be exchanged: with a layer that makes a mistake, it shows what the
mistake looks like from outside.
"""

from functools import partial

import numpy as np

from . import answers, mistakes_in_layers, mistakes_in_norms
from .mistake import collector

mistake, MISTAKES = collector()


def relu(f):
    """max(f, 0)"""
    return np.maximum(f, 0)


def main_path(f, norm, spatial, temporal):
    """The right order of a block's main path: f_out before the residual."""
    return norm(temporal(relu(norm(spatial(f), "spatial_bn"))), "temporal_bn")


def assembled_block(
    f_in,
    A_hat,
    state,
    stride,
    residual,
    training,
    *,
    spatial_conv=answers.spatial_conv,
    temporal_conv=answers.temporal_conv,
    batch_norm=answers.batch_norm,
    path=main_path,
    end=lambda f, added: relu(f + added),
    norm_residual=True,
):
    """The block from exchangeable parts; with those by default, the right one."""

    def norm(f, name):
        names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
        return batch_norm(f, *(state[f"{name}.{entry}"] for entry in names))

    def spatial(f):
        return spatial_conv(f, A_hat, state["spatial_conv.W"], state["spatial_conv.b"], state.get("edge_importance"))

    def temporal(f):
        return temporal_conv(f, state["temporal_conv.W"], state["temporal_conv.b"], stride)

    added = f_in if residual else 0
    if residual and "residual_conv.W" in state:
        added = temporal_conv(f_in, state["residual_conv.W"], state["residual_conv.b"], stride)
        added = norm(added, "residual_bn") if norm_residual else added
    return end(path(f_in, norm, spatial, temporal), added)


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
):
    """The network from exchangeable parts; with those by default, the right one."""
    names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
    f = data_bn(clip, *(state[f"data_bn.{name}"] for name in names))
    for i, stride in enumerate(state["strides"]):
        prefix = f"blocks.{i}."
        entries = {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}
        residual = i > 0 or (first_residual and f.shape[1] == entries["temporal_conv.b"].size and stride == 1)
        f = block(f, state["A_hat"], entries, int(stride), residual, training)
    return head(pool(f, clip) @ state["classifier.W"] + state["classifier.b"])


# What a block's shapes or numbers do not let show: the frames of the cases are even, and a sum needs equal shapes.
NOT_IN_BLOCKS = {"the last frame dropped (⌊T/stride⌋)"}
NOT_IN_NETWORKS = {"no padding", "W read as (C_out, C_in, Γ)", "the temporal convolution first"}


def _register_mistakes_of_layers():
    """Every mistake of a layer is one of the block, and every mistake of a block is one of the network."""
    for part in mistakes_in_layers.MISTAKES + mistakes_in_norms.MISTAKES:
        name = f"in {part.step}: {part.name}"
        if part.step == "data_batch_norm":
            mistake("forward", name, part.advice)(partial(assembled_network, data_bn=part.function))
        elif part.step != "update_running_statistics" and part.name not in NOT_IN_BLOCKS:
            mistake("block", name, part.advice)(partial(assembled_block, **{part.step: part.function}))
    for whole in [m for m in MISTAKES if m.step == "block"]:
        if whole.name.split(": ")[-1] in NOT_IN_NETWORKS:
            continue
        name = whole.name if whole.name.startswith("in ") else f"in block: {whole.name}"
        mistake("forward", name, whole.advice)(partial(assembled_network, block=whole.function))


def _block_mistake(name, advice, **parts):
    mistake("block", name, advice)(partial(assembled_block, **parts))


def _network_mistake(name, advice, **parts):
    mistake("forward", name, advice)(partial(assembled_network, **parts))


def _no_relu_between(f, norm, spatial, temporal):
    return norm(temporal(norm(spatial(f), "spatial_bn")), "temporal_bn")


def _relu_before_norm(f, norm, spatial, temporal):
    return norm(temporal(norm(relu(spatial(f)), "spatial_bn")), "temporal_bn")


def _temporal_first(f, norm, spatial, temporal):
    return norm(spatial(relu(norm(temporal(f), "temporal_bn"))), "spatial_bn")


def _scaled(f, norm, spatial, temporal):
    return 0.5 * main_path(f, norm, spatial, temporal)


def _always_training(f_in, A_hat, state, stride, residual, training):
    return assembled_block(f_in, A_hat, state, stride, residual, True)


def _always_inference(f_in, A_hat, state, stride, residual, training):
    return assembled_block(f_in, A_hat, state, stride, residual, False)


def _always_residual(f_in, A_hat, state, stride, residual, training):
    return assembled_block(f_in, A_hat, state, stride, True, training)


_block_mistake("ReLU before the residual is added", "The last ReLU comes after the sum.", end=lambda f, r: relu(f) + r)
_block_mistake("the last ReLU left out", "ReLU(BN(temporal_conv) + residual).", end=lambda f, r: f + r)
_block_mistake("the residual left out", "Every block but the first adds its input.", end=lambda f, r: relu(f))
_block_mistake("no batch norm in the residual path", "residual_bn follows residual_conv.", norm_residual=False)
_block_mistake("the ReLU between the convolutions left out", "It follows spatial_bn.", path=_no_relu_between)
_block_mistake("ReLU before batch norm", "spatial_conv, BN, ReLU: in this order.", path=_relu_before_norm)
_block_mistake("the temporal convolution first", "spatial_conv comes before temporal_conv.", path=_temporal_first)
_block_mistake("dropout scales in inference", "Nothing is multiplied by 1 - p when dropout is off.", path=_scaled)
mistake("block", "`training` ignored: always on", "False: use the running statistics.")(_always_training)
mistake("block", "`training` ignored: always off", "True: use the batch's statistics.")(_always_inference)
mistake("block", "`residual` ignored", "Where it is False, as in the first block, nothing is added.")(_always_residual)
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
    return (_by_person(f, clip) * _there(clip)).sum(axis=1) / _there(clip).sum(axis=1)


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
_network_mistake("the sum over persons", "It is their mean.", pool=lambda f, clip: _by_person(f, clip).sum(axis=1))
_network_mistake("the first person only", "Take the mean of all.", pool=lambda f, clip: _by_person(f, clip)[:, 0])
_network_mistake("maximum over persons", "It is their mean.", pool=lambda f, clip: _by_person(f, clip).max(axis=1))


def _without_classifier_bias(state, clip, training):
    return assembled_network(state, clip, training) - state["classifier.b"]


def _always(mode, state, clip, training):
    return assembled_network(state, clip, mode)


mistake("forward", "`training` ignored: always on", "False: use the running statistics (eval mode).")(
    partial(_always, True)
)
mistake("forward", "`training` ignored: always off", "True: use the batch's statistics.")(partial(_always, False))
mistake("forward", "classifier bias left out", "logits = features W + b.")(_without_classifier_bias)
