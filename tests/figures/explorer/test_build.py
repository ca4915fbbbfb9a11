"""The page as a file: its parts, its size, and that building it twice gives the same bytes."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest

from figures.explorer import build_page, bundle, collect, colours
from figures.explorer.__main__ import main
from figures.graph.subset_style import subset_styles
from reference import LAYERS, NORMALIZATIONS, SKELETONS, STRATEGIES, load_clips, partition
from reference.layer_table import layer_table

FOLDER = Path(bundle.__file__).parent
MODULES = sorted(FOLDER.glob("*.js"))


@pytest.fixture(scope="module")
def text(built_page):
    return built_page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_building_again_gives_the_same_bytes(text):
    assert build_page() == text


def test_the_page_is_small(built_page):
    assert built_page.stat().st_size < 3_000_000


def test_nothing_in_the_page_leads_elsewhere(text):
    addresses = set(re.findall(r"https?://[^\s\"'<]+", text)) - {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert addresses == {"https://arxiv.org/abs/1801.07455"}, "a link to follow, never fetched"
    found = set(re.findall(r'(?:src|href|content)="(?!#|data:)([^"]+\.(?:html|png)|https:[^"]+)"', text))
    beside = {"00_start_here.html", "course.html", "files/README.md.html", "explorer_preview.png"}
    assert found == beside | addresses
    assert re.findall(r'(?:src|href)="(?!#|data:)([^"]+)"', text.replace("<a href", "<a to")) == []
    assert "url(" not in text and "@import" not in text and "fetch(" not in text


def test_every_place_is_filled(text):
    assert not re.search(r"/\*(STYLE|DATA|SCRIPT|WORKER)\*/", text)


def test_the_command_writes_the_page(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("figures.explorer.__main__.build_page", lambda: "<p>page</p>")
    with pytest.raises(SystemExit):
        main(["--help"])  # no file of that name
    main([str(tmp_path / "new" / "page.html")])
    assert (tmp_path / "new" / "page.html").read_text(encoding="utf-8") == "<p>page</p>"
    assert (tmp_path / "new" / "explorer_preview.png").stat().st_size > 10_000
    assert "page.html" in capsys.readouterr().out


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_are_short_and_say_what_they_are_about(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 300
    assert lines[0].startswith("// ")
    scripts = bundle.bundle() + bundle.bundle(main=bundle.WORKER)
    assert f'modules["{path.name}"]' in scripts, "a module that the page does not need"


def test_a_module_becomes_a_function_with_its_exports():
    source = 'import { a } from "./one.js";\n\nexport const b = a;\nexport function c() {}\n'
    written = bundle.module("two.js", source)
    assert 'const { a } = modules["one.js"];' in written
    assert "export" not in written
    assert "return { b, c };" in written


@pytest.mark.parametrize("line", ['import x from "./one.js";', "export default 1;", 'import "./one.js";'])
def test_what_the_bundler_does_not_understand_is_refused(line):
    with pytest.raises(ValueError, match="which the bundler does not understand"):
        bundle.module("two.js", line + "\n")


def test_a_circle_of_imports_is_refused(tmp_path):
    (tmp_path / "main.js").write_text('import { b } from "./b.js";\nexport const a = 1;\n', encoding="utf-8")
    (tmp_path / "b.js").write_text('import { a } from "./main.js";\nexport const b = 1;\n', encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape("main.js → b.js → main.js is a circle")):
        bundle.bundle(tmp_path)


def test_the_clips_in_the_page_are_the_recorded_ones_exactly(data):
    mocap, poses = load_clips("mocap_15"), load_clips("openpose_25")
    for clip in data["clips"]:
        values = np.frombuffer(base64.b64decode(clip["values"]), "<i2").reshape(clip["shape"]) / collect.UNIT
        sequences = poses if clip["skeleton"] == "openpose_25" else mocap
        recorded = sequences.clip(clip["name"])[0, ..., 0]
        if clip["skeleton"] == "openpose_25":
            recorded = recorded[:2, collect.POSE_FRAMES]
        if clip["skeleton"] == "toy_5":
            recorded = recorded[:, :, [sequences.joint_names.tolist().index(joint) for joint in collect.TOY_JOINTS]]
        np.testing.assert_array_equal(values, recorded)
        assert np.any(values != 0, axis=0).all(), "every joint is present in every frame"


def test_a_coordinate_too_large_for_the_page_is_refused():
    with pytest.raises(ValueError, match="a coordinate of 5.00 does not fit"):
        collect._packed(np.array([5.0]))


def test_the_layer_tables_are_the_computed_ones(data):
    for clip in data["clips"]:
        C, T, V = clip["shape"]
        classes = 20 if clip["skeleton"] == "openpose_25" else 15
        trained = clip["skeleton"] == "mocap_15"
        own = (
            {"T": 32, "layers": [(C, 16, 1)] + [(c // 4, o // 4, s) for c, o, s in LAYERS[1:]]} if trained else {"T": T}
        )
        table = layer_table(V=V, M=1, in_channels=C, num_classes=classes, **own)
        assert [row["parameters"] for row in clip["table"]] == [row.parameters for row in table.rows]
        assert clip["totals"] == {"parameters": table.parameters, "multiply_adds": table.multiply_adds}


def test_strategies_and_subsets_have_the_order_and_the_words_of_the_figures(data):
    assert (tuple(data["strategies"]), tuple(data["methods"])) == (STRATEGIES, NORMALIZATIONS)
    for strategy in STRATEGIES:
        styles = subset_styles(len(partition(SKELETONS["ntu_25"], strategy)), strategy)
        assert [subset["words"] for subset in data["subsets"][strategy]] == [style.words for style in styles]


def test_colours_are_those_of_the_figures_and_stand_out_in_the_dark():
    rules = colours.css_variables()
    assert "--centripetal: #0072B2;" in rules and "--centrifugal: #D55E00;" in rules and "--root: #000000;" in rules
    for colour in ("#0072B2", "#D55E00", "#007A5A", colours.POSITIVE, colours.NEGATIVE):
        light = colours.on_dark(colour)
        assert colours.contrast(light, colours.DARK_PAGE) >= colours.LEAST_CONTRAST
        hue, same = (colours.colorsys.rgb_to_hls(*colours._channels(each))[0] for each in (colour, light))
        assert abs(hue - same) < 0.01


def test_contrast_is_that_of_the_guidelines():
    assert colours.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert colours.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)
