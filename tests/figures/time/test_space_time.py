"""The spatial temporal graph: every edge is there, the right neighbours are marked, nodes have their own numbers."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

import figures
from figures.page.style import LIGHT, ROOT
from reference import SKELETONS, Skeleton, adjacency

TOY = SKELETONS["toy_5"]
SPACE, TIME = "#007a5a", "#8b4a9c"


def marked(ax):
    """{colour of the edge: places} of the joints that are marked."""
    places = {}
    for line in ax.lines:
        if line.get_marker() in ("o", "s", "D") and len(line.get_xdata()) == 1:
            places.setdefault(to_hex(line.get_markeredgecolor()), []).append(tuple(line.get_xydata()[0]))
    return places


def numbers(ax):
    """{number of the node: its place}."""
    return {int(text.get_text()): text.get_position() for text in ax.texts if text.get_text().isdigit()}


@pytest.mark.parametrize("joint", range(5))
def test_marked_are_the_row_of_the_adjacency_matrix_and_the_joint_itself(joint):
    ax = figures.space_time_graph(TOY, joint).axes[0]
    node = {place: number for number, place in numbers(ax).items()}
    assert sorted(node.values()) == list(range(15))
    found = {color: sorted(node[place] for place in places) for color, places in marked(ax).items()}
    in_space = sorted(5 + int(v) for v in np.flatnonzero(adjacency(TOY)[joint]))
    assert found == {ROOT.lower(): [5 + joint], SPACE: in_space, TIME: [joint, 10 + joint]}


def test_every_temporal_edge_joins_a_joint_with_itself_in_the_next_frame():
    ax = figures.space_time_graph(TOY, 0).axes[0]
    node = {place: number for number, place in numbers(ax).items()}
    lines = [line for line in ax.lines if line.get_linestyle() != "None" and line.get_color() == LIGHT]
    ends = {tuple(sorted(node[tuple(end)] for end in line.get_xydata())) for line in lines}
    assert ends == {(n, n + 5) for n in range(10)}


def test_each_frame_has_its_own_pose():
    rest = figures.rest_pose(TOY)
    moving = rest + np.arange(5)[:, None, None] * np.array([0, 0.1])
    still, ax = (figures.space_time_graph(TOY, 1, pose=pose).axes[0] for pose in ([rest] * 5, moving))
    assert sorted(numbers(ax)) == list(range(25))
    heights = {number: y for number, (_, y) in numbers(still).items()}
    steps = {number: y - heights[number] for number, (_, y) in numbers(ax).items()}
    assert steps[12] - steps[11] == pytest.approx(0)  # the same frame
    assert steps[6] - steps[1] > 0.1  # one frame later: the pose is higher, and the frame is set off farther
    middle = [text.get_text() for text in ax.texts if text.get_text().startswith("frame")]
    assert middle == [f"frame {t}" for t in range(5)]


def test_no_node_lies_on_another():
    for skeleton in (*SKELETONS.values(), Skeleton("line", "abc", ((0, 1), (1, 2)), 0)):
        ax = figures.space_time_graph(skeleton, 0).axes[0]
        (nodes,) = (line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 3 * skeleton.num_joints)
        gaps = np.linalg.norm(nodes[:, None] - nodes, axis=-1) + 9 * np.eye(len(nodes))
        assert gaps.min() > 0.02
        plt.close("all")


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_text_is_readable(skeleton, assert_readable):
    assert_readable(figures.space_time_graph(skeleton, skeleton.center))
    assert_readable(figures.space_time_graph(skeleton, skeleton.num_joints - 1, title="space and time"))
    five = np.stack([figures.rest_pose(skeleton)] * 5)
    assert_readable(figures.space_time_graph(skeleton, 0, pose=five))


@pytest.mark.parametrize(
    ("joint", "pose", "said"),
    [
        (5, None, r"joint \(of skeleton 'toy_5'\) must be an integer from 0 to 4, got 5"),
        (0, np.zeros((4, 2)), r"pose must be \(5, 2\) for skeleton 'toy_5', got \(4, 2\)"),
        (0, np.zeros((3, 4, 2)), r"pose must be \(5, 2\) for skeleton 'toy_5', got \(4, 2\)"),
        (0, np.zeros((4, 5, 2)), "pose has 4 frames, expected an odd number, 3 or more"),
        (0, np.zeros((1, 5, 2)), "pose has 1 frames, expected an odd number, 3 or more"),
        (0, np.full((3, 5, 2), np.nan), "pose has nan at joint 0"),
    ],
)
def test_what_does_not_fit_is_refused(joint, pose, said):
    with pytest.raises(ValueError, match=f"space_time_graph: {said}"):
        figures.space_time_graph(TOY, joint, pose=pose)


def test_a_name_is_not_a_skeleton():
    with pytest.raises(TypeError, match="space_time_graph: expected a Skeleton, got 'toy_5'"):
        figures.space_time_graph("toy_5", 0)
