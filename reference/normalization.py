"""Degrees Λ and the normalisation of the adjacency matrices. (Paper: the implementation of ST-GCN; notes, line 7.)"""

import numpy as np

NORMALIZATIONS = ("symmetric", "two_sided", "row", "joint")


def degree(A, alpha=0.001):
    """Λ (K, V): Λ_k[i] = Σ_j A[k, i, j] + alpha, how many neighbours root i has in subset k.

    A      (K, V, V)
    alpha  keeps a root without neighbours in a subset from dividing by zero

    Raises ValueError if A is not (K, V, V) or has a negative entry, or if alpha is negative.
    """
    if A.ndim != 3 or A.shape[1] != A.shape[2]:
        raise ValueError(f"expected A of shape (K, V, V), got {A.shape}")
    if not alpha >= 0:  # so that a NaN is refused too
        raise ValueError(f"alpha must not be negative, got {alpha}")
    if not np.all(A >= 0):
        raise ValueError(
            "A has a negative entry or a NaN; the edges of an adjacency matrix count as 1, or weigh more than 0"
        )
    return np.sum(A, axis=2) + alpha


def normalize(A, method="symmetric", alpha=0.001):
    """Normalise adjacency matrices: A_hat (K, V, V).

    A      (K, V, V), as `partition` gives it: row = root, column = neighbour
    method "symmetric"  Λ_k^(-1/2) A_k Λ_k^(-1/2), with Λ_k from the row sums on both sides: the formula to the letter.
                        Where A_k is directed, as in spatial partitioning, the row of a neighbour can be empty, and then
                        its edge weighs 1 / sqrt(alpha) = 31.6, if it is the root's only one
           "two_sided"  the same with Λ_k from the column sums on the right: A[k, i, j] / sqrt(row_k[i] column_k[j]). It
                        equals "symmetric" wherever A_k is symmetric, and no entry exceeds 1
           "row"        Λ_k^-1 A_k: the mean over the neighbours in each subset
           "joint"      D^-1 A_k, with D[i] the size of the root's neighbourhood, all subsets together: the mean over
                        the neighbourhood, taken before it is split, as in the widely copied code (yysijie/st-gcn). A
                        neighbourhood is never empty, since it holds the root; so alpha plays no part
    alpha  see `degree`. With alpha = 0, an empty row or column stays zero, and so do the edges that meet it

    Raises ValueError for another method, an A that is not (K, V, V) or has a negative entry, and a negative alpha.
    """
    row = degree(A, alpha)  # (K, V), indexed by the root i
    if method == "symmetric":
        left, right = _power(row, -0.5), _power(row, -0.5)
    elif method == "two_sided":
        column = degree(np.swapaxes(A, 1, 2), alpha)  # (K, V), indexed by the neighbour j
        left, right = _power(row, -0.5), _power(column, -0.5)
    elif method == "row":
        left, right = _power(row, -1), np.ones_like(row)
    elif method == "joint":
        left, right = _power(np.sum(A, axis=(0, 2)), -1) * np.ones_like(row), np.ones_like(row)
    else:
        known = ", ".join(f'"{name}"' for name in NORMALIZATIONS)
        raise ValueError(f"normalize: there is no method {method!r}; there are {known}")
    return left[:, :, None] * A * right[:, None, :]  # (K, V, 1) x (K, V, V) x (K, 1, V): a diagonal matrix each side


def _power(degrees, exponent):
    """degrees ** exponent, with 0 where the degree is 0, so that what has no edges keeps none."""
    empty = degrees == 0
    return np.where(empty, 0.0, np.where(empty, 1.0, degrees) ** exponent)
