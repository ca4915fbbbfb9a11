"""The network. (Paper: the ST-GCN model.)

clip (N,C,T,V,M) --fold persons, data batch norm--> f (N·M,C,T,V) --10 x block--> (N·M,256,T/4,V)
                 --pooling--> (N,256) --classifier--> logits (N,classes)
"""

import numpy as np

from .block import block, layers_of
from .layers import batch_norm, classifier, fold_persons, pooling


def forward(state, clip, A_hat=None, *, training=False, trace=None):
    """Classify clips (N, C, T, V, M): logits (N, classes), no softmax; one clip (C, T, V, M) gives (classes,).

    state     the named arrays of a network (state.py); A_hat (K, V, V) takes the place of its own. Absent joints are 0
    training  batch norms take the statistics of this batch instead of the running ones (dropout stays off)
    trace     a dict that receives every stage: "data_bn" (N·M, C, T, V); of every block "blocks.0.spatial_conv" and so
              on (block.py) and "blocks.0", its output; "pooled" (N, C); "logits"

    Raises ValueError, by name, for what is missing or unknown in the state, misshapen, or does not fit.
    """
    if clip.ndim == 4:
        return forward(state, clip[None], A_hat, training=training, trace=trace)[0]
    state = state if A_hat is None else {**state, "A_hat": A_hat}
    for name in ("A_hat", "strides", "blocks.0.spatial_conv.W", "classifier.W", "classifier.b"):
        if name not in state:
            raise ValueError(f"forward: the state has no entry {name!r}; it has {', '.join(sorted(state))}")
    strides, takes = state["strides"], (len(state["blocks.0.spatial_conv.W"]), state["A_hat"].shape[-1])
    if clip.ndim != 5 or clip.shape[1:4:2] != takes or 0 in clip.shape[1:]:
        must = f"(N, C, T, V, M) or (C, T, V, M) with C = {takes[0]}, V = {takes[1]}, a frame and a person"
        raise ValueError(f"forward: the clip must be {must}, got {clip.shape}")
    if strides.ndim != 1 or strides.dtype.kind not in "iu" or f"blocks.{len(strides)}.spatial_conv.W" in state:
        raise ValueError(f"forward: the strides must be integers, one for each block, got {strides!r}")
    N, C, T, V, M = clip.shape
    layer = layers_of(state, "", training, trace)
    f = layer("data_bn", batch_norm, fold_persons(clip))
    f = np.transpose(np.reshape(f, (N * M, V, C, T)), (0, 2, 3, 1))  # (n m) (v c) t 1 -> (n m) c t v
    if trace is not None:
        trace["data_bn"] = f
    for i, stride in enumerate(strides):
        options = {"stride": int(stride), "residual": i > 0, "training": training, "trace": trace}
        f = layer(f"blocks.{i}", block, f, state["A_hat"], state, prefix=f"blocks.{i}.", **options)
    pooled = layer("pooled", pooling, f, M)
    return layer("logits", classifier, pooled, state["classifier.W"], state["classifier.b"])
