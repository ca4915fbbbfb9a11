"""Inside the network: cells are as dark as activations are large, diagrams show the steps that a row has."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from drawn import words
from matplotlib.patches import PathPatch, Rectangle

import figures
from reference import SKELETONS, layer_table

TOY = SKELETONS["toy_5"]
TABLE = layer_table(T=47, V=15, M=1, in_channels=3)


def brightness(ax, t, v):
    """How bright the cell of frame t and joint v is, of the one shade that covers its middle."""
    covering = [patch for patch in ax.patches if isinstance(patch, PathPatch) and covers(patch, t, v)]
    assert len(covering) == 1
    return sum(covering[0].get_facecolor()[:3])


def covers(patch, t, v):
    boxes = [polygon.T for polygon in patch.get_path().to_polygons()]
    return any(min(x) < t < max(x) and min(y) < v < max(y) for x, y in boxes)


def test_cells_are_darker_the_larger_the_mean_size_over_the_channels():
    f = np.zeros((2, 3, 5))
    f[:, 0, 0] = -4, 4  # signs do not cancel
    f[:, 1, 0] = 2, 2
    f[:, 2, 4] = 0, 2
    ax = figures.activation_maps({"f": f}, TOY).axes[0]
    shades = [brightness(ax, t, v) for t, v in ((0, 0), (1, 0), (2, 4), (0, 4))]
    assert shades == sorted(set(shades))


def test_every_cell_has_exactly_one_shade():
    f = np.random.default_rng(0).normal(size=(3, 7, 5))
    ax = figures.activation_maps({"f": f}, TOY).axes[0]
    for t in range(7):
        for v in range(5):
            brightness(ax, t, v)


def test_maps_are_equally_wide_and_say_their_own_frames_and_scale():
    f = np.ones((1, 24, 5))
    figure = figures.activation_maps({"before": f, "after": f[:, ::2] / 4}, TOY)
    before, after = (ax for ax in figure.axes if ax.get_title())
    assert before.get_position().width == pytest.approx(after.get_position().width)
    assert [ax.get_xticks().tolist() for ax in (before, after)] == [[0, 11, 23], [0, 5, 11]]
    assert {"before", "after", "frame", "1", "0.25", "left hand"} <= set(words(figure))
    assert [label.get_text() for label in before.get_yticklabels()] == [j.replace("_", " ") for j in TOY.joints]


def test_nothing_but_zeros_and_a_single_frame_can_be_drawn():
    ax = figures.activation_maps({"nothing": np.zeros((2, 1, 5))}, TOY).axes[0]
    assert brightness(ax, 0, 3) > 2.9


@pytest.mark.parametrize("skeleton", SKELETONS.values(), ids=lambda skeleton: skeleton.name)
def test_text_of_the_maps_is_readable(skeleton, assert_readable):
    f = np.random.default_rng(0).normal(size=(2, 3, skeleton.num_joints))
    for count in (1, 2, 4):
        maps = {f"row {n}\n256 × 300 × {skeleton.num_joints}": f / (n + 1) for n in range(count)}
        assert_readable(figures.activation_maps(maps, skeleton, title="sizes"))


def steps(figure, place):
    """The words in the boxes of one block, from left to right, those of the residual last."""
    ax = figure.axes[place]
    boxes = [patch.get_bbox() for patch in ax.patches if isinstance(patch, Rectangle)]
    inside = [t for t in ax.texts if any(box.contains(*t.get_position()) for box in boxes)]
    return [t.get_text() for t in sorted(inside, key=lambda t: (t.get_position()[1] < 0.5, t.get_position()[0]))]


def test_a_diagram_has_the_steps_of_its_row():
    figure = figures.block_diagrams(TABLE, (1, 2, 5))
    first = ["spatial conv\n3 → 64", "BN", "ReLU", "temporal conv", "BN", "ReLU"]
    second = ["spatial conv\n64 → 64", "BN", "ReLU", "temporal conv", "BN", "dropout", "ReLU"]
    fifth = ["spatial conv\n64 → 128", "BN", "ReLU", "temporal conv\nstride 2", "BN", "dropout", "ReLU"]
    assert [steps(figure, place) for place in range(3)] == [first, second, [*fifth, "1x1 conv, stride 2", "BN"]]
    written = [{text.get_text() for text in ax.texts} for ax in figure.axes]
    assert {"row 1", "3 ×\n47 × 15", "64 ×\n47 × 15", "no residual"} <= written[0]
    assert {"row 2", "residual: the input as it is", "+"} <= written[1]
    assert {"row 5", "64 ×\n47 × 15", "128 ×\n24 × 15", "residual", "+"} <= written[2]


def test_a_residual_that_changes_channels_alone_has_no_stride():
    table = layer_table(layers=((2, 8, 1), (8, 16, 1)))
    assert steps(figures.block_diagrams(table, [2]), 0)[-2:] == ["1x1 conv", "BN"]


def test_words_stay_inside_their_boxes():
    figure = figures.block_diagrams(TABLE, [8])
    renderer = figure.canvas.get_renderer()
    boxes = [patch.get_window_extent(renderer) for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    inside = 0
    for text in figure.axes[0].texts:
        words = text.get_window_extent(renderer)
        for box in boxes:
            if box.contains((words.x0 + words.x1) / 2, (words.y0 + words.y1) / 2):
                assert box.x0 < words.x0, text.get_text()
                assert words.x1 < box.x1, text.get_text()
                inside += 1
    assert inside == len(boxes) == 9


def test_text_of_the_diagrams_is_readable(assert_readable):
    assert_readable(figures.block_diagrams(TABLE, range(1, 11), title="ten rows"))
    assert_readable(figures.block_diagrams(layer_table(V=33), (1, 2, 5, 8, 10)))


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (
            lambda: figures.activation_maps({"a": np.zeros((2, 3, 4))}, TOY),
            r"'a' must be \(C, T, V\), V = 5 .*, got \(2",
        ),
        (lambda: figures.activation_maps({"a": np.zeros((3, 5))}, TOY), r"'a' must be .* got \(3, 5\)"),
        (lambda: figures.activation_maps({"a": np.zeros((2, 0, 5))}, TOY), r"'a' must be .* got \(2, 0, 5\)"),
        (lambda: figures.activation_maps({"a": np.full((2, 3, 5), np.inf)}, TOY), "'a' has inf in channel 0, frame 0"),
        (lambda: figures.activation_maps({}, TOY), "1 to 4 maps fit side by side, got 0"),
        (lambda: figures.activation_maps(dict.fromkeys("abcde", np.zeros((1, 1, 5))), TOY), "got 5"),
        (lambda: figures.block_diagrams(TABLE, [0]), "rows are numbered 1 to 10, got 0"),
        (lambda: figures.block_diagrams(TABLE, [1, 11]), "got 11"),
        (lambda: figures.block_diagrams(TABLE, []), "rows names no row"),
    ],
)
def test_what_does_not_fit_is_refused(draw, said):
    with pytest.raises(ValueError, match=f"(activation_maps|block_diagrams): .*{said}"):
        draw()
    assert not plt.get_fignums()


def test_a_name_in_place_of_an_object_is_refused():
    with pytest.raises(TypeError, match="expected a Skeleton, got 'toy_5'"):
        figures.activation_maps({"a": np.zeros((1, 1, 5))}, "toy_5")
    with pytest.raises(TypeError, match="expected what reference.layer_table"):
        figures.block_diagrams("rows", [1])
