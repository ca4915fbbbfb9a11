"""The exercises of notebook 11: paper, notes and code."""

import numpy as np

from ..layouts import SKELETONS
from ..normalization import normalize
from ..partitions import partition
from .exercise import Question, exercise


@exercise(
    "11.1",
    points=3,
    title="the code's spatial convolution",
    rubric="1 point for the split of the channels, 2 for the side of A",
)
def _code_conv():
    rng = np.random.default_rng(11)
    A_hat = normalize(partition(SKELETONS["toy_5"], "spatial"), "row")
    f_in, W = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(3, 4, 3))  # (N, C_in, T, V), (C_in, C_out, K)
    weight, A = W.transpose(2, 1, 0).reshape(12, 3, 1, 1), A_hat.transpose(0, 2, 1)
    split = weight.reshape(4, 3, 3).transpose(2, 0, 1)  # read as (C_out, K)

    def contracted(A_hat, W):
        return np.einsum("nctj,kij,cok->noti", f_in, A_hat, W)

    return Question(
        ask=lambda answer: answer(f_in.copy(), A.copy(), weight.copy()),
        expected=contracted(A_hat, W),
        mistakes={
            "rows of the code's A are sources: sum over them.": contracted(A, W),
            "k counts slowest in the K·C_out channels: split them as (K, C_out).": contracted(A_hat, split),
        },
    )


@exercise("11.2", points=1, title="where the place of the bias does not matter", rubric="1 point for the name")
def _method():
    return Question(
        expected="joint",
        mistakes={
            "with α its rows sum to a little less than 1.": "row",
            "its rows do not all sum to 1: a joint with more neighbours has another sum.": "two_sided",
            "its rows do not all sum to 1: look at them.": "symmetric",
        },
    )


@exercise(
    "11.3", points=1, title="a clip for a network of two persons", rubric="1 point for zeros as the second person"
)
def _for_two():
    clip = np.random.default_rng(3).normal(size=(1, 3, 4, 5, 1))
    return Question(
        ask=lambda answer: answer(clip.copy()),
        expected=np.concatenate([clip, 0 * clip], axis=4),
        mistakes={
            "the second person is absent, not a double.": np.concatenate([clip, clip], axis=4),
            "that is still one person: M must be 2.": clip,
            "the absent person comes last.": np.concatenate([0 * clip, clip], axis=4),
        },
    )
