"""The exercises of notebook 10: what it learned."""

import numpy as np

from .exercise import Question, exercise


@exercise("10.1", points=2, title="the class activation", rubric="1 point for the sum over channels, 1 for the class")
def _class_activation():
    rng = np.random.default_rng(0)
    f, W = rng.random((6, 3, 5)), rng.normal(size=(6, 6))
    expected = np.einsum("ctv,c->tv", f, W[:, 2])
    return Question(
        ask=lambda answer: answer(f.copy(), W.copy(), 2),
        expected=expected,
        mistakes={
            "classes are the columns of W; you took a row.": np.einsum("ctv,c->tv", f, W[2]),
            "that is its part in the mean: do not divide by T·V here.": expected / 15,
            "that is the size of the features, the same for every class.": np.abs(f).mean(axis=0),
        },
    )


@exercise(
    "10.2", points=2, title="what some joints add to a logit", rubric="1 point for the sum, 1 for what divides it"
)
def _part_of():
    activation, joints = np.random.default_rng(1).normal(size=(8, 15)), [1, 2, 3]
    total = activation[:, joints].sum()
    return Question(
        ask=lambda answer: answer(activation.copy(), list(joints)),
        expected=total / activation.size,
        mistakes={
            "that is the mean over these joints; the logit is a mean over all joints.": activation[:, joints].mean(),
            "that is a sum; the logit is a mean over frames and joints.": total,
            "divide by the number of frames, too.": total / 15,
        },
    )


@exercise("10.3", points=2, title="the nearest by angle", rubric="1 point for products, 1 for the lengths")
def _nearest_angle():
    known = np.array([[1.0, 0.0], [6.0, 8.0], [0.0, 0.5]])
    asked = np.array([[3.0, 1.0], [0.2, 0.9], [0.4, 0.5]])
    distances = ((asked[:, None] - known) ** 2).sum(axis=2)
    return Question(
        ask=lambda answer: answer(asked.copy(), known.copy()),
        expected=np.array([0, 2, 1]),
        mistakes={
            "a long vector is not a near one: divide by the lengths.": (asked @ known.T).argmax(axis=1),
            "that is the smallest distance, not the smallest angle.": distances.argmin(axis=1),
        },
        tolerance=0,
    )
