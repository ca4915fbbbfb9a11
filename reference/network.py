"""The network around the formula: data batch norm, ten blocks, pooling, classifier. (Paper: the ST-GCN model.)"""

import numpy as np

from .block import batch_norm_of_state, block, entry


def forward(state, clip, A_hat=None, *, training=False, trace=None):
    """Classify clips of skeletons.

    state     the named arrays of a network (`init_state`, `load_state`, or a PyTorch STGCN's `state_dict()` as arrays)
    clip      (N, C, T, V, M), or (C, T, V, M) for one clip; absent persons and joints are zeros
    A_hat     (K, V, V) normalised adjacency; state["A_hat"] unless given
    training  normalise with the statistics of this batch instead of the running ones (dropout stays off)
    trace     a dict that receives the output of every stage under its name: "data_bn" (N·M, C, T, V), for every block
              "blocks.0.spatial_conv", "blocks.0.temporal_conv" and "blocks.0", then "pooled" (N, C) and "logits"

    Returns logits (N, classes), or (classes,) for one clip: no softmax is applied. Raises ValueError where the clip
    does not fit the state and for a missing entry of the state.
    """
    if len(clip.shape) == 4:
        return forward(state, clip[None], A_hat, training=training, trace=trace)[0]
    f = feature_map(state, clip, A_hat, training=training, trace=trace)  # (N·M, C, T, V)
    # The mean over frames and joints, then over persons, absent ones included
    pooled = np.mean(np.reshape(np.mean(f, axis=(2, 3)), (clip.shape[0], clip.shape[4], f.shape[1])), axis=1)
    logits = classify(pooled, entry(state, "classifier.W"), entry(state, "classifier.b"))
    if trace is not None:
        trace.update(pooled=pooled, logits=logits)
    return logits


def feature_map(state, clip, A_hat=None, *, training=False, trace=None):
    """The output of the last block, before pooling: clip (N, C, T, V, M) -> f (N·M, C_out, T', V).

    T' is T after all strides, rounded up each time. Arguments and errors are those of `forward`.
    """
    A_hat = entry(state, "A_hat") if A_hat is None else A_hat
    strides = entry(state, "strides")
    check_clip(state, clip, A_hat)
    f = normalise_and_fold(state, clip, training)  # (N·M, C, T, V)
    if trace is not None:
        trace["data_bn"] = f
    for i in range(len(strides)):
        stages = None if trace is None else {}
        entries = entries_under(state, f"blocks.{i}.")
        try:
            f = block(f, A_hat, entries, stride=int(strides[i]), residual=i > 0, training=training, trace=stages)
        except ValueError as error:
            raise ValueError(f"forward: blocks.{i}: {error}") from None
        if trace is not None:
            trace.update({f"blocks.{i}.{stage}": output for stage, output in stages.items()})
            trace[f"blocks.{i}"] = f
    return f


def normalise_and_fold(state, clip, training=False):
    """The data batch norm, then persons folded into the batch: clip (N, C, T, V, M) -> f (N·M, C, T, V).

    Each joint's each channel is normalised on its own, over clips, persons and frames: channel v·C + c of V·C.
    """
    N, C, T, V, M = clip.shape
    f = batch_norm_of_state(fold_persons(clip), state, "data_bn.", training)
    return np.transpose(np.reshape(f, (N * M, V, C, T)), (0, 2, 3, 1))


def fold_persons(clip):
    """What the data batch norm normalises: (N, C, T, V, M) -> (N·M, V·C, T, 1), channel v·C + c."""
    N, C, T, V, M = clip.shape
    return np.reshape(np.transpose(clip, (0, 4, 3, 1, 2)), (N * M, V * C, T, 1))  # from (N, M, V, C, T)


def classify(features, W, b):
    """features W + b: (N, C) x (C, classes) -> logits (N, classes); b (classes,). ValueError if shapes do not fit."""
    if len(W.shape) != 2 or W.shape[0] != features.shape[1]:
        raise ValueError(f"forward: classifier.W must be (C, classes), C = {features.shape[1]}, got {W.shape}")
    if b.shape != W.shape[1:]:
        raise ValueError(f"forward: classifier.b must be (classes,) = {W.shape[1:]}, got {b.shape}")
    return features @ W + b


def entries_under(state, prefix):
    """The entries of `state` whose names start with `prefix`, by the rest of their names."""
    return {name[len(prefix) :]: array for name, array in state.items() if name.startswith(prefix)}


def check_clip(state, clip, A_hat):
    """Refuse a clip that is not (N, C, T, V, M) or does not fit the state or A_hat: a ValueError, as from `forward`."""
    if len(clip.shape) != 5:
        raise ValueError(f"forward: clip must be (N, C, T, V, M) or (C, T, V, M), got {clip.shape}")
    if 0 in clip.shape[1:]:
        raise ValueError(f"forward: the clip {clip.shape} has no frames or no persons (clip is (N, C, T, V, M))")
    strides = entry(state, "strides")
    if strides.ndim != 1 or strides.dtype.kind not in "iu":
        raise ValueError(f"forward: strides must be integers, one for each block, got {strides.dtype} {strides.shape}")
    blocks = {name.split(".")[1] for name in state if name.startswith("blocks.")}
    if len(strides) != len(blocks):
        raise ValueError(f"forward: the state has {len(blocks)} blocks but {len(strides)} strides")
    _, C, _, V, _ = clip.shape
    if A_hat.shape[-1] != V:
        raise ValueError(f"forward: the clip has {V} joints but A_hat has {A_hat.shape[-1]} (clip is (N, C, T, V, M))")
    C_in = entry(state, "blocks.0.spatial_conv.W").shape[0]
    if C_in != C:
        raise ValueError(f"forward: the clip has {C} channels but the network takes {C_in} (clip is (N, C, T, V, M))")
    if entry(state, "data_bn.weight").shape != (V * C,):
        raise ValueError(f"forward: data_bn.weight must be (V·C,) = ({V * C},), got {state['data_bn.weight'].shape}")
