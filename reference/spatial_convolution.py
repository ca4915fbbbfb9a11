"""The graph convolution of ST-GCN: f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, k = 0 … K-1.

In indices:  f_out[n, o, t, i] = Σ_k Σ_j Σ_c A_hat[k, i, j] · f_in[n, c, t, j] · W[c, o, k]

(Paper: the graph convolution written with adjacency matrices; notes, lines 1 to 3 and 8. The notes let the sum run to
K; K matrices have the indices 0 to K-1.)
"""

import numpy as np

from .normalization import degree, normalize


def spatial_conv(f_in, A_hat, W, b=None):
    """Every joint takes the weighted features of its neighbours, each subset through a weight matrix of its own.

    f_in   (N, C_in, T, V), or (C_in, T, V) for one video
    A_hat  (K, V, V) normalised adjacency; row = root, column = neighbour. The edge importance M is a factor of it:
           pass A_hat * M
    W      (C_in, C_out, K); W_k = W[:, :, k] acts as a 1x1 convolution over (T, V)
    b      (C_out, K) or None; the bias of that 1x1 convolution, so A_hat acts on it too: Σ_k A_hat_k (f_in W_k + b_k)

    Returns f_out (N, C_out, T, V), or (C_out, T, V) for one video. Raises ValueError where the shapes do not fit.
    """
    _check_spatial_shapes("spatial_conv", f_in, A_hat, W, b)
    *batch, C_in, T, V = f_in.shape
    _, C_out, K = W.shape
    W_k = np.copy(np.transpose(W, (2, 1, 0)), order="C")  # (K, C_out, C_in); a contiguous copy is what BLAS is fast on

    def gather(k):  # (·, V) x (V, V): f[…, i] = Σ_j A_hat[k, i, j] f_in[…, j], as one matrix product
        return np.reshape(np.reshape(f_in, (-1, V)) @ A_hat[k].T, (*batch, C_in, T * V))

    f_out = W_k[0] @ gather(0)  # (C_out, C_in) x (N, C_in, T·V) -> (N, C_out, T·V) for each subset
    for k in range(1, K):
        f_out += W_k[k] @ gather(k)
    f_out = np.reshape(f_out, (*batch, C_out, T, V))
    if b is not None:
        f_out = f_out + (b @ np.sum(A_hat, axis=2))[:, None, :]  # (C_out, K) x (K, V) -> (C_out, 1, V)
    return f_out


def spatial_conv_steps(f_in, A, W, alpha=0.001):
    """The same result one step at a time: yields (name, formula, array) for every intermediate of the formula.

    f_in   (N, C_in, T, V) or (C_in, T, V)
    A      (K, V, V), not normalised, as `partition` gives it
    W      (C_in, C_out, K)
    alpha  the α of Λ

    Yields, in this order: "A" (K, V, V), "degree" (K, V), "A_hat" (K, V, V), then for every k "neighbours[k]"
    (…, C_in, T, V) and "term[k]" (…, C_out, T, V), and last "f_out" (…, C_out, T, V). Raises ValueError where the
    shapes do not fit.
    """
    _check_spatial_shapes("spatial_conv_steps", f_in, A, W, None)
    K = W.shape[2]
    yield "A", "A_k", A
    yield "degree", "Λ_k[i] = Σ_j A_k[i, j] + α", degree(A, alpha)
    A_hat = normalize(A, "symmetric", alpha)
    yield "A_hat", "Â_k = Λ_k^(-1/2) A_k Λ_k^(-1/2)", A_hat
    f_out = 0
    for k in range(K):
        neighbours = f_in @ A_hat[k].T  # (N, C_in, T, V) x (V, V)
        yield f"neighbours[{k}]", f"Â_{k} f_in", neighbours
        term = np.moveaxis(np.moveaxis(neighbours, -3, -1) @ W[:, :, k], -1, -3)  # (N, T, V, C_in) x (C_in, C_out)
        yield f"term[{k}]", f"Â_{k} f_in W_{k}", term
        f_out = f_out + term
    yield "f_out", "Σ_k Â_k f_in W_k", f_out


def _check_spatial_shapes(function, f_in, A, W, b):
    if f_in.ndim not in (3, 4):
        raise ValueError(f"{function}: f_in must be (N, C_in, T, V) or (C_in, T, V), got {f_in.shape}")
    if W.ndim != 3:
        raise ValueError(f"{function}: W must be (C_in, C_out, K), got {W.shape}")
    if A.ndim != 3 or A.shape[1] != A.shape[2]:
        raise ValueError(f"{function}: the adjacency must be (K, V, V), got {A.shape}")
    C_in, V = f_in.shape[-3], f_in.shape[-1]
    if W.shape[0] != C_in:
        raise ValueError(
            f"{function}: W has {W.shape[0]} input channels but f_in has {C_in}"
            " (W is (C_in, C_out, K), f_in is (N, C_in, T, V))"
        )
    if W.shape[2] != A.shape[0]:
        raise ValueError(
            f"{function}: W is for K = {W.shape[2]} subsets but the adjacency has {A.shape[0]}"
            " (W is (C_in, C_out, K), the adjacency is (K, V, V))"
        )
    if A.shape[1] != V:
        raise ValueError(
            f"{function}: the adjacency has {A.shape[1]} joints but f_in has {V}"
            " (the adjacency is (K, V, V), f_in is (N, C_in, T, V))"
        )
    if b is not None and b.shape != (W.shape[1], W.shape[2]):
        raise ValueError(f"{function}: b must be (C_out, K) = {(W.shape[1], W.shape[2])}, got {b.shape}")
