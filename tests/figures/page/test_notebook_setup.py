"""In a notebook, a figure is shown once, as SVG, and as the same SVG on every run."""

import matplotlib.pyplot as plt
import pytest

from figures import notebook_setup
from figures.page.style import STYLE

nbformat = pytest.importorskip("nbformat", reason="needs the extra [notebooks]")
nbclient = pytest.importorskip("nbclient", reason="needs the extra [notebooks]")

SETUP = """
import matplotlib.pyplot as plt
import figures
from reference import SKELETONS, load_clips, normalize, partition
figures.notebook_setup()
toy = SKELETONS["toy_5"]
A = partition(toy, "spatial")
"""
PARTITION = "figure = figures.skeleton_partition(toy, A, 1)\nplt.show()"
WEIGHTS = "figures.edge_weights(toy, {m: normalize(A, m) for m in ('symmetric', 'row')}, 1)\nplt.show()"
FILM = "figures.film_strip(load_clips('mocap_15').clip('walk'), SKELETONS['mocap_15'], frames=3)\nplt.show()"
# pyplot's own figures follow the same settings
PLAIN = "fig, ax = plt.subplots()\nax.plot([0, 1], [1, 0], 'o')\nax.set_title('plain')\nplt.show()"


def run(*cells):
    """The outputs of each cell of a notebook."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture(scope="module")
def first_run():
    return run(SETUP, PARTITION, WEIGHTS, FILM, PLAIN)


@pytest.mark.filterwarnings("default")
def test_each_figure_is_shown_exactly_once_as_svg(first_run):
    assert first_run[0] == []
    for outputs in first_run[1:]:
        assert [output.output_type for output in outputs] == ["display_data"]
        assert "image/svg+xml" in outputs[0].data
        assert "image/png" not in outputs[0].data


@pytest.mark.filterwarnings("default")
def test_the_same_svg_on_every_run_and_in_any_order(first_run):
    again = run(SETUP, PLAIN, FILM, WEIGHTS, PARTITION)
    for one, two in zip(first_run[1:], reversed(again[1:]), strict=True):
        assert one[0].data["image/svg+xml"] == two[0].data["image/svg+xml"]


@pytest.mark.filterwarnings("default")
def test_svg_has_text_and_no_date(first_run):
    for outputs in first_run[1:]:
        svg = outputs[0].data["image/svg+xml"]
        assert "<text" in svg
        assert "dc:date" not in svg
        assert "dc:creator" not in svg


def test_outside_a_notebook_only_the_style_is_set():
    with plt.rc_context():
        notebook_setup()
        for key in ("font.size", "svg.fonttype", "svg.hashsalt", "savefig.bbox", "font.sans-serif"):
            assert plt.rcParams[key] == STYLE[key]
