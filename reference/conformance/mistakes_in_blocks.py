"""Mistakes in the block, those of its layers included.

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
    always=None,
):
    """The block from exchangeable parts; with those by default, the right one. always: settings that are ignored."""
    training, residual = (always or {}).get("training", training), (always or {}).get("residual", residual)

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


# What a block's shapes or numbers do not let show.
NOT_IN_BLOCKS = {"the last frame dropped (⌊T/stride⌋)"}


def _register_mistakes_of_layers():
    """Every mistake of a layer is one of the block."""
    for part in mistakes_in_layers.MISTAKES + mistakes_in_norms.MISTAKES:
        if part.step in ("spatial_conv", "temporal_conv", "batch_norm") and part.name not in NOT_IN_BLOCKS:
            name = f"in {part.step}: {part.name}"
            mistake("block", name, part.advice)(partial(assembled_block, **{part.step: part.function}))


def _block_mistake(name, advice, **parts):
    mistake("block", name, advice)(partial(assembled_block, **parts))


def _no_relu_between(f, norm, spatial, temporal):
    return norm(temporal(norm(spatial(f), "spatial_bn")), "temporal_bn")


def _relu_before_norm(f, norm, spatial, temporal):
    return norm(temporal(norm(relu(spatial(f)), "spatial_bn")), "temporal_bn")


def _temporal_first(f, norm, spatial, temporal):
    return norm(spatial(relu(norm(temporal(f), "temporal_bn"))), "spatial_bn")


def _scaled(f, norm, spatial, temporal):
    return 0.5 * main_path(f, norm, spatial, temporal)


_block_mistake("ReLU before the residual is added", "The last ReLU comes after the sum.", end=lambda f, r: relu(f) + r)
_block_mistake("the last ReLU left out", "ReLU(BN(temporal_conv) + residual).", end=lambda f, r: f + r)
_block_mistake("the residual left out", "Every block but the first adds its input.", end=lambda f, r: relu(f))
_block_mistake("no batch norm in the residual path", "residual_bn follows residual_conv.", norm_residual=False)
_block_mistake("the ReLU between the convolutions left out", "It follows spatial_bn.", path=_no_relu_between)
_block_mistake("ReLU before batch norm", "spatial_conv, BN, ReLU: in this order.", path=_relu_before_norm)
_block_mistake("the temporal convolution first", "spatial_conv comes before temporal_conv.", path=_temporal_first)
_block_mistake("dropout scales in inference", "Nothing is multiplied by 1 - p when dropout is off.", path=_scaled)
_block_mistake("`training` ignored: always on", "False: use the running statistics.", always={"training": True})
_block_mistake("`training` ignored: always off", "True: use the batch's statistics.", always={"training": False})
_block_mistake(
    "`residual` ignored", "Where it is False, as in the first block, nothing is added.", always={"residual": True}
)


def _leaky(slope, f):
    return np.where(f > 0, f, slope * f)


for _slope in (0.01, 0.1, 0.2):
    _block_mistake(
        f"leaky ReLU (slope {_slope:g})",
        "Both ReLUs put out 0 for what is negative.",
        path=lambda f, norm, spatial, temporal, slope=_slope: norm(
            temporal(_leaky(slope, norm(spatial(f), "spatial_bn"))), "temporal_bn"
        ),
        end=lambda f, added, slope=_slope: _leaky(slope, f + added),
    )
for _factor, _name in ((0.5, "0.5"), (2, "2"), (0.1, "0.1"), (0.5**0.5, "1/√2")):
    _block_mistake(
        f"the residual scaled (by {_name})",
        "The input is added as it is.",
        end=lambda f, added, factor=_factor: relu(f + factor * added),
    )
    if _factor < 1:
        _block_mistake(
            f"the sum with the residual scaled (by {_name})",
            "ReLU(main path + residual): nothing else.",
            end=lambda f, added, factor=_factor: relu(factor * (f + added)) if np.ndim(added) else relu(f),
        )
_register_mistakes_of_layers()
