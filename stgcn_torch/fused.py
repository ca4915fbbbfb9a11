"""The network for inference only, with everything folded that can be: the same logits, in less time.

Five things are folded, each exactly; what differs is rounding.

1. **Batch norm into the convolution before it.** In evaluation a batch norm is f · s + t, with the fixed numbers
   s = weight / sqrt(var + ε) and t = bias - mean · s per channel. So (f W + b) s + t = f (W s) + (b s + t): scale W's
   output channels, and the batch norm is gone.
2. **Edge importance into the graph.** A_hat ⊙ M is computed once.
3. **The bias behind the graph.** Σ_k A_hat_k (f W_k + b_k) = Σ_k A_hat_k f W_k + Σ_k (A_hat_k 1) b_k^T: the last sum
   is one number for each joint and channel, whatever the clip.
4. **The sum over k into one matrix product.** A before W (the same result, and cheaper in the rows where channels
   grow): side by side, the K neighbourhoods of a joint are one vector of K·C_in numbers, and the W_k below one another
   are one matrix.
5. **The bias of the residual convolution**, and of its batch norm, into the bias of the temporal convolution: the two
   are added up anyway.

The data batch norm stays, as one multiply-add for each number of the clip: it differs from joint to joint, so folded
into the first W it would need a W for each joint.

Inside, a feature map lies in memory as (N, T, V, C), "channels last": then both products of the spatial convolution
read and write contiguous rows, and PyTorch's convolutions take their fastest path.
"""

import copy

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812 - its usual name

from reference.state import BATCH_NORM

from .layers import check_clip, pool


class FusedSTGCN(nn.Module):
    """What `STGCN.fuse()` returns: the same logits in evaluation, nothing to train.

    model  an STGCN; it stays as it is, and later changes to it do not reach this one
    """

    def __init__(self, model):
        super().__init__()
        scale, shift = _scale_and_shift(model.data_bn)
        V = model.A_hat.shape[1]
        self.register_buffer("scale", _as(model, scale.view(V, -1)))  # (V, C)
        self.register_buffer("shift", _as(model, shift.view(V, -1)))
        self.blocks = nn.ModuleList(_FusedBlock(block, model) for block in model.blocks)
        self.classifier = copy.deepcopy(model.classifier).requires_grad_(False)
        self.register_buffer("strides", model.strides.clone())
        self.gamma = model.gamma
        self.eval()

    def train(self, mode=True):
        """Raises RuntimeError for training: statistics and dropout are no longer there."""
        if mode:
            raise RuntimeError("FusedSTGCN is for evaluation only; train the STGCN that it was made of, and fuse again")
        return super().train(False)

    def forward(self, clip):
        """clip (N, C, T, V, M), or (C, T, V, M) for one -> logits (N, classes), or (classes,): no softmax."""
        if clip.ndim == 4:
            return self(clip[None])[0]
        self.check_clip(clip)
        return self.classifier(pool(self.feature_map(clip), clip.shape[0], clip.shape[4]))

    def feature_map(self, clip):
        """The output of the last block, before pooling: clip (N, C, T, V, M) -> f (N·M, C_out, T', V)."""
        N, C, T, V, M = clip.shape
        f = clip.permute(0, 4, 2, 3, 1).reshape(N * M, T, V, C) * self.scale + self.shift
        for block in self.blocks:
            f = block(f)
        return f.permute(0, 3, 1, 2)

    def check_clip(self, clip):
        """Raise ValueError for what is no clip of this network, or of another dtype: see layers.check_clip."""
        check_clip(clip, *self.scale.t().shape, self.scale.dtype)


class _FusedBlock(nn.Module):
    """f (N, T, V, C_in) -> (N, ⌈T/stride⌉, V, C_out)."""

    def __init__(self, block, model):
        super().__init__()
        A_hat = model.A_hat.double()  # fold in float64, so that only the result is rounded
        if block.edge_importance is not None:
            A_hat = A_hat * block.edge_importance.detach().double()
        K, V, _ = A_hat.shape
        W, b = (p.detach().double() for p in (block.spatial_conv.W, block.spatial_conv.b))
        scale, shift = _scale_and_shift(block.spatial_bn)
        C_in, C_out, _ = W.shape
        self.register_buffer("A_hat", _as(model, A_hat.permute(1, 0, 2).reshape(V * K, V)))  # row i·K + k
        self.register_buffer("spatial_W", _as(model, (W.permute(2, 0, 1) * scale).reshape(K * C_in, C_out)))
        # (V, K) x (K, C_out): the row sums of A_hat times the bias
        self.register_buffer("spatial_b", _as(model, A_hat.sum(dim=2).t() @ b.t() * scale + shift))

        W, b = _fold(block.temporal_conv, block.temporal_bn)
        if block.residual == "conv":
            residual_W, residual_b = _fold(block.residual_conv, block.residual_bn)
            self.register_buffer("residual_W", _as(model, residual_W))
            b = b + residual_b
        self.register_buffer("temporal_W", _as(model, W))
        self.register_buffer("temporal_b", _as(model, b))
        self.residual, self.stride = block.residual, block.temporal_conv.stride

    def forward(self, f_in):
        N, T, V, C = f_in.shape
        gathered = torch.matmul(self.A_hat, f_in.reshape(N * T, V, C))  # (V·K, V) x (N·T, V, C) -> (N·T, V·K, C)
        K_C_in, C_out = self.spatial_W.shape
        f = gathered.view(N * T * V, K_C_in) @ self.spatial_W  # (N·T·V, K·C_in) x (K·C_in, C_out)
        f = F.relu_(f.view(N, T, V, C_out).add_(self.spatial_b))
        f = self._convolve(f, self.temporal_W, self.temporal_b)
        if self.residual == "identity":
            f += f_in
        elif self.residual == "conv":
            f += self._convolve(f_in, self.residual_W)
        return F.relu_(f)

    def _convolve(self, f, W, b=None):
        # To conv2d, (N, T, V, C) in memory is (N, C, T, V) with channels last.
        padding = ((W.shape[2] - 1) // 2, 0)
        return F.conv2d(f.permute(0, 3, 1, 2), W, b, (self.stride, 1), padding).permute(0, 2, 3, 1)


def _scale_and_shift(batch_norm):
    """s and t of f · s + t, in float64."""
    weight, bias, mean, var = (getattr(batch_norm, name).detach().double() for name in BATCH_NORM)
    scale = weight / torch.sqrt(var + batch_norm.eps)
    return scale, bias - mean * scale


def _fold(conv, batch_norm):
    """Filters (C_out, C_in, Γ, 1) and bias (C_out,) of a convolution in time and the batch norm after it."""
    scale, shift = _scale_and_shift(batch_norm)
    W = conv.W.detach().double().permute(1, 0, 2) * scale[:, None, None]  # (C_out, C_in, Γ)
    return W[..., None].contiguous(memory_format=torch.channels_last), conv.b.detach().double() * scale + shift


def _as(model, tensor):
    """A folded tensor in the model's precision."""
    return tensor.to(model.A_hat.dtype)
