"""The exercises of notebook 07: NumPy meets PyTorch."""

import numpy as np

from .exercise import Question, exercise


@exercise("07.1", points=2, title="filters brought back to W", rubric="1 point for the split, 1 for the axes")
def _weights_of():
    W = np.random.default_rng(1).standard_normal((2, 4, 3))
    filters = W.transpose(2, 1, 0).reshape(12, 2, 1, 1)
    swapped = "k counts slowest, so the rows are split as (K, C_out)."
    return Question(
        ask=lambda answer: answer(filters.copy(), 3),
        expected=W,
        mistakes={
            swapped: filters.reshape(4, 3, 2).transpose(2, 0, 1),
            "this only reads the numbers in another shape; axes have to be exchanged.": filters.reshape(2, 4, 3),
            "the subsets are in reverse.": W[:, :, ::-1],
        },
    )


@exercise("07.2", points=2, title="a running variance after two batches", rubric="1 point for the share of the new")
def _running_variance():
    first = 0.9 * 1 + 0.1 * 2
    biased = 0.9 * (0.9 * 1 + 0.1 * 1) + 0.1 * 9
    deviations = 0.9 * (0.9 * 1 + 0.1 * 2**0.5) + 0.1 * 18**0.5
    return Question(
        expected=0.9 * first + 0.1 * 18,
        mistakes={
            "what is remembered divides by n - 1, here by 1: the variances are 2 and 18.": biased,
            "0.1 is the share of the new, 0.9 that of the old.": 0.1 * (0.1 * 1 + 0.9 * 2) + 0.9 * 18,
            "the first batch has left its trace, too.": 0.9 * 1 + 0.1 * 18,
            "these are the standard deviations; average the variances.": deviations,
        },
    )


@exercise("07.3", points=3, title="a batch norm folded into a convolution", rubric="1 point for W, 2 for b")
def _fold():
    W = np.random.default_rng(3).standard_normal((4, 4, 3))
    b, weight, bias, mean, var = np.random.default_rng(4).uniform(0.001, 2, (5, 4))
    s, without = weight / np.sqrt(var + 1e-5), weight / np.sqrt(var)
    t = b * s + bias - mean * s

    def ask(answer):
        folded = answer(W.copy(), *(each.copy() for each in (b, weight, bias, mean, var)))
        return None if folded is None else np.append(*folded)

    inputs = "the output channels are scaled, axis 1 of W; these are the input channels."
    no_epsilon = "ε is missing: it is added to the variance."
    return Question(
        ask=ask,
        expected=np.append(W * s[:, None], t),
        mistakes={
            inputs: np.append(W * s[:, None, None], t),
            no_epsilon: np.append(W * without[:, None], b * without + bias - mean * without),
            "b goes through the batch norm, too: it is scaled.": np.append(W * s[:, None], b + bias - mean * s),
            "the mean is scaled, too: bias - mean · s.": np.append(W * s[:, None], b * s + bias - mean),
        },
    )


@exercise("07.4", points=1, title="where adding 1 in float32 stops", rubric="1 point for the number")
def _stops_at():
    return Question(
        expected=2**24,
        mistakes={
            "23 binary digits are stored, but the leading 1 is not one of them: there are 24.": 2**23,
            "this is the first whole number that float32 does not have; x never gets there.": 2**24 + 1,
            "x gets one further: that number plus 1 still is a float32.": 2**24 - 1,
            "of 32 bits, one is the sign and eight are the exponent.": 2**32,
        },
        tolerance=0,
    )


def _described(module):
    """What a module with a graph of ones and twos saves, trains and returns, in words."""
    trained = sorted(name for name, parameter in module.named_parameters() if parameter.requires_grad)
    words = f"saved: {', '.join(sorted(module.state_dict()))}; trained: {', '.join(trained)}"
    product = module()
    if product is None:
        return None
    graph = getattr(module, "A_hat", None)
    same = graph is not None and product.shape == graph.shape and bool((product == graph).all())
    return words if words != "saved: A_hat, M; trained: M" or same else "another product"


@exercise(
    "07.5", points=3, title="the graph of a block as a module", rubric="1 point each for the buffer, M and forward"
)
def _edge_weights():
    # The module comes made of a graph: reference/ knows nothing of PyTorch.
    return Question(
        ask=_described,
        expected="saved: A_hat, M; trained: M",
        mistakes={
            "a plain attribute or a non-persistent buffer is in no file: register_buffer.": "saved: M; trained: M",
            "as a parameter the graph is trained, too: register_buffer.": "saved: A_hat, M; trained: A_hat, M",
            "M is not trained unless it is a torch.nn.Parameter.": "saved: A_hat; trained: ",
            "M starts as ones of A_hat's shape, and forward returns A_hat * M.": "another product",
        },
    )
