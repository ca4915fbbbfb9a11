"""The layers of the PyTorch twin. Parameters have the names, shapes and meanings of reference/state.py.

Every W and b starts uniformly in ±1/sqrt(fan-in), PyTorch's default for convolutions; edge importance starts at ones
and batch norms as the identity. `torch.manual_seed` makes the draw repeatable.
"""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name


class SpatialConv(nn.Module):
    """f_out = Σ_k A_hat_k (f_in W_k + b_k): a 1x1 convolution to K·C_out channels, then each subset's matrix.

    W (C_in, C_out, K), b (C_out, K).
    """

    def __init__(self, in_channels, out_channels, num_subsets):
        super().__init__()
        self.W = nn.Parameter(_uniform((in_channels, out_channels, num_subsets), in_channels))
        self.b = nn.Parameter(_uniform((out_channels, num_subsets), in_channels))

    def forward(self, f_in, A_hat):
        """f_in (N, C_in, T, V), A_hat (K, V, V), row = root, column = neighbour -> (N, C_out, T, V)."""
        N, _, T, V = f_in.shape
        C_in, C_out, K = self.W.shape
        filters = self.W.permute(2, 1, 0).reshape(K * C_out, C_in, 1, 1)
        f = F.conv2d(f_in, filters, self.b.t().reshape(K * C_out)).view(N, K, C_out, T, V)
        return torch.einsum("nkotj,kij->noti", f, A_hat)


class TemporalConv(nn.Module):
    """A convolution with a filter of Γ frames x 1 joint, zero-padded by (Γ-1)/2. W (C_in, C_out, Γ), b (C_out,)."""

    def __init__(self, in_channels, out_channels, gamma, stride=1):
        super().__init__()
        self.W = nn.Parameter(_uniform((in_channels, out_channels, gamma), in_channels * gamma))
        self.b = nn.Parameter(_uniform((out_channels,), in_channels * gamma))
        self.stride = stride

    def forward(self, f_in):
        """f_in (N, C_in, T, V) -> (N, C_out, ⌈T/stride⌉, V)."""
        filters = self.W.permute(1, 0, 2).unsqueeze(-1)  # (C_out, C_in, Γ, 1)
        padding = (self.W.shape[2] - 1) // 2
        return F.conv2d(f_in, filters, self.b, stride=(self.stride, 1), padding=(padding, 0))


class BatchNorm(nn.Module):
    """Batch norm per channel, axis 1 of any input. PyTorch's own, less its counter `num_batches_tracked`.

    The counter only serves a setting that ST-GCN does not use, and it is no part of the state.
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
        self.dropout = nn.Dropout(dropout)
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


def _uniform(shape, fan_in):
    bound = fan_in**-0.5
    return torch.empty(shape).uniform_(-bound, bound)
