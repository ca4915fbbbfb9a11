"""What came after ST-GCN: each successor changes one symbol of f_out = Σ_k Â_k f_in W_k.

    2s-AGCN   A_k + B_k + C_k(f_in)  edges that are learned, and edges that each clip decides  adaptive_conv
    MS-G3D    Â_s, s = 0 … S-1       subsets are rings of joints, exactly s hops away          multi_scale_adjacency
    CTR-GCN   G_k[o](f_in)           a matrix for every output channel                         channelwise_conv
    ST-GCN++  A_k, all of it learned: `spatial_conv` takes any matrix. Besides, temporal filters of several spans:
                                                                                               multi_branch_temporal_conv

Words and sides are those of spatial_convolution.py: row = root, column = neighbour. f_out is what the published code
has before the batch norm after its graph convolution. Every function raises ValueError where shapes do not fit.
"""

import numpy as np

from .layers import batch_norm, relu
from .normalization import normalize
from .skeleton import hop_distance
from .temporal_convolution import temporal_conv

_SIZES = {
    "A": ("K", "V", "V"), "B": ("K", "V", "V"), "W": ("C_in", "C_out", "K"), "b": ("C_out", "K"),
    "theta": ("C_in", "E", "K"), "theta_b": ("E", "K"), "phi": ("C_in", "E", "K"), "phi_b": ("E", "K"),
    "xi": ("E", "C_out", "K"), "xi_b": ("C_out", "K")}  # fmt: skip


def adaptive_conv(f_in, A, B, W, b, theta, theta_b, phi, phi_b):
    """The graph convolution of 2s-AGCN: f_out = Σ_k ((A_k + B_k + C_k) f_in W_k + b_k), C from f_in: see `attention`.

    f_in            (N, C_in, T, V), or (C_in, T, V) for one video
    A               (K, V, V), the body: fixed, in the published code normalised by rows
    B               (K, V, V), learned: an edge between any two joints, the same for all clips
    W, b            (C_in, C_out, K), (C_out, K); the bias enters after the graph, so no row sum scales it
    theta, theta_b  (C_in, E, K), (E, K)
    phi, phi_b      (C_in, E, K), (E, K)

    Returns f_out (N, C_out, T, V), or (C_out, T, V) for one video. (Shi et al., CVPR 2019, arXiv 1805.07694)
    """
    maps = {"theta": theta, "theta_b": theta_b, "phi": phi, "phi_b": phi_b}
    _check_shapes("adaptive_conv", f_in, A=A, B=B, W=W, b=b, **maps)
    *batch, C_in, T, V = f_in.shape
    _, C_out, K = W.shape
    graphs = A + B + attention(f_in, **maps)  # (N, K, V, V)
    neighbours = np.reshape(f_in, (*batch, 1, C_in * T, V)) @ np.swapaxes(graphs, -1, -2)  # (N, K, C_in·T, V)
    terms = np.transpose(W, (2, 1, 0)) @ np.reshape(neighbours, (*batch, K, C_in, T * V))  # (N, K, C_out, T·V)
    return np.reshape(np.sum(terms, axis=-3), (*batch, C_out, T, V)) + np.sum(b, axis=1)[:, None, None]


def attention(f_in, theta, theta_b, phi, phi_b):
    """C (N, K, V, V) of 2s-AGCN, or (K, V, V) for one video: C_k[i, j] = softmax over j of θ_k(f)_j · φ_k(f)_i / (E·T).

    θ_k and φ_k are 1x1 convolutions to E channels; their dot product runs over channels and frames. So every clip has
    matrices of its own, and their rows add up to 1. The arguments are those of `adaptive_conv`.
    """
    _check_shapes("attention", f_in, theta=theta, theta_b=theta_b, phi=phi, phi_b=phi_b)
    *batch, _, T, V = f_in.shape
    _, E, K = theta.shape
    of_neighbour = np.reshape(_pointwise(f_in[..., None, :, :, :], theta, theta_b), (*batch, K, E * T, V))
    of_root = np.reshape(_pointwise(f_in[..., None, :, :, :], phi, phi_b), (*batch, K, E * T, V))
    scores = np.swapaxes(of_root, -1, -2) @ of_neighbour / (E * T)  # (N, K, V, V)
    shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))  # so that the largest is 1: exp cannot overflow
    return shares / np.sum(shares, axis=-1, keepdims=True)


def channelwise_conv(f_in, A, alpha, W, b, theta, theta_b, phi, phi_b, xi, xi_b):
    """The graph convolution of CTR-GCN: f_out[o] = Σ_k G_k[o] (f_in W_k + b_k)[o], see `channelwise_adjacency`.

    f_in            (N, C_in, T, V), or (C_in, T, V) for one video
    A               (K, V, V), what all channels share: learned, and the normalised body at the start
    alpha           one number, or (1,): how far the channels go apart; learned, and 0 at the start
    W, b            (C_in, C_out, K), (C_out, K); the bias enters before the graph, so the row sums of G scale it
    theta, theta_b  (C_in, E, K), (E, K)
    phi, phi_b      (C_in, E, K), (E, K)
    xi, xi_b        (E, C_out, K), (C_out, K)

    Returns f_out (N, C_out, T, V), or (C_out, T, V) for one video. (Chen et al., ICCV 2021, arXiv 2107.12213)
    """
    maps = {"theta": theta, "theta_b": theta_b, "phi": phi, "phi_b": phi_b, "xi": xi, "xi_b": xi_b}
    _check_shapes("channelwise_conv", f_in, A=A, alpha=alpha, W=W, b=b, **maps)
    graphs = channelwise_adjacency(f_in, A, alpha, **maps)  # (N, K, C_out, V, V)
    mapped = _pointwise(f_in[..., None, :, :, :], W, b)  # (N, K, C_out, T, V)
    return np.sum(mapped @ np.swapaxes(graphs, -1, -2), axis=-4)  # each (T, V) x (V, V), then the sum over K


def channelwise_adjacency(f_in, A, alpha, theta, theta_b, phi, phi_b, xi, xi_b):
    """G (N, K, C_out, V, V) of CTR-GCN, or (K, C_out, V, V) for one video: a matrix for each channel of each clip.

    G_k[o, i, j] = A_k[i, j] + alpha (Σ_e ξ_k[e, o] tanh(θ_k(f)_i - φ_k(f)_j)[e] + ξ_b[o, k]), with f the mean over
    the frames. The arguments are those of `channelwise_conv`.
    """
    maps = {"theta": theta, "theta_b": theta_b, "phi": phi, "phi_b": phi_b, "xi": xi, "xi_b": xi_b}
    _check_shapes("channelwise_adjacency", f_in, A=A, alpha=alpha, **maps)
    mean = np.mean(f_in, axis=-2, keepdims=True)[..., None, :, :, :]  # (N, 1, C_in, 1, V)
    of_root, of_neighbour = _pointwise(mean, theta, theta_b), _pointwise(mean, phi, phi_b)  # (N, K, E, 1, V)
    apart = np.tanh(np.swapaxes(of_root, -1, -2) - of_neighbour)  # (N, K, E, V, V)
    return A[:, None] + alpha * _pointwise(apart, xi, xi_b)


def multi_scale_adjacency(skeleton, scales):
    """A_hat (S, V, V) of MS-G3D: for s = 0 … S-1, each root and the joints exactly s hops away, D^(-1/2) A D^(-1/2).

    skeleton  a Skeleton
    scales    S, an integer >= 1. Beyond the longest path of the body a scale holds the root alone, like s = 0

    The published code adds a learned matrix, as 2s-AGCN does: spatial_conv(f_in, A_hat + A_res, W), and one bias
    (C_out,) for all scales. Raises TypeError for anything but a Skeleton. (Liu et al., CVPR 2020, arXiv 2003.14111)
    """
    if not (isinstance(scales, (int, np.integer)) and scales >= 1):
        raise ValueError(f"multi_scale_adjacency: scales must be an integer >= 1, got {scales!r}")
    hops = hop_distance(skeleton)
    rings = (hops == 0) | (hops == np.arange(scales)[:, None, None])  # (S, V, V)
    return normalize(np.where(rings, 1.0, 0.0), "symmetric", alpha=0)  # the root is in each ring, so no row is empty


def multi_branch_temporal_conv(f_in, state, stride=1):
    """The temporal convolution of ST-GCN++ in inference, its batch norm included: branches that see different spans.

    f_in    (N, C_in, T, V), or (C_in, T, V) for one video
    state   arrays by PyTorch's names and shapes, as pyskl's `mstcn` has them: a filter is (C_out, C_in, Γ, 1).
            branches.i  a 1x1 convolution (.0), batch norm (.1), ReLU, and a filter whose taps are i + 1 frames apart
                        (.3.conv), or without one the maximum of three frames; or a 1x1 convolution alone (.weight)
            transform   of all branches, stacked: batch norm (.0), ReLU, 1x1 convolution (.2). bn: the last batch norm
    stride  compute every stride-th frame only

    Returns (N, C_out, ⌈T/stride⌉, V), or without N for one video. Raises ValueError, by name, for an entry that is
    missing, unknown or misshapen. (Duan et al., ACM Multimedia 2022, arXiv 2205.09443)
    """
    left = {name: array for name, array in state.items() if not name.endswith("num_batches_tracked")}

    def layer(function, f, name, *entries, **options):
        try:
            return function(f, *[left.pop(f"{name}.{entry}") for entry in ("weight", "bias", *entries)], **options)
        except KeyError as missing:
            raise ValueError(f"multi_branch_temporal_conv: the state has no entry {missing}") from None
        except ValueError as error:
            raise ValueError(f"multi_branch_temporal_conv: {name}: {error}") from None

    def norm(f, name):
        return layer(batch_norm, f, name, "running_mean", "running_var")

    branches = []
    for i in range(len({name.split(".")[1] for name in state if name.startswith("branches.")} | {"0"})):
        name = f"branches.{i}"
        if f"{name}.weight" in state:
            branches.append(layer(_dilated_conv, f_in, name, stride=stride))
            continue
        f = relu(norm(layer(_dilated_conv, f_in, f"{name}.0"), f"{name}.1"))
        if any(entry.startswith(f"{name}.3.conv.") for entry in left):
            branches.append(layer(_dilated_conv, f, f"{name}.3.conv", stride=stride, step=i + 1))
        else:
            branches.append(_maximum_of_3(f, stride))
    f = relu(norm(np.concatenate(branches, axis=-3), "transform.0"))
    f_out = norm(layer(_dilated_conv, f, "transform.2"), "bn")
    if left:
        raise ValueError(f"multi_branch_temporal_conv: the state has an entry {min(left)!r}, which no layer uses")
    return f_out


def _dilated_conv(f_in, weight, bias, *, stride=1, step=1):
    """`temporal_conv` with a filter in PyTorch's shape whose taps are `step` frames apart: those between them are 0."""
    if weight.ndim != 4 or weight.shape[3] != 1:
        raise ValueError(f"weight must be (C_out, C_in, gamma, 1), got {weight.shape}")
    C_out, C_in, gamma, _ = weight.shape
    W = np.zeros_like(weight, shape=(C_in, C_out, step * (gamma - 1) + 1))
    W[:, :, ::step] = np.transpose(weight[..., 0], (1, 0, 2))
    return temporal_conv(f_in, W, bias, stride)


def _maximum_of_3(f, stride):
    """The largest of a frame and the two beside it, at every stride-th frame; f >= 0, so 0 may stand for no frame."""
    *batch, T, V = f.shape
    padded = np.zeros_like(f, shape=(*batch, T + 2, V))
    padded[..., 1:-1, :] = f
    return np.max(np.stack([padded[..., tap : tap + T : stride, :] for tap in range(3)]), axis=0)


def _pointwise(f, W, b):
    """The 1x1 convolutions of all subsets: f (…, K or 1, C_in, ·, ·), W (C_in, C_out, K) -> (…, K, C_out, ·, ·)."""
    *batch, rows, columns = f.shape
    f_out = np.transpose(W, (2, 1, 0)) @ np.reshape(f, (*batch, rows * columns))  # (K, C_out, C_in) x (…, C_in, ·)
    return np.reshape(f_out + np.transpose(b)[:, :, None], (*f_out.shape[:-1], rows, columns))


def _check_shapes(function, f_in, *, alpha=0, **arrays):
    """Each array must have the sizes that _SIZES names; what a size is, the first array with it decides."""
    if f_in.ndim not in (3, 4):
        raise ValueError(f"{function}: f_in must be (N, C_in, T, V) or (C_in, T, V), got {f_in.shape}")
    if getattr(alpha, "shape", ()) not in ((), (1,)):
        raise ValueError(f"{function}: alpha must be one number, or (1,), got {alpha.shape}")
    known = {"C_in": f_in.shape[-3], "V": f_in.shape[-1]}
    for name, array in arrays.items():
        sizes = _SIZES[name]
        if array.ndim == len(sizes):
            known = dict(zip(sizes, array.shape, strict=True)) | known
        if array.shape != tuple(known.get(size) for size in sizes):
            given = ", ".join(f"{size} = {known[size]}" for size in dict.fromkeys(sizes) if size in known)
            raise ValueError(f"{function}: {name} must be ({', '.join(sizes)}) with {given}, got {array.shape}")
