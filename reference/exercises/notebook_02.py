"""The exercises of notebook 02: partitions."""

import numpy as np

from ..layouts import SKELETONS
from ..normalization import normalize
from ..partitions import mean_distance_to_gravity_center, partition
from ..sequence_files import load_clips
from ..skeleton import Skeleton
from .exercise import Question, exercise


@exercise(
    "02.1",
    points=2,
    title="A_1 of the toy skeleton with the chest as its centre",
    rubric="1 point for the places of the ones, 1 for row = root",
)
def _centre_at_the_chest():
    toy = SKELETONS["toy_5"]
    moved = partition(Skeleton("toy_5 from its chest", toy.joints, toy.bones, 1), "spatial")
    return Question(
        expected=moved[1],
        mistakes={
            "this is A_1 with the pelvis as the centre.": partition(toy, "spatial")[1],
            "this is A_2. The root is the row: a row says who is closer than the root.": moved[2],
            "no joint is closer to the centre than itself: the diagonal belongs to subset 0.": moved[1] + np.eye(5),
        },
    )


@exercise(
    "02.2",
    points=2,
    title="a labelling rule by height",
    rubric="1 point for the root's own label, 1 for higher and lower as seen from the root",
)
def _by_height():
    height = load_clips("mocap_15").clip("walk")[0, 1, 0, :, 0]  # (V,) metres
    higher = height[None, :] > height[:, None]
    right = np.where(np.eye(15), 0, np.where(higher, 1, 2))
    swapped = np.where(right, 3 - right, 0)
    return Question(
        ask=lambda label: [[label(i, j) for j in range(15)] for i in range(15)],
        expected=right,
        mistakes={
            "higher and lower are swapped: the label describes the neighbour j, seen from the root i.": swapped,
            "the root itself has the label 0; ask for it first.": np.where(higher, 1, 2),
            "lower neighbours have the label 2, and 0 is for the root alone.": np.where(higher, 1, 0),
        },
    )


@exercise(
    "02.3",
    points=1,
    title="the widely copied partition of a hand, counted without running it",
    rubric="1 point for the three numbers in their order",
)
def _copied_hand():
    return Question(
        expected=partition(SKELETONS["hand_21"], "widely_copied").sum(axis=(1, 2)),
        mistakes={
            "these are the exact counts; the outer bones of each finger are at the distance inf at both ends.":
                [21, 20, 20],
            "each 'equal' bone is seen from both of its ends, so it counts twice.": [21, 20, 10],
            "closer is the last of the three.": [21, 10, 30],
            "the bone from hop 1 to hop 2 still compares rightly: 1 < inf.": [21, 35, 5],
        },
    )  # fmt: skip


@exercise(
    "02.4",
    points=2,
    title="bones that hops and metres orient differently, for every centre",
    rubric="1 point for the partitions of all centres, 1 for bones rather than entries",
)
def _turned_bones():
    body = SKELETONS["mocap_15"]
    metres = mean_distance_to_gravity_center(load_clips("mocap_15"))
    measured = partition(body, "spatial", distance_to_center=metres)
    hops = [partition(Skeleton("moved", body.joints, body.bones, v), "spatial") for v in range(15)]
    entries = np.array([np.sum(measured != A) for A in hops])
    return Question(
        expected=entries / 4,
        mistakes={
            "in A_1 a turned bone changes two entries: one goes, one comes.": entries / 2,
            "a turned bone changes two entries in A_1 and two in A_2.": entries,
            "these are the bones that agree.": 14 - entries / 4,
        },
    )


@exercise(
    "02.5",
    points=3,
    title="tell an exact partition from a copied one",
    rubric="1 point for exact matrices as they are, 1 for normalised ones, 1 for roots in the columns",
)
def _diagnose():
    ntu, hand = SKELETONS["ntu_25"], SKELETONS["hand_21"]
    strangers = [
        normalize(partition(ntu, "spatial"), "joint"),
        normalize(partition(ntu, "widely_copied"), "joint").transpose(0, 2, 1),
        normalize(partition(hand, "spatial"), "row"),
        normalize(partition(hand, "widely_copied"), "row"),
    ]

    def ask(diagnose):
        words = [diagnose(A) for A in strangers]
        return None if any(word is None for word in words) else ", ".join(map(str, words))

    return Question(
        ask=ask,
        expected="exact, copied, exact, copied",
        mistakes={
            "count the entries, do not add them up: the weights are normalised.": "copied, copied, copied, copied",
            "the two words are swapped.": "copied, exact, copied, exact",
        },
    )
