"""STGCN, the PyTorch twin of `reference.forward`."""

from math import prod

import torch
from torch import nn

from reference import LAYERS, find_skeleton, normalize, partition
from reference.layer_table import checked_layers, needs_residual_conv
from reference.state import check_sizes, check_state
from reference.windows import windows_of

from .fused import FusedSTGCN
from .layers import BatchNorm, Block, Linear, check_clip, pool


class STGCN(nn.Module):
    """ST-GCN: data batch norm, one block for every row of `layers`, pooling, classifier.

    num_classes      size of the logits
    in_channels      C of the clips; replaces the input channels of row one of `layers`
    skeleton         a reference.Skeleton, or the name of a built-in one
    strategy         how neighbourhoods are split: what reference.partition takes
    normalization    of the adjacency matrices: a method of reference.normalize
    layers           rows of (in channels, out channels, stride)
    gamma            Γ, frames a temporal filter spans; odd
    edge_importance  whether every block learns a factor for every edge
    dropout          probability, in every block but the first

    `state_dict()` is the state that `reference.forward` takes, name for name and shape for shape: pass it across as
    `{name: tensor.numpy() for name, tensor in model.state_dict().items()}`, and back by `load_state_dict` after
    `torch.from_numpy`. The graph (A_hat) and the strides are buffers: saved and moved with the model, never trained.
    How weights start: see layers.py.

    Raises ValueError for unknown names, rows that do not follow on one another, an even gamma.
    """

    def __init__(
        self,
        num_classes,
        in_channels=2,
        skeleton="openpose_25",
        strategy="spatial",
        normalization="two_sided",
        layers=LAYERS,
        gamma=9,
        edge_importance=True,
        dropout=0.5,
    ):
        super().__init__()
        check_sizes(num_classes, gamma)
        rows = checked_layers(layers, in_channels)
        graph = normalize(partition(find_skeleton(skeleton), strategy), normalization)
        self._build(graph, rows, num_classes, gamma, edge_importance, dropout)

    @classmethod
    def from_state(cls, state, dropout=0.5):
        """The model that a state belongs to, with its weights, its graph and its dtype.

        state    named NumPy arrays, as reference.load_state gives them
        dropout  the one setting that is not in a state

        Raises ValueError for a state that no network has.
        """
        check_state(state)
        weights = [state[f"blocks.{i}.spatial_conv.W"] for i in range(len(state["strides"]))]
        rows = [(W.shape[0], W.shape[1], int(stride)) for W, stride in zip(weights, state["strides"], strict=True)]
        model = cls.__new__(cls)
        nn.Module.__init__(model)
        model._build(
            state["A_hat"],
            rows,
            num_classes=len(state["classifier.b"]),
            gamma=state["blocks.0.temporal_conv.W"].shape[2],
            edge_importance="blocks.0.edge_importance" in state,
            dropout=dropout,
        )
        model.to(torch.from_numpy(state["A_hat"]).dtype)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
        return model

    def _build(self, graph, rows, num_classes, gamma, edge_importance, dropout):
        # The graph in full precision, so that a model cast to float64 has every digit of it.
        self._graph = torch.from_numpy(graph).double()
        K, V, _ = graph.shape
        # torch.tensor, as for the strides: on the device that PyTorch makes new tensors on, like the weights.
        self.register_buffer("A_hat", torch.tensor(graph, dtype=torch.get_default_dtype()))
        self.register_buffer("strides", torch.tensor([stride for _, _, stride in rows]))
        self.gamma = gamma
        self.data_bn = BatchNorm(V * rows[0][0])
        self.blocks = nn.ModuleList()
        for number, (C_in, C_out, stride) in enumerate(rows, start=1):
            residual = "none" if number == 1 else "identity"
            if needs_residual_conv(number, C_in, C_out, stride):
                residual = "conv"
            drop = 0 if number == 1 else dropout
            self.blocks.append(Block(C_in, C_out, stride, residual, (K, V, V), gamma, edge_importance, drop))
        self.classifier = Linear(rows[-1][1], num_classes)
        self.register_load_state_dict_pre_hook(_refuse_other_strides)

    def forward(self, clip):
        """clip (N, C, T, V, M), or (C, T, V, M) for one -> logits (N, classes), or (classes,): no softmax."""
        if not isinstance(clip, torch.Tensor):
            raise TypeError(f"STGCN: clip must be a torch.Tensor, got a {type(clip).__name__}; try torch.from_numpy")
        if clip.ndim == 4:
            return self(clip[None])[0]
        self.check_clip(clip)
        return self.classifier(pool(self.feature_map(clip), clip.shape[0], clip.shape[4]))

    def feature_map(self, clip):
        """The output of the last block, before pooling: clip (N, C, T, V, M) -> f (N·M, C_out, T', V)."""
        N, C, T, V, M = clip.shape
        f = clip.permute(0, 4, 3, 1, 2).reshape(N * M, V * C, T)  # channel v·C + c, persons in the batch
        f = self.data_bn(f).view(N * M, V, C, T).permute(0, 2, 3, 1)  # (N·M, C, T, V)
        for block in self.blocks:
            f = block(f, self.A_hat)
        return f

    def fuse(self):
        """A model for inference only, with the same logits in less time: see fused.py."""
        return FusedSTGCN(self)

    def check_clip(self, clip):
        """Raise ValueError for what is no clip of this network, or of another dtype: see layers.check_clip."""
        check_clip(clip, self.blocks[0].spatial_conv.W.shape[0], self.A_hat.shape[1], self.A_hat.dtype)

    def _apply(self, fn, *args, **kwargs):
        # .to(), .double(), .cuda() and their kin all pass here. The graph is cast from its original, or float64 would
        # keep what float32 had rounded; unless somebody has put another graph in its place.
        A_hat = self.A_hat
        original = not A_hat.is_meta and torch.equal(self._graph.to(A_hat), A_hat)
        super()._apply(fn, *args, **kwargs)
        if original:
            self.A_hat = self._graph.to(self.A_hat)
        return self


@torch.inference_mode()
def forward_in_windows(model, clip, *, frames=512):
    """The logits of `model(clip)`, window by window: the memory for features does not grow with the clip.

    How the windows lie, and why: reference/windows.py.

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


def _refuse_other_strides(model, state_dict, prefix, *_):
    """Strides do not show in the shapes of the weights: weights of another table would load, and give other logits."""
    given = state_dict.get(f"{prefix}strides")
    expected = [block.temporal_conv.stride for block in model.blocks]  # the buffer may be without data, on "meta"
    if given is not None and given.tolist() != expected:
        # Raised here, before anything is copied: the model stays as it was.
        raise RuntimeError(f"STGCN: the state's strides are {given.tolist()}, but this model's layers have {expected}")
