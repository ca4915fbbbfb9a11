"""The names under which published checkpoints of ST-GCN have their weights. (What they become: official.py.)"""

from typing import NamedTuple


class Layout(NamedTuple):
    """The names of one family of checkpoints; {i} is the number of the block, from 0."""

    title: str
    A: str
    data_bn: str
    edge_importance: str
    spatial_conv: str
    spatial_bn: str
    temporal_conv: str
    temporal_bn: str
    residual_conv: str
    residual_bn: str
    classifier: str
    classifier_axes: int


_COPIED = {
    "A": "A",
    "data_bn": "data_bn",
    "edge_importance": "edge_importance.{i}",
    "spatial_conv": "st_gcn_networks.{i}.gcn.conv",
    "spatial_bn": "st_gcn_networks.{i}.tcn.0",
    "temporal_conv": "st_gcn_networks.{i}.tcn.2",
    "temporal_bn": "st_gcn_networks.{i}.tcn.3",
    "residual_conv": "st_gcn_networks.{i}.residual.0",
    "residual_bn": "st_gcn_networks.{i}.residual.1",
}
_BACKBONE = {
    "A": "backbone.gcn.{i}.gcn.A",
    "data_bn": "backbone.data_bn",
    "edge_importance": "backbone.gcn.{i}.gcn.PA",
    "spatial_conv": "backbone.gcn.{i}.gcn.conv",
    "spatial_bn": "backbone.gcn.{i}.gcn.bn",
    "temporal_conv": "backbone.gcn.{i}.tcn.conv",
    "temporal_bn": "backbone.gcn.{i}.tcn.bn",
    "residual_conv": "backbone.gcn.{i}.residual.conv",
    "residual_bn": "backbone.gcn.{i}.residual.bn",
    "classifier_axes": 2,
}
_OLD_BACKBONE = {role: f"backbone.{name}" for role, name in _COPIED.items()}
LAYOUTS = (
    Layout(title="the widely copied implementation", classifier="fcn", classifier_axes=4, **_COPIED),
    Layout(title="mmaction2", classifier="cls_head.fc", **_BACKBONE),
    Layout(title="pyskl", classifier="cls_head.fc_cls", **_BACKBONE),
    Layout(title="mmaction2 before 1.0", classifier="cls_head.fc", classifier_axes=4, **_OLD_BACKBONE),
)


def recognise(arrays):
    """The Layout whose names are there. Raises ValueError if none is."""
    known = known_layouts(arrays)
    for layout in known:  # mmaction2 and pyskl differ in the classifier only
        if f"{layout.classifier}.weight" in arrays:
            return layout
    if known:
        return known[0]
    some = ", ".join(list(arrays)[:3])
    first = " or ".join(f"{layout.spatial_conv.format(i=0)}.weight ({layout.title})" for layout in LAYOUTS[:2])
    raise ValueError(f"this is no checkpoint of ST-GCN: expected {first}; its first names are {some}")


def known_layouts(names):
    """The Layouts of which a convolution is among the names, or, of none of these, the matrix."""
    known = [layout for layout in LAYOUTS if f"{layout.spatial_conv.format(i=1)}.weight" in names]
    return known or [layout for layout in LAYOUTS if layout.A.format(i=0) in names]
