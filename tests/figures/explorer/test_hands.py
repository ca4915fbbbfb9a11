"""The page worked by mouse, by touch and by the keyboard alone, in every width and every kind of colours."""

from itertools import product

import pytest
from in_browser import look_at, middle

CHOSEN = 4  # the joint that is chosen at first
WIDTHS = (360, 768, 1280, 1920)


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


# The keyboard


def test_play_is_among_the_first_stops_and_the_space_bar_plays(page, state):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "play"
    page.focus("#body-1 svg")
    page.keyboard.press("Space")
    assert state("playing") is True
    page.keyboard.press("Space")
    assert state("playing") is False
    scrolled = page.evaluate("window.scrollY")
    page.focus("#gamma")
    page.keyboard.press("Space")
    assert state("playing") is True
    assert page.evaluate("window.scrollY") >= scrolled


def test_the_space_bar_still_presses_buttons(page, state):
    page.focus("#forth")
    page.keyboard.press("Space")
    assert (state("playing"), state("frame")) == (False, 1)


def test_every_section_is_one_key_away_and_marked(page):
    for number, name in enumerate(("one", "two", "three", "four", "five", "six", "seven"), 1):
        page.focus(f"#sections a[href='#{name}']")
        page.keyboard.press("Enter")
        page.wait_for_function(
            "name => document.querySelector('#sections [aria-current]')?.hash === '#' + name", arg=name
        )
        assert page.locator("#sections [aria-current]").inner_text().startswith(str(number))
        assert page.locator(f"#{name} h2").bounding_box()["y"] < 300


def test_the_window_on_the_clip_is_moved_by_keys(page, state):
    page.focus("#curve-5")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert state("frame") == 1
    page.keyboard.press("PageUp")
    assert (state("gamma"), state("padding")) == (11, 5)
    page.keyboard.press("End")
    assert state("frame") == 38
    assert page.get_attribute("#curve-5", "aria-valuenow") == "38"


def test_the_map_of_a_row_is_walked_by_keys(page, state):
    page.wait_for_function("explorer.store.state.answer")
    look_at(page, ".map-grid")
    page.focus(".map-grid")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert state("joint") == 5
    assert page.inner_text("#block-words").startswith("Frame 1 of 32")
    assert "at 5 right ankle" in page.inner_text("#block-words")
    assert page.inner_text(".map-rows .root") == "5 right ankle"


def test_in_the_tour_the_arrow_keys_work_what_it_speaks_of(page, state):
    page.click("#start-tour")
    assert page.evaluate("document.activeElement.id") == "tour"
    page.keyboard.press("ArrowUp")
    assert state("joint") == 3
    for _ in range(2):
        page.click("#tour button:has-text('Next')")
    page.keyboard.press("ArrowDown")
    assert state("cell") == {"k": 1, "i": 5, "j": 3}


def test_the_tour_stops_the_film_only_where_numbers_are_read(open_page):
    page = open_page(motion="no-preference")
    page.click("#start-tour")
    playing = []
    for _ in range(10):
        playing.append(page.evaluate("explorer.store.state.playing"))
        page.click("#tour button:has-text('Next'), #tour button:has-text('Poke it')")
    assert playing == [True, True, True, True, False, False, False, True, True, True]
    assert page.evaluate("explorer.store.state.playing") is True


def test_who_pauses_the_film_in_the_tour_keeps_it_paused(open_page):
    page = open_page(motion="no-preference")
    page.click("#start-tour")
    page.click("#play")
    page.click("#tour button:has-text('Next')")
    assert page.evaluate("explorer.store.state.playing") is False


@pytest.mark.parametrize("width", [360, 1280])
def test_the_tour_covers_nothing_that_it_speaks_of(open_page, width):
    page = open_page(width=width, height=740)
    page.click("#start-tour")
    spoken = ("#body-1", "#key-1", "#matrices-1", "#features-1", "#sum-2 table", "#alarm-3", "#bars-4", "#curve-5",
              "#row-5", "#bars-7")  # fmt: skip
    for target in spoken:
        page.wait_for_timeout(250)
        tour, box = page.locator("#tour").bounding_box(), page.locator(target).bounding_box()
        apart = (
            tour["y"] >= box["y"] + box["height"]
            or tour["y"] + tour["height"] <= box["y"]
            or tour["x"] >= box["x"] + box["width"]
        )
        assert apart, target
        page.click("#tour button:has-text('Next'), #tour button:has-text('Poke it')")


# The mouse


def test_the_window_on_the_clip_is_dragged(page, state):
    look_at(page, "#curve-5")
    x, y = middle(page.locator("#curve-5 .input .now"))
    drag(page, (x, y), (x + 200, y))
    assert state("frame") > 5
    box = page.locator("#curve-5 .window").bounding_box()
    right = (box["x"] + box["width"], box["y"] + box["height"] / 2)
    drag(page, right, (right[0] + 0.3 * box["width"], right[1]))
    assert state("gamma") in (13, 15)
    assert state("padding") == (state("gamma") - 1) / 2


def test_a_bone_is_pulled(page, state):
    look_at(page, "#body-4")
    place = page.evaluate("explorer.data.skeletons.mocap_15.bones.findIndex(([i, j]) => i === 4 && j === 3)")
    x, y = middle(page.locator("#body-4 .bone").nth(place))
    page.mouse.move(x, y)
    assert state("bone") == place
    drag(page, (x, y), (x + 60, y))
    assert state("importance")[place] == pytest.approx(2, abs=0.11)
    assert page.input_value(f"[data-bone='{place}']") == f"{state('importance')[place]:g}"
    assert state("joint") == CHOSEN  # a pull chooses no joint
    assert page.inner_text("#words-4").startswith("Changed: joints 3, 4.")


def test_cells_bars_and_rows_that_look_so_can_be_clicked(page, state):
    page.wait_for_function("explorer.store.state.answer")
    box = look_at(page, "canvas.map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 20.5 / 32, box["y"] + box["height"] * 10.5 / 15)
    assert state("joint") == 10
    assert page.inner_text("#block-words").startswith("Frame 20 of 32")
    box = look_at(page, "#bars-4").bounding_box()
    page.mouse.click(box["x"] + 4 + (box["width"] - 8) * 7.5 / 15, box["y"] + 60)
    assert state("joint") == 7
    box = look_at(page, "#field-5").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.65)
    assert state("stacked") == 7


# A phone


@pytest.fixture
def phone(open_page):
    return open_page(width=360, height=740, has_touch=True, is_mobile=True)


def test_the_first_screen_of_a_phone_shows_the_body(phone):
    box = phone.locator("#body-0 svg").bounding_box()
    assert box["y"] + box["height"] < 740 and box["height"] > 150


def test_on_a_phone_the_formula_follows_the_words_that_announce_it(phone):
    words, formula = (phone.locator(f"header {part}").bounding_box() for part in (".lead", ".formula"))
    assert words["y"] + words["height"] <= formula["y"] < 740


def test_choosing_a_joint_scrolls_the_table_to_it(phone):
    look_at(phone, "#features-1")
    phone.evaluate("explorer.store.set({ joint: 13 })")
    outer = phone.locator("#features-1").bounding_box()
    inner = phone.locator("#features-1 th.root").bounding_box()
    assert outer["x"] < inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    assert "more" in phone.inner_text("#features-1 + .more")


def test_cells_and_the_frames_are_large_enough_for_a_finger(phone):
    look_at(phone, "#matrices-1")
    cell = phone.locator("#matrices-1 [data-i='4'][data-j='4']").first.bounding_box()
    assert cell["width"] >= 14
    scrub = phone.locator("#scrub").bounding_box()
    assert scrub["width"] / 39 > 6 and scrub["height"] >= 24


def test_a_tap_reads_a_cell_and_chooses_a_joint(phone):
    look_at(phone, "#matrices-1")
    phone.touchscreen.tap(*middle(phone.locator("#matrices-1 [data-i='4'][data-j='4']").first))
    assert "root 4 right knee, neighbour 4 right knee" in phone.inner_text("#cell-1")
    look_at(phone, "#body-1")
    phone.touchscreen.tap(*middle(phone.locator("#body-1 [data-joint='10'] path")))
    assert phone.evaluate("explorer.store.state.joint") == 10


def test_on_a_phone_the_answer_stays_in_sight_above_what_one_pokes(phone):
    """Whatever is poked can be touched in its middle, and the words stand at the upper edge meanwhile."""
    phone.wait_for_function("explorer.store.state.answer")
    for poke in ("#controls-7 input[value=frozen]", "[data-poke=speed]", "[data-poke=weight]", "#lose-legs"):
        look_at(phone, poke)
        x, y = middle(phone.locator(poke))
        seen = phone.locator(poke).evaluate(
            "(element, [x, y]) => (element.closest('label') ?? element).contains(document.elementFromPoint(x, y))",
            [x, y],
        )
        assert seen, poke
        words = phone.locator("#words-7").bounding_box()
        assert words["y"] >= 0 and words["y"] + words["height"] < y


def test_on_a_phone_the_answer_is_as_high_for_long_words_as_for_short_ones(phone):
    words = look_at(phone, "#words-7")
    heights = []
    for says in ("walk, 1.0 %: as it was recorded", "getup facedown, 38.7 %: recorded was cartwheel, 12.3 %"):
        words.evaluate(
            "(e, says) => (e.textContent = `The network says ${says}. Computed in 147 ms in this browser, "
            "from 5 views of the clip.`)",
            says,
        )
        heights.append(words.bounding_box()["height"])
    assert heights[0] == heights[1]


def test_on_a_phone_the_bar_names_the_section_that_one_is_in(phone):
    name = "() => getComputedStyle(document.querySelector('#sections'), '::before').content"
    assert phone.evaluate(name) == "none"
    for section, words in (("four", "4 Factors"), ("seven", "7 Answer")):
        look_at(phone, f"#{section} .idea")
        phone.evaluate("id => document.querySelector(`#${id} .idea`).scrollIntoView({ block: 'center' })", section)
        phone.wait_for_function("words => document.querySelector('#sections').dataset.here === words", arg=words)
        assert phone.evaluate(name).startswith("attr(data-here)") or words in phone.evaluate(name)


def test_nothing_is_wider_than_a_narrow_phone(open_page):
    page = open_page(width=320, height=640)
    look_at(page, "#sum-2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    table, host = page.locator("#sum-2 table").bounding_box(), page.locator("#sum-2").bounding_box()
    assert table["width"] <= host["width"] + 0.5


# Colours


def test_what_is_chosen_stands_out_in_forced_colours(open_page):
    page = open_page(forced_colors="active")
    page.wait_for_function("explorer.store.state.answer")
    look_at(page, "#bars-7")
    look = "selector => { const s = getComputedStyle(document.querySelector(selector));"
    look += " return [s.backgroundColor, s.outlineStyle, s.outlineColor, s.backgroundImage].join(); }"
    pairs = (
        (".choice input:checked + span", ".choice input:not(:checked) + span"),
        (".steps [aria-pressed=true]", ".steps [aria-pressed=false]"),
        ("#outputs-2 td.chosen", "#outputs-2 td:not([class])"),
        ("#bars-7 [aria-pressed=true]", "#bars-7 [aria-pressed=false]"),
        ("button.layer[aria-expanded=true]", "button.layer[aria-expanded=false]"),
    )
    for chosen, other in pairs:
        look_at(page, f"{other} >> nth=0")
        assert page.evaluate(look, chosen) != page.evaluate(look, other), chosen
    assert "gradient" in page.evaluate(look, "#row-1 .bar")
    assert page.evaluate("getComputedStyle(document.querySelector('.glyph i')).backgroundColor") != "rgba(0, 0, 0, 0)"


def test_in_forced_colours_what_is_pale_elsewhere_has_an_outline(open_page):
    page = open_page(forced_colors="active")
    for pale in ("#field-5 .clip-extent", "#body-0 .head", "#matrices-1 .ground-of-matrix"):
        look_at(page, f"{pale} >> nth=0")
        drawn, behind = page.evaluate(
            "pale => [getComputedStyle(document.querySelector(pale)).stroke,"
            " getComputedStyle(document.body).backgroundColor]",
            pale,
        )
        assert drawn not in ("none", behind), pale


def test_no_text_in_forced_colours_has_the_colour_of_what_the_browser_lays_behind_it(open_page):
    """Behind text whose colours it may adjust the browser lays the page's own colour, which axe does not know of."""
    page = open_page(forced_colors="active", motion="no-preference")
    page.evaluate("explorer.store.set({ playing: false, method: 'symmetric' })")
    lost = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter((e) => e.offsetParent && !e.closest("svg"))
            .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
            .filter((e) => {
                const { color, forcedColorAdjust } = getComputedStyle(e);
                return forcedColorAdjust === "auto" && color === getComputedStyle(document.body).backgroundColor;
            }).map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert lost == []


def test_left_and_right_are_told_apart(page):
    look_at(page, "#body-1")
    strokes = [
        page.evaluate(f"getComputedStyle(document.querySelector('#body-4 .bone.{side}')).stroke")
        for side in ("left", "right")
    ]
    assert strokes[0] != strokes[1]
    assert sorted(page.locator("#body-1 .side").all_text_contents()) == ["L", "L", "R", "R"]


KINDS_OF_COLOURS = {
    "light": {"motion": "no-preference"},
    "dark": {"motion": "no-preference", "scheme": "dark"},
    "forced colours": {"motion": "no-preference", "forced_colors": "active"},
    "reduced motion": {"motion": "reduce"},
}
AT_FIRST = {"method": "two_sided", "gamma": 9, "row": 0, "cell": None}
ALARMED = {"method": "symmetric", "gamma": 8, "row": 4, "cell": {"k": 1, "i": 4, "j": 3}}


@pytest.mark.parametrize("kind", KINDS_OF_COLOURS)
def test_axe_finds_nothing_at_all(open_page, axe_core, kind):
    """Minor findings included, from a telephone to a wide screen, in both states."""
    page = open_page(width=WIDTHS[0], **KINDS_OF_COLOURS[kind])
    page.evaluate(axe_core)
    page.wait_for_function("explorer.store.state.answer")
    for width, state in product(WIDTHS, (AT_FIRST, ALARMED)):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("changes => explorer.store.set({ playing: false, ...changes })", state)
        found = page.evaluate(
            "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>"
            " violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html.slice(0, 120))]))"
        )
        assert found == [], (width, state["method"])


# Economy


def test_what_is_out_of_sight_is_not_drawn(page):
    look_at(page, "#body-1")
    page.evaluate(
        """() => {
            window.drawn = [];
            for (const id of ["outputs-3", "body-3", "bars-4", "curve-5", "layers-6", "body-7"])
                new MutationObserver(() => window.drawn.push(id)).observe(document.getElementById(id), {
                    subtree: true, childList: true, attributes: true, characterData: true,
                });
        }"""
    )
    page.evaluate("explorer.store.set({ joint: 9, frame: 12, method: 'row' })")
    page.wait_for_timeout(100)
    assert page.evaluate("window.drawn") == []
    assert look_at(page, "#outputs-3").locator("th.root").inner_text() == "9"
