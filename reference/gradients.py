"""The gradient of every layer, derived by hand. (The whole block and network: backward.py.)

L is the loss, one number. g stands for ∂L/∂f_out, the gradient of the layer's output, and has the shape of f_out. Every
function takes g and what its layer took, and gives ∂L/∂ of each of these, under its name and in its shape.

One rule makes them all. Where f_out is a sum of products, f_out[q] = Σ_p f_in[p] · w[p, q], each factor's gradient is g
times the other factor, summed over all places where it was used (the chain rule):

    ∂L/∂f_in[p] = Σ_q g[q] · w[p, q]          ∂L/∂w[p, q] = g[q] · f_in[p]
"""

import numpy as np

from .layers import batch_statistics
from .spatial_convolution import spatial_conv
from .temporal_convolution import temporal_conv


def spatial_conv_gradients(g, f_in, A_hat, W, b=None):
    """Gradients of `spatial_conv`: a dict with f_in, A_hat, W and, if there is a bias, b.

    g   (N, C_out, T, V) = ∂L/∂f_out; the others as for `spatial_conv`, also one video without N

    The layer maps the channels of joint j, h_k[n,o,t,j] = Σ_c f_in[n,c,t,j] · W[c,o,k] + b[o,k], and root i gathers:
    f_out[n,o,t,i] = Σ_k Σ_j A_hat[k,i,j] · h_k[n,o,t,j]. Backwards, joint j collects from all roots that read it,

        ∂L/∂h_k[n,o,t,j] = Σ_i A_hat[k,i,j] · g[n,o,t,i] =: g_k[n,o,t,j]    (A_hat from the other side: its transpose)

    and so   ∂L/∂f_in[n,c,t,j]  = Σ_k Σ_o W[c,o,k] · g_k[n,o,t,j]           ∂L/∂b[o,k] = Σ_n Σ_t Σ_j g_k[n,o,t,j]
             ∂L/∂W[c,o,k]       = Σ_n Σ_t Σ_j f_in[n,c,t,j] · g_k[n,o,t,j]
             ∂L/∂A_hat[k,i,j]   = Σ_n Σ_o Σ_t g[n,o,t,i] · h_k[n,o,t,j]     (also where A_hat is 0: no edge, yet)

    Raises ValueError where the shapes do not fit.
    """
    *batch, C_out, _, V = spatial_conv(f_in[..., :0, :], A_hat, W, b).shape  # on no frames: refuses what does not fit
    C_in, T = f_in.shape[-3:-1]
    check_gradient("spatial_conv_gradients", g, (*batch, C_out, T, V))
    W_k = np.copy(np.transpose(W, (2, 0, 1)), order="C")  # (K, C_in, C_out), contiguous for BLAS
    f, g_rows = channel_rows(f_in), channel_rows(g)  # (C_in, N·T·V), (C_out, N·T·V)
    d_f, d_A, d_W, d_b = (  # not of the type of what they are the gradients of: that may be whole numbers
        np.zeros_like(array, dtype=np.result_type(g.dtype, f_in.dtype, A_hat.dtype, W.dtype))
        for array in (f, A_hat, W, W[0])
    )
    for k in range(W.shape[2]):
        g_k = np.reshape(np.reshape(g_rows, (-1, V)) @ A_hat[k], g_rows.shape)  # (·, V) x (V, V): Σ_i
        d_f = d_f + W_k[k] @ g_k  # (C_in, C_out) x (C_out, N·T·V): Σ_o
        d_W[:, :, k] = f @ g_k.T  # (C_in, N·T·V) x (N·T·V, C_out)
        d_b[:, k] = np.sum(g_k, axis=1)
        h_k = W_k[k].T @ f + (0 if b is None else b[:, k][:, None])  # (C_out, C_in) x (C_in, N·T·V)
        d_A[k] = np.reshape(g_rows, (-1, V)).T @ np.reshape(h_k, (-1, V))  # (V, ·) x (·, V): roots x neighbours
    d_f_in = np.moveaxis(np.reshape(d_f, (C_in, *batch, T, V)), 0, -3)
    return {"f_in": d_f_in, "A_hat": d_A, "W": d_W} | ({} if b is None else {"b": d_b})


def weigh_edges_gradients(g, A_hat, edge_importance):
    """Gradients of `weigh_edges`, A_hat ⊙ M: a dict with A_hat and edge_importance, (K, V, V) each like g.

    Entry by entry a product of two numbers: ∂L/∂M = g ⊙ A_hat, so where there is no edge, M never learns; and
    ∂L/∂A_hat = g ⊙ M. Raises ValueError if the shapes differ.
    """
    for name, array in (("A_hat", A_hat), ("edge_importance", edge_importance)):
        if array.shape != g.shape:
            raise ValueError(f"weigh_edges_gradients: {name} must have the shape of g, {g.shape}, got {array.shape}")
    return {"A_hat": g * edge_importance, "edge_importance": g * A_hat}


def temporal_conv_gradients(g, f_in, W, b=None, stride=1):
    """Gradients of `temporal_conv`: a dict with f_in, W and, if there is a bias, b.

    g   (N, C_out, ⌈T/stride⌉, V) = ∂L/∂f_out; the others as for `temporal_conv`, also one video without N

    Write p for f_in with (Γ-1)/2 frames of zeros at each end, and s for the frame stride·t + γ of it: f_out[n,o,t,v] =
    b[o] + Σ_γ Σ_c W[c,o,γ] · p[n,c,s,v]. Backwards, every frame s collects from all output frames that read it:

        ∂L/∂p[n,c,s,v] = Σ_γ Σ_o W[c,o,γ] · g[n,o,t,v]      over all t and γ with stride·t + γ = s
        ∂L/∂W[c,o,γ]   = Σ_n Σ_t Σ_v p[n,c,stride·t+γ,v] · g[n,o,t,v]           ∂L/∂b[o] = Σ_n Σ_t Σ_v g[n,o,t,v]

    and ∂L/∂f_in is ∂L/∂p without the (Γ-1)/2 frames at each end.

    Raises ValueError where the shapes do not fit.
    """
    *batch, C_out, T_out, _ = temporal_conv(
        f_in[..., :0], W, b, stride
    ).shape  # on no joints: refuses what does not fit
    C_in, T, V = f_in.shape[-3:]
    gamma = W.shape[2]
    check_gradient("temporal_conv_gradients", g, (*batch, C_out, T_out, V))
    padding = (gamma - 1) // 2
    padded = np.zeros_like(f_in, shape=(C_in, *batch, T + 2 * padding, V))  # channels first, as channel_rows has them
    padded[..., padding : padding + T, :] = np.moveaxis(f_in, -3, 0)
    W_gamma = np.copy(np.transpose(W, (2, 0, 1)), order="C")  # (Γ, C_in, C_out), contiguous for BLAS
    d_padded, d_W, g_rows = (
        np.zeros_like(padded, dtype=np.result_type(g.dtype, W.dtype)),
        np.zeros_like(W, dtype=np.result_type(g.dtype, f_in.dtype)),
        channel_rows(g),  # (C_out, N·T_out·V)
    )
    for tap in range(gamma):
        frames = slice(tap, tap + T, stride)  # the T_out frames that this tap of the filter saw
        d_W[:, :, tap] = np.reshape(padded[..., frames, :], (C_in, -1)) @ g_rows.T  # (C_in, ·) x (·, C_out)
        seen = W_gamma[tap] @ g_rows  # (C_in, C_out) x (C_out, N·T_out·V): Σ_o
        d_padded[..., frames, :] += np.reshape(seen, (C_in, *batch, T_out, V))
    gradients = {"f_in": np.moveaxis(d_padded[..., padding : padding + T, :], 0, -3), "W": d_W}
    return gradients | ({} if b is None else {"b": np.sum(g_rows, axis=1)})


def batch_norm_gradients(g, f_in, weight, running_mean=None, running_var=None, eps=1e-5):
    """Gradients of `batch_norm`: a dict with f_in, weight and bias.

    g       of f_in's shape, ∂L/∂f_out; the others as for `batch_norm` (no gradient depends on its bias)

    Per channel, with σ = sqrt(var + eps), z = (f_in - mean) / σ and f_out = weight · z + bias:

        ∂L/∂bias = Σ g        ∂L/∂weight = Σ g · z        ∂L/∂z = weight · g        (Σ over N, T and V, n numbers)

    With running statistics mean and σ are constants: ∂L/∂f_in = weight · g / σ. In training they depend on f_in, too:
    ∂mean/∂f_in = 1/n and ∂σ/∂f_in = z/n, so each z moves with all numbers of its channel,
    ∂z[q]/∂f_in[p] = (δ[p, q] - 1/n - z[q] · z[p] / n) / σ, and the sum over q of g[q] · weight times that is

        ∂L/∂f_in = weight / σ · (g - mean(g) - z · mean(g · z))

    What is left has mean 0: a constant added to f_in, such as the bias of a convolution right before, changes nothing.
    Raises ValueError where the shapes do not fit or only one statistic is given.
    """
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm_gradients: give running_mean and running_var together (inference), or neither")
    mean, var = batch_statistics(f_in) if running_mean is None else (running_mean, running_var)
    for name, value in (("weight", weight), ("running_mean", mean), ("running_var", var)):
        if value.shape != (f_in.shape[-3],):
            raise ValueError(f"batch_norm_gradients: {name} must be (C,) = ({f_in.shape[-3]},), got {value.shape}")
    check_gradient("batch_norm_gradients", g, f_in.shape)
    z = (f_in - mean[:, None, None]) / np.sqrt(var + eps)[:, None, None]
    d_bias, d_weight = np.sum(channel_rows(g), axis=1), np.sum(channel_rows(g * z), axis=1)  # (C,) each
    if running_mean is None:
        n = f_in.size // len(d_bias)
        g = g - (d_bias / n)[:, None, None] - z * (d_weight / n)[:, None, None]
    return {"f_in": g * (weight / np.sqrt(var + eps))[:, None, None], "weight": d_weight, "bias": d_bias}


def relu_gradient(g, f_in):
    """Gradient of `relu`: g where f_in is positive, else 0 (at 0 itself, where there is a corner, too); any shape.

    f_in may be given as relu(f_in): both are positive in the same places. Raises ValueError if the shapes differ.
    """
    check_gradient("relu_gradient", g, f_in.shape)
    return g * (f_in > 0)


def fold_persons_gradient(g, clip):
    """Gradient of `fold_persons`: folding moves numbers to other places, so its gradient moves them back.

    g  (N·M, V·C, T, 1), of the folded clip; clip (N, C, T, V, M). Raises ValueError where the shapes do not fit.
    """
    N, C, T, V, M = clip.shape
    check_gradient("fold_persons_gradient", g, (N * M, V * C, T, 1))
    return np.transpose(np.reshape(g, (N, M, V, C, T)), (0, 3, 4, 2, 1))  # (n m) (v c) t 1 -> n c t v m


def pooling_gradient(g, f_in, M=1):
    """Gradient of `pooling`, the mean over frames, joints and persons (N·M, C, T, V) -> (N, C): of f_in's shape.

    g  (N, C); M persons a clip

    Each of the M·T·V numbers of a mean contributes 1/(M·T·V) of itself: ∂L/∂f_in[n·M+m,c,t,v] = g[n,c] / (M·T·V).
    Raises ValueError where the shapes do not fit.
    """
    if len(f_in.shape) != 4 or M < 1 or f_in.shape[0] % M:
        raise ValueError(f"pooling_gradient: f_in must be (N·M, C, T, V) with M = {M}, got {f_in.shape}")
    NM, C, T, V = f_in.shape
    check_gradient("pooling_gradient", g, (NM // M, C))
    shares = np.zeros_like(f_in, shape=(NM // M, M, C, T, V)) + (g / (M * T * V))[:, None, :, None, None]
    return np.reshape(shares, f_in.shape)


def classifier_gradients(g, features, W):
    """Gradients of `classifier`, logits = features W + b: a dict with features, W and b.

    g (N, classes), features (N, C), W (C, classes): ∂L/∂features = g Wᵀ, ∂L/∂W = featuresᵀ g, ∂L/∂b = Σ_n g[n].
    Raises ValueError where the shapes do not fit.
    """
    if len(features.shape) != 2 or len(W.shape) != 2 or W.shape[0] != features.shape[1]:
        raise ValueError(
            f"classifier_gradients: features must be (N, C) and W (C, classes), got {features.shape} and {W.shape}"
        )
    check_gradient("classifier_gradients", g, (features.shape[0], W.shape[1]))
    return {"features": g @ W.T, "W": features.T @ g, "b": np.sum(g, axis=0)}


def softmax_cross_entropy(logits, labels):
    """The loss L = -1/N Σ_n log p[n, label_n] with p = softmax(logits), and ∂L/∂logits: a number and an array.

    logits  (N, classes)
    labels  (N,) integers, 0 … classes-1

    log p[n,a] = logits[n,a] - log Σ_c exp(logits[n,c]), and the derivative of the logarithm is softmax again, so

        ∂L/∂logits[n,a] = (p[n,a] - 1 if a is the label, else p[n,a]) / N

    Each row sums to 0: what the right class gains the others lose. (The row's largest logit is subtracted first, which
    changes neither and keeps exp from overflowing.) Raises ValueError for logits without a sign, and for labels that
    are not N classes.
    """
    if logits.dtype.kind in "bu":
        raise ValueError(f"softmax_cross_entropy: logits must be numbers with a sign, got {logits.dtype}")
    if len(logits.shape) != 2:
        raise ValueError(f"softmax_cross_entropy: logits must be (N, classes), got {logits.shape}")
    N, classes = logits.shape
    if getattr(labels, "shape", None) != (N,) or labels.dtype.kind not in "iu":
        got = f"{labels.dtype} {labels.shape}" if hasattr(labels, "shape") else f"a {type(labels).__name__}"
        raise ValueError(f"softmax_cross_entropy: labels must be an array of integers, (N,) = ({N},), got {got}")
    right = np.zeros_like(logits)  # (N, classes): 1 at the label
    for n in range(N):
        if not 0 <= int(labels[n]) < classes:
            raise ValueError(f"softmax_cross_entropy: labels[{n}] is {int(labels[n])}, expected 0 to {classes - 1}")
        right[n, int(labels[n])] = 1
    shifted = logits - np.max(logits, axis=1)[:, None]
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1))[:, None]
    return -np.sum(right * log_p) / N, (np.exp(log_p) - right) / N


def central_differences(loss, array, step=1e-6):
    """∂loss/∂array measured rather than derived, entry by entry: (loss(array + step) - loss(array - step)) / 2 step.

    loss   a function of the array that gives one number
    array  float64; float32 is too coarse for small steps

    Returns an array of the same shape. It differs from the derivative by about step², for the loss is no straight line,
    and by about 1e-16 · loss / step, the rounding. Raises ValueError for an array that is not float64.
    """
    if array.dtype != np.float64:
        raise ValueError(f"central_differences: the array must be float64, got {array.dtype}")
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        there, back = np.copy(array), np.copy(array)
        there[index], back[index] = array[index] + step, array[index] - step
        gradient[index] = (loss(there) - loss(back)) / (2 * step)
    return gradient


def channel_rows(f):
    """(N, C, T, V), or (C, T, V), as a matrix with one row for each channel: (C, N·T·V)."""
    return np.reshape(np.moveaxis(f, -3, 0), (f.shape[-3], -1))


def check_gradient(function, g, shape):
    """ValueError unless g has the shape of what it is the gradient of."""
    if g.shape != tuple(shape):
        raise ValueError(f"{function}: g must have the shape of the layer's output, {tuple(shape)}, got {g.shape}")
