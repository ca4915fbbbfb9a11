"""Mistakes in the two convolutions."""

from functools import partial

import numpy as np

from . import answers
from .mistake import collector
from .mistakes_in_graphs import ALPHA, transpose

mistake, MISTAKES = collector()


@mistake(
    "spatial_conv",
    "A transposed",
    "Root i gathers from its neighbours j, Σ_j A_hat[k, i, j] f[j]: contract the second index of A_hat with the joints,"
    ' not the first. (The widely copied "nkctv,kvw->nctw" sums over rows: a row-normalised A_hat is not a mean there.)',
)
def transposed(f_in, A_hat, W, b=None, edge_importance=None):
    """A_hat, its edge importance with it, contracted over the wrong side."""
    importance = None if edge_importance is None else transpose(edge_importance)
    return answers.spatial_conv(f_in, transpose(A_hat), W, b, importance)


@mistake(
    "spatial_conv",
    "A transposed, its edge importance not",
    "Was A made with row = neighbour? Here row = root, as in edge importance.",
)
def transposed_before(f_in, A_hat, W, b=None, edge_importance=None):
    """A_hat alone contracted over the wrong side."""
    return answers.spatial_conv(f_in, transpose(A_hat), W, b, edge_importance)


@mistake(
    "spatial_conv",
    "(C, K) instead of (K, C)",
    "The C_out·K channels of the 1x1 convolution were laid out with k slowest, but split with k fastest.",
)
def swapped(f_in, A_hat, W, b=None, edge_importance=None):
    """The channels that belong to (k, o) are taken for those of (o, k)."""

    def mixed(array):  # (…, C_out, K) -> K·C_out channels, split as (C_out, K)
        return np.reshape(np.swapaxes(array, -1, -2), array.shape)

    return answers.spatial_conv(f_in, A_hat, mixed(W), None if b is None else mixed(b), edge_importance)


@mistake(
    "spatial_conv",
    "(K, C) instead of (C, K)",
    "The C_out·K channels of the 1x1 convolution were laid out with k fastest, but split with k slowest.",
)
def swapped_back(f_in, A_hat, W, b=None, edge_importance=None):
    """The other way round: channels (o, k) are taken for (k, o)."""
    _, C_out, K = W.shape

    def mixed(array):
        return np.swapaxes(np.reshape(array, (*array.shape[:-2], K, C_out)), -1, -2)

    return answers.spatial_conv(f_in, A_hat, mixed(W), None if b is None else mixed(b), edge_importance)


@mistake("spatial_conv", "A + M instead of A ⊙ M", "Edge importance multiplies; added, it makes edges where none are.")
def added(f_in, A_hat, W, b=None, edge_importance=None):
    """M added to A_hat."""
    return answers.spatial_conv(f_in, A_hat if edge_importance is None else A_hat + edge_importance, W, b)


@mistake(
    "spatial_conv",
    "edge importance left out",
    "Or multiplied in once, while still all ones: multiply A_hat by it in every forward pass, or it never learns.",
)
def left_out(f_in, A_hat, W, b=None, edge_importance=None):
    """M has no effect."""
    return answers.spatial_conv(f_in, A_hat, W, b)


@mistake("spatial_conv", "edge importance transposed", "M has the layout of A_hat: row = root, column = neighbour.")
def importance_transposed(f_in, A_hat, W, b=None, edge_importance=None):
    """A_hat ⊙ M with the wrong side of M."""
    importance = None if edge_importance is None else transpose(edge_importance)
    return answers.spatial_conv(f_in, A_hat, W, b, importance)


@mistake("spatial_conv", "b read as (K, C_out)", "b is (C_out, K): b[o, k], with k fastest in memory.")
def bias_swapped(f_in, A_hat, W, b=None, edge_importance=None):
    """The numbers of b in the order of another shape."""
    return answers.spatial_conv(f_in, A_hat, W, None if b is None else b.reshape(b.shape[::-1]).T, edge_importance)


@mistake("spatial_conv", "edge importance multiplied twice", "Once outside and once inside? A_hat ⊙ M, once.")
def twice(f_in, A_hat, W, b=None, edge_importance=None):
    """M squared."""
    return answers.spatial_conv(f_in, A_hat, W, b, None if edge_importance is None else edge_importance**2)


@mistake(
    "spatial_conv", "α added to every entry of the matrix", "α belongs to the degree; in A_hat it joins all joints."
)
def dense(f_in, A_hat, W, b=None, edge_importance=None):
    """A_hat + α."""
    return answers.spatial_conv(f_in, A_hat + ALPHA, W, b, edge_importance)


@mistake("spatial_conv", "self-loops added twice", "A_hat holds the root in subset 0 already; there is no I to add.")
def loops(f_in, A_hat, W, b=None, edge_importance=None):
    """A_hat + I in subset 0."""
    A_hat = A_hat.copy()
    A_hat[0] += np.eye(A_hat.shape[1])
    return answers.spatial_conv(f_in, A_hat, W, b, edge_importance)


@mistake(
    "spatial_conv", "bias after A instead of before", "b[:, k] is added to f_in W_k, and A_hat_k then sums it too."
)
def late_bias(f_in, A_hat, W, b=None, edge_importance=None):
    """Σ_k b[:, k] added at the very end."""
    f_out = answers.spatial_conv(f_in, A_hat, W, None, edge_importance)
    return f_out if b is None else f_out + b.sum(axis=1)[:, None, None]


@mistake("spatial_conv", "bias left out", "b is added to f_in W_k, before A_hat_k.")
def no_bias(f_in, A_hat, W, b=None, edge_importance=None):
    """b has no effect."""
    return answers.spatial_conv(f_in, A_hat, W, None, edge_importance)


@mistake("spatial_conv", "the last subset left out", "The sum has K terms, k = 0 … K-1.")
def one_too_few(f_in, A_hat, W, b=None, edge_importance=None):
    """The sum ends at K - 2."""
    A_hat = A_hat.copy()
    A_hat[-1] = 0
    return answers.spatial_conv(f_in, A_hat, W, b, edge_importance)


@mistake(
    "temporal_conv",
    '"same" padding at stride 2 (3/4 instead of 4/4)',
    "Such padding depends on T and stride, and puts the odd frame at the end. Pad (Γ-1)/2 frames at each end yourself.",
)
def same_padding(f_in, W, b=None, stride=1):
    """As TensorFlow, JAX and Keras pad: just enough for ⌈T/stride⌉ frames, less of it in front."""
    T, gamma = f_in.shape[2], W.shape[2]
    total = max((-(-T // stride) - 1) * stride + gamma - T, 0)
    return strided(f_in, W, b, stride, start=total // 2)


def strided(f_in, W, b, stride, start):
    """The right one, but with `start` frames of zeros in front: frame stride·t + γ - start."""
    shift = (W.shape[2] - 1) // 2 - start
    T = f_in.shape[2]
    moved = np.zeros_like(f_in, shape=(*f_in.shape[:2], T + abs(shift) * 2, f_in.shape[3]))
    moved[:, :, abs(shift) : abs(shift) + T] = f_in
    return answers.temporal_conv(moved, W, b, 1)[:, :, abs(shift) + shift :: stride][:, :, : -(-T // stride)]


@mistake("temporal_conv", "padding in front only (causal)", "Pad (Γ-1)/2 frames at each end.")
def causal(f_in, W, b=None, stride=1):
    """All Γ - 1 frames of padding in front."""
    return strided(f_in, W, b, stride, start=W.shape[2] - 1)


@mistake("temporal_conv", "stride from the second frame", "Output frame t is centred on frame stride·t, from 0.")
def late_start(f_in, W, b=None, stride=1):
    """Frames 1, 3, 5 … instead of 0, 2, 4 …"""
    return answers.temporal_conv(f_in, W, b, 1)[:, :, stride - 1 :: stride]


@mistake("temporal_conv", "the last frame dropped (⌊T/stride⌋)", "T frames become ⌈T/stride⌉.")
def floor(f_in, W, b=None, stride=1):
    """An odd T loses its last frame."""
    return answers.temporal_conv(f_in, W, b, stride)[:, :, : f_in.shape[2] // stride]


@mistake("temporal_conv", "no padding", "Pad (Γ-1)/2 frames of zeros at each end.")
def valid(f_in, W, b=None, stride=1):
    """Only where the whole filter fits."""
    padding = (W.shape[2] - 1) // 2
    return answers.temporal_conv(f_in, W, b, 1)[:, :, padding : f_in.shape[2] - padding : stride]


def _padded(mode, f_in, W, b=None, stride=1):
    padding = (W.shape[2] - 1) // 2
    longer = np.pad(f_in, ((0, 0), (0, 0), (padding, padding), (0, 0)), mode=mode)
    return answers.temporal_conv(longer, W, b, 1)[:, :, padding : padding + f_in.shape[2] : stride]


for _mode, _name in (
    ("edge", "ends padded with copies of the end frames"),
    ("wrap", "circular padding"),
    ("reflect", "ends padded by reflection"),
):
    mistake("temporal_conv", _name, "Frames outside count as 0.")(partial(_padded, _mode))


@mistake("temporal_conv", "the filter reversed in time", "W[:, :, γ] acts on frame γ - (Γ-1)/2: it is not flipped.")
def reversed_filter(f_in, W, b=None, stride=1):
    """Convolution as in mathematics."""
    return answers.temporal_conv(f_in, W[:, :, ::-1], b, stride)


@mistake("temporal_conv", "W read as (C_out, C_in, Γ)", "W is (C_in, C_out, Γ); PyTorch's layout is the other.")
def channels_swapped(f_in, W, b=None, stride=1):
    """Input and output channels of the filter exchanged."""
    return answers.temporal_conv(f_in, np.swapaxes(W, 0, 1), b, stride)


@mistake("temporal_conv", "stride ignored", "Keep every stride-th frame only.")
def every_frame(f_in, W, b=None, stride=1):
    """Stride 1, whatever was asked."""
    return answers.temporal_conv(f_in, W, b, 1)


@mistake("temporal_conv", "bias left out", "b is added to every output frame.")
def no_temporal_bias(f_in, W, b=None, stride=1):
    """b has no effect."""
    return answers.temporal_conv(f_in, W, None, stride)
