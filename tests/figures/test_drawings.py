"""What the functions draw: every skeleton, every strategy, the right poses, and errors that name the culprit."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import words
from matplotlib.collections import PatchCollection
from matplotlib.patches import Polygon

import figures
from figures.graph.subset_style import recognise, subset_styles
from figures.page.style import CENTRIFUGAL, CENTRIPETAL
from figures.time.film import film_strip
from figures.time.views import projected
from reference import PAPER_STRATEGIES, SKELETONS, STRATEGIES, Skeleton, layer_table, load_clips, normalize, partition

TOY, OPENPOSE = SKELETONS["toy_5"], SKELETONS["openpose_18"]
MINE = Skeleton("mine", tuple("abcdef"), ((0, 1), (1, 2), (2, 3), (3, 4), (2, 5)), center=2)
OWN = lambda i, j: (i + j) % 4  # noqa: E731


@pytest.mark.parametrize("strategy", [*PAPER_STRATEGIES, OWN], ids=[*PAPER_STRATEGIES, "own"])
@pytest.mark.parametrize("skeleton", [*SKELETONS.values(), MINE], ids=lambda skeleton: skeleton.name)
def test_every_skeleton_draws_with_every_strategy(skeleton, strategy):
    A = partition(skeleton, strategy)
    A_hat = normalize(A)
    roots = {0, skeleton.center, skeleton.num_joints - 1} if strategy == "spatial" else {skeleton.center}
    drawn = [
        *(figures.skeleton_partition(skeleton, A, root) for root in roots),
        figures.adjacency_matrices(A_hat, skeleton),
        figures.edge_weights(skeleton, A_hat),
    ]
    for figure in drawn:
        figure.canvas.draw()  # a missing glyph or an impossible number warns here, and warnings are errors
        assert figure.number in plt.get_fignums()
    plt.close("all")


@pytest.mark.parametrize("skeleton", [*SKELETONS.values(), MINE], ids=lambda skeleton: skeleton.name)
def test_text_of_every_skeleton_is_readable(skeleton, assert_readable):
    A = partition(skeleton, "spatial")
    assert_readable(figures.skeleton_partition(skeleton, A, skeleton.center, title="one root"))
    assert_readable(figures.skeleton_partition(skeleton, {"spatial": A, "own": partition(skeleton, OWN)}, 1))
    assert_readable(figures.adjacency_matrices(normalize(A), skeleton, title="all of it"))
    assert_readable(figures.adjacency_matrices(A - 0.4 * A[::-1], skeleton))
    assert_readable(figures.edge_weights(skeleton, normalize(A), title="one for each k"))
    assert_readable(figures.edge_weights(skeleton, {m: normalize(A, m) for m in ("symmetric", "row")}, (1, 2)))


def test_nothing_is_left_of_the_style_afterwards():
    with plt.rc_context({"font.size": 7, "font.family": "serif", "svg.fonttype": "path", "figure.facecolor": "pink"}):
        before = dict(plt.rcParams)
        test_every_skeleton_draws_with_every_strategy(TOY, "spatial")
        figures.layer_table_picture(layer_table())
        assert dict(plt.rcParams) == before


# film_strip


@pytest.fixture(scope="module")
def walk():
    return load_clips("mocap_15").clip("walk")[0]  # (C, T, V, M)


def test_frames_are_evenly_spaced_and_numbered(walk):
    drawn = words(film_strip(walk, SKELETONS["mocap_15"], frames=4))
    assert [text for text in drawn if text[-1].isdigit()] == ["frame 0", "12", "25", "38"]
    drawn = words(film_strip(walk[None], SKELETONS["mocap_15"], frames=[3, 1]))
    assert [text for text in drawn if text[-1].isdigit()] == ["frame 3", "1"]


def test_fewer_frames_than_asked_for_are_drawn_once_each(walk):
    drawn = words(film_strip(walk[:, :2], SKELETONS["mocap_15"]))
    assert [text for text in drawn if text[-1].isdigit()] == ["frame 0", "1"]


def test_side_view_looks_to_the_right_and_front_view_at_the_viewer(walk):
    skeleton = SKELETONS["mocap_15"]
    track = walk[..., 0].transpose(1, 2, 0)
    present = np.ones(track.shape[:2], dtype=bool)
    side, front = (projected(track, present, skeleton, view, "film_strip") for view in ("side", "front"))
    assert side[-1, 0, 0] - side[0, 0, 0] > 1  # it walks along x, to the viewer's right
    left, right = (skeleton.joints.index(f"{s}_shoulder") for s in ("left", "right"))
    assert np.all(front[:, right, 0] < front[:, left, 0])
    np.testing.assert_array_equal(side[..., 1], track[..., 1])


def test_image_data_is_drawn_the_right_way_up(walk):
    skeleton = SKELETONS["mocap_15"]
    pixels = walk[:2] * np.array([100, -100]).reshape(2, 1, 1, 1) + 300
    up = film_strip(walk[:2], skeleton, view=(0, 1), frames=[0])
    down = film_strip(pixels, skeleton, view=(0, 1), frames=[0], y_down=True)
    neck, ankle = heights(up), heights(down)
    np.testing.assert_allclose(neck, ankle, atol=1.5)  # in pixels of the canvas


def heights(figure):
    """How high each joint is drawn on the canvas, left side first."""
    (ax,) = figure.axes
    lines = [line for line in ax.lines if line.get_marker() == "o"]
    return np.concatenate([ax.transData.transform(line.get_xydata())[:, 1] for line in lines])


def test_equal_aspect(walk):
    for figure in (
        film_strip(walk, SKELETONS["mocap_15"]),
        figures.skeleton_partition(TOY, partition(TOY, "spatial"), 1),
    ):
        figure.canvas.draw()
        scale = figure.axes[0].transData.transform([(0, 0), (1, 0), (0, 1)])
        assert np.isclose(scale[1, 0] - scale[0, 0], scale[2, 1] - scale[0, 1])


def test_absent_joints_are_not_drawn(walk):
    holes = walk.copy()
    holes[:, :, 12:15] = 0
    everything, most = (film_strip(clip, SKELETONS["mocap_15"], frames=[0]) for clip in (walk, holes))
    assert len(heights(everything)) == 15
    assert len(heights(most)) == 12


def test_absent_persons_are_announced(walk):
    two = np.concatenate([walk, np.zeros_like(walk)], axis=-1)
    assert "person 1 is absent in all 39 frames" in words(film_strip(two, SKELETONS["mocap_15"], person=1))
    gap = walk.copy()
    gap[:, 10:20] = 0
    assert "absent" in words(film_strip(gap, SKELETONS["mocap_15"], frames=[0, 15]))


def test_ground_belongs_to_three_dimensions(walk):
    def level_lines(figure):
        return [line for line in figure.axes[0].lines if len(line.get_ydata()) == 2 and np.ptp(line.get_ydata()) == 0]

    assert len(level_lines(film_strip(walk, SKELETONS["mocap_15"]))) == 1
    assert not level_lines(film_strip(walk, SKELETONS["mocap_15"], view=(0, 1)))


def test_left_and_right_differ_without_colour(walk):
    (ax,) = film_strip(walk, SKELETONS["mocap_15"], frames=[0]).axes
    styles = [line.get_linestyle()[0][1] for line in ax.collections]  # None is solid
    assert any(style is None for style in styles)
    assert any(style is not None for style in styles)


# skeleton_partition


def test_strategies_are_recognised_by_content():
    for skeleton in SKELETONS.values():
        for strategy in STRATEGIES:
            assert recognise(partition(skeleton, strategy), skeleton) == strategy
    assert recognise(partition(OPENPOSE, "distance", max_hop=3), OPENPOSE) == "distance"
    assert recognise(partition(OPENPOSE, OWN), OPENPOSE) is None


def test_a_single_joint_and_matrices_without_edges_can_be_drawn():
    dot = Skeleton("dot", ("only",), (), center=0)
    figures.skeleton_partition(dot, partition(dot, "spatial"), 0)
    figures.adjacency_matrices(np.zeros((1, 1, 1)), dot)
    assert "no edges" in words(figures.edge_weights(dot, np.zeros((1, 1, 1))))
    film_strip(np.ones((2, 1, 1, 1)), dot, view=(0, 1)).canvas.draw()


@pytest.mark.parametrize(
    ("strategy", "said"),
    [("uni_labeling", "0 root and neighbours"), ("distance", "1 neighbour"), ("spatial", "0 root / equally far"),
     ("widely_copied", "1 farther or equally far"), ("widely_copied", "2 closer"),
     (OWN, "subset 3")],
)  # fmt: skip
def test_the_legend_says_it_in_words(strategy, said):
    assert said in words(figures.skeleton_partition(OPENPOSE, partition(OPENPOSE, strategy), 5))


def test_neighbours_are_coloured_by_their_subset():
    figure = figures.skeleton_partition(OPENPOSE, partition(OPENPOSE, "spatial"), 5)
    pose = figures.rest_pose(OPENPOSE)
    color = {tuple(line.get_xydata()[0]): line.get_markeredgecolor() for line in figure.axes[0].lines
             if len(line.get_xydata()) == 1 and line.get_markerfacecolor() != "none"}  # fmt: skip
    assert color == {
        tuple(pose[5]): "#000000", tuple(pose[1]): CENTRIPETAL,
        tuple(pose[6]): CENTRIFUGAL, tuple(pose[11]): CENTRIFUGAL,
    }  # fmt: skip


def test_the_widely_copied_subsets_keep_the_colours_of_closer_and_farther():
    closer, farther = subset_styles(3, "spatial")[1:]
    _, first, second = subset_styles(3, "widely_copied")  # the other way round
    assert (first.color, first[2:]) == (CENTRIFUGAL, farther[2:])
    assert (second.color, second[2:]) == (CENTRIPETAL, closer[2:])


def test_small_skeletons_have_names_and_large_ones_numbers():
    assert "1 chest" in words(figures.skeleton_partition(TOY, partition(TOY, "spatial"), 1))
    assert {"0", "17"} <= set(words(figures.skeleton_partition(OPENPOSE, partition(OPENPOSE, "spatial"), 1)))


# adjacency_matrices, edge_weights, layer_table_picture


def test_matrices_name_their_axes_and_write_small_numbers():
    drawn = words(figures.adjacency_matrices(partition(TOY, "spatial"), TOY))
    assert {"root i (row)", "neighbour j (column)", "right hand", "1"} <= set(drawn)


def cells(figure):
    return [c for ax in figure.axes for c in ax.collections if isinstance(c, PatchCollection)]


def test_cells_are_where_the_numbers_are():
    first = cells(figures.adjacency_matrices(normalize(partition(TOY, "spatial")), TOY))[1]  # k = 1
    boxes = [path.get_extents() for path in first.get_paths()]
    assert [(box.y0 + 0.5, box.x0 + 0.5) for box in boxes] == [(1, 0), (2, 1), (3, 1), (4, 1)]  # (root, neighbour)
    np.testing.assert_allclose(first.get_array(), [31.6, 1, 1, 1], rtol=0.01)


def test_negative_weights_get_a_map_centred_on_zero():
    A = partition(TOY, "spatial") * np.array([1, -3, 0.5])[:, None, None]
    for collection in cells(figures.adjacency_matrices(A, TOY)):
        assert collection.norm.vmin == -collection.norm.vmax == -3
        assert collection.cmap(collection.norm(0.0)) == (1, 1, 1, 1)


def test_weights_that_explode_are_written_beside_their_bones_and_others_are_not():
    A = partition(OPENPOSE, "spatial")
    symmetric = words(figures.edge_weights(OPENPOSE, normalize(A, "symmetric"), 2))
    assert symmetric.count("31.6") == 6
    both = {"symmetric": normalize(A, "symmetric"), "two-sided": normalize(A, "two_sided")}
    assert words(figures.edge_weights(OPENPOSE, both, 1)).count("31.6") == 3
    assert {"symmetric, k = 1", "two-sided, k = 2", "weights 0.58 to 1.0"} <= set(
        words(figures.edge_weights(OPENPOSE, both, (1, 2)))
    )


def test_arrows_point_from_neighbour_to_root():
    A_hat = np.zeros((1, 5, 5))
    A_hat[0, 1, 0] = 2.0  # root: chest, neighbour: pelvis, which is below it
    (arrow,) = figures.edge_weights(TOY, A_hat).axes[0].patches
    assert isinstance(arrow, Polygon)
    tip = max(arrow.get_xy(), key=lambda corner: corner[1])
    pose = figures.rest_pose(TOY)
    assert abs(tip[0] - pose[1, 0]) < 1e-3
    assert pose[1, 1] - 0.15 < tip[1] < pose[1, 1]


def test_the_layer_table_shows_its_numbers():
    drawn = words(figures.layer_table_picture(layer_table(num_classes=60)))
    assert {"2 → 64", "256 × 75 × 25", "790,355", "3,021 M", "153", "3,098,590", "17.1 G", "stride 2"} <= set(drawn)
    assert drawn.count("stride 2") == 2


# errors

A18 = partition(OPENPOSE, "spatial")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 18), r"root .* must be an integer from 0 to 17, got 18"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, -1), "got -1"),
        (lambda: figures.skeleton_partition(TOY, A18, 0), "A has 18 joints but skeleton 'toy_5' has 5"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18[0], 0), r"A must be \(K, V, V\), got \(18, 18\)"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 0, labels="all"), "got 'all'"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 0, strategy="nearest"), "got 'nearest'"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 0, strategy="uni_labeling"), "the 3 subsets of A"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 0, pose=np.full((18, 2), np.nan)), "nan at joint 0"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18, 0, pose=np.zeros((5, 2))), r"pose must be \(18, 2\)"),
        (lambda: figures.skeleton_partition(OPENPOSE, A18[[0, 0]], 4), "neighbour 4 of root 4 is in 2 subsets"),
        (lambda: figures.adjacency_matrices(A18, TOY), "A has 18 joints but skeleton 'toy_5' has 5"),
        (lambda: figures.adjacency_matrices(A18, titles=["one"]), "1 titles for 3 matrices"),
        (lambda: figures.adjacency_matrices(A18[:0]), r"A must be \(K, V, V\), got \(0, 18, 18\)"),
        (lambda: figures.adjacency_matrices(A18 * np.nan), r"A\[0, 0, 0\] is nan"),
        (lambda: figures.edge_weights(OPENPOSE, A18, 3), "k must be an integer from 0 to 2, got 3"),
        (lambda: figures.edge_weights(OPENPOSE, {"x": A18[:, :5]}), r"A_hat must be \(K, V, V\), got \(3, 5, 18\)"),
        (lambda: figures.edge_weights(OPENPOSE, A18, ()), "k names no matrix"),
        (lambda: film_strip(np.ones((3, 4, 6, 1)), TOY), "has 6 joints but skeleton 'toy_5' has 5"),
        (lambda: film_strip(np.ones((2, 3, 4, 5, 1)), TOY), r"\(1, C, T, V, M\), got \(2, 3, 4, 5, 1\)"),
        (lambda: film_strip(np.ones((1, 4, 5, 1)), TOY), "at least 2 channels"),
        (lambda: film_strip(np.ones((3, 4, 5, 0)), TOY), r"1 person, got \(3, 4, 5, 0\)"),
        (lambda: film_strip(np.full((3, 4, 5, 1), np.nan), TOY), "clip has nan in channel 0, frame 0, joint 0"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, frames=[4]), "a frame number must be an integer from 0 to 3"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, frames=0), "frames must be at least 1, got 0"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, frames=[]), "frames names no frame"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, person=1), "person must be an integer from 0 to 0, got 1"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, view="top"), "got 'top'"),
        (lambda: film_strip(np.ones((3, 4, 5, 1)), TOY, view=(0, 3)), "a channel of view must be .* got 3"),
        (lambda: film_strip(np.ones((2, 4, 5, 1)), TOY), r"needs 3 coordinates, the clip has 2 channels"),
        (lambda: film_strip(np.ones((3, 4, 6, 1)), MINE), "names no left_... and right_... joints"),
        (lambda: figures.overview(np.ones((3, 4, 5, 1)), TOY, 5), "overview: root .* from 0 to 4, got 5"),
    ],
)  # fmt: skip
def test_errors_name_the_culprit(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.skeleton_partition("toy_5", A18, 0),
        lambda: figures.adjacency_matrices(A18, "toy_5"),
        lambda: figures.edge_weights("toy_5", A18),
        lambda: film_strip(np.ones((3, 4, 5, 1)), "toy_5"),
        lambda: figures.layer_table_picture("rows"),
    ],
)
def test_a_name_in_place_of_an_object_is_refused(draw):
    with pytest.raises(TypeError, match=r"expected .* got '(toy_5|rows)'"):
        draw()
