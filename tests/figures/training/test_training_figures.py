"""Curves, confusion matrices and class activation: what they show is what they were given."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

import figures
from figures.page.style import save_svg
from figures.training.training_files import DRAWINGS
from reference import SKELETONS, load_clips

TOY = SKELETONS["toy_5"]
COLUMNS = ("epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy")


def rows(epochs):
    return [
        dict(zip(COLUMNS, (e, 3 / e, 3.5 / e, 1 - 0.9 / e, 1 - 0.95 / e), strict=True)) for e in range(1, epochs + 1)
    ]


@pytest.mark.parametrize("epochs", [1, 2, 7, 50])
def test_curves_show_every_epoch_and_are_readable(epochs, assert_readable):
    figure = figures.training_curves(rows(epochs), title="mine")
    assert_readable(figure)
    for ax, quantity in zip(figure.axes, ("loss", "accuracy"), strict=True):
        for line, part in zip(ax.lines, ("train", "test"), strict=True):
            expected = [[row["epoch"], row[f"{part}_{quantity}"]] for row in rows(epochs)]
            np.testing.assert_allclose(line.get_xydata(), expected, atol=1e-5)  # rounded for the file


def test_rows_that_lack_something_are_refused():
    with pytest.raises(ValueError, match="there is no row, so no epoch has ended"):
        figures.training_curves([])
    with pytest.raises(ValueError, match="the row of epoch 1 has no train_loss"):
        figures.training_curves([{"epoch": 1}])


@pytest.mark.parametrize("classes", [1, 2, 20, 60])
def test_a_confusion_matrix_has_names_and_counts_and_is_readable(classes, assert_readable):
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 3, (classes, classes)) + 9 * np.eye(classes, dtype=int)
    names = [f"a_class_with_a_name_{k}" for k in range(classes)]
    figure = figures.confusion_matrix(counts, names, title="top-1 90 %")
    assert_readable(figure)
    (ax,) = figure.axes
    if classes <= 30:
        assert [label.get_text() for label in ax.get_yticklabels()] == [name.replace("_", " ") for name in names]
        written = {text.get_position(): text.get_text() for text in ax.texts}
        assert written == {(j, i): str(counts[i, j]) for i, j in np.argwhere(counts).tolist()}


@pytest.mark.parametrize("counts", [np.zeros((2, 3)), -np.eye(3), np.zeros(3)])
def test_counts_that_are_no_square_of_counts_are_refused(counts):
    with pytest.raises(ValueError, match=r"confusion_matrix: counts must be \(3, 3\) numbers >= 0"):
        figures.confusion_matrix(counts, "abc")


def test_more_cells_than_a_picture_has_room_for_are_refused():
    with pytest.raises(ValueError, match="22500 cells are not 0; a picture has up to 20000"):
        figures.confusion_matrix(np.ones((150, 150), dtype=int), [str(k) for k in range(150)])


def test_names_of_classes_are_shown_without_what_acts(tmp_path):
    path = tmp_path / "a.svg"
    save_svg(figures.confusion_matrix(np.eye(2), ["a\x1b[2Jb", "c\ud800"]), path)
    assert {r"a\x1b[2Jb", r"c\ud800"} <= {element.text for element in ElementTree.parse(path).iter()}


def walking_toy():
    clip = np.random.default_rng(0).uniform(1, 2, (3, 6, 5, 2))
    clip[:, 2, 1] = 0
    return clip


def test_joints_are_discs_as_large_as_their_part_and_absent_ones_are_not_drawn():
    activation = np.zeros((6, 5, 2))
    activation[:, :, 1] = np.arange(30).reshape(6, 5) - 10
    figure = figures.activation_strip(walking_toy(), TOY, activation, frames=[0, 2, 5], person=1)
    discs = [line for line in figure.axes[0].lines if len(line.get_xydata()) == 1 and line.get_markeredgewidth() > 0]
    assert len(discs) == 14  # three frames of five joints, one absent
    shares = [activation[t, v, 1] / 19 for t in (0, 2, 5) for v in range(5) if (t, v) != (2, 1)]
    np.testing.assert_allclose([disc.get_markersize() for disc in discs], 3 + 8 * np.abs(shares) ** 0.5, atol=1e-2)
    blue_minus_red = [disc.get_markerfacecolor()[2] - disc.get_markerfacecolor()[0] for disc in discs]
    assert all(
        (difference > 0) == (share > 0) for difference, share in zip(blue_minus_red, shares, strict=True) if share
    )


def test_a_real_strip_is_readable(assert_readable):
    clip = load_clips("mocap_15").clip("kick")
    activation = np.random.default_rng(0).normal(size=(clip.shape[2], 15, 1))
    assert_readable(figures.activation_strip(clip, SKELETONS["mocap_15"], activation, title="kick, 93%"))


@pytest.mark.parametrize("activation", [np.zeros((6, 5)), np.zeros((5, 5, 2)), np.full((6, 5, 2), np.nan)])
def test_an_activation_that_does_not_fit_is_refused(activation):
    with pytest.raises(ValueError, match=r"activation must be \(T, V, M\) = \(6, 5, 2\), finite, got"):
        figures.activation_strip(walking_toy(), TOY, activation)


def test_the_files_of_a_training_are_drawn(tmp_path):
    log, result, explained = (tmp_path / name for name in ("log.csv", "result.json", "clip.npz"))
    log.write_text(",".join(COLUMNS) + "\n1,3,3.5,0.1,0.05\n2,1.5,2,0.5,0.4\n", encoding="utf-8")
    assert len(DRAWINGS["curves"].draw(log).axes[0].lines[0].get_xydata()) == 2
    confusion = {"top1": 0.5, "clips": 4, "confusion": [[1, 1], [1, 1]], "class_names": ["a", "b"]}
    result.write_text(json.dumps(confusion), encoding="utf-8")
    assert "top-1 50.0% of 4 clips" in [text.get_text() for text in DRAWINGS["confusion"].draw(result).texts]
    body = {"joint_names": np.array(TOY.joints), "bones": np.array(TOY.bones), "center": np.array(TOY.center)}
    clip = walking_toy()
    clip[..., 0] = 0  # the first person is not there: the second is drawn
    np.savez(explained, clip=clip, activation=np.ones((6, 5, 2)), class_name="wave", probability=0.9,
             channels=np.array(["x", "y", "z"]), **body)  # fmt: skip
    figure = DRAWINGS["activation"].draw(explained)
    assert "wave, 90%" in [text.get_text() for text in figure.texts]
    assert not any("absent" in text.get_text() for text in figure.axes[0].texts)
