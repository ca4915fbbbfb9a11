"""Sections 1 to 6, touched as a reader would: pointer, keys, switches and sliders, and the numbers that follow."""

import re

import numpy as np
import pytest
from in_browser import look_at, middle

from figures.explorer import collect
from reference import (
    LAYERS,
    NORMALIZATIONS,
    SKELETONS,
    STRATEGIES,
    layer_table,
    normalize,
    partition,
    spatial_conv,
    weigh_edges,
)

MOCAP = SKELETONS["mocap_15"]
WALK = next(clip for name, title, *_, clip in collect._clips() if (name, title) == ("mocap_15", "walk")).astype(float)
W = collect.page_weights(3)


def expected(strategy="spatial", method="two_sided", alpha=0.001, t=0, importance=None):
    """(A_hat, f_out (C, V)) of frame t, by reference/."""
    A_hat = normalize(partition(MOCAP, strategy), method, alpha)
    weighed = A_hat if importance is None else weigh_edges(A_hat, importance)
    return A_hat, spatial_conv(WALK, weighed, W[:, :, : len(A_hat)])[:, t]


def number(text):
    return float(re.search(r"−?\d+(\.\d+)?", text)[0].replace("−", "-"))


def joint(page, host, v):
    """The middle of a joint's mark."""
    return middle(look_at(page, host).locator(f"[data-joint='{v}'] path"))


def choose(page, name, value):
    page.locator(f"input[name={name}][value={value}]").check(force=True)


# 1. Body, matrices, features


def test_pointing_at_a_joint_lights_its_row_its_neighbours_and_its_column(page, state):
    page.mouse.move(*joint(page, "#body-1", 0))
    assert state("hover") == 0
    ticks = page.locator("#matrices-1 .tick.row").all_text_contents()
    assert ticks == ["0", "0", "0"]
    subsets = {
        int(group.get_attribute("data-joint")): int(group.get_attribute("data-subset"))
        for group in page.locator("#body-1 [data-subset]").all()
    }
    A = partition(MOCAP, "spatial")
    assert subsets == {int(j): int(k) for k, j in zip(*np.nonzero(A[:, 0]), strict=True)}
    assert page.inner_text("#features-1 th.root") == "0"
    assert page.locator("#features-1 td.column").count() == 3
    assert "Root: 0 pelvis. Centripetal: 1 chest. Centrifugal: 3 right hip, 9 left hip." in page.inner_text("#words-1")
    page.mouse.move(5, 5)
    assert state("hover") is None
    assert page.inner_text("#features-1 th.root") == "4"


def test_clicking_keeps_a_joint(page, state):
    page.mouse.click(*joint(page, "#body-1", 7))
    page.mouse.move(5, 5)
    assert state("joint") == 7
    assert page.get_attribute("#body-1 svg", "aria-activedescendant") == "body-1-joint7"


def test_arrow_keys_walk_along_the_bones(page, state):
    page.focus("#body-1 svg")
    for key, v in (("ArrowUp", 3), ("ArrowDown", 4), ("ArrowDown", 5), ("Home", 1)):
        page.keyboard.press(key)
        assert state("joint") == v
    selected = page.locator("#body-1 [aria-selected=true]")
    assert selected.get_attribute("aria-label") == "1 chest"


def test_pointing_at_a_cell_lights_the_bone_and_tells_the_weight(page, state):
    page.mouse.move(*middle(look_at(page, "#matrices-1").locator("[data-k='1'] [data-i='4'][data-j='3']")))
    assert state("cell") == {"k": 1, "i": 4, "j": 3}
    assert page.locator("#body-1 [data-lit]").count() == 1
    A_hat, _ = expected()
    words = page.inner_text("#cell-1")
    assert f"Â₁[4, 3] = {A_hat[1, 4, 3]:.3f}: root 4 right knee, neighbour 3 right hip." in words
    assert "1 / √(Λ row 4 × Λ column 3) = 1 / √(1.001 × 1.001)" in words
    assert page.locator("#matrices-1 .tick.row").first.text_content() == "4"


def test_small_matrices_have_their_numbers_written_in(page):
    assert page.locator("#matrices-1 .cell-number").count() == 0
    choose(page, "skeleton", "toy_5")
    look_at(page, "#matrices-1")  # what is out of sight waits
    page.wait_for_selector("#matrices-1 .cell-number")
    A_hat = normalize(partition(SKELETONS["toy_5"], "spatial"), "two_sided")
    written = [number(text) for text in page.locator("#matrices-1 .cell-number").all_text_contents()]
    np.testing.assert_allclose(written, A_hat[A_hat != 0], atol=0.0051)


def test_an_empty_cell_says_that_nothing_flows(page):
    assert page.evaluate("explorer.describe({k: 1, i: 4, j: 9}, explorer.model(explorer.store.state))")[0].startswith(
        "Â₁[4, 9] = 0.000: root 4 right knee, neighbour 9 left hip."
    )


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("symmetric", "1 / √(Λ row 0 × Λ row 1) = 1 / √(1.001 × 0.001). Its row 1 of A₁ is empty: Λ there is only α."),
        ("two_sided", "1 / √(Λ row 0 × Λ column 1) = 1 / √(1.001 × 4.001)."),
        ("row", "1 / Λ[0] = 1 / 1.001: Λ counts row 0 of A₁, plus α."),
        ("joint", "1 / Λ[0] = 1 / 4: Λ counts the whole neighbourhood of root 0."),
    ],
)
def test_a_cell_says_its_factors_in_every_normalisation(page, method, words):
    described = page.evaluate(
        """method => {
            explorer.store.set({ method });
            return explorer.describe({k: 1, i: 0, j: 1}, { ...explorer.model(explorer.store.state), method });
        }""",
        method,
    )
    assert described[1] == words


def test_arrow_keys_walk_through_the_matrices(page, state):
    page.focus("#matrices-1 .matrices")
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "PageDown"):
        page.keyboard.press(key)
    assert state("cell") == {"k": 1, "i": 3, "j": 5}
    assert state("joint") == 3
    assert "Â₁[3, 5]" in page.inner_text("#cell-1")


def test_the_film_plays_pauses_steps_and_is_scrubbed(page, state):
    page.click("#play")
    page.wait_for_function("explorer.store.state.frame > 3")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    page.click("#play")
    frame = state("frame")
    page.wait_for_timeout(200)
    assert state("frame") == frame
    page.click("#forth")
    assert state("frame") == (frame + 1) % 39
    page.focus("#scrub")
    page.keyboard.press("Home")
    assert state("frame") == 0
    page.click("#back")
    assert state("frame") == 38
    assert page.inner_text("#where") == "frame 38 / 38"


def test_features_follow_the_frame(page, read_table):
    page.evaluate("explorer.store.set({ frame: 20 })")
    np.testing.assert_allclose(read_table(page, "#features-1"), WALK[:, 20], atol=0.0051)


def test_other_bodies_and_clips(page, state, read_table):
    choose(page, "skeleton", "openpose_25")
    assert len(read_table(page, "#features-1")[0]) == 25
    assert page.is_disabled("#turn")
    choose(page, "skeleton", "toy_5")
    assert len(read_table(page, "#features-1")) == 3
    assert page.locator("#body-1 [data-joint]").count() == 5
    choose(page, "skeleton", "mocap_15")
    choose(page, "clip", "kick")
    assert page.evaluate("explorer.data.clips[explorer.store.state.clip].name") == "kick"
    assert page.inner_text("#where") == "frame 0 / 46"


# 2. The sum


def test_a_click_on_an_output_writes_out_its_sum(open_page):
    page = open_page(motion="no-preference")  # the film plays
    page.locator("#outputs-2 td[data-row='3'][data-joint='0'] button").click()
    assert page.evaluate("explorer.store.state.playing") is False
    t = page.evaluate("explorer.store.state.frame")
    A_hat, f_out = expected(t=t)
    assert float(page.get_attribute("#sum-2", "data-total")) == pytest.approx(f_out[3, 0], abs=1e-12)
    assert number(page.inner_text("#sum-2 tfoot td")) == pytest.approx(f_out[3, 0], abs=0.0006)
    cell = page.inner_text("#outputs-2 td.chosen")
    assert number(cell) == pytest.approx(f_out[3, 0], abs=0.0051)
    f_in_W = np.einsum("cj,cok->koj", WALK[:, t], W)
    rows = page.locator("#sum-2 tr[data-term]:not(.inner)").all()
    terms = [(k, j) for k in range(3) for j in range(15) if A_hat[k, 0, j]]
    assert len(rows) == len(terms) == 4
    for row, (k, j) in zip(rows, terms, strict=True):
        who, weight, feature, _, product = (cell.inner_text() for cell in row.locator("th, td").all())
        assert who.startswith(f"{j} {MOCAP.joints[j].replace('_', ' ')}") and f"k = {k}" in who
        assert number(weight) == pytest.approx(A_hat[k, 0, j], abs=0.006)
        assert number(feature) == pytest.approx(f_in_W[k, 3, j], abs=0.0006)
        assert number(product) == pytest.approx(A_hat[k, 0, j] * f_in_W[k, 3, j], abs=0.0006)
        colour = ("root", "centripetal", "centrifugal")[k]
        assert f"var(--{colour})" in row.get_attribute("style")
    rows[1].hover()
    assert page.locator("#body-2 [data-lit]").count() == 1


def test_outputs_are_walked_by_arrow_keys_as_one_tab_stop(page, state):
    assert page.locator("#outputs-2 button[tabindex='0']").count() == 1
    page.focus("#outputs-2 button[tabindex='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert (state("output"), state("joint")) == (2, 5)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("channel 2, joint 5: ")


# 3. Strategy, normalisation, α


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("method", NORMALIZATIONS)
def test_switches_change_outputs_and_weights_at_once(page, read_table, strategy, method):
    choose(page, "strategy", strategy)
    choose(page, "method", method)
    A_hat, f_out = expected(strategy, method)
    found = np.array(read_table(page, "#outputs-3"))
    np.testing.assert_allclose(found, f_out, atol=0.051, rtol=0.0051)
    assert page.locator("#body-3 .weight").count() == np.count_nonzero(A_hat)
    assert page.locator("#matrices-3 [data-k]").count() == len(A_hat)
    assert number(page.inner_text("#alarm-3 b")) == pytest.approx(A_hat.max(), abs=0.051)


def test_the_exploding_weights_cannot_be_overlooked(page):
    choose(page, "method", "symmetric")
    look_at(page, "#body-3")
    assert page.inner_text("#alarm-3 b") == "31.6"
    assert "on" in page.get_attribute("#alarm-3", "class")
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#alarm-3 b')).fontSize)") >= 48
    A_hat, _ = expected(method="symmetric")
    assert page.locator("#body-3 .weight.burst").count() == (A_hat > 1.5).sum() == 9
    assert page.locator("#matrices-3 .burst").count() == 9
    assert page.locator("#body-3 .burst-number").all_text_contents().count("31.6") == 8
    choose(page, "method", "two_sided")
    assert page.locator("#body-3 .weight.burst").count() == 0
    assert "on" not in page.get_attribute("#alarm-3", "class")


def test_the_widely_copied_partition_says_whose_it_is(page):
    choose(page, "strategy", "widely_copied")
    look_at(page, "#controls-3")
    assert page.inner_text("#controls-3 .sizes") == "Entries in A: 15 / 20 / 8"
    assert "yysijie/st-gcn" in page.inner_text("#controls-3")
    assert "1 farther or equally far" in look_at(page, "#key-1").inner_text()
    choose(page, "strategy", "spatial")
    assert page.inner_text("#controls-3 .sizes") == "Entries in A: 15 / 14 / 14"


def test_alpha_slides(page, state, read_table):
    choose(page, "method", "symmetric")
    page.focus("#alpha")
    page.keyboard.press("End")
    assert state("alpha") == 1
    np.testing.assert_allclose(read_table(page, "#outputs-3"), expected("spatial", "symmetric", 1)[1], atol=0.0051)
    look_at(page, "#alpha")
    page.focus("#alpha")
    page.keyboard.press("Home")
    assert state("alpha") == 0
    assert page.get_attribute("#alpha", "aria-valuetext") == "0"
    assert "9 edges meet an empty row, and vanish" in look_at(page, "#alarm-3").inner_text()


# 4. Edge importance


def test_a_bones_importance_changes_the_outputs_at_its_ends(page):
    place = MOCAP.bones.index((4, 3))
    page.focus(f"#importance-4 input[data-bone='{place}']")
    page.keyboard.press("End")
    importance = np.ones((3, 15, 15))
    importance[:, 4, 3] = importance[:, 3, 4] = 3
    after = page.evaluate("JSON.parse(document.getElementById('bars-4').dataset.after)")
    np.testing.assert_allclose(after, expected(importance=importance)[1][1], rtol=1e-12, atol=1e-12)
    assert page.inner_text("#words-4") == "Changed: joints 3, 4. The other 13 are as before."
    page.click("#reset-importance")
    assert page.inner_text("#words-4").startswith("All M are 1")


def test_importance_cannot_create_an_edge(page):
    before = page.evaluate("document.getElementById('bars-4').dataset.after")
    page.focus(f"#importance-4 input[data-bone='{len(MOCAP.bones)}']")
    page.keyboard.press("End")
    assert page.evaluate("document.getElementById('bars-4').dataset.after") == before
    words = page.inner_text("#words-4")
    assert "0 × 3.0 = 0" in words and "cannot create an edge" in words and "No output has changed" in words


# 5. Time


def test_an_even_window_is_refused_with_the_reason(page):
    page.focus("#gamma")
    page.keyboard.press("ArrowLeft")
    assert "Γ must be odd, so that the filter has a middle frame" in page.inner_text("#words-5")
    assert page.locator("#curve-5 .window").count() == 0
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#words-5") == "⌊(39 + 2 · 3 − 7) / 1⌋ + 1 = 39 frames come out."
    assert page.locator("#curve-5 .window").count() == 1


def test_stride_and_padding_set_how_many_frames_come_out(page):
    page.focus("#stride")
    page.keyboard.press("ArrowRight")
    assert page.inner_text("#words-5") == "⌊(39 + 2 · 4 − 9) / 2⌋ + 1 = 20 frames come out."
    page.focus("#padding")
    page.keyboard.press("Home")
    assert "= 16 frames come out. The network pads (Γ − 1)/2 = 4 and gets 20" in page.inner_text("#words-5")


def test_a_window_longer_than_the_clip_is_refused(page):
    page.evaluate("explorer.data.clips[explorer.store.state.clip].shape[1] = 5; explorer.store.set({padding: 0})")
    assert "longer than the clip" in look_at(page, "#words-5").inner_text()


def test_the_products_add_up_to_the_output(page):
    page.evaluate("explorer.store.set({ frame: 20, channel: 1, filter: 'slope' })")
    rows = [row.locator("td").all_inner_texts() for row in look_at(page, "#products-5").locator("tr").all()]
    assert rows[0] == [str(t) for t in range(16, 25)]
    products = [number(text) for text in rows[3]]
    for value, weight, product in zip(rows[1], rows[2], products, strict=True):
        assert number(value) * number(weight) == pytest.approx(product, abs=0.0015)
    slope = np.arange(-4, 5) / 60
    exact = slope @ WALK[1, 16:25, 4]
    assert sum(products) == pytest.approx(exact, abs=0.006)
    assert number(page.inner_text("#products-5 caption").split("=")[-1]) == pytest.approx(exact, abs=0.0006)


def test_the_window_sweeps_while_the_film_plays(page):
    look_at(page, "#curve-5")
    left = float(page.get_attribute("#curve-5 .window", "x"))
    page.click("#play")
    page.wait_for_function("explorer.store.state.frame > 5")
    page.click("#play")
    assert float(page.get_attribute("#curve-5 .window", "x")) > left


def test_the_receptive_field_grows_row_by_row(page):
    page.focus("#stacked")
    for row in layer_table().rows:
        assert f"one frame depends on {row.receptive_field} frames" in page.inner_text("#field-words-5")
        page.keyboard.press("ArrowRight")


# 6. Ten layers

QUARTER = [(3, 16, 1)] + [(C_in // 4, C_out // 4, stride) for C_in, C_out, stride in LAYERS[1:]]
TRAINED = layer_table(T=32, V=15, M=1, in_channels=3, num_classes=15, layers=QUARTER)


def test_a_row_opens_and_shows_its_block_with_the_clips_shapes(page):
    page.wait_for_function("explorer.store.state.answer")
    for number_, row in ((5, TRAINED.rows[4]), (8, TRAINED.rows[7])):
        page.click(f"#row-{number_}")
        _, C, T, V = row.output_shape
        assert page.get_attribute(f"#row-{number_}", "aria-expanded") == "true"
        assert page.locator("[aria-expanded=true]").count() == 1
        text = page.inner_text(f"#row-{number_}")
        assert f"{C} × {T} × {V}" in text and f"{row.parameters:,}" in text
        assert page.locator(f"#row-{number_} + #block-6").count() == 1
        assert f"Frame 0 of {T} (one per {32 // T} frames of the network’s clip)" in page.inner_text("#block-words")
        steps = page.locator("#block-6 .steps li").all_inner_texts()
        assert [step.splitlines()[0] for step in steps] == [
            "graph conv", "batch norm", "ReLU", "temporal conv", "batch norm", "+ residual", "ReLU",
        ]  # fmt: skip
        assert f"{C} × {TRAINED.rows[number_ - 2].output_shape[2]} × {V}" in steps[0]
        assert f"{C} × {T} × {V}" in steps[-1]
    page.click("#row-8")
    assert page.is_hidden("#block-6")


def test_bars_are_as_long_as_their_share(page):
    most = max(row.parameters for row in TRAINED.rows)
    for row in TRAINED.rows:
        style = page.locator(f"#row-{row.number} .bar").first.get_attribute("style")
        assert float(style.split(":")[1].rstrip("; ")) == pytest.approx(row.parameters / most, abs=0.0006)


def test_the_chosen_step_is_drawn(page):
    page.wait_for_function("explorer.store.state.answer")
    page.click("#row-6")
    assert page.locator("#block-6 .steps button").count() == 7
    for stage in ("residual", "spatial_bn", "spatial_conv"):
        page.click(f"#block-6 [data-stage={stage}]")
        assert page.get_attribute(f"#block-6 [data-stage={stage}]", "aria-pressed") == "true"
    words = page.inner_text("#block-words")
    assert "Frame 0 of 16 (one per 2 frames of the network’s clip), root mean square" in words
    page.locator("#block-6 input[name=map]").nth(1).check(force=True)
    assert re.search(r"channel \d+: at 4 right knee ≈ −?\d", page.inner_text("#block-words"))
    drawn = page.evaluate(
        "document.querySelector('canvas.map').getContext('2d').getImageData(5, 5, 200, 100).data.some(Boolean)"
    )
    assert drawn
