"""The baseline of the benchmarks: ST-GCN written layer by layer, as the widely copied implementation computes it.

A 1x1 convolution to K·C_out channels, then the graph as an einsum whose rows are sources; batch norm, ReLU, temporal
convolution, batch norm, dropout and residual as modules of torch.nn, in its default memory layout. Same mathematics as
STGCN and the same number of parameters, without any of its savings.
"""

import torch
from torch import nn

from reference.layer_table import checked_layers, needs_residual_conv


class PlainSTGCN(nn.Module):
    """model: the STGCN whose settings and weights this one takes over; dropout is a setting of the model's blocks."""

    def __init__(self, model):
        super().__init__()
        K, V, _ = model.A_hat.shape
        weights = [block.spatial_conv.W for block in model.blocks]
        rows = [(*W.shape[:2], stride) for W, stride in zip(weights, model.strides.tolist(), strict=True)]
        self.register_buffer("A", model.A_hat.transpose(1, 2).contiguous())  # row = source
        self.data_bn = nn.BatchNorm1d(V * rows[0][0])
        self.blocks = nn.ModuleList(
            PlainBlock(*row, K, V, model.gamma, number, model.blocks[number - 1].dropout.p)
            for number, row in enumerate(checked_layers(rows, rows[0][0]), start=1)
        )
        self.classifier = nn.Conv2d(rows[-1][1], len(model.classifier.b), 1)
        self.load_state_dict(_weights(model), strict=False)  # all but the counters of nn.BatchNorm

    def forward(self, clip):
        N, C, T, V, M = clip.shape
        x = clip.permute(0, 4, 3, 1, 2).contiguous().view(N * M, V * C, T)
        x = self.data_bn(x).view(N, M, V, C, T).permute(0, 1, 3, 4, 2).contiguous().view(N * M, C, T, V)
        for block in self.blocks:
            x = block(x, self.A)
        x = nn.functional.avg_pool2d(x, x.shape[2:]).view(N, M, -1, 1, 1).mean(dim=1)
        return self.classifier(x).view(N, -1)


class PlainBlock(nn.Module):
    def __init__(self, C_in, C_out, stride, K, V, gamma, number, dropout):
        super().__init__()
        self.edge_importance = nn.Parameter(torch.ones(K, V, V))
        self.spatial = nn.Conv2d(C_in, K * C_out, 1)
        self.rest = nn.Sequential(
            nn.BatchNorm2d(C_out),
            nn.ReLU(inplace=True),
            nn.Conv2d(C_out, C_out, (gamma, 1), (stride, 1), ((gamma - 1) // 2, 0)),
            nn.BatchNorm2d(C_out),
            nn.Dropout(dropout, inplace=True),
        )
        self.has_residual = number > 1
        self.residual = nn.Identity()
        if needs_residual_conv(number, C_in, C_out, stride):
            self.residual = nn.Sequential(nn.Conv2d(C_in, C_out, 1, (stride, 1)), nn.BatchNorm2d(C_out))
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x, A):
        N, _, T, V = x.shape
        residual = self.residual(x) if self.has_residual else 0
        x = self.spatial(x).view(N, len(A), -1, T, V)
        x = torch.einsum("nkctv,kvw->nctw", x, A * self.edge_importance).contiguous()
        return self.relu(self.rest(x) + residual)


def _weights(model):
    """The weights of an STGCN under the names of a PlainSTGCN."""
    modules = {"spatial_conv": "spatial", "spatial_bn": "rest.0", "temporal_conv": "rest.2", "temporal_bn": "rest.3",
               "residual_conv": "residual.0", "residual_bn": "residual.1"}  # fmt: skip
    weights = {}
    for name, tensor in model.state_dict().items():
        if name in ("A_hat", "strides"):
            continue
        *path, entry = name.split(".")
        module = ".".join([*path[:2], modules[path[2]]] if len(path) == 3 else path)
        if name.endswith("edge_importance"):
            tensor = tensor.transpose(1, 2)
        elif name.endswith("spatial_conv.b"):
            tensor = tensor.t().reshape(-1)
        elif name.endswith("spatial_conv.W"):
            tensor = tensor.permute(2, 1, 0).reshape(-1, tensor.shape[0], 1, 1)
        elif name == "classifier.W":
            tensor = tensor.t()[..., None, None]
        elif entry == "W":
            tensor = tensor.permute(1, 0, 2)[..., None]
        weights[f"{module}.{ {'W': 'weight', 'b': 'bias'}.get(entry, entry) }"] = tensor.contiguous()
    return weights
