"""What the page shows stands in its address, and an address brings it back; one section alone; the link to copy."""

import struct
from pathlib import Path

import pytest

from figures.explorer import bundle

KEYS = ("clip", "frame", "joint", "strategy", "method", "playing")


def at(page, built_page, asked):
    """The page at an address, and its state."""
    page.goto(built_page.as_uri() + asked)
    page.wait_for_function("document.documentElement.dataset.ready")
    return page.evaluate(
        """(keys) => {
            const { store, data } = explorer;
            const { skeleton, name } = data.clips[store.state.clip];
            return { ...Object.fromEntries(keys.map((key) => [key, store.state[key]])), clip: `${skeleton}/${name}` };
        }""",
        KEYS,
    )


@pytest.fixture
def bare(browser):
    """A page of the browser, without the explorer in it."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("mark", ["?", "#"])
def test_an_address_is_read_and_written_again(bare, built_page, mark):
    asked = "clip=mocap_15/kick&frame=5&joint=7&strategy=distance&normalisation=row&section=5"
    state = {"clip": "mocap_15/kick", "frame": 5, "joint": 7, "strategy": "distance", "method": "row", "playing": False}
    assert at(bare, built_page, mark + asked) == state
    assert 0 <= bare.evaluate("document.getElementById('five').getBoundingClientRect().top") < 370
    bare.evaluate("explorer.store.set({ joint: 2, frame: 6 })")
    bare.wait_for_function("location.search.includes('joint=2') && location.search.includes('section=5')")
    written = bare.evaluate("location.search")
    assert at(bare, built_page, written) == state | {"joint": 2, "frame": 6}


def test_what_is_refused_is_named_and_the_rest_is_taken(bare, built_page):
    asked = "?clip=mocap_15/swim&frame=-1&joint=15&strategy=<b>&normalisation=joint&section=8&only=x"
    state = at(bare, built_page, asked)
    assert (state["clip"], state["joint"], state["method"]) == ("mocap_15/walk", 4, "joint")
    words = bare.inner_text("#link-words")
    assert words.startswith(
        "Not understood in the address, and left out: clip = mocap_15/swim; frame = -1; joint = 15;"
    )
    assert "strategy = <b>; section = 8; only = x" in words
    assert bare.is_visible("header") and bare.is_visible("#seven")


@pytest.mark.parametrize("mark", ["?", "#"])
@pytest.mark.parametrize("number", range(1, 8))
def test_one_section_alone(bare, built_page, axe_core, mark, number):
    at(bare, built_page, f"{mark}only={number}")
    sections = ["one", "two", "three", "four", "five", "six", "seven"]
    assert [id for id in sections if bare.is_visible(f"#{id}")] == [sections[number - 1]]
    assert bare.is_hidden("header") and bare.is_hidden("footer") and bare.is_visible("#play")
    assert bare.evaluate("document.documentElement.scrollWidth") <= 360
    bare.evaluate(axe_core)
    found = bare.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)")
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []


def test_the_link_is_copied(browser, built_page):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    page = context.new_page()
    at(page, built_page, "?joint=9&frame=3")
    page.click("#copy-link")
    page.wait_for_function("/Copied|This is the link/.test(document.getElementById('link-words').textContent)")
    text = page.inner_text("#link-words")
    link = page.evaluate("navigator.clipboard.readText()") if text == "Copied." else text
    assert "clip=mocap_15/walk&frame=3&joint=9&strategy=spatial&normalisation=two_sided" in link
    context.close()


def test_a_preview_picture_is_there_and_small():
    content = (Path(bundle.__file__).parent / "explorer_preview.png").read_bytes()
    assert struct.unpack(">II", content[16:24]) == (1200, 630) and len(content) < 300_000
