"""One pass, in a real browser: its numbers are those of reference/; it plays, pauses, steps, and can stand still."""

import re

import numpy as np
import pytest
from in_browser import look_at

from figures.explorer import collect
from reference import SKELETONS, normalize, partition, spatial_conv, temporal_conv

MOCAP = SKELETONS["mocap_15"]
WALK = next(clip for name, title, *_, clip in collect._clips() if (name, title) == ("mocap_15", "walk")).astype(float)
ROOT, CHANNEL, FRAME = 4, 1, 12  # the joint and channel that the page starts with
SCENES = 5 + 3 + 1 + 10 + 1  # root, features, three subsets, sum, everybody; curve, window; ten rows; classes


@pytest.fixture
def moving(open_page):
    """The page with motion allowed, its film stopped at FRAME, and the network's answer there."""
    page = open_page(motion="no-preference")
    page.wait_for_function("explorer.store.state.answer")
    page.evaluate(f"explorer.store.set({{ playing: false, frame: {FRAME} }})")
    look_at(page, "#pass")
    page.wait_for_function(f"document.querySelector('.pass-caption').innerText.includes('Frame {FRAME} ')")
    return page


def captions(page):
    said = [page.inner_text(".pass-caption")]
    while page.is_enabled("#pass-next"):
        page.click("#pass-next")
        said.append(page.inner_text(".pass-caption"))
    return said


def numbers(text):
    return [float(each.replace("−", "-")) for each in re.findall(r"−?\d+\.\d+", text)]


def test_while_the_film_plays_it_learns_of_the_answer_and_of_another_clip(open_page):
    page = open_page(motion="no-preference")
    look_at(page, "#pass")
    page.wait_for_function(f"document.getElementById('pass').innerText.includes('1 of {SCENES}')")
    page.evaluate("explorer.store.set({ clip: explorer.data.clips.findIndex(({ name }) => name === 'kick') })")
    page.wait_for_function("document.querySelector('.pass-caption').innerText.includes('“kick”')")
    assert page.evaluate("explorer.store.state.playing")


def test_its_numbers_are_those_of_the_reference(moving):
    said = captions(moving)
    assert len(said) == SCENES
    W, A_hat = collect.page_weights(3), normalize(partition(MOCAP, "spatial"), "two_sided")
    f_in_W = np.einsum("ctj,cok->kotj", WALK, W)[:, CHANNEL, FRAME]
    for k, j in enumerate((4, 3, 5)):  # the knee itself, its hip, its ankle
        product = A_hat[k, ROOT, j] * f_in_W[k, j]
        np.testing.assert_allclose(numbers(said[2 + k]), [f_in_W[k, j], A_hat[k, ROOT, j], product], atol=6e-4)
    f_out = spatial_conv(WALK, A_hat, W)
    assert numbers(said[5])[-1] == pytest.approx(f_out[CHANNEL, FRAME, ROOT], abs=6e-4)
    mean = temporal_conv(f_out[CHANNEL, :, ROOT][None, :, None], np.full((1, 1, 9), 1 / 9))
    assert numbers(said[8])[0] == pytest.approx(mean[0, FRAME, 0], abs=6e-4)
    for caption, row in zip(
        said[9:19], moving.evaluate("explorer.data.clips[explorer.store.state.clip].table"), strict=True
    ):
        assert " × ".join(map(str, row["output_shape"][1:])) in caption
    probabilities = moving.evaluate("explorer.store.state.answer.probabilities")
    assert f"walk, {100 * max(probabilities):.1f} %" in said[-1]


def test_it_plays_pauses_and_goes_on(moving):
    moving.click("#pass-play")
    assert moving.evaluate("explorer.store.state.pointed") == {"section": "zero", "part": "f_out", "silent": True}
    moving.wait_for_function("document.querySelector('.pass-caption').innerText.startsWith('It and its neighbours')")
    moving.click("#pass-play")
    assert moving.inner_text("#pass-play") == "▶ Play the pass"
    assert moving.evaluate("explorer.store.state.pointed") is None
    moving.wait_for_timeout(300)
    assert moving.inner_text("#pass-play + button ~ .note") == f"2 of {SCENES}"


def test_its_parts_are_reached_at_once_and_by_keys(moving):
    moving.focus(".pass-chapters button >> nth=1")
    moving.keyboard.press("Enter")
    assert moving.inner_text(".pass-caption").startswith("Then time.")
    moving.focus("#pass-back")
    moving.keyboard.press("Enter")
    assert "at once" in moving.inner_text(".pass-caption")


def test_another_body_ends_where_the_network_ends(moving):
    moving.locator("input[name=skeleton][value=toy_5]").check(force=True)
    look_at(moving, "#pass")
    moving.wait_for_function("document.querySelectorAll('.pass-chapters button').length === 3")
    moving.wait_for_function("!/of 20/.test(document.querySelector('.pass-controls').innerText)")
    assert "body of 15 joints only" in captions(moving)[-1]


def test_without_motion_it_is_a_row_of_pictures(page):
    page.wait_for_function("explorer.store.state.answer")
    look_at(page, "#stills")
    page.wait_for_function("document.querySelectorAll('#stills li').length > 10")
    assert page.is_hidden("#pass")
    said = page.locator("#stills figcaption").all_inner_texts()
    assert len(said) == SCENES - 6  # of the ten rows, four
    assert "walk" in said[-1]
    assert page.locator("#stills svg").evaluate_all("all => all.every((each) => each.childElementCount > 3)")


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_it_fits_the_window(open_page, axe_core, width):
    page = open_page(width=width, height=740, motion="no-preference", scheme="dark" if width == 768 else "light")
    page.evaluate("explorer.store.set({ playing: false })")
    look_at(page, "#pass")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(axe_core)
    found = page.evaluate("axe.run('#zero').then((result) => result.violations)")
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
