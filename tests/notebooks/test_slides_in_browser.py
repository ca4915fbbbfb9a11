"""The decks in a real browser: keys, the presenter's window, paper; and every slide fits."""

import pytest
import slides


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    path = tmp_path_factory.mktemp("slides") / "lecture_1.html"
    path.write_text(slides.deck(slides.LECTURES / "lecture_1.md"), encoding="utf-8")
    return path


@pytest.fixture
def page(browser, deck):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(deck.as_uri())
    yield page
    context.close()
    assert problems == []


def shown(page):
    return page.locator("section.shown .number").inner_text()


def test_keys_lead_through_the_deck(page):
    last = str(page.locator("section").count())
    for key, expected in [
        ("ArrowRight", "2"),
        ("Space", "3"),
        ("ArrowLeft", "2"),
        ("End", last),
        ("PageDown", last),
        ("Home", "1"),
    ]:
        page.keyboard.press(key)
        assert shown(page) == expected
    page.get_by_role("button", name="Next slide").click()
    assert shown(page) == "2"
    assert page.url.endswith("#2")
    assert page.locator("section:visible").count() == 1
    assert page.locator(".note:visible").count() == 0


def test_the_presenter_sees_notes_and_both_windows_follow_one_another(page):
    page.keyboard.press("ArrowRight")
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    presenter = popup.value
    presenter.wait_for_selector("#clock")
    assert presenter.locator("section.shown .note").is_visible()
    assert presenter.locator("section.next").get_attribute("id") == "3"
    presenter.keyboard.press("ArrowRight")
    page.wait_for_selector("section.shown[id='3']")
    page.keyboard.press("ArrowRight")
    presenter.wait_for_selector("section.shown[id='4']")


def test_an_answer_is_shown_before_the_next_slide_in_both_windows(page):
    slide = page.locator("section:has(.answer)").first
    number = slide.get_attribute("id")
    page.evaluate("number => { location.hash = number }", number)
    answer = slide.locator(".answer").first
    assert not answer.is_visible()
    with page.expect_popup() as popup:
        page.keyboard.press("p")
    popup.value.wait_for_selector("#clock")
    popup.value.keyboard.press("ArrowRight")
    answer.wait_for(state="visible")
    assert shown(page) == number
    page.keyboard.press("ArrowRight")
    assert shown(page) == str(int(number) + 1)
    page.keyboard.press("ArrowLeft")
    assert answer.is_visible()


@pytest.mark.parametrize("name", ["lecture_1", "lecture_2"])
def test_every_slide_fits(browser, tmp_path, name):
    (tmp_path / "deck.html").write_text(slides.deck(slides.LECTURES / f"{name}.md"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto((tmp_path / "deck.html").as_uri())
    over = """() => { const slide = document.querySelector('section.shown .slide');
        return [...slide.querySelectorAll('p, pre, img, table, li')].filter((box) => !box.closest('math')
            && (box.getBoundingClientRect().bottom > 712 || box.scrollWidth > box.clientWidth + 1)).length
            + [...slide.querySelectorAll('.output')].filter((box) => box.scrollHeight > box.clientHeight + 1).length
            + (slide.scrollHeight > 720) }"""
    for number in range(1, page.locator("section").count() + 1):
        page.evaluate("number => show(number - 1)", number)
        assert page.evaluate(over) == 0, f"slide {number}"
    page.close()


def test_on_paper_a_slide_is_a_page(page, deck):
    pages = page.pdf(prefer_css_page_size=True, print_background=True)
    assert pages.count(b"/Type /Page\n") == page.locator("section").count()


def test_axe_finds_nothing(page, axe_core):
    page.evaluate(axe_core)
    for _ in range(4):
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((result) => result.violations)")
        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []
        page.keyboard.press("ArrowRight")
