"""The steps that the kit tests: what each computes, the axes of all that goes in and out, and how close is equal.

A step has the name of its function. Errors are relative to the output's largest entry ("scale" in the manifest).
"""

from typing import NamedTuple


class Tolerance(NamedTuple):
    """The largest relative error that passes in float64, and why. Below float64: see precision.py."""

    float64: float
    reason: str


WHOLE = Tolerance(1e-12, "zeros and ones: any difference is a mistake")
SUMS = Tolerance(
    1e-12, "inputs have so few binary digits that every product and sum is exact: the stored output is, too"
)
ROUNDED = Tolerance(
    1e-8, "roots and quotients: the stored output is rounded to 1e-9 of its largest entry, and that is a tenth"
)
DEEP = Tolerance(1e-8, "as for its layers")


class Step(NamedTuple):
    """One function: its formula, and the axes of its outputs by name, in the order of a returned tuple."""

    formula: str
    outputs: dict[str, str]
    tolerance: Tolerance


STEPS = {
    "adjacency": Step("A[i, j] = A[j, i] = 1 for every bone (i, j), else 0", {"A": "V (root), V (neighbour)"}, WHOLE),
    "hop_distance": Step(
        "hops[i, j] = the number of bones on the shortest path from i to j, however long; 0 from a joint to itself",
        {"hops": "V, V"},
        WHOLE,
    ),
    "partition": Step(
        "A[k, i, j] = 1 where j is root i itself or joined to it by a bone, and has the label k. uni_labeling: k = 0. "
        "distance: k = hops from i to j. spatial, by hops to the centre: 0 as far as the root, 1 closer, 2 farther",
        {"A": "K, V (root), V (neighbour)"},
        WHOLE,
    ),
    "normalize": Step(
        "r_k[i] = Σ_j A[k, i, j] + 0.001 and c_k[j] = Σ_i A[k, i, j] + 0.001. symmetric: A[k, i, j] / sqrt(r_k[i] "
        "r_k[j]). two_sided: A[k, i, j] / sqrt(r_k[i] c_k[j]). row: A[k, i, j] / r_k[i]. joint: A[k, i, j] / Σ_k Σ_j "
        "A[k, i, j]",
        {"A_hat": "K, V (root), V (neighbour)"},
        ROUNDED,
    ),
    "spatial_conv": Step(
        "f_out[n,o,t,i] = Σ_k Σ_j A_hat[k,i,j] edge_importance[k,i,j] (Σ_c f_in[n,c,t,j] W[c,o,k] + b[o,k])",
        {"f_out": "N, C_out, T, V"},
        SUMS,
    ),
    "temporal_conv": Step(
        "f_out[n,o,t,v] = b[o] + Σ_γ Σ_c W[c,o,γ] f_in[n,c, stride t + γ - (Γ-1)/2, v], frames outside count as 0",
        {"f_out": "N, C_out, ⌈T/stride⌉, V"},
        SUMS,
    ),
    "batch_norm": Step(
        "f_out = weight (f_in - mean) / sqrt(var + 0.00001) + bias, per channel. running_mean and running_var where "
        "given; else (training) mean and variance of f_in over N, T, V, the variance divided by their count",
        {"f_out": "N, C, T, V"},
        ROUNDED,
    ),
    "update_running_statistics": Step(
        "running <- 0.9 running + 0.1 batch; the batch's variance divided by the count less one",
        {"running_mean": "C", "running_var": "C"},
        ROUNDED,
    ),
    "data_batch_norm": Step(
        "batch_norm of clip as (N·M, V·C, T), channel v·C + c, entry n·M + m of the batch; then to joints and channels",
        {"f": "N·M, C, T, V"},
        ROUNDED,
    ),
    "block": Step(
        "ReLU(BN(temporal_conv(ReLU(BN(spatial_conv(f_in))), stride)) + residual); residual: nothing if False, else "
        "f_in, or BN of its 1x1 convolution with stride where state has residual_conv. No dropout",
        {"f_out": "N, C_out, ⌈T/stride⌉, V"},
        DEEP,
    ),
    "pooling": Step(
        "features[n,c] = mean over m, t, v of f_in[n M + m, c, t, v]: frames, joints and all persons",
        {"features": "N, C"},
        ROUNDED,
    ),
    "forward": Step(
        "data_batch_norm, blocks (the first without residual), mean over frames, joints and persons (absent ones "
        "included), classifier; logits, no softmax, no dropout. training: batch norms use the batch's statistics",
        {"logits": "N, classes"},
        DEEP,
    ),
    "layer_table": Step(
        "per row: output (M, C_out, ⌈T/stride⌉, V); parameters (C_in + 1) C_out K + (Γ C_out + 1) C_out + 4 C_out, + "
        "K V V with edge importance, + (C_in + 3) C_out where the residual has a convolution (from row two on, where "
        "channels or frames change); multiply-adds M (K (C_in C_out V + C_out V V) T_in + Γ C_out C_out V T_out), + M "
        "C_in C_out V T_out for that convolution; receptive field + (Γ - 1) times the product of the strides before. "
        "in_channels replaces those of row one. Totals: + 2 V C_in of the data batch norm and the classifier",
        {
            "output_shape": "row, its M C T V",
            "parameters": "row",
            "multiply_adds": "row",
            "receptive_field": "row",
            "total_parameters": "a number",
            "total_multiply_adds": "a number",
        },
        WHOLE,
    ),
    "spatial_conv_gradients": Step(
        "∂L/∂ of every input of spatial_conv, where g = ∂L/∂f_out",
        {"f_in": "N, C_in, T, V", "A_hat": "K, V (root), V (neighbour)", "W": "C_in, C_out, K", "b": "C_out, K"},
        SUMS,
    ),
    "temporal_conv_gradients": Step(
        "∂L/∂ of every input of temporal_conv, where g = ∂L/∂f_out",
        {"f_in": "N, C_in, T, V", "W": "C_in, C_out, Γ", "b": "C_out"},
        SUMS,
    ),
    "batch_norm_gradients": Step(
        "∂L/∂ of f_in, weight and bias, where g = ∂L/∂f_out; without running statistics (training) mean and var depend "
        "on f_in",
        {"f_in": "N, C, T, V", "weight": "C", "bias": "C"},
        DEEP,
    ),
    "block_gradients": Step(
        "∂L/∂ of f_in, A_hat and every trained entry of the state, where g = ∂L/∂f_out. With edge importance, "
        "∂L/∂A_hat = ∂L/∂(A_hat ⊙ M) ⊙ M",
        {
            "f_in": "N, C_in, T, V",
            "A_hat": "K, V (root), V (neighbour)",
            "gradients": "each like its entry of the state",
        },
        DEEP,
    ),
    "cross_entropy": Step(
        "loss = -1/N Σ_n log softmax(logits[n])[labels[n]], and g = ∂L/∂logits",
        {"loss": "a number", "g": "N, classes"},
        ROUNDED,
    ),
    "loss_and_gradients": Step(
        "loss = -1/N Σ_n log softmax(logits[n])[labels[n]] in training mode, and its gradient for every trained entry",
        {"loss": "a number", "gradients": "each like its entry of the state"},
        DEEP,
    ),
}

# Arguments of the functions, and the entries of a state by the last parts of their names.
AXES = {
    "A": "K, V (root), V (neighbour)",
    "A_hat": "K, V (root), V (neighbour)",
    "W": "C_in, C_out, K",
    "b": "C_out, K",
    "bones": "bone, its two joints (from 0)",
    "clip": "N, C, T, V, M",
    "edge_importance": "K, V (root), V (neighbour)",
    "f_in": "N, C_in, T, V",
    "g": "N, C_out, ⌈T/stride⌉, V",
    "labels": "N",
    "layers": "row, its C_in C_out stride",
    "logits": "N, classes",
    "strides": "block",
    "spatial_conv.W": "C_in, C_out, K",
    "spatial_conv.b": "C_out, K",
    "temporal_conv.W": "C_in, C_out, Γ",
    "temporal_conv.b": "C_out",
    "residual_conv.W": "C_in, C_out, 1",
    "residual_conv.b": "C_out",
    "classifier.W": "C, classes",
    "classifier.b": "classes",
}


def axes(step, name):
    """The axes of an argument or of a state's entry, in words."""
    entry = ".".join(name.split("/")[-1].split(".")[-2:])
    if step.startswith("temporal_conv") and name in ("W", "b"):
        return AXES[f"temporal_conv.{name}"]
    if entry.startswith("data_bn.") or (step == "data_batch_norm" and name != "clip"):
        return "V·C (channel v·C + c)"
    return AXES.get(entry) or AXES.get(entry.split(".")[-1]) or "C"
