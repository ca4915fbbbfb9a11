"""One ST-GCN block, and how its layers find their arrays. (Paper: the ST-GCN unit.)

    f --spatial_conv(A_hat · edge importance, W)--> BN --> ReLU --> temporal_conv --> BN --> + residual --> ReLU

Dropout, which follows the second BN in training, is left to the PyTorch twin: here the same input gives the same
output.
"""

import numpy as np

from .layers import batch_norm, relu, weigh_edges
from .spatial_convolution import spatial_conv
from .temporal_convolution import temporal_conv


def block(f_in, A_hat, state, *, stride=1, residual=True, training=False, trace=None, prefix=""):
    """f_in (N, C_in, T, V), or without N, and A_hat (K, V, V) -> f_out (N, C_out, ⌈T/stride⌉, V).

    state     the block's arrays (state.py), behind `prefix`; edge_importance and residual_* may be absent
    residual  whether f_in is added before the last ReLU; the first block of the network has no residual
    training  batch norms take the statistics of this batch
    trace     a dict that receives what every layer puts out, behind `prefix`, and "sum", which the last ReLU takes

    Raises ValueError, by name, for an entry that is missing, unknown or misshapen and a residual that does not fit.
    """
    for name in (name.removeprefix(prefix) for name in state if name.startswith(prefix)):
        if not name.startswith(("edge_importance", "spatial_", "temporal_", "residual_")):
            raise ValueError(f"the state has an entry {prefix + name!r}, which no block uses")
    layer = layers_of(state, prefix, training, trace)
    if prefix + "edge_importance" in state:
        A_hat = layer("edge_importance", weigh_edges, A_hat)
    f = layer("spatial_conv", spatial_conv, f_in, A_hat)
    f = layer("spatial_bn", batch_norm, f)
    f = layer("relu", relu, f)
    f = layer("temporal_conv", temporal_conv, f, stride=stride)
    f = layer("temporal_bn", batch_norm, f)
    if residual and prefix + "residual_conv.W" in state:
        f_in = layer("residual_conv", temporal_conv, f_in, stride=stride)
        f_in = layer("residual_bn", batch_norm, f_in)
    if residual and f_in.shape != f.shape:
        raise ValueError(f"the residual {f_in.shape} cannot be added to {f.shape} without a residual_conv")
    if residual:
        f = layer("sum", np.add, f, f_in)
    return relu(f)


def layers_of(state, prefix, training, trace):
    """layer(name, function, *inputs): the function with its arrays; errors name the layer, `trace` keeps f_out."""
    norm = [".weight", ".bias"] + ([] if training else [".running_mean", ".running_var"])
    takes = {batch_norm: norm, weigh_edges: [""], spatial_conv: [".W", ".b"], temporal_conv: [".W", ".b"]}

    def layer(name, function, *inputs, **options):
        try:
            arrays = [state[prefix + name + array] for array in takes.get(function, [])]
            f_out = function(*inputs, *arrays, **options)
        except KeyError as missing:
            raise ValueError(f"the state has no entry {missing}; it has {', '.join(sorted(state))}") from None
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
        if trace is not None:
            trace[prefix + name] = f_out
        return f_out

    return layer
