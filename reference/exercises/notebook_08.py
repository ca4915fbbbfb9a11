"""The exercises of notebook 08: the backward pass."""

import numpy as np

from ..layouts import SKELETONS
from ..normalization import normalize
from ..partitions import partition
from .exercise import Question, exercise


def _case():
    """g (N, C_out, T, V), A_hat (K, V, V) without symmetries, W (C_in, C_out, K)."""
    rng = np.random.default_rng(8)
    A_hat = normalize(partition(SKELETONS["toy_5"], "spatial"), "row")
    return rng.normal(size=(2, 3, 4, 5)), A_hat, rng.normal(size=(2, 3, 3))


@exercise("08.1", points=2, title="the gradient of the bias before A", rubric="1 point for the sum, 1 for the row sums")
def _bias_gradient():
    g, A_hat, _ = _case()
    return Question(
        ask=lambda answer: answer(g.copy(), A_hat.copy()),
        expected=np.einsum("noti,kij->ok", g, A_hat),
        mistakes={
            "that is a bias after A; this one reaches joint i times the sum of row i.": np.repeat(
                g.sum(axis=(0, 2, 3))[:, None], 3, axis=1
            ),
            "these are the column sums: the root is the row.": np.einsum("noti,kji->ok", g, A_hat),
            "the mean is not asked for: each clip, frame and joint adds its part.": np.einsum("noti,kij->ok", g, A_hat)
            / (2 * 4 * 5),
        },
    )


@exercise("08.2", points=3, title="the gradient of the input", rubric="1 point for W, 2 for A_hat transposed")
def _input_gradient():
    g, A_hat, W = _case()
    return Question(
        ask=lambda answer: answer(g.copy(), A_hat.copy(), W.copy()),
        expected=np.einsum("noti,kij,cok->nctj", g, A_hat, W),
        mistakes={
            "A_hat comes back transposed: joint j sums over the roots that read it.": np.einsum(
                "notj,kij,cok->ncti", g, A_hat, W
            ),
            "the subsets are exchanged: W_k belongs to A_hat_k.": np.einsum(
                "noti,kij,cok->nctj", g, A_hat, W[..., ::-1]
            ),
        },
    )


@exercise("08.3", points=1, title="three steps with momentum", rubric="1 point for the number")
def _weight_after():
    return Question(
        expected=-0.1 * (1 + 1.9 + 2.71),
        mistakes={
            "that is without momentum: v remembers earlier steps.": -0.3,
            "that is the last step alone: add up all three.": -0.271,
            "downhill is against the gradient.": 0.561,
            "v is 0.9 v + gradient; the gradient is not weakened to a tenth.": -0.1 * (0.1 + 0.19 + 0.271),
        },
    )
