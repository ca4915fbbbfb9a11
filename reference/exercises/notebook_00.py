"""The exercises of notebook 00: start here."""

from ..layouts import SKELETONS
from ..partitions import partition
from ..skeleton import hop_distance
from .exercise import Question, exercise


@exercise("00.1", points=1, title="another strategy", rubric="1 point for both numbers")
def _distance():
    A = partition(SKELETONS["mocap_15"], "distance")
    ones = int(A[1].sum())
    return Question(
        expected=[len(A), ones],
        mistakes={
            "each bone is seen from both of its ends, so it makes two ones.": [len(A), ones // 2],
            "the joints themselves are in subset 0, not in subset 1.": [len(A), ones + 15],
            "K is the number of subsets: labels 0 and 1 make two.": [1, ones],
            "those are the numbers of the spatial strategy.": [3, ones // 2],
        },
    )


@exercise("00.2", points=1, title="who notices a wrong joint in one layer", rubric="1 point for the number of joints")
def _noticed():
    skeleton = SKELETONS["mocap_15"]
    hops = hop_distance(skeleton)[skeleton.joints.index("left_wrist")]
    return Question(
        expected=int((hops <= 1).sum()),
        mistakes={
            "the wrist reads itself, too, through subset 0.": int((hops == 1).sum()),
            "the shoulder is two bones away. It notices in the second layer.": int((hops <= 2).sum()),
            "one layer reads direct neighbours only, not the whole body.": 15,
        },
    )


@exercise("00.3", points=1, title="what the last layer sees of a short clip", rubric="1 point for both numbers")
def _short_clip():
    return Question(
        expected=[10, 39],
        mistakes={
            "153 frames is what row 10 could see; the clip has fewer. Beyond its ends are zeros.": [10, 153],
            "stride 2 halves the frames at rows 5 and 8.": [39, 39],
            "halves are rounded up: 39, 20, 10.": [9, 39],
        },
    )
