"""The exercises of notebook 06: the network."""

import numpy as np

from ..layer_table import layer_table
from ..layers import fold_persons
from ..layouts import SKELETONS
from ..skeleton import hop_distance
from .exercise import Question, exercise

_NO_RESIDUAL = "the residual of row 8 has a 1x1 convolution with a bias, and a batch norm."


@exercise("06.1", points=2, title="a clip folded for the data batch norm", rubric="1 point for videos, 1 for channels")
def _fold():
    N, C, T, V, M = 2, 3, 4, 5, 2
    clip = np.arange(N * C * T * V * M).reshape(N, C, T, V, M)
    return Question(
        ask=lambda answer: answer(clip.copy()),
        expected=fold_persons(clip)[..., 0],
        mistakes={
            "your channels are in the order c·V + v.": clip.transpose(0, 4, 1, 3, 2).reshape(N * M, C * V, T),
            "your videos are in the order m·N + n.": clip.transpose(4, 0, 3, 1, 2).reshape(N * M, V * C, T),
            "the axes were never swapped; reshape only cuts a line of numbers anew.": clip.reshape(N * M, V * C, T),
        },
        tolerance=0,
    )


def _row_8():
    return layer_table(T=300, V=18, M=1, K=2, gamma=5).rows[7]


@exercise("06.2a", points=2, title="parameters of row 8", rubric="1 point for the convolutions, 1 for all the rest")
def _parameters():
    count = _row_8().parameters
    no_biases = (
        "each convolution has biases, too: the spatial one C_out·K, the temporal and the residual one C_out each."
    )
    return Question(
        expected=count,
        mistakes={_NO_RESIDUAL: count - 129 * 256 - 2 * 256, no_biases: count - (2 + 1 + 1) * 256},
        tolerance=0,
    )


@exercise(
    "06.2b", points=2, title="multiply-adds of row 8", rubric="1 point with the frames of the wrong side of the stride"
)
def _multiply_adds():
    count = _row_8().multiply_adds
    late = "the spatial convolution comes before the stride: it has 150 frames."
    return Question(
        expected=count,
        mistakes={_NO_RESIDUAL: count - 128 * 256 * 18 * 75, late: count - 2 * 256 * 18 * 146 * 75},
        tolerance=0,
    )


@exercise("06.3", points=2, title="the mean over present persons", rubric="1 point for the sum, 1 for what divides it")
def _mean_over_present():
    f = np.random.default_rng(0).random((6, 4, 3, 5))  # N = 2, M = 3
    present = np.array([[True, False, False], [True, True, False]])
    first, _, _, fourth, fifth, _ = of_video = f.mean(axis=(2, 3))
    return Question(
        ask=lambda answer: answer(f.copy(), present.copy()),
        expected=np.stack([first, (fourth + fifth) / 2]),
        mistakes={
            "the absent ones are still in the mean.": of_video.reshape(2, 3, 4).mean(axis=1),
            "you divided by M, not by how many are present.": np.stack([first, fourth + fifth]) / 3,
            "video n·M + m is person m of clip n; you took m·N + n.": np.stack([first, (of_video[1] + fourth) / 2]),
        },
    )


@exercise("06.4", points=2, title="the first row to notice a moved ankle", rubric="1 point for one hop a row")
def _first_row():
    skeleton = SKELETONS["mocap_15"]
    hops = hop_distance(skeleton)[skeleton.joints.index("right_ankle"), skeleton.joints.index("left_wrist")]
    everywhere = (
        "look at the left wrist alone, and in inference: in training the statistics carry it everywhere at once."
    )
    return Question(
        expected=int(hops),
        mistakes={everywhere: 1, "blocks count from 0, rows from 1.": int(hops) - 1},
        tolerance=0,
    )
