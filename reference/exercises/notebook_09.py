"""The exercises of notebook 09: training."""

import numpy as np

from .exercise import Question, exercise


@exercise(
    "09.1", points=3, title="a rate that warms up and falls along half a cosine", rubric="1 point for the warm-up"
)
def _rate():
    moments = np.array([0, 2, 4, 13, 22, 40])
    rising = 0.1 * moments / 4

    def falling(after):
        return np.where(moments < 4, rising, after)

    def ask(answer):
        rates = [answer(float(moment), 0.1, 40, 4) for moment in moments]
        return None if rates[0] is None else rates

    share = (moments - 4) / 36
    return Question(
        ask=ask,
        expected=falling(0.05 * (1 + np.cos(np.pi * share))),
        mistakes={
            "the cosine begins where the warm-up ends.": falling(0.05 * (1 + np.cos(np.pi * moments / 40))),
            "half a cosine is (1 + cos) / 2: flat at both ends.": falling(0.1 * np.cos(np.pi / 2 * share)),
        },
    )


@exercise("09.2", points=2, title="the mean accuracy over classes", rubric="1 point for shares, 1 for those of rows")
def _mean_over_classes():
    counts = np.array([[8, 2, 0], [1, 1, 0], [0, 4, 4]])
    right = np.diagonal(counts)
    return Question(
        expected=np.mean(right / counts.sum(axis=1)),
        mistakes={
            "that is the share of all clips; large classes count more in it.": right.sum() / counts.sum(),
            "those are shares of the predictions: a class is a row.": np.mean(right / counts.sum(axis=0)),
        },
    )


@exercise(
    "09.3", points=2, title="the best accuracy where classes share skeletons", rubric="1 point for groups, 1 for 400"
)
def _best():
    return Question(
        expected=(90 / 9 + 120 / 3 + 190) / 400,
        mistakes={
            "in each group one class can be right; it still counts.": 190 / 400,
            "a large group has more clips than a small one: count classes.": (10 / 9 + 40 / 3 + 190) / 240,
            "that is how many groups there are; one class in each is right, of 400.": 240,
        },
    )
