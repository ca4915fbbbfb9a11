"""All labels at once: each half of a bone tells one, a changed bone is banded, and what does not fit is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex, to_rgb

import figures
from figures.page.style import CENTRIFUGAL, CENTRIPETAL, LIGHT, ROOT
from reference import SKELETONS, Skeleton, partition

TOY = SKELETONS["toy_5"]


def halves(ax, skeleton):
    """{(i, j): (colour, whether solid)} of the half at i of the bone that leads to j."""
    pose = figures.rest_pose(skeleton)
    found = {}
    for collection in ax.collections:
        for line in collection.get_segments():
            for i, j in [pair for bone in skeleton.bones for pair in (bone, bone[::-1])]:
                if np.allclose(line, [pose[i], (pose[i] + pose[j]) / 2]):
                    red_green_blue = tuple(np.round(collection.get_color()[0][:3], 3))
                    found[i, j] = red_green_blue, collection.get_linestyle()[0][1] is None
    return found


def bands(ax):
    wide = [c for c in ax.collections if isinstance(c, LineCollection) and c.get_linewidth()[0] > 10]
    assert all(to_hex(c.get_color()[0]) == LIGHT.lower() for c in wide)
    return [line for collection in wide for line in collection.get_segments()]


def rgb(color):
    return tuple(np.round(to_rgb(color), 3))


def test_each_half_has_the_style_of_the_label_seen_from_its_end():
    found = halves(figures.label_map(TOY, partition(TOY, "spatial")).axes[0], TOY)
    inwards = {(1, 0), (2, 1), (3, 1), (4, 1)}  # the root first
    outwards = {(j, i) for i, j in inwards}
    assert found == dict.fromkeys(inwards, (rgb(CENTRIPETAL), True)) | dict.fromkeys(
        outwards, (rgb(CENTRIFUGAL), False)
    )


def test_drops_point_from_the_root_to_the_neighbour():
    ax = figures.label_map(TOY, partition(TOY, "spatial")).axes[0]
    (tip,) = [line.get_marker().vertices[0] for line in ax.lines if np.allclose(line.get_xydata(), [(0, 0.3 * 0.75)])]
    assert np.allclose(tip, (0, 1.6))  # from the pelvis up to the chest
    assert sum(not isinstance(line.get_marker(), str) for line in ax.lines) == 8


def test_equally_far_joints_are_black_in_both_halves():
    ring = Skeleton("hands joined", TOY.joints, [*TOY.bones, (3, 4)], 0)
    pose = figures.rest_pose(ring)
    ax = figures.label_map(ring, partition(ring, "spatial"), pose=pose).axes[0]
    found = halves(ax, ring)
    assert found[3, 4] == found[4, 3] == (rgb(ROOT), True)
    assert found[1, 0][0] == rgb(CENTRIPETAL)


def test_a_neighbour_that_is_left_out_is_a_thin_line_and_a_joint_without_label_is_hollow():
    A = partition(TOY, "distance")
    A[:, 1] = 0
    ax = figures.label_map(TOY, A).axes[0]
    thin = [c for c in ax.collections if c.get_linewidth()[0] < 1]
    assert sum(len(collection.get_segments()) for collection in thin) == 4
    assert [line.get_markerfacecolor() for line in ax.lines if line.get_markersize() == 5] == ["white"]


def test_bones_with_other_labels_than_in_the_first_panel_are_banded():
    A = partition(TOY, "spatial")
    turned = partition(TOY, "spatial", distance_to_center=np.array([1.0, 0, 2, 2, 2]))  # the chest is the centre
    panels = figures.label_map(TOY, {"hops": A, "turned": turned, "hops again": A}, strategy="spatial").axes[::2]
    assert [len(bands(ax)) for ax in panels] == [0, 1, 0]
    pose = figures.rest_pose(TOY)
    np.testing.assert_allclose(bands(panels[1])[0], pose[[1, 0]])
    others = figures.label_map(TOY, {"spatial": A, "distance": partition(TOY, "distance")}).axes[::2]
    assert not bands(others[1])  # another number of subsets: nothing to compare


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_every_skeleton_is_readable(skeleton, assert_readable):
    strategies = ("uni_labeling", "distance", "spatial", lambda i, j: (i + 2 * j) % 3)
    stacks = {str(place): partition(skeleton, strategy) for place, strategy in enumerate(strategies)}
    assert_readable(figures.label_map(skeleton, stacks["2"], title="one body"))
    assert_readable(figures.label_map(skeleton, {"one": stacks["1"], "two": stacks["2"]}, title="two bodies"))
    assert_readable(figures.label_map(skeleton, {name: stacks[name] for name in "123"}))


A5 = partition(TOY, "spatial")


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: figures.label_map(TOY, A5[0]), r"A must be \(K, V, V\), got \(5, 5\)"),
        (lambda: figures.label_map(SKELETONS["coco_17"], A5), "A has 5 joints but skeleton 'coco_17' has 17"),
        (lambda: figures.label_map(TOY, A5[[0, 0]]), "neighbour 0 of root 0 is in the subsets 0 and 1 of A at once"),
        (lambda: figures.label_map(TOY, partition(TOY, "spatial", max_hop=2)), "no bone joins neighbour 3 to root 2"),
        (lambda: figures.label_map(TOY, {}), "A holds no panel"),
        (lambda: figures.label_map(TOY, A5, pose=np.zeros((4, 2))), r"pose must be \(5, 2\)"),
    ],
)
def test_what_does_not_fit_is_refused(draw, said):
    with pytest.raises(ValueError, match=f"label_map: {said}"):
        draw()
    assert not plt.get_fignums()


def test_a_strategy_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="cannot have made the 3 subsets"):
        figures.label_map(TOY, A5, strategy="uni_labeling")
    with pytest.raises(TypeError, match="label_map: expected a Skeleton, got 'toy_5'"):
        figures.label_map("toy_5", A5)
    assert not plt.get_fignums()
