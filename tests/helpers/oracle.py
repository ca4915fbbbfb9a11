"""The formulas of ST-GCN in plain Python loops, written from the definitions and not from the code under test.

Slow and without tricks: one loop for each index, one sum for each Σ. Everything else is compared with this.
"""

from math import sqrt

import numpy as np

TOLERANCE = 1e-12


def assert_close(actual, expected):
    """Equal up to the rounding of float64.

    The same sum in another order differs: one addition rounds by 1.1e-16 of its result, and the longest sums in these
    tests have some hundred terms, so the two stray by about 1e-14 of the largest terms. 1e-12 leaves a hundredfold
    margin, while a wrong index, factor or sign shows in the first digits. The tolerance is relative to the largest
    entry, since a small entry may be what is left of large terms that cancel.
    """
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype == np.float64
    scale = np.max(np.abs(expected), initial=0)
    np.testing.assert_allclose(actual, expected, rtol=TOLERANCE, atol=TOLERANCE * scale)


def neighbours(skeleton, i):
    """The joints that share a bone with joint i."""
    return [a + b - i for a, b in skeleton.bones if i in (a, b)]


def hops(skeleton, start):
    """Breadth-first search: the number of bones from `start` to every joint."""
    distance = {start: 0}
    queue = [start]
    for joint in queue:  # grows while it is read
        for neighbour in neighbours(skeleton, joint):
            if neighbour not in distance:
                distance[neighbour] = distance[joint] + 1
                queue.append(neighbour)
    return [distance[joint] for joint in range(len(skeleton.joints))]


def graph_convolution(f_in, skeleton, label, W, alpha):
    """The definition, without a matrix: every root sums over its neighbours, each through the weights of its label.

    f_out[n, o, t, i] = Σ over neighbours j of i, with k = label(i, j):  Σ_c f_in[n, c, t, j] W[c, o, k] / sqrt(Λ Λ')
    where Λ counts i's neighbours with label k, plus alpha, and Λ' counts those of j.
    """
    N, C_in, T, V = f_in.shape
    _, C_out, K = W.shape
    around = [[i, *neighbours(skeleton, i)] for i in range(V)]  # a root is its own neighbour
    count = [[alpha + sum(label(i, j) == k for j in around[i]) for i in range(V)] for k in range(K)]
    f_out = np.zeros((N, C_out, T, V))
    for n, o, t, i in np.ndindex(f_out.shape):
        for j in around[i]:
            k = label(i, j)
            for c in range(C_in):
                f_out[n, o, t, i] += f_in[n, c, t, j] * W[c, o, k] / sqrt(count[k][i] * count[k][j])
    return f_out


def normalize(A, method, alpha):
    """Every entry of the normalised adjacency on its own."""
    K, V, _ = A.shape
    A_hat = np.zeros((K, V, V))
    for k, i, j in np.ndindex(A.shape):
        row_i, row_j = sum(A[k, i]) + alpha, sum(A[k, j]) + alpha
        column_j = sum(A[k, row, j] for row in range(V)) + alpha
        neighbourhood = sum(A[every, i, v] for every in range(K) for v in range(V))
        divisor = {
            "symmetric": sqrt(row_i * row_j),
            "two_sided": sqrt(row_i * column_j),
            "row": row_i,
            "joint": neighbourhood,
        }[method]
        A_hat[k, i, j] = A[k, i, j] / divisor if divisor else 0
    return A_hat


def spatial_conv(f_in, A_hat, W, b=None):
    """f_out[n, o, t, i] = Σ_k Σ_j A_hat[k, i, j] (Σ_c f_in[n, c, t, j] W[c, o, k] + b[o, k])"""
    N, C_in, T, V = f_in.shape
    _, C_out, K = W.shape
    f_out = np.zeros((N, C_out, T, V))
    for n, o, t, i in np.ndindex(f_out.shape):
        for k, j in np.ndindex(K, V):
            if A_hat[k, i, j] != 0:
                mapped = sum(f_in[n, c, t, j] * W[c, o, k] for c in range(C_in)) + (0 if b is None else b[o, k])
                f_out[n, o, t, i] += A_hat[k, i, j] * mapped
    return f_out


def temporal_conv(f_in, W, b=None, stride=1):
    """f_out[n, o, t, v] = b[o] + Σ_γ Σ_c W[c, o, γ] f_in[n, c, stride·t + γ - (Γ-1)/2, v], where there is a frame"""
    N, C_in, T, V = f_in.shape
    _, C_out, gamma = W.shape
    T_out = len(range(0, T, stride))
    f_out = np.zeros((N, C_out, T_out, V))
    for n, o, t, v in np.ndindex(f_out.shape):
        f_out[n, o, t, v] = 0 if b is None else b[o]
        for g in range(gamma):
            frame = stride * t + g - (gamma - 1) // 2
            if 0 <= frame < T:
                f_out[n, o, t, v] += sum(f_in[n, c, frame, v] * W[c, o, g] for c in range(C_in))
    return f_out


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None, eps=1e-5):
    """Channel by channel: subtract the mean, divide by the standard deviation, scale and shift."""
    N, C, T, V = f_in.shape
    f_out = np.zeros(f_in.shape)
    for c in range(C):
        values = [f_in[n, c, t, v] for n, t, v in np.ndindex(N, T, V)]
        mean = sum(values) / len(values) if running_mean is None else running_mean[c]
        var = sum((value - mean) ** 2 for value in values) / len(values) if running_var is None else running_var[c]
        for n, t, v in np.ndindex(N, T, V):
            f_out[n, c, t, v] = weight[c] * (f_in[n, c, t, v] - mean) / sqrt(var + eps) + bias[c]
    return f_out


def relu(f_in):
    """Negative numbers become zero."""
    return np.array([max(value, 0.0) for value in f_in.ravel()]).reshape(f_in.shape)


def block(f_in, A_hat, state, stride, residual, training):
    """spatial_conv, BN, ReLU, temporal_conv, BN, + residual, ReLU"""

    def norm(f, name):
        names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
        return batch_norm(f, *(state[f"{name}.{entry}"] for entry in names))

    f = spatial_conv(f_in, A_hat * state.get("edge_importance", 1), state["spatial_conv.W"], state["spatial_conv.b"])
    f = relu(norm(f, "spatial_bn"))
    f = norm(temporal_conv(f, state["temporal_conv.W"], state["temporal_conv.b"], stride), "temporal_bn")
    if residual and "residual_conv.W" in state:
        f_in = norm(temporal_conv(f_in, state["residual_conv.W"], state["residual_conv.b"], stride), "residual_bn")
    return relu(f + f_in) if residual else relu(f)


def data_batch_norm(clip, weight, bias, running_mean=None, running_var=None):
    """Every joint's every channel on its own: (N, C, T, V, M) -> (N·M, C, T, V)"""
    N, C, T, V, M = clip.shape
    f = np.zeros((N * M, C, T, V))
    for c, v in np.ndindex(C, V):
        channel = v * C + c
        of_joint = np.array([[clip[n, c, :, v, m] for m in range(M)] for n in range(N)]).reshape(N * M, 1, T, 1)
        settings = [None if s is None else s[[channel]] for s in (weight, bias, running_mean, running_var)]
        f[:, c, :, v] = batch_norm(of_joint, *settings)[:, 0, :, 0]
    return f


def pooling(f_in, M):
    """The mean over a clip's persons, frames and joints: (N·M, C, T, V) -> (N, C)"""
    NM, C, T, V = f_in.shape
    features = np.zeros((NM // M, C))
    for n, c in np.ndindex(features.shape):
        values = [f_in[n * M + m, c, t, v] for m in range(M) for t in range(T) for v in range(V)]
        features[n, c] = sum(values) / len(values)
    return features


def forward(state, clip, training=False):
    """The network: data batch norm, blocks, mean over frames, joints and persons, classifier."""
    names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
    f = data_batch_norm(clip, *(state[f"data_bn.{name}"] for name in names))
    for i, stride in enumerate(state["strides"]):
        prefix = f"blocks.{i}."
        entries = {name.removeprefix(prefix): state[name] for name in state if name.startswith(prefix)}
        f = block(f, state["A_hat"], entries, int(stride), residual=i > 0, training=training)
    features = pooling(f, clip.shape[4])
    logits = np.array([state["classifier.b"]] * len(clip))
    for n, label in np.ndindex(logits.shape):
        logits[n, label] += sum(features[n, c] * state["classifier.W"][c, label] for c in range(features.shape[1]))
    return logits


def widely_copied_partition(skeleton):
    """The "spatial" partition of yysijie/st-gcn, step by step and in its own layout: (3, source, target).

    Hops are counted up to 1 and infinite beyond; the adjacency with self-connections is divided by its columns' sums
    (A·D^-1) and then split.
    """
    V = len(skeleton.joints)
    hop = np.full((V, V), np.inf)
    for i in range(V):
        hop[i, i] = 0
        for j in neighbours(skeleton, i):
            hop[i, j] = 1
    A = (hop <= 1).astype(float)
    A = A @ np.diag(1 / A.sum(axis=0))
    root, close, further = np.zeros((3, 2, V, V))  # of two hop distances each: 0 and 1
    for source, target in np.argwhere(hop <= 1):
        d_source, d_target = hop[source, skeleton.center], hop[target, skeleton.center]
        subset = root if d_source == d_target else close if d_source > d_target else further
        subset[int(hop[source, target]), source, target] = A[source, target]
    return np.stack([root[0], root[1] + close[1], further[1]])
