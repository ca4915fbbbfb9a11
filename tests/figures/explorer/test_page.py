"""The page as a whole: network, speed, steadiness, sizes of window, print, the tab key, and the tour."""

import re
import zlib

import pytest
from in_browser import look_at

SECTIONS = ("one", "two", "three", "four", "five", "six", "seven")
PICTURES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"


def test_nothing_is_requested_while_the_whole_page_is_used(open_page):
    """`open_page` compares every request with the page's own address, and fails on errors in the console."""
    page = open_page(motion="no-preference")
    for section in SECTIONS:
        look_at(page, f"#{section}")
        page.wait_for_timeout(150)
    for skeleton in ("toy_5", "openpose_25"):
        page.locator(f"input[value={skeleton}]").check(force=True)
        page.wait_for_timeout(100)
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_it_works_inside_a_notebooks_frame(open_page, built_page):
    """A notebook shows it with IPython.display.IFrame, or as the `srcdoc` of a frame."""
    page = open_page()
    text = built_page.read_text(encoding="utf-8")
    page.evaluate(
        """text => {
            const frame = document.createElement("iframe");
            frame.srcdoc = text;
            frame.width = 900;
            frame.height = 600;
            document.body.prepend(frame);
        }""",
        text,
    )
    frame = page.frame_locator("iframe")
    frame.locator("#play").click()
    assert frame.locator("#play").get_attribute("aria-label") == "Pause"


def test_nothing_jumps_while_playing_and_pointing(open_page):
    page = open_page(motion="no-preference")
    page.evaluate(
        """() => {
            window.shifts = [];
            new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
                .observe({ type: "layout-shift", buffered: true });
        }"""
    )
    for section in SECTIONS:
        look_at(page, f"#{section}")
        page.wait_for_timeout(400)
    look_at(page, "#one")
    box = page.locator("#body-1").bounding_box()
    for step in range(12):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.03 * step), box["y"] + box["height"] * 0.08 * step)
    box = page.locator("#matrices-1").bounding_box()
    for step in range(12):
        page.mouse.move(box["x"] + box["width"] * 0.08 * step, box["y"] + box["height"] * (0.2 + 0.05 * step))
    page.wait_for_timeout(200)
    assert sum(page.evaluate("window.shifts")) < 0.01


@pytest.mark.parametrize("width", [360, 1024, 1920])
@pytest.mark.parametrize("skeleton", ["mocap_15", "openpose_25"])
def test_nothing_is_wider_than_the_window(open_page, width, skeleton):
    page = open_page(width=width, height=800)
    page.locator(f"input[value={skeleton}]").check(force=True)
    page.evaluate("explorer.store.set({ method: 'symmetric' })")
    page.evaluate(PICTURES)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        """() => [...document.querySelectorAll("main *, header *, nav *")].filter((element) => {
            const box = element.getBoundingClientRect();
            if (element.closest(".scroll, .matrices, svg, .unit, .skip") || !box.width) return false;
            return box.left < -1 || box.right > innerWidth + 1;
        }).map((element) => element.outerHTML.slice(0, 80))"""
    )
    assert outside == []


def test_controls_are_large_enough_to_touch(open_page):
    page = open_page(width=360, height=740)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .choice label, .slider input")]
            .filter((e) => e.offsetParent && !e.closest("td"))
            .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_text_is_never_tiny(open_page):
    page = open_page(width=360, height=740)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((e) => e.offsetParent && !e.closest("svg"))
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
            .map((e) => parseFloat(getComputedStyle(e).fontSize))"""
    )
    assert min(sizes) >= 11


def test_reduced_motion_does_not_start_the_film(open_page):
    assert open_page().evaluate("explorer.store.state.playing") is False
    assert open_page(motion="no-preference").evaluate("explorer.store.state.playing") is True


def test_it_prints(open_page):
    page = open_page(scheme="dark")
    page.wait_for_function("explorer.store.state.answer")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.is_hidden("#player")
    assert page.is_hidden("#start-tour")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF") and len(pdf) > 20_000
    assert page.is_visible("#body-0")
    # A page holds far more than a heading: so many pieces of text in the stream of each.
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    texts = sorted(len(re.findall(rb"T[jJ]", zlib.decompress(stream))) for stream in streams if stream[:1] == b"\x78")
    assert texts[-pages] > 50, texts


def test_every_control_is_reached_by_the_tab_key_and_shows_it(page):
    page.keyboard.press("Tab")
    assert page.inner_text(":focus") == "Skip to the first section"
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.name"))
        if page.evaluate("document.activeElement === document.body"):
            break
    assert {"start-tour", "skeleton", "clip", "turn", "strategy", "method", "alpha", "gamma", "stride",
            "padding", "stacked", "row-1", "row-10", "map", "play", "back", "forth", "scrub"} <= reached  # fmt: skip
    page.focus("#play")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


# Of the tour: whether its panel is whole in the window, and some of what it speaks of.
IN_SIGHT = """() => {
    const box = (selector) => document.querySelector(selector).getBoundingClientRect();
    const [target, tour] = [box(".toured"), box("#tour")];
    const seen = target.top < innerHeight && target.bottom > 0;
    return seen && tour.top >= 0 && tour.bottom <= innerHeight && tour.left >= 0 && tour.right <= innerWidth;
}"""
NEXT_PICTURE = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_tour_says_ten_things_and_points_at_each(open_page, width):
    page = open_page(width=width, height=800)
    page.click("#start-tour")
    said = set()
    for step in range(1, 11):
        assert page.inner_text("#tour .count") == f"{step} of 10"
        said.add(page.inner_text("#tour-words"))
        assert page.locator(".toured").count() == 1
        look_at(page, ".toured", scroll=False)
        page.evaluate(NEXT_PICTURE)
        assert page.evaluate(IN_SIGHT), f"step {step}"
        page.click("#tour button:has-text('Next'), #tour button:has-text('Poke it')")
    assert len(said) == 10
    assert page.is_hidden("#tour")
    assert page.evaluate("document.activeElement.name") == "frames"  # the next thing to do
    assert page.locator(".toured").count() == 0


def test_the_panel_stays_with_what_it_speaks_of_when_something_is_drawn_above_it(open_page):
    page = open_page(width=360, height=800)
    page.click("#start-tour")
    page.wait_for_timeout(300)
    page.evaluate("document.getElementById('stills').style.paddingTop = '700px'")
    page.evaluate(NEXT_PICTURE)
    assert page.evaluate(IN_SIGHT)


def test_the_tour_ends_with_escape(page):
    page.click("#start-tour")
    page.keyboard.press("Escape")
    assert page.is_hidden("#tour")


def test_where_the_tour_speaks_of_31_6_the_page_shows_it(page):
    page.click("#start-tour")
    for _ in range(5):
        page.click("#tour button:has-text('Next')")
    assert "31.6" in page.inner_text("#tour-words")
    assert page.inner_text("#alarm-3 b") == "31.6"
