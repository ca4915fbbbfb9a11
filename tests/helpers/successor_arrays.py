"""Random arguments for the functions of reference/successors.py."""

import numpy as np
from strategies import norm_entries, normal


def adaptive_arrays(seed, N=2, C_in=3, C_out=2, E=2, K=3, T=3, V=5):
    """The arguments of adaptive_conv, by name."""
    shapes = {
        "f_in": (N, C_in, T, V), "A": (K, V, V), "B": (K, V, V), "W": (C_in, C_out, K), "b": (C_out, K),
        "theta": (C_in, E, K), "theta_b": (E, K), "phi": (C_in, E, K), "phi_b": (E, K),
    }  # fmt: skip
    return {name: normal(seed + i, *shape) for i, (name, shape) in enumerate(shapes.items())}


def channelwise_arrays(seed, C_out=2, E=2, K=3, **sizes):
    """The arguments of channelwise_conv, by name."""
    arrays = adaptive_arrays(seed, C_out=C_out, E=E, K=K, **sizes)
    arrays = {name.replace("B", "alpha"): array for name, array in arrays.items()}
    return arrays | {
        "alpha": np.array([0.7]),
        "xi": normal(seed + 20, E, C_out, K),
        "xi_b": normal(seed + 21, C_out, K),
    }


def branch_state(seed, C_in=5, widths=(3, 2, 2, 2, 2, 4), C_out=6, gamma=3):
    """The state of multi_branch_temporal_conv: four filters, a maximum and a 1x1 convolution."""
    state, total = {}, sum(widths)

    def conv(name, *shape):
        state.update({f"{name}.weight": normal(seed + len(state), *shape, 1), f"{name}.bias": normal(seed, shape[0])})

    for i, width in enumerate(widths):
        conv(f"branches.{i}" if i == 5 else f"branches.{i}.0", width, C_in, 1)
        if i < 5:
            state.update(norm_entries(seed + i, f"branches.{i}.1", width))
        if i < 4:
            conv(f"branches.{i}.3.conv", width, width, gamma)
    conv("transform.2", C_out, total, 1)
    return state | norm_entries(seed + 7, "transform.0", total) | norm_entries(seed + 8, "bn", C_out)
