"""Layers and their gradients at more sizes: each of a symbol's values that decides something, and pairs that are equal.

A mistake may show at one stride, one remainder, one subset more than three. The cases are called by their sizes.
"""

from .drawn_inputs import Numbers


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    yield from _spatial_cases()
    yield from _temporal_cases()
    yield from _batch_norm_cases()
    yield from _data_batch_norm_cases()
    yield from _pooling_cases()


def named(symbols, sizes):
    """A name and an aim: ("sizes_2_3", "N = 2, C = 3")."""
    aim = ", ".join(f"{symbol} = {size}" for symbol, size in zip(symbols.split(), sizes, strict=True))
    return "sizes_" + "_".join(map(str, sizes)), aim


SPATIAL = (  # N, C_in, C_out, T, V, K
    (9, 2, 3, 2, 3, 2),
    (1, 2, 2, 3, 4, 8),
    (1, 1, 2, 40, 2, 2),
    (2, 3, 2, 5, 1, 3),
    (2, 4, 4, 6, 6, 3),
    (1, 5, 2, 3, 5, 5),
    (4, 2, 3, 4, 3, 4),
    (3, 4, 2, 4, 3, 2),
    (1, 3, 2, 1, 1, 2),
    (2, 2, 5, 3, 5, 2),
    (3, 2, 4, 5, 3, 3),
    (67, 1, 2, 1, 2, 1),
    (1, 1, 1, 2, 2, 17),
)


def _spatial_cases():
    for n, sizes in enumerate(SPATIAL):
        N, C_in, C_out, T, V, K = sizes
        r, (name, aim) = Numbers(500 + n), named("N C_in C_out T V K", sizes)
        layer = {"f_in": r.signed(N, C_in, T, V), "A_hat": r.signed(K, V, V), "W": r.signed(C_in, C_out, K)}
        bias = {"b": r.signed(C_out, K)}
        importance = {"edge_importance": r.signed(K, V, V)} if n % 2 else {}
        yield f"spatial_conv.{name}", aim, {}, layer | bias | importance
        yield f"spatial_conv_gradients.{name}", aim, {}, {"g": r.signed(N, C_out, T, V)} | layer | bias


TEMPORAL = (  # N, C_in, C_out, T, V, Γ, stride
    (5, 1, 2, 2, 2, 3, 1),
    (1, 9, 2, 3, 1, 5, 1),
    (1, 2, 9, 1, 2, 9, 1),
    (2, 2, 1, 8, 3, 3, 2),
    (1, 2, 2, 8, 1, 5, 2),
    (2, 1, 2, 11, 1, 3, 3),
    (1, 3, 3, 8, 2, 7, 4),
    (1, 1, 2, 5, 7, 1, 3),
    (2, 2, 3, 9, 2, 3, 8),
    (1, 2, 2, 7, 2, 5, 7),
    (1, 2, 2, 6, 1, 7, 7),
    (1, 2, 2, 5, 2, 7, 2),
    (1, 2, 3, 4, 2, 1, 1),
    (1, 1, 1, 9, 1, 17, 1),
    (1, 2, 2, 13, 2, 7, 1),
    (1, 1, 1, 10, 2, 5, 4),
    (1, 2, 1, 9, 2, 1, 4),
    (4, 2, 2, 4, 4, 3, 1),
    (1, 3, 2, 4, 2, 3, 3),
    (1, 2, 2, 5, 3, 1, 2),
    (2, 3, 2, 3, 2, 5, 1),
    (1, 2, 2, 6, 1, 5, 1),
    (1, 1, 1, 300, 1, 9, 1),
    (1, 1, 1, 3, 67, 3, 1),
    (67, 1, 1, 2, 1, 3, 2),
    (1, 67, 2, 3, 1, 3, 1),
    (1, 2, 67, 2, 1, 1, 2),
    (1, 1, 1, 6, 1, 33, 2),
    (1, 1, 1, 1, 1, 1, 3),
    (1, 1, 2, 21, 1, 11, 10),
)


def _temporal_cases():
    for n, sizes in enumerate(TEMPORAL):
        N, C_in, C_out, T, V, gamma, stride = sizes
        r, (name, aim) = Numbers(520 + n), named("N C_in C_out T V Γ stride", sizes)
        layer = {"f_in": r.signed(N, C_in, T, V), "W": r.signed(C_in, C_out, gamma), "b": r.signed(C_out)}
        g = {"g": r.signed(N, C_out, -(-T // stride), V)}
        yield f"temporal_conv.{name}", aim, {"stride": stride}, layer
        yield f"temporal_conv_gradients.{name}", aim, {"stride": stride}, g | layer


NORM = (  # N, C, T, V
    (9, 2, 2, 3),
    (1, 1, 300, 1),
    (5, 9, 1, 1),
    (2, 3, 1, 1),
    (1, 4, 3, 1),
    (2, 3, 3, 2),
    (1, 2, 1, 67),
    (1, 67, 1, 2),
    (67, 1, 2, 1),
    (4, 2, 5, 1),
    (2, 2, 3, 1),
)


def _batch_norm_cases():
    for n, sizes in enumerate(NORM):
        N, C, T, V = sizes
        r, (name, aim) = Numbers(550 + n), named("N C T V", sizes)
        f_in, weight = {"f_in": r.signed(N, C, T, V)}, {"weight": r.signed(C)}
        running = {"running_mean": r.signed(C), "running_var": r.positive(C) / 64}
        layer, g = f_in | weight | {"bias": r.signed(C)}, {"g": r.signed(N, C, T, V)}
        yield f"batch_norm.{name}_training", aim, {}, layer
        yield f"batch_norm.{name}_inference", aim, {}, layer | running
        yield f"update_running_statistics.{name}", aim, {}, f_in | running
        yield f"batch_norm_gradients.{name}_training", aim, {}, g | f_in | weight
        yield f"batch_norm_gradients.{name}_inference", aim, {}, g | f_in | weight | running


CLIPS = (  # N, C, T, V, M
    (2, 2, 3, 2, 3),
    (2, 3, 4, 1, 2),
    (1, 3, 6, 3, 1),
    (1, 4, 1, 3, 6),
    (5, 1, 3, 2, 2),
    (2, 1, 1, 67, 2),
    (9, 5, 1, 2, 1),
    (4, 1, 5, 1, 5),
    (1, 1, 9, 1, 9),
)


def _data_batch_norm_cases():
    for n, sizes in enumerate(CLIPS):
        N, C, T, V, M = sizes
        r, (name, aim) = Numbers(1570 + n), named("N C T V M", sizes)
        layer = {"clip": r.signed(N, C, T, V, M), "weight": r.signed(V * C), "bias": r.signed(V * C)}
        running = {"running_mean": r.signed(V * C), "running_var": r.positive(V * C)}
        yield f"data_batch_norm.{name}_training", aim, {}, layer
        yield f"data_batch_norm.{name}_inference", aim, {}, layer | running


def _pooling_cases():
    for n, sizes in enumerate(
        (
            (4, 4, 5, 1, 6),
            (1, 2, 3, 67, 1),
            (67, 1, 1, 2, 2),
            (2, 2, 2, 1, 9),
            (5, 2, 1, 3, 2),
            (3, 3, 2, 2, 3),
            (1, 9, 50, 1, 1),
        )
    ):
        N, C, T, V, M = sizes
        name, aim = named("N C T V M", sizes)
        yield f"pooling.{name}", aim, {"M": M}, {"f_in": Numbers(590 + n).signed(N * M, C, T, V)}
