"""What published implementations compute, in their own names and layout: an oracle for `load_official`.

Written from the facts about them: `nkctv,kvw->nctw` with sources in A's rows, the 1x1 convolution before A, channels
k·C_out + o, the data batch norm over v·C + c, no residual in the first block.
"""

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

BATCH_NORM = ("weight", "bias", "running_mean", "running_var")
ROWS = ((4, 1), (4, 1), (8, 2), (8, 1), (6, 2))  # (out channels, stride) of a small network

COPIED = {
    "A": "A", "data_bn": "data_bn", "edge": "edge_importance.{i}", "classifier": "fcn",
    "gcn": "st_gcn_networks.{i}.gcn.conv", "gcn_bn": "st_gcn_networks.{i}.tcn.0",
    "tcn": "st_gcn_networks.{i}.tcn.2", "tcn_bn": "st_gcn_networks.{i}.tcn.3",
    "residual": "st_gcn_networks.{i}.residual.0", "residual_bn": "st_gcn_networks.{i}.residual.1",
}  # fmt: skip
MMACTION2 = {
    "A": "backbone.gcn.{i}.gcn.A", "data_bn": "backbone.data_bn", "edge": "backbone.gcn.{i}.gcn.PA",
    "classifier": "cls_head.fc", "gcn": "backbone.gcn.{i}.gcn.conv", "gcn_bn": "backbone.gcn.{i}.gcn.bn",
    "tcn": "backbone.gcn.{i}.tcn.conv", "tcn_bn": "backbone.gcn.{i}.tcn.bn",
    "residual": "backbone.gcn.{i}.residual.conv", "residual_bn": "backbone.gcn.{i}.residual.bn",
}  # fmt: skip
PYSKL = MMACTION2 | {"classifier": "cls_head.fc_cls"}
OLD_MMACTION2 = {role: f"backbone.{name}" for role, name in COPIED.items()} | {"classifier": "cls_head.fc"}


def checkpoint(names, A, C=3, classes=5, gamma=9, edge_importance=True, rows=ROWS, dtype=torch.float64):
    """A checkpoint with random weights, batch norms and importance away from their neutral values."""
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    K, V, _ = A.shape
    entries = {}

    def batch_norm(name, channels):
        entries[f"{name}.weight"] = 1 + 0.1 * draw(channels)
        entries[f"{name}.bias"] = 0.1 * draw(channels)
        entries[f"{name}.running_mean"] = 0.1 * draw(channels)
        entries[f"{name}.running_var"] = 1 + 0.25 * draw(channels).abs()
        entries[f"{name}.num_batches_tracked"] = torch.tensor(7)

    def convolution(name, *shape):
        entries[f"{name}.weight"] = draw(*shape) / np.prod(shape[1:]) ** 0.5
        entries[f"{name}.bias"] = 0.1 * draw(shape[0])

    batch_norm(names["data_bn"], V * C)
    C_in = C
    for i, (C_out, stride) in enumerate(rows):
        name = {role: value.format(i=i) for role, value in names.items()}
        entries[name["A"]] = torch.from_numpy(A)
        if edge_importance:
            entries[name["edge"]] = 1 + 0.1 * draw(K, V, V)
        convolution(name["gcn"], K * C_out, C_in, 1, 1)
        batch_norm(name["gcn_bn"], C_out)
        convolution(name["tcn"], C_out, C_out, gamma, 1)
        batch_norm(name["tcn_bn"], C_out)
        if i > 0 and (C_in != C_out or stride != 1):
            convolution(name["residual"], C_out, C_in, 1, 1)
            batch_norm(name["residual_bn"], C_out)
        C_in = C_out
    convolution(names["classifier"], *(classes, C_in, 1, 1)[: 4 if names in (COPIED, OLD_MMACTION2) else 2])
    return {name: value.to(dtype) if value.is_floating_point() else value for name, value in entries.items()}


def published_forward(names, entries, clip, rows=ROWS):
    """The logits (N, classes) of such a checkpoint for clip (N, C, T, V, M), in eval."""

    def batch_norm(x, name):
        weight, bias, mean, var = (entries[f"{name}.{entry}"] for entry in BATCH_NORM)
        return F.batch_norm(x, mean, var, weight, bias)

    def convolution(x, name, **settings):
        return F.conv2d(x, entries[f"{name}.weight"], entries[f"{name}.bias"], **settings)

    N, C, T, V, M = clip.shape
    x = clip.permute(0, 4, 3, 1, 2).reshape(N * M, V * C, T)
    x = batch_norm(x, names["data_bn"]).view(N, M, V, C, T).permute(0, 1, 3, 4, 2).reshape(N * M, C, T, V)
    for i, (_, stride) in enumerate(rows):
        name = {role: value.format(i=i) for role, value in names.items()}
        A = entries[name["A"]] * entries.get(name["edge"], 1)
        y = convolution(x, name["gcn"])
        y = torch.einsum("nkctv,kvw->nctw", y.view(N * M, len(A), -1, *y.shape[2:]), A)
        y = F.relu(batch_norm(y, name["gcn_bn"]))
        padding = (entries[f"{name['tcn']}.weight"].shape[2] - 1) // 2
        y = batch_norm(convolution(y, name["tcn"], stride=(stride, 1), padding=(padding, 0)), name["tcn_bn"])
        if f"{name['residual']}.weight" in entries:
            y = y + batch_norm(convolution(x, name["residual"], stride=(stride, 1)), name["residual_bn"])
        elif i > 0:
            y = y + x
        x = F.relu(y)
    pooled = x.mean(dim=(2, 3)).view(N, M, -1).mean(dim=1)
    weight = entries[f"{names['classifier']}.weight"]
    return pooled @ weight.flatten(1).T + entries[f"{names['classifier']}.bias"]
