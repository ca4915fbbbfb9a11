"""The exercises of notebook 03: normalisation."""

import numpy as np

from ..layouts import SKELETONS
from ..normalization import degree, normalize
from ..partitions import partition
from .exercise import Question, exercise


@exercise("03.1", points=1, title="the degrees of a wrist, by hand", rubric="1 point for the three numbers")
def _degrees_of_the_wrist():
    degrees = degree(partition(SKELETONS["hand_21"], "spatial"))[:, 0]
    return Question(
        expected=degrees,
        mistakes={
            "α is missing: it belongs to every degree, the empty one too.": degrees - 0.001,
            "subsets 1 and 2 are swapped: 1 is centripetal, nearer the centre.": degrees[[0, 2, 1]],
            "the wrist is its own neighbour in subset 0 only.": degrees + np.array([0, 1, 1]),
        },
    )


@exercise(
    "03.2",
    points=3,
    title="the two-sided normalisation",
    rubric="1 point for row sums on the left, 1 for column sums on the right, 1 for α and the square root",
)
def _two_sided():
    A = partition(SKELETONS["openpose_18"], "spatial")
    R, C = A.sum(axis=2) + 0.001, A.sum(axis=1) + 0.001
    return Question(
        ask=lambda answer: answer(A, 0.001),
        expected=normalize(A, "two_sided"),
        mistakes={
            "that is the letter of the formula: row sums on both sides.": normalize(A, "symmetric"),
            "the square root is missing.": A / (R[:, :, None] * C[:, None, :]),
            "row sums belong to root i, column sums to neighbour j.": A / np.sqrt(C[:, :, None] * R[:, None, :]),
            "α is missing.": normalize(A, "two_sided", 0),
            "α belongs to the sums, not to every entry of A.": (A + 0.001) / np.sqrt(R[:, :, None] * C[:, None, :]),
        },
    )


@exercise(
    "03.3",
    points=2,
    title="the joint normalisation",
    rubric="1 point for the size of the whole neighbourhood, 1 for dividing rows by it",
)
def _joint():
    A = partition(SKELETONS["ntu_25"], "spatial")
    size = A.sum(axis=(0, 2))  # (V,)
    means = "that is the mean over each subset; divide by the size of the whole neighbourhood."
    return Question(
        ask=lambda answer: answer(A),
        expected=normalize(A, "joint"),
        mistakes={
            means: normalize(A, "row", 0),
            means.replace(";", ", with α;"): normalize(A, "row"),
            "this hands out instead of averaging: the size is the root's, so it belongs to rows.": A / size,
            "no α is needed: a neighbourhood holds at least its root.": A / (size + 0.001)[None, :, None],
        },
    )


@exercise(
    "03.4",
    points=2,
    title="how long the slowest pattern lasts",
    rubric="1 point for the second eigenvalue, 1 for the number of applications rounded up",
)
def _half_is_left():
    lambdas = np.linalg.eigvalsh(normalize(partition(SKELETONS["openpose_25"], "uni_labeling"))[0])  # ascending
    first, second, third = (int(np.ceil(np.log(0.5) / np.log(value))) for value in lambdas[[-1, -2, -3]])
    return Question(
        expected=second,
        mistakes={
            "that is the largest eigenvalue, whose pattern hardly fades at all; take the second.": first,
            "that is the third eigenvalue; the second is slower.": third,
            "after that many, a little more than half is still left.": second - 1,
        },
    )


@exercise(
    "03.5",
    points=2,
    title="the smallest α that keeps every weight at 2 or below",
    rubric="1 point for α, 1 for the weight of an ordinary edge",
)
def _alpha_for_two():
    smallest = (np.sqrt(2) - 1) / 2
    return Question(
        expected=[smallest, 1 / (1 + smallest)],
        mistakes={
            "the root's degree is 1 + α, not 1: solve 1 / √(α (1 + α)) = 2.": [0.25, 1 / 1.25],
            "the square root is missing: the weight is 1 / √(α (1 + α)).": [0.366, 1 / 1.366],
            "α is right; an ordinary edge is divided by √(1 + α) twice.": [smallest, 1 / np.sqrt(1 + smallest)],
        },
        tolerance=2e-3,
    )
