"""Names in any script, and names that look like mathematics."""

import io
import warnings

import numpy as np
import pytest
from matplotlib import font_manager

import figures
from figures.page import fonts
from figures.page.style import save_svg
from reference import SKELETONS

APL = "⌶⌷"  # two letters that DejaVu Sans has not, but DejaVu Sans Mono, which comes with matplotlib
CHINESE = ["走路", "跑", "挥手_x"]


@pytest.fixture
def only_dejavu(monkeypatch):
    """A machine without Chinese fonts, on which nothing has been said yet."""
    file = font_manager.findfont("DejaVu Sans")
    monkeypatch.setattr(fonts, "_installed", lambda: {"DejaVu Sans": file})
    monkeypatch.setattr(fonts, "_boxes", set())


def drawn(figure, path):
    """Everything that draws: as SVG and as pixels, where a warning is an error."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", category=UserWarning)
        fonts.give_glyphs(figure)  # the filter of before is gone
        save_svg(figure, path)
        figure.savefig(io.BytesIO(), format="png")
    return path.read_text(encoding="utf-8")


def test_letters_that_another_font_has_are_drawn_with_it(tmp_path, capsys):
    figure = figures.confusion_matrix(np.eye(2, dtype=int), [APL, "walk"], title=f"all of {APL}")
    (ax,) = figure.axes
    families = ax.get_yticklabels()[0].get_fontfamily()
    assert len(families) == 2
    file = font_manager.findfont(font_manager.FontProperties(family=families[1:]), fallback_to_default=False)
    assert set(map(ord, APL)) <= set(font_manager.get_font(file).get_charmap())
    assert len(ax.get_yticklabels()[1].get_fontfamily()) == 1
    assert f"'{families[1]}'" in drawn(figure, tmp_path / "a.svg")
    assert capsys.readouterr().err == ""


def test_letters_that_no_font_has_are_said_once_and_drawn(tmp_path, capsys, only_dejavu):
    for title in ("混淆", "矩阵"):
        text = drawn(figures.confusion_matrix(np.eye(3, dtype=int), CHINESE, title=title), tmp_path / "a.svg")
        assert f">{title}<" in text and ">走路<" in text and ">挥手 x<" in text
    figures.film_strip(np.random.default_rng(0).random((2, 4, 5, 1)), SKELETONS["toy_5"], view=(0, 1), title="走")
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "no installed font has letters such as" in said and "走" in said


def test_a_dollar_is_no_mathematics(tmp_path):
    names = ["$x_1$", "5 $", "$^"]
    figure = figures.confusion_matrix(np.eye(3, dtype=int), names, title="$a$")
    text = drawn(figure, tmp_path / "a.svg")
    assert all(f">{name.replace('_', ' ')}<" in text for name in [*names, "$a$"])
    points = figures.feature_points(np.eye(3, 2), names)
    assert ">5 $<" in drawn(points, tmp_path / "a.svg")


def test_wide_letters_have_room(assert_readable, only_dejavu):
    assert [fonts.letters(name) for name in ("walk", "走路", "ß x")] == [4, 4, 3]
    assert_readable(figures.confusion_matrix(np.eye(2, dtype=int), ["走路走路走路走路走路走路", "walk"], title="x"))
