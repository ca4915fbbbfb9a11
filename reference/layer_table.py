"""The ten layers as a table, and what each costs. (Notes, line 11.)"""

from numbers import Integral
from typing import NamedTuple

# (in channels, out channels, stride of the temporal convolution), row by row. The input of row one has 2 channels
# (x and y) here; `in_channels` replaces them for other data.
LAYERS = (
    (2, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 64, 1),
    (64, 128, 2),
    (128, 128, 1),
    (128, 128, 1),
    (128, 256, 2),
    (256, 256, 1),
    (256, 256, 1),
)


class LayerRow(NamedTuple):
    """One row of the layer table, for one clip (N = 1) with all its persons."""

    number: int  # 1 to 10
    in_channels: int
    out_channels: int
    stride: int
    output_shape: tuple  # (M, C, T, V)
    parameters: int
    multiply_adds: int
    receptive_field: int  # frames of the clip that one frame of this row's output depends on


class LayerTable(NamedTuple):
    """The rows, and what stands around them. `print` shows it as text."""

    rows: tuple[LayerRow, ...]
    input_shape: tuple  # (C, T, V, M)
    num_classes: int
    data_bn_parameters: int
    classifier_parameters: int
    classifier_multiply_adds: int

    @property
    def parameters(self):
        """All trained numbers of the network."""
        return self.data_bn_parameters + sum(row.parameters for row in self.rows) + self.classifier_parameters

    @property
    def multiply_adds(self):
        """All multiply-adds of the network for one clip."""
        return sum(row.multiply_adds for row in self.rows) + self.classifier_multiply_adds

    def __str__(self):
        head = ("row", "in", "out", "stride", "output (M, C, T, V)", "parameters", "multiply-adds", "receptive field")
        lines = [("data BN", "", "", "", f"clip {self.input_shape}", f"{self.data_bn_parameters:,}", "", "")]
        for row in self.rows:
            cost = f"{row.multiply_adds / 1e6:,.1f} M"
            cells = (*row[:4], row.output_shape, f"{row.parameters:,}", cost, f"{row.receptive_field} frames")
            lines.append(tuple(str(cell) for cell in cells))
        cost = f"{self.classifier_multiply_adds / 1e6:,.1f} M"
        channels = str(self.rows[-1].out_channels)
        lines.append(("classifier", channels, str(self.num_classes), "", f"({self.num_classes},)",
                      f"{self.classifier_parameters:,}", cost, "the clip"))  # fmt: skip
        lines.append(("total", "", "", "", "", f"{self.parameters:,}", f"{self.multiply_adds / 1e6:,.1f} M", ""))
        widths = [max(len(line[column]) for line in (head, *lines)) for column in range(len(head))]
        ruled = [head, tuple("-" * width for width in widths), *lines]
        return "\n".join("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in ruled)


def checked_layers(layers, in_channels):
    """The rows as plain tuples, with `in_channels` in row one.

    Raises ValueError, naming the row, for a row that is not three positive integers, for rows that do not follow on
    one another, and for a table without rows.
    """
    rows = [tuple(row) for row in layers]
    if not rows:
        raise ValueError("layers: the table has no rows")
    for number, row in enumerate(rows, start=1):
        if len(row) != 3 or not all(isinstance(value, Integral) and value >= 1 for value in row):
            raise ValueError(f"layers: row {number} must be (in channels, out channels, stride), all >= 1, got {row}")
        if number > 1 and row[0] != rows[number - 2][1]:
            raise ValueError(
                f"layers: row {number} takes {row[0]} channels, but row {number - 1} gives {rows[number - 2][1]}"
            )
    if not isinstance(in_channels, Integral) or in_channels < 1:
        raise ValueError(f"in_channels must be an integer >= 1, got {in_channels!r}")
    return ((in_channels, *rows[0][1:]), *rows[1:])


def layer_table(*, T=300, V=25, M=2, in_channels=2, num_classes=60, K=3, gamma=9, edge_importance=True, layers=LAYERS):
    """What every row of `layers` does to a clip (1, in_channels, T, V, M), and what it costs: a LayerTable.

    Parameters are trained numbers: weights and biases of the convolutions, weight and bias of each batch norm, edge
    importance, and those of the classifier.
    Multiply-adds count the products of spatial, temporal and residual convolution and of the classifier, the spatial
    one as a 1x1 convolution to C_out·K channels followed by full (V, V) matrices. (Gathering first, as `spatial_conv`
    does, saves one per cent of the total: rows 1, 5 and 8 have fewer channels before W than after.)
    The receptive field grows in each row by (Γ - 1) · the product of the strides before that row.

    Raises ValueError for rows that do not follow on one another, for an even gamma and for a size below 1.
    """
    for name, size in {"T": T, "V": V, "M": M, "num_classes": num_classes, "K": K, "gamma": gamma}.items():
        if not isinstance(size, Integral) or size < 1:
            raise ValueError(f"layer_table: {name} must be an integer >= 1, got {size!r}")
    if gamma % 2 == 0:
        raise ValueError(f"layer_table: gamma must be odd, got {gamma}")
    rows = []
    T_in, field, step = T, 1, 1  # step: how many frames of the clip lie between two frames of the row's input
    for number, (C_in, C_out, stride) in enumerate(checked_layers(layers, in_channels), start=1):
        residual_conv = needs_residual_conv(number, C_in, C_out, stride)
        T_out = -(-T_in // stride)
        field, step = field + (gamma - 1) * step, step * stride
        parameters = (C_in + 1) * C_out * K + (gamma * C_out + 1) * C_out + 2 * 2 * C_out  # convolutions, batch norms
        parameters += (C_in + 1 + 2) * C_out if residual_conv else 0
        parameters += K * V * V if edge_importance else 0
        spatial = K * (C_in * C_out * V + C_out * V * V) * T_in
        temporal = gamma * C_out * C_out * V * T_out
        residual = C_in * C_out * V * T_out if residual_conv else 0
        cost = M * (spatial + temporal + residual)
        rows.append(LayerRow(number, C_in, C_out, stride, (M, C_out, T_out, V), parameters, cost, field))
        T_in = T_out
    features = rows[-1].out_channels
    return LayerTable(
        rows=tuple(rows),
        input_shape=(in_channels, T, V, M),
        num_classes=num_classes,
        data_bn_parameters=2 * V * in_channels,
        classifier_parameters=(features + 1) * num_classes,
        classifier_multiply_adds=features * num_classes,
    )


def needs_residual_conv(number, C_in, C_out, stride):
    """Whether row `number` (from 1) brings its residual to the output's shape with a 1x1 convolution.

    The first row has no residual at all; the others add their input as it is wherever shape allows.
    """
    return number > 1 and (C_in != C_out or stride != 1)
