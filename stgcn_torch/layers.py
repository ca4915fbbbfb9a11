"""The layers of the PyTorch twin. Parameters have the names, shapes and meanings of reference/state.py.

Every W and b starts uniformly in ±1/sqrt(fan-in), PyTorch's default for convolutions; edge importance starts at ones
and batch norms as the identity. `torch.manual_seed` makes the draw repeatable.

A feature map (N, C, T, V) inside the blocks lies in memory as (N, T, V, C), what PyTorch calls channels last: both
products of the spatial convolution then read and write contiguous rows, and convolutions need no copies. For evaluation
alone, `STGCN.fuse` (fused.py) is faster still.
"""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name


class SpatialConv(nn.Module):
    """f_out = Σ_k A_hat_k (f_in W_k + b_k). W (C_in, C_out, K), b (C_out, K).

    A_hat and W act on different axes, so either may come first: the one that leaves A_hat fewer channels, which is
    cheaper. The bias enters before A_hat, which multiplies it by its row sums: one number for each joint and channel.
    """

    def __init__(self, in_channels, out_channels, num_subsets):
        super().__init__()
        self.W = nn.Parameter(_uniform((in_channels, out_channels, num_subsets), in_channels))
        self.b = nn.Parameter(_uniform((out_channels, num_subsets), in_channels))

    def forward(self, f_in, A_hat):
        """f_in (N, C_in, T, V), A_hat (K, V, V), row = root, column = neighbour -> (N, C_out, T, V)."""
        N, _, T, V = f_in.shape
        C_in, C_out, K = self.W.shape
        f = f_in.permute(0, 2, 3, 1).reshape(N * T, V, C_in)
        if C_in <= C_out:
            # gather, then mix channels: (V·K, V) x (V, C_in), then (V, K·C_in) x (K·C_in, C_out)
            f = _for_each_frame(A_hat.permute(1, 0, 2).reshape(V * K, V), f)
            f = f.reshape(N * T * V, K * C_in) @ self.W.permute(2, 0, 1).reshape(K * C_in, C_out)
        else:
            # mix channels, then gather: (V, C_in) x (C_in, K·C_out), then (V, V·K) x (V·K, C_out)
            f = f.reshape(N * T * V, C_in) @ self.W.permute(0, 2, 1).reshape(C_in, K * C_out)
            f = _for_each_frame(A_hat.permute(1, 2, 0).reshape(V, V * K), f.view(N * T, V * K, C_out))
        f = f.view(N, T, V, C_out).add_(A_hat.sum(dim=2).t() @ self.b.t())  # bias: (V, K) x (K, C_out)
        return f.permute(0, 3, 1, 2)


class TemporalConv(nn.Module):
    """A convolution with a filter of Γ frames x 1 joint, zero-padded by (Γ-1)/2. W (C_in, C_out, Γ), b (C_out,)."""

    def __init__(self, in_channels, out_channels, gamma, stride=1):
        super().__init__()
        self.W = nn.Parameter(_uniform((in_channels, out_channels, gamma), in_channels * gamma))
        self.b = nn.Parameter(_uniform((out_channels,), in_channels * gamma))
        self.stride = stride

    def forward(self, f_in):
        """f_in (N, C_in, T, V) -> (N, C_out, ⌈T/stride⌉, V)."""
        if self.stride > 1 and self.W.shape[2] == 1 and self.W.shape[0] < 8:
            # Of so few channels, channels last, PyTorch 2.13's backward writes beyond its memory, and the process dies,
            # where there is AVX2 but no AVX-512.
            f_in = f_in.contiguous()
        filters = self.W.permute(1, 0, 2).unsqueeze(-1)  # (C_out, C_in, Γ, 1)
        padding = (self.W.shape[2] - 1) // 2
        return F.conv2d(f_in, filters, self.b, stride=(self.stride, 1), padding=(padding, 0))


class BatchNorm(nn.Module):
    """Batch norm per channel, axis 1 of any input. PyTorch's own, less its counter `num_batches_tracked`.

    The counter only serves a setting that ST-GCN does not use, and it is no part of the state.

    On the CPU and channels last, PyTorch adds up the statistics of a batch number by number in float32. Over 30,000
    numbers a channel the result was seen to be off by 4e-6 of its largest value, over 480,000 by 8e-5.
    """

    def __init__(self, channels, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.eps = eps
        self.momentum = momentum

    def forward(self, f_in):
        """(N, C, ...) -> the same shape: statistics of the batch in training, the running ones in evaluation."""
        return F.batch_norm(
            f_in, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum, self.eps
        )


class Dropout(nn.Dropout):
    """In training, sets each number to 0 with probability p and scales the others so that the mean stays the same.

    On the CPU p is rounded to a multiple of 1/256, so that eight random bits decide for each number: PyTorch draws
    more of them for each, which takes a tenth of a training step. Elsewhere, and where p rounds to 0 or 1, PyTorch's
    dropout does the work.
    """

    def forward(self, f_in):
        """(N, C, T, V) -> the same shape."""
        kept = round(256 * (1 - self.p))
        if not self.training or not 0 < kept < 256 or f_in.device.type != "cpu":
            return F.dropout(f_in, self.p, self.training)
        N, C, T, V = f_in.shape
        # All 64 bits are wanted: integers without a sign would leave every eighth byte below 128.
        bits = torch.randint(-(2**63), 2**63 - 1, (-(-f_in.numel() // 8),), device="cpu")
        mask = bits.view(torch.uint8)[: f_in.numel()] < kept
        mask = mask.to(f_in.dtype).mul_(256 / kept)
        return f_in * mask.view(N, T, V, C).permute(0, 3, 1, 2)


class Linear(nn.Module):
    """f_in W + b. W (C_in, C_out), b (C_out,)."""

    def __init__(self, in_channels, out_channels):
        super().__init__()
        self.W = nn.Parameter(_uniform((in_channels, out_channels), in_channels))
        self.b = nn.Parameter(_uniform((out_channels,), in_channels))

    def forward(self, f_in):
        """(N, C_in) -> (N, C_out)."""
        return f_in @ self.W + self.b


class Block(nn.Module):
    """spatial_conv → BN → ReLU → temporal_conv → BN → dropout → + residual → ReLU.

    residual  "none" (the network's first block), "identity", or "conv" where channels or frames change
    """

    def __init__(self, in_channels, out_channels, stride, residual, A_shape, gamma, edge_importance, dropout):
        super().__init__()
        if edge_importance:
            self.edge_importance = nn.Parameter(torch.ones(A_shape))
        else:
            self.edge_importance = None
        self.spatial_conv = SpatialConv(in_channels, out_channels, A_shape[0])
        self.spatial_bn = BatchNorm(out_channels)
        self.temporal_conv = TemporalConv(out_channels, out_channels, gamma, stride)
        self.temporal_bn = BatchNorm(out_channels)
        self.dropout = Dropout(dropout)
        self.residual = residual
        if residual == "conv":
            self.residual_conv = TemporalConv(in_channels, out_channels, 1, stride)
            self.residual_bn = BatchNorm(out_channels)

    def forward(self, f_in, A_hat):
        """f_in (N, C_in, T, V), A_hat (K, V, V) -> (N, C_out, ⌈T/stride⌉, V)."""
        weighted = A_hat if self.edge_importance is None else A_hat * self.edge_importance
        f = F.relu(self.spatial_bn(self.spatial_conv(f_in, weighted)))
        f = self.dropout(self.temporal_bn(self.temporal_conv(f)))
        if self.residual == "identity":
            f = f + f_in
        elif self.residual == "conv":
            f = f + self.residual_bn(self.residual_conv(f_in))
        return F.relu(f)


def check_clip(clip, C_in, V, dtype):
    """Refuse what is not a clip (N, C_in, T, V, M) of the model's dtype, frames and persons present: a ValueError."""
    if clip.ndim != 5:
        raise ValueError(f"STGCN: clip must be (N, C, T, V, M) or (C, T, V, M), got {tuple(clip.shape)}")
    if clip.shape[1] != C_in or clip.shape[3] != V:
        raise ValueError(
            f"STGCN: the clip has {clip.shape[1]} channels and {clip.shape[3]} joints, but the network takes"
            f" {C_in} and {V} (clip is (N, C, T, V, M))"
        )
    if 0 in clip.shape[1:]:
        raise ValueError(f"STGCN: the clip {tuple(clip.shape)} has no frames or no persons (clip is (N, C, T, V, M))")
    if clip.dtype != dtype and not torch.is_autocast_enabled(clip.device.type):
        raise ValueError(
            f"STGCN: the clip is {clip.dtype} but the model {dtype}; cast one of them, so that nothing is rounded"
            " unnoticed"
        )


def pool(f, N, M):
    """(N·M, C, T, V) -> (N, C): the mean over frames and joints, then over persons, absent ones included."""
    return f.mean(dim=(2, 3)).view(N, M, f.shape[1]).mean(dim=1)


def _for_each_frame(matrix, f):
    """matrix (P, Q) times each f (N·T, Q, C) -> (N·T, P, C). A batch of products: `matmul` would copy f to make one."""
    return torch.bmm(matrix.expand(f.shape[0], *matrix.shape), f)


def _uniform(shape, fan_in):
    bound = fan_in**-0.5
    return torch.empty(shape).uniform_(-bound, bound)
