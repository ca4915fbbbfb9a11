"""The pictures of the spatial convolution: the numbers in them are the sums that the library computes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import words
from matplotlib.patches import Polygon, Rectangle

import figures
from figures.page.style import CENTRIFUGAL, CENTRIPETAL, ROOT
from reference import PAPER_STRATEGIES, SKELETONS, Skeleton, normalize, partition, spatial_conv

TOY, MOCAP = SKELETONS["toy_5"], SKELETONS["mocap_15"]
A_HAT = normalize(partition(TOY, "spatial"), "row", alpha=0)
F, W = np.array([2.0, 5, 7, 4, 1]), np.array([1.0, -2, 3])
OWN = lambda i, j: (i + j) % 4  # noqa: E731


def outlines(figure):
    """How many boxes have which outline: (colour, dashed)."""
    boxes = [patch for ax in figure.axes for patch in ax.patches if isinstance(patch, Rectangle)]
    drawn = [box for box in boxes if box.get_edgecolor()[3] > 0]
    styles = [(plt.matplotlib.colors.to_hex(box.get_edgecolor()), box.get_linestyle() != "solid") for box in drawn]
    return {style: styles.count(style) for style in styles}


def test_the_worked_sum_writes_what_the_convolution_computes():
    drawn = words(figures.weighted_sum(TOY, A_HAT, F, 1, W=W))
    f_out = spatial_conv(F.reshape(1, 1, 5), A_HAT, W.reshape(1, 1, 3))[0, 0]
    assert f_out[1] == pytest.approx(13)
    assert {"13", "= 5", "= 2", "= 4", "· 1", "· −2", "· 3", "= −4", "= 12", "0.333", "2.333", "1.333"} <= set(drawn)
    assert "f_out[chest] = sum over k =" in drawn


def test_without_weights_or_with_one_subset_there_is_no_total():
    assert not any("sum over k" in text for text in words(figures.weighted_sum(TOY, A_HAT, F, 1)))
    one = words(figures.weighted_sum(TOY, A_HAT, F, 1, k=2, W=W))
    assert one[-3:] == ["= 4", "· 3", "= 12"]
    assert not any("subset 1" in text for text in one)


def test_a_neighbour_has_the_outline_of_its_subset_twice():
    found = outlines(figures.weighted_sum(TOY, A_HAT, F, 1))
    # Twice each: the weight and the product. Features are black too, and solid.
    assert found[ROOT.lower(), False] == 2
    assert found[CENTRIPETAL.lower(), False] == 2
    assert found[CENTRIFUGAL.lower(), True] == 2 * 3


def test_a_product_that_is_zero_keeps_its_outline_and_a_missing_edge_has_none():
    still = outlines(figures.weighted_sum(TOY, A_HAT, np.zeros(5), 1, k=2))
    assert still[CENTRIFUGAL.lower(), True] == 6


def test_large_bodies_show_the_neighbourhood_only():
    A = normalize(partition(MOCAP, "spatial"), "row", alpha=0)
    drawn = words(figures.weighted_sum(MOCAP, A, np.arange(15.0), MOCAP.joints.index("right_shoulder")))
    assert {"chest", "right\nshoulder", "right\nelbow"} <= set(drawn)
    assert "pelvis" not in drawn


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_matrix_product_writes_what_numpy_computes(side):
    A = A_HAT + np.array([0, 0, 0.25])[:, None, None] * (A_HAT > 0)  # so that no result is a feature by chance
    drawn = words(figures.matrix_product(TOY, A, F, 1, k=2, side=side))
    assert [text for text in drawn if text in ("6.25", "7")] == ["7", "6.25", "7"]  # f[head]; pelvis; chest
    np.testing.assert_allclose(A[2] @ F, [6.25, 7, 0, 0, 0])
    assert ("root i (row)" in drawn) == (side == "left")


def test_right_means_transposed():
    on_right = figures.matrix_product(TOY, A_HAT, F, 1, k=2, side="right").axes[0].collections[0]
    places = sorted((box.y0 + 0.5, box.x0 + 0.5) for box in (path.get_extents() for path in on_right.get_paths()))
    assert places == [(1, 0), (2, 1), (3, 1), (4, 1)]  # (neighbour, root)


@pytest.mark.parametrize(("side", "frame"), [("left", (-0.5, 0.5, 5, 1)), ("right", (0.5, -0.5, 1, 5))])
def test_the_frame_is_around_the_root(side, frame):
    (box,) = figures.matrix_product(TOY, A_HAT, F, 1, k=2, side=side).axes[0].patches
    assert (box.get_x(), box.get_y(), box.get_width(), box.get_height()) == frame


@pytest.mark.parametrize("strategy", [*PAPER_STRATEGIES, OWN], ids=[*PAPER_STRATEGIES, "own"])
def test_every_strategy_is_readable(strategy, assert_readable):
    for skeleton in (TOY, MOCAP, SKELETONS["ntu_25"], Skeleton("dot", ("only",), (), center=0)):
        A = normalize(partition(skeleton, strategy), "joint")
        f = -np.round(np.linspace(1, 99, skeleton.num_joints), 3)
        root = skeleton.num_joints // 3
        assert_readable(figures.weighted_sum(skeleton, A, f, root, W=-9.125 * np.ones(len(A)), title="one root"))
        assert_readable(figures.weighted_sum(skeleton, A, f, root, k=0))
        if skeleton.num_joints <= 6:
            assert_readable(figures.matrix_product(skeleton, A, f, root, title="all roots"))
            assert_readable(figures.matrix_product(skeleton, A, f, root, side="right"))


# joint_vectors

POSES = np.stack([figures.rest_pose(TOY), figures.rest_pose(TOY) + np.array([3, 0])])
VECTORS = np.zeros((2, 5, 2))
VECTORS[:, 2] = 0, 0.65  # from the chest to the head


@pytest.mark.parametrize(("at", "start"), [("tip", (0, 0.75)), ("tail", (0, 1.4))])
def test_an_arrow_ends_or_starts_at_its_joint(at, start):
    for panel, ax in enumerate(figures.joint_vectors(TOY, POSES, VECTORS, at=at).axes):
        (arrow,) = (patch for patch in ax.patches if isinstance(patch, Polygon))
        corners = arrow.get_xy() - (3 * panel, 0)
        np.testing.assert_allclose(corners[:, 1].min(), start[1], atol=1e-3)
        np.testing.assert_allclose(corners[:, 1].max(), start[1] + 0.65, atol=1e-3)
        np.testing.assert_allclose(corners[:, 0].mean(), 0, atol=0.05)


def test_all_panels_have_one_scale():
    larger = POSES * np.array([1, 2])[:, None, None]
    panels = figures.joint_vectors(TOY, larger, VECTORS).axes
    assert np.ptp(panels[0].get_ylim()) == pytest.approx(np.ptp(panels[1].get_ylim()))
    for ax, pose in zip(panels, larger, strict=True):
        (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
        assert np.all((pose > (left, low)) & (pose < (right, high)))


@pytest.mark.parametrize("name", ["toy_5", "mocap_15", "hand_21"])
def test_headings_are_readable(name, assert_readable):
    skeleton = SKELETONS[name]
    pose = figures.rest_pose(skeleton)
    for count in (1, 6):
        poses = np.stack([pose] * count)
        headings = [f"frame {10 * t}" for t in range(count)]
        assert_readable(figures.joint_vectors(skeleton, poses, 0.1 * poses, headings=headings, title="positions"))


# errors


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.weighted_sum(TOY, A_HAT, F, 5), "root .* must be an integer from 0 to 4, got 5"),
        (lambda: figures.weighted_sum(TOY, A_HAT, F, 1, k=3), "k must be an integer from 0 to 2, got 3"),
        (lambda: figures.weighted_sum(TOY, A_HAT[0], F, 1), r"A_hat must be \(K, V, V\), got \(5, 5\)"),
        (lambda: figures.weighted_sum(TOY, A_HAT, F[:4], 1), r"f must be \(5,\) finite numbers, one for each joint"),
        (lambda: figures.weighted_sum(TOY, A_HAT, F, 1, W=W[:2]), r"W must be \(3,\) finite numbers"),
        (lambda: figures.weighted_sum(TOY, A_HAT, F * np.nan, 1), "f must be"),
        (lambda: figures.weighted_sum(MOCAP, np.ones((1, 15, 15)), np.ones(15), 1), "has 15 neighbours"),
        (lambda: figures.matrix_product(MOCAP, np.ones((1, 15, 15)), np.ones(15), 1), "joints must be .* 6, got 15"),
        (lambda: figures.matrix_product(TOY, A_HAT, F, 1, k=-1), "k must be an integer from 0 to 2, got -1"),
        (lambda: figures.matrix_product(TOY, A_HAT, F, 1, side="top"), "got 'top'"),
        (lambda: figures.joint_vectors(TOY, POSES[:, :4], VECTORS), r"poses must be \(P, 5, 2\), got \(2, 4, 2\)"),
        (lambda: figures.joint_vectors(TOY, POSES, VECTORS[0]), "2 poses but 1 times vectors"),
        (lambda: figures.joint_vectors(TOY, POSES, VECTORS * np.inf), r"vectors\[0, 0\] is not finite"),
        (lambda: figures.joint_vectors(TOY, POSES, VECTORS, headings=["one"]), "1 headings for 2 poses"),
        (lambda: figures.joint_vectors(TOY, POSES, VECTORS, at="end"), "got 'end'"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_errors_name_the_culprit(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.weighted_sum("toy_5", A_HAT, F, 1),
        lambda: figures.matrix_product("toy_5", A_HAT, F, 1),
        lambda: figures.joint_vectors("toy_5", POSES, VECTORS),
    ],
)
def test_a_name_in_place_of_an_object_is_refused(draw):
    with pytest.raises(TypeError, match="expected a Skeleton, got 'toy_5'"):
        draw()
