"""Clips longer than memory allows, in PyTorch: see reference/windows.py for how the windows lie, and why."""

from math import prod

import torch

from reference.windows import windows_of


@torch.inference_mode()
def forward_in_windows(model, clip, *, frames=512):
    """The logits of `model(clip)`, window by window: the memory for features does not grow with the clip.

    model   an STGCN in eval mode, or what its `fuse()` returns
    clip    (N, C, T, V, M), or (C, T, V, M) for one; on the model's device, or on the CPU: windows are moved one by one
    frames  how many frames of the clip a window's kept outputs stand for

    Returns logits (N, classes), or (classes,) for one clip. Raises ValueError for a model in training mode, whose
    statistics are those of a whole batch at once, and for frames below 1.
    """
    if model.training:
        raise ValueError("forward_in_windows: the model is in training mode; call model.eval() first")
    if clip.ndim == 4:
        return forward_in_windows(model, clip[None], frames=frames)[0]
    model.check_clip(clip)
    N, _, T, V, M = clip.shape
    strides = model.strides.tolist()
    total = 0
    for window in windows_of(T, strides, model.gamma, frames):
        f = model.feature_map(clip[:, :, window.start : window.stop].to(model.strides.device))
        total = total + f[:, :, window.first : window.last].sum(dim=(2, 3))  # (N·M, C)
    pooled = (total / (-(-T // prod(strides)) * V)).view(N, M, -1).mean(dim=1)
    return model.classifier(pooled)
