"""The temporal convolution of ST-GCN: every joint's own Γ frames around a frame, nothing of other joints.

f_out[n, o, t, v] = b[o] + Σ_γ Σ_c W[c, o, γ] · f_in[n, c, stride·t + γ - (Γ-1)/2, v],  γ = 0 … Γ-1

(Paper: the temporal edges join a joint with itself in the next frame; notes, line 10.)
"""

import numpy as np


def temporal_conv(f_in, W, b=None, stride=1):
    """Slide a filter of Γ frames along time: an ordinary 2-D convolution with a filter of Γ x 1.

    f_in    (N, C_in, T, V), or (C_in, T, V) for one video; frames before the first and after the last count as zero
    W       (C_in, C_out, Γ), Γ odd; W[:, :, γ] acts on the frame γ - (Γ-1)/2 away. (Γ = 1: the residual's 1x1)
    b       (C_out,) or None
    stride  compute every stride-th frame only

    Returns (N, C_out, ⌈T/stride⌉, V), or without N for one video. Raises ValueError for what does not fit this.
    """
    if f_in.ndim not in (3, 4) or W.ndim != 3 or W.shape[0] != f_in.shape[-3]:
        must = "f_in must be (N, C_in, T, V) or (C_in, T, V) and W (C_in, C_out, gamma) with the same C_in"
        raise ValueError(f"temporal_conv: {must}, got {f_in.shape} and {W.shape}")
    if W.shape[2] % 2 == 0:
        raise ValueError(f"temporal_conv: gamma must be odd, so that the filter has a middle frame; W has {W.shape[2]}")
    if b is not None and b.shape != W.shape[1:2]:
        raise ValueError(f"temporal_conv: b must be (C_out,) = {W.shape[1:2]}, got {b.shape}")
    if not (isinstance(stride, (int, np.integer)) and stride >= 1):
        raise ValueError(f"temporal_conv: stride must be an integer >= 1, got {stride!r}")
    *batch, C_in, T, V = f_in.shape
    _, C_out, gamma = W.shape
    padding, T_out = (gamma - 1) // 2, -(-T // stride)  # ⌈T/stride⌉
    W_gamma = np.copy(np.transpose(W, (2, 1, 0)), order="C")  # (Γ, C_out, C_in), contiguous for BLAS
    padded = np.zeros_like(f_in, shape=(*batch, C_in, T + 2 * padding, V))
    padded[..., padding : padding + T, :] = f_in
    f_out = 0
    for tap in range(gamma):  # (C_out, C_in) x (N, C_in, T_out·V) -> (N, C_out, T_out·V)
        frames = np.reshape(padded[..., tap : tap + T : stride, :], (*batch, C_in, T_out * V))  # that this tap sees
        f_out += W_gamma[tap] @ frames  # the first product takes the place of the 0, the others are added to it
    f_out = np.reshape(f_out, (*batch, C_out, T_out, V))
    return f_out if b is None else f_out + b[:, None, None]
