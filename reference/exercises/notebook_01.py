"""The exercises of notebook 01: skeletons are graphs."""

import numpy as np

from ..layouts import SKELETONS
from ..skeleton import adjacency, hop_distance
from .exercise import Question, exercise


@exercise(
    "01.1",
    points=2,
    title="all joints at most n hops apart",
    rubric="1 point for powers of A, which count walks of exactly n steps; 2 for walks that may pause, as booleans",
)
def _within():
    A, hops = adjacency(SKELETONS["hand_21"]), hop_distance(SKELETONS["hand_21"])
    power = np.linalg.matrix_power
    return Question(
        ask=lambda answer: answer(A, 3),
        expected=hops <= 3,
        mistakes={
            "these are walks of exactly 3 steps. A walk may also pause: look at section 4.": power(A, 3) > 0,
            "these are numbers of walks; ask where there is any.": power(A + np.eye(21), 3),
            "these are the joints exactly 3 hops apart; nearer ones count too.": hops == 3,
            "these are at most 2 hops apart.": hops <= 2,
        },
    )


@exercise(
    "01.2",
    points=2,
    title="a body written down from a list that counts from 1",
    rubric="1 point for the bones, 1 for the centre: both go down by one",
)
def _my_arm():
    rows = np.array([[0, 1, 0, 0, 0], [1, 0, 1, 0, 0], [0, 1, 0, 1, 1], [0, 0, 1, 0, 0], [0, 0, 1, 0, 0]])
    marked = [np.vstack([rows, mark]) for mark in np.eye(5)]  # the adjacency matrix, and a row 5 that marks the centre
    return Question(
        ask=lambda skeleton: np.vstack([adjacency(skeleton), np.eye(skeleton.num_joints)[skeleton.center]]),
        expected=marked[2],
        mistakes={
            "the bones are right, the centre is the thumb: it must go down by one as well.": marked[3],
            "the bones are right, the centre is the elbow: it went down twice.": marked[1],
        },
    )


@exercise(
    "01.3",
    points=1,
    title="the joint from which the farthest joint is nearest",
    rubric="1 point for the name of the joint",
)
def _the_middle():
    skeleton = SKELETONS["openpose_25"]
    farthest = hop_distance(skeleton).max(axis=1)  # (V,)
    return Question(
        expected=skeleton.joints[farthest.argmin()],
        mistakes={
            "the neck has the most bones, but the small toes are 6 hops away from it. Some joint does better.": "neck",
            "that is the joint with the largest farthest distance. Take the smallest.": "left_small_toe",
        },
    )


@exercise(
    "01.4",
    points=3,
    title="the graph over space and time, with edges over several frames",
    rubric="1 point for the bones in every frame, 1 for edges in time both ways, 1 for all of their lengths",
)
def _space_time_adjacency():
    A = adjacency(SKELETONS["toy_5"])
    gap = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    near, ahead = (gap > 0) & (gap <= 2), np.eye(4, k=1) + np.eye(4, k=2)
    kron, in_frames = np.kron, np.kron(np.eye(4), A)
    return Question(
        ask=lambda answer: answer(A, 4, 2),
        expected=in_frames + kron(near, np.eye(5)),
        mistakes={
            "this joins each frame with later ones only; edges go both ways.": in_frames + kron(ahead, np.eye(5)),
            "this joins each joint with itself in the same frame, too.": in_frames + kron(gap <= 2, np.eye(5)),
            "these edges lead one frame far; 2 were asked for.": in_frames + kron(gap == 1, np.eye(5)),
            "nodes are v·T + t here; t·V + v was asked for.": kron(A, np.eye(4)) + kron(np.eye(5), near),
        },
    )


@exercise(
    "01.5",
    points=2,
    title="MediaPipe's landmarks as a clip",
    rubric="1 point for the axes in their order, 1 for y turned round before hidden joints are set to zero",
)
def _landmarks_to_clip():
    seen = np.random.default_rng(0).uniform(size=(4, 33, 4))  # made up; only axes and order matter here
    x, y, _, visibility = np.moveaxis(seen, -1, 0)  # (T, V) each
    there = visibility >= 0.5
    up, down = np.stack([x, 1 - y, visibility]), np.stack([x, y, visibility])  # (3, T, V)
    late = np.stack([x * there, 1 - y * there, visibility * there])
    return Question(
        ask=lambda answer: answer(seen),
        expected=(up * there)[None, ..., None],
        mistakes={
            "y still points down: channel 1 is 1 - y.": (down * there)[None, ..., None],
            "hidden joints are still there.": up[None, ..., None],
            "absent joints have a height of 1: turn y round first, then set them to zero.": late[None, ..., None],
        },
    )
