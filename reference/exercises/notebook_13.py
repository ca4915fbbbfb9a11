"""The exercises of notebook 13: what came after."""

import numpy as np

from ..layouts import SKELETONS
from ..sequence_files import load_clips
from ..successors import attention, multi_scale_adjacency
from .exercise import Question, exercise


def _softmax(scores, axis):
    return np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)


@exercise(
    "13.1", points=2, title="a row of the second ring", rubric="1 point for who is in the ring, 1 for the weights"
)
def _row():
    toy = SKELETONS["toy_5"]
    return Question(
        expected=multi_scale_adjacency(toy, 3)[2, 0],
        mistakes={
            "the root is in each ring, too.": np.array([0, 0, 1, 1, 1]) / 3,
            "the chest is one hop away; the ring has those that are exactly two away.": np.full(5, 1 / 5),
            "each weight is divided by √(4 · 4).": np.array([1, 0, 1, 1, 1]),
            "this is the row of the first ring.": multi_scale_adjacency(toy, 2)[1, 0],
        },
    )


@exercise(
    "13.2",
    points=3,
    title="the attention of one subset",
    rubric="1 point for the dot product over channels and frames, 1 for root and neighbour, 1 for the softmax",
)
def _attention_of():
    theta_f, phi_f = np.random.default_rng(2).normal(size=(2, 4, 6, 5))  # each (E, T, V)
    scores = np.einsum("eti,etj->ij", phi_f, theta_f) / 24
    return Question(
        ask=lambda answer: answer(theta_f.copy(), phi_f.copy()),
        expected=_softmax(scores, 1),
        mistakes={
            "the softmax runs over the neighbours: each row adds up to 1.": _softmax(scores, 0),
            "φ belongs to the root in the row, θ to the neighbour in the column.": _softmax(scores.T, 1),
            "the dot product is divided by E · T before the softmax.": _softmax(24 * scores, 1),
        },
    )


@exercise("13.3", points=1, title="how many matrices CTR-GCN makes", rubric="1 point for the number")
def _matrices():
    return Question(
        expected=8 * 2 * 3 * 256,
        mistakes={
            "each subset has matrices of its own.": 8 * 2 * 256,
            "each person is a skeleton of its own: persons are folded into the batch.": 8 * 3 * 256,
            "that is one clip; there are eight.": 2 * 3 * 256,
            "that is one person of one clip.": 3 * 256,
        },
    )


@exercise("13.4", points=2, title="attention by height", rubric="1 point for what theta picks, 1 for a phi that is 1")
def _by_height():
    clip = load_clips("mocap_15").clip("crawl")[0, :, :, :, 0].astype(np.float64)  # (C_in, T, V)
    height = clip[1].mean(axis=0)

    def ask(answer):
        if any(array is ... for array in answer.values()):
            return None
        return attention(clip, **{name: np.asarray(array, dtype=np.float64) for name, array in answer.items()})

    def shares(scores):
        return np.tile(_softmax(scores, 0), (1, clip.shape[2], 1))  # (K, V, V), the same row for every root

    return Question(
        ask=ask,
        expected=shares(10 * height),
        mistakes={
            "every root reads everybody alike: φ must not be 0, or the dot product is.": shares(0 * height),
            "the mean is over T already, since the dot product is divided by E · T.": shares(
                10 * height / clip.shape[1]
            ),
        },
    )
