"""The formulas of reference/successors.py in plain loops, as oracle.py has those of ST-GCN."""

from math import exp, tanh

import numpy as np
import oracle


def _mapped(f_in, W, b, n, o, k, t, v):
    """A 1x1 convolution at one place."""
    return sum(f_in[n, c, t, v] * W[c, o, k] for c in range(f_in.shape[1])) + b[o, k]


def adaptive_conv(f_in, A, B, W, b, theta, theta_b, phi, phi_b):
    (N, _, T, V), (_, C_out, K), E = f_in.shape, W.shape, theta.shape[1]
    f_out = np.zeros((N, C_out, T, V))
    for n, k, i in np.ndindex(N, K, V):
        score = [0.0] * V
        for j, e, t in np.ndindex(V, E, T):
            score[j] += (
                _mapped(f_in, theta, theta_b, n, e, k, t, j) * _mapped(f_in, phi, phi_b, n, e, k, t, i) / (E * T)
            )
        total = sum(exp(s) for s in score)
        for o, t in np.ndindex(C_out, T):
            f_out[n, o, t, i] += b[o, k]
            for j in range(V):
                weight = A[k, i, j] + B[k, i, j] + exp(score[j]) / total
                f_out[n, o, t, i] += weight * _mapped(f_in, W, 0 * b, n, o, k, t, j)
    return f_out


def channelwise_conv(f_in, A, alpha, W, b, theta, theta_b, phi, phi_b, xi, xi_b):
    (N, _, T, V), (_, C_out, K), E = f_in.shape, W.shape, theta.shape[1]
    f_out = np.zeros((N, C_out, T, V))
    for n, k, i, j in np.ndindex(N, K, V, V):
        of_root = [sum(_mapped(f_in, theta, theta_b, n, e, k, t, i) for t in range(T)) / T for e in range(E)]
        of_neighbour = [sum(_mapped(f_in, phi, phi_b, n, e, k, t, j) for t in range(T)) / T for e in range(E)]
        for o, t in np.ndindex(C_out, T):
            refined = xi_b[o, k] + sum(xi[e, o, k] * tanh(of_root[e] - of_neighbour[e]) for e in range(E))
            f_out[n, o, t, i] += (A[k, i, j] + alpha[0] * refined) * _mapped(f_in, W, b, n, o, k, t, j)
    return f_out


def multi_branch_temporal_conv(f_in, state, stride):
    def conv(f, name, step=1):
        weight, bias, T = state[f"{name}.weight"], state[f"{name}.bias"], f.shape[2]
        f_out = np.zeros((f.shape[0], len(bias), T, f.shape[3])) + bias[:, None, None]
        for t, tap in np.ndindex(T, weight.shape[2]):
            frame = t + step * (tap - weight.shape[2] // 2)
            if 0 <= frame < T:
                f_out[:, :, t] += weight[:, :, tap, 0] @ f[:, :, frame]
        return f_out

    def norm(f, name):
        return oracle.batch_norm(f, *(state[f"{name}.{x}"] for x in ("weight", "bias", "running_mean", "running_var")))

    mapped = [oracle.relu(f).reshape(f.shape) for f in (norm(conv(f_in, f"branches.{i}.0"), f"branches.{i}.1")
                                                        for i in range(5))]  # fmt: skip
    branches = [conv(mapped[i], f"branches.{i}.3.conv", i + 1) for i in range(4)]
    T = f_in.shape[2]
    branches.append(np.stack([mapped[4][:, :, max(t - 1, 0) : t + 2].max(axis=2) for t in range(T)], axis=2))
    f = np.concatenate([*branches, conv(f_in, "branches.5")], axis=1)[:, :, ::stride]
    return norm(conv(np.maximum(norm(f, "transform.0"), 0), "transform.2"), "bn")
