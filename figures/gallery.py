"""The figures that the README shows: what draws each, and its text for readers who do not see it.

python -m figures              renders figures/gallery/*.svg
python -m figures --out DIR    renders them into DIR
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import matplotlib.pyplot as plt

from reference import SKELETONS, layer_table, load_clips, normalize, partition

from .graph.matrices import adjacency_matrices
from .graph.subsets import skeleton_partition
from .graph.weights import edge_weights
from .network.cost import cost_curves, load_cost
from .network.layer_table_picture import layer_table_picture
from .network.overview import overview
from .page.style import save_svg
from .time.film import film_strip

FOLDER = Path(__file__).parent / "gallery"


class Picture(NamedTuple):
    """One entry of the gallery."""

    draw: Callable
    alt: str


def _overview():
    mocap = load_clips("mocap_15")
    skeleton = SKELETONS["mocap_15"]
    return overview(mocap.clip("walk"), skeleton, skeleton.joints.index("left_elbow"))


def _film_strip(name):
    return film_strip(load_clips("mocap_15").clip(name), SKELETONS["mocap_15"])


def _partition_strategies():
    skeleton = SKELETONS["openpose_18"]
    stacks = {
        "uni-labeling, K = 1": partition(skeleton, "uni_labeling"),
        "distance, K = 2": partition(skeleton, "distance"),
        "spatial, K = 3": partition(skeleton, "spatial"),
    }
    return skeleton_partition(skeleton, stacks, skeleton.joints.index("left_shoulder"))


def _adjacency_spatial():
    skeleton = SKELETONS["openpose_18"]
    titles = ("k = 0: root", "k = 1: centripetal", "k = 2: centrifugal")
    return adjacency_matrices(partition(skeleton, "spatial"), skeleton, titles=titles)


def _edge_weights():
    skeleton = SKELETONS["openpose_18"]
    A = partition(skeleton, "spatial")
    stacks = {"symmetric": normalize(A, "symmetric"), "two-sided": normalize(A, "two_sided")}
    return edge_weights(skeleton, stacks, (1, 2))


GALLERY = {
    "overview.svg": Picture(
        _overview,
        "Three panels and a formula. Top: eight stick figures of a walking person, seen from the side. Lower left: a"
        " body of 15 joints with the neighbourhood of joint 13, the left elbow, in colour: the elbow black, the"
        " shoulder blue (centripetal, closer to the centre), the wrist vermillion (centrifugal, farther from it). Lower"
        " right: three 15 by 15 matrices, one for each subset, normalised two-sided: the diagonal in black, entries"
        " towards the centre in blue, and their mirror image in vermillion; the row of joint 13 is framed. Below: f_out"
        " = sum over k of Lambda_k^(-1/2) A_k Lambda_k^(-1/2) f_in W_k.",
    ),
    "film_strip_walk.svg": Picture(
        lambda: _film_strip("walk"),
        "Film strip of a walk to the right, frames 0 to 38 of a motion capture clip: eight stick figures above a ground"
        " line, right limbs dark and solid, left limbs light and dashed; left and right legs take turns in front. The"
        " clip has no head; a grey disc stands for it.",
    ),
    "film_strip_kick.svg": Picture(
        lambda: _film_strip("kick"),
        "Film strip of a kick, frames 0 to 46 of a motion capture clip: eight stick figures above a ground line. The"
        " person leans back, the right leg shoots out forwards, straight and level, and comes down again.",
    ),
    "partition_spatial.svg": Picture(
        _partition_strategies,
        "The body of openpose_18 three times, each with the neighbourhood of the left shoulder in colour. Uni-labeling:"
        " shoulder, neck, elbow and hip are all black, one subset. Distance: the shoulder is black, its three"
        " neighbours are green squares. Spatial: the shoulder is black, the neck, which is the centre, a blue drop, and"
        " elbow and hip, farther from the centre, are hollow vermillion drops on dashed bones.",
    ),
    "adjacency_spatial.svg": Picture(
        _adjacency_spatial,
        "The three 18 by 18 matrices of the spatial partition of openpose_18, row = root, column = neighbour. k = 0:"
        " the diagonal. k = 1, centripetal: one entry in every row but that of the centre. k = 2, centrifugal: the"
        " transpose of k = 1.",
    ),
    "edge_weights_symmetric_vs_two_sided.svg": Picture(
        _edge_weights,
        "The weights of the normalised matrices as arrows on the body of openpose_18. Under the symmetric normalisation"
        " a few arrows are wide and dark, with the weight 31.6: for k = 1 the three that leave the centre, for k = 2"
        " the six that leave ears, wrists and ankles. All others weigh 1 or less. Under the two-sided normalisation"
        " every arrow is thin, with weights from 0.58 to 1.",
    ),
    "layer_table.svg": Picture(
        lambda: layer_table_picture(layer_table()),
        "The ten layers as a table with bars. Channels grow from 2 to 64, to 128 at row 5 and to 256 at row 8; frames"
        " shrink from 300 to 150 at row 5 and to 75 at row 8, the two rows with stride 2. Parameters grow from 39,635"
        " to 790,355 a row, 3,098,590 in all; multiply-adds come to 17.1 billion for two persons. One frame of the last"
        " row sees 153 frames of the clip.",
    ),
    "cost.svg": Picture(
        lambda: cost_curves(load_cost()),
        "Four panels with logarithmic axes: milliseconds of the forward on one thread against frames T, joints V, clips"
        " N and width. In each, the times of the NumPy reference, the twin and the fused twin lie above a grey line,"
        " the multiply-adds alone. Against T, V and N all lines rise in proportion to the size; against width, four"
        " times for each doubling where the network is wide.",
    ),
}


def render(folder=FOLDER):
    """Draw every figure of the gallery into `folder`, which is made if need be, and yield each file's path."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in GALLERY.items():
        figure = picture.draw()
        save_svg(figure, folder / name)
        plt.close(figure)
        yield folder / name
