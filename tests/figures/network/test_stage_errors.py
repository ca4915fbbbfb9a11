"""Errors by stage: drawn where they are, whatever noise is left out, blocks together, and what does not fit refused."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import figures
from figures.page.style import CENTRIFUGAL, CENTRIPETAL

STAGES = ("data_bn", "blocks.0.spatial_conv", "blocks.0.temporal_conv", "blocks.0", "blocks.1", "pooled", "logits")
ONE = dict(zip(STAGES, (5e-8, 1e-7, 2e-7, 4e-7, 9e-7, 3e-7, 0.0), strict=True))
OTHER = {stage: error * 1e4 for stage, error in ONE.items()}


def heights(ax):
    return {line.get_label(): line.get_ydata() for line in ax.lines if not line.get_label().startswith("_")}


def test_each_series_is_drawn_to_two_digits_and_zero_is_left_out():
    noisy = {stage: error * 1.001 for stage, error in ONE.items()}
    drawn = heights(figures.stage_errors({"one": noisy, "other": OTHER}).axes[0])
    assert list(drawn) == ["one", "other"]
    np.testing.assert_array_equal(drawn["one"], [*list(ONE.values())[:-1], np.nan])
    np.testing.assert_allclose(drawn["other"][:-1], np.array(list(ONE.values())[:-1]) * 1e4)


def test_the_stages_of_a_block_stand_together_with_its_number_below():
    ax = figures.stage_errors({"one": ONE}).axes[0]
    places = ax.lines[0].get_xdata()
    assert np.allclose(np.diff(places), [2, 1, 1, 2, 3, 3])
    ticks = dict(zip([label.get_text() for label in ax.get_xticklabels()], ax.get_xticks(), strict=True))
    assert list(ticks) == ["data_bn", "0", "1", "pooled", "logits"]
    assert ticks["0"] == places[2]  # in the middle of its three


def test_limits_are_lines_with_words_and_inside_the_axis():
    ax = figures.stage_errors({"one": ONE}, limits={"allowed": 5e-6}).axes[0]
    (limit,) = [line for line in ax.lines if line.get_label().startswith("_")]
    assert set(limit.get_ydata()) == {5e-6}
    assert ("allowed", 5e-6) in [(text.get_text(), text.get_position()[1]) for text in ax.texts]
    assert ax.get_ylim() == pytest.approx((1e-8, 1e-4))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["10⁻⁴", "10⁻⁵", "10⁻⁶", "10⁻⁷", "10⁻⁸"]


def test_series_differ_by_colour_marker_and_line_and_use_no_colour_of_a_subset():
    lines = figures.stage_errors({str(i): ONE for i in range(4)}).axes[0].lines
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 4
    assert not {line.get_color().upper() for line in lines} & {CENTRIPETAL, CENTRIFUGAL}


def test_text_is_readable(assert_readable):
    every = ["data_bn", *(f"blocks.{i}{s}" for i in range(10) for s in (".spatial_conv", ".temporal_conv", ""))]
    errors = dict.fromkeys([*every, "pooled", "logits"], 1e-7)
    several = {"float32": errors, "float64": dict.fromkeys(errors, 3e-16), "a third": dict.fromkeys(errors, 0.02)}
    assert_readable(figures.stage_errors({"float32": errors}))
    assert_readable(figures.stage_errors(several, limits={"allowed in float32": 5e-6}, label="units", title="drift"))


@pytest.mark.parametrize(
    ("errors", "said"),
    [
        ({}, "expected one to 4 series, got 0"),
        ({str(i): ONE for i in range(5)}, "expected one to 4 series, got 5"),
        ({"a": ONE, "b": {"data_bn": 1e-7}}, "'b' has other stages than 'a', or another order"),
        ({"a": ONE, "b": dict(reversed(ONE.items()))}, "'b' has other stages than 'a', or another order"),
        ({"a": ONE | {"pooled": -1e-7}}, "'a' has -1e-07 at 'pooled', which is no error"),
        ({"a": ONE | {"pooled": np.nan}}, "'a' has nan at 'pooled', which is no error"),
        ({"a": dict.fromkeys(STAGES, 0.0)}, "every error is 0, which a logarithmic axis has no place for"),
    ],
)
def test_what_does_not_fit_is_refused(errors, said):
    with pytest.raises(ValueError, match=f"stage_errors: {said}"):
        figures.stage_errors(errors)
    with pytest.raises(ValueError, match="'limits' has inf at 'allowed'"):
        figures.stage_errors({"a": ONE}, limits={"allowed": np.inf})
    assert not plt.get_fignums()
