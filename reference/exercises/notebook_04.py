"""The exercises of notebook 04: the spatial convolution."""

import numpy as np

from ..layouts import SKELETONS
from ..normalization import normalize
from ..partitions import partition
from ..spatial_convolution import spatial_conv
from .exercise import Question, exercise


@exercise("04.1", points=1, title="one sum by hand", rubric="1 point for the number")
def _at_the_chest():
    A_hat = normalize(partition(SKELETONS["toy_5"], "spatial"), "row", alpha=0)
    features = np.array([5.0, 1, 0, 6, 3]).reshape(1, 1, 5)

    def with_weights(*W):
        return spatial_conv(features, A_hat, np.array(W, dtype=float).reshape(1, 1, 3))[0, 0, 1]

    return Question(
        expected=with_weights(2, 1, -1),
        mistakes={
            "that adds up the outer neighbours; the row takes their mean.": with_weights(2, 1, -3),
            "that exchanges the subsets: 1 is closer to the centre, 2 farther from it.": with_weights(2, -1, 1),
            "that leaves out the root: it is its own neighbour, in subset 0.": with_weights(0, 1, -1),
        },
    )


@exercise(
    "04.2",
    points=3,
    title="the convolution from a checkpoint's arrays",
    rubric="1 point for the transposed matrices, 1 for the split as (K, C_out), 1 for the sum over subsets",
)
def _from_checkpoint():
    draw = np.random.default_rng(2)
    rows_are_roots = normalize(partition(SKELETONS["toy_5"], "spatial"), "joint")
    video, W = draw.normal(size=(2, 4, 5)), draw.normal(size=(2, 4, 3))
    rows_are_sources, filters = rows_are_roots.transpose(0, 2, 1), W.transpose(2, 1, 0).reshape(12, 2)
    split_wrongly = filters.reshape(4, 3, 2).transpose(2, 0, 1)
    wrong_split = "the filters are split as (C_out, K); number k·C_out + o asks for (K, C_out)."
    return Question(
        ask=lambda answer: answer(video, rows_are_sources, filters),
        expected=spatial_conv(video, rows_are_roots, W),
        mistakes={
            "the matrix is transposed: its rows are sources.": spatial_conv(video, rows_are_sources, W),
            wrong_split: spatial_conv(video, rows_are_roots, split_wrongly),
            "both the split and the side of the matrix are wrong.":
                spatial_conv(video, rows_are_sources, split_wrongly),
        },
    )  # fmt: skip


@exercise(
    "04.3",
    points=2,
    title="a W that measures height and forward position",
    rubric="1 point for each output channel",
)
def _designed():
    W = np.zeros((3, 2, 3))
    W[1, 0, [0, 2]] = 1, -1
    W[0, 1, [0, 1]] = -1, 1
    return Question(
        expected=W,
        mistakes={
            "the second channel has its sign turned.": W * np.array([[1], [-1]]),
            "the first channel has its sign turned.": W * np.array([[-1], [1]]),
            "the two output channels are exchanged.": W[:, ::-1],
            "subsets 1 and 2 are exchanged: 1 is closer to the centre, 2 farther.": W[:, :, [0, 2, 1]],
        },
    )


@exercise(
    "04.4",
    points=3,
    title="an edge importance that turns weights into means",
    rubric="1 point for an M of the right shape, 2 for plain means in every row that has edges",
)
def _importance_for_means():
    A = partition(SKELETONS["ntu_25"], "distance")
    given, means = normalize(A, "two_sided", alpha=0), normalize(A, "row", alpha=0)

    def ask(importance_for_means):
        M = importance_for_means(given)
        return given * M if np.shape(M) == given.shape else M

    return Question(
        ask=ask,
        expected=means,
        mistakes={
            "every edge weighs 1 now; that is the sum over the neighbours, not their mean.": A,
            "dividing by the row sums keeps unequal weights unequal.": given / given.sum(axis=2, keepdims=True),
            "those are the weights wanted, but they are multiplied by the given ones.": given * means,
        },
    )
