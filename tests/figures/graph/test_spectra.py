"""Eigenvalues as dots: where they are, equal ones stacked, nothing moved by rounding, and errors that name the row."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import figures
from reference import SKELETONS, normalize, partition

STAR = np.array([3.0, 1.0, 1.0, 1.0, -1.0])  # of A + I of toy_5, a star with four ends


def dots(figure):
    """(x, height above the row's line) of every dot, row by row."""
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    return [[(x, row + 0.8 - y) for x, y in line.get_xydata().tolist()] for row, line in enumerate(lines)]


def spectrum(skeleton):
    return np.linalg.eigvalsh(normalize(partition(skeleton, "uni_labeling"))[0])


def test_every_eigenvalue_has_a_dot_and_equal_ones_are_stacked():
    (star,) = dots(figures.eigenvalue_rows({"A + I": STAR}))
    assert [x for x, _ in star] == [-1, 1, 1, 1, 3]
    heights = [height for _, height in star]
    assert heights[0] == heights[1] == heights[4] == pytest.approx(0)
    assert 0 < heights[2] < heights[3]


def test_all_rows_share_one_axis_and_stay_in_their_row():
    figure = figures.eigenvalue_rows({"grows": STAR * 4, "shrinks": STAR / 4, "all equal": np.ones(40)}, label="λ")
    ax = figure.axes[0]
    assert ax.get_xlim()[0] < -4
    assert ax.get_xlim()[1] > 12
    assert [text.get_text() for text in ax.get_yticklabels()] == ["grows", "shrinks", "all equal"]
    assert ax.get_xlabel() == "λ"
    rows = dots(figure)
    assert [x for x, _ in rows[1]] == [-0.25, 0.25, 0.25, 0.25, 0.75]
    assert max(height for row in rows for _, height in row) < 0.7


def test_the_last_bits_change_no_byte(tmp_path):
    noise = np.random.default_rng(0).uniform(-1e-9, 1e-9, 5)
    for name, values in (("a", STAR), ("b", STAR[::-1] + noise)):
        figures.save_svg(figures.eigenvalue_rows({"A + I": values}), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_text_is_readable(assert_readable):
    all_layouts = {f"uni-labeling on {name}": spectrum(skeleton) for name, skeleton in SKELETONS.items()}
    assert_readable(figures.eigenvalue_rows(all_layouts, title="nine bodies"))
    assert_readable(figures.eigenvalue_rows({"1": np.array([0.5])}))
    assert_readable(figures.eigenvalue_rows({"A + I": STAR, "ten times": np.round(STAR**10)}))


@pytest.mark.parametrize(
    ("spectra", "said"),
    [
        ({}, "spectra holds no eigenvalues"),
        ({"S": STAR, "P": STAR + 0j}, r"'P' must be a line of real numbers, got \(5,\) of complex128"),
        ({"S": np.eye(3)}, r"'S' must be a line of real numbers, got \(3, 3\) of float64"),
        ({"S": np.zeros(0)}, r"'S' must be a line of real numbers, got \(0,\)"),
        ({"S": np.array([1, np.inf])}, "'S' has inf"),
    ],
)
def test_what_is_no_spectrum_is_refused(spectra, said):
    with pytest.raises(ValueError, match=f"eigenvalue_rows: {said}"):
        figures.eigenvalue_rows(spectra)
    assert not plt.get_fignums()
