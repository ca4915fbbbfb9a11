"""The explorer in a real browser."""

import pytest
from in_browser import look_at


@pytest.fixture(scope="session")
def built_page(tmp_path_factory):
    """The path of the page, built once."""
    from figures.explorer import build_page

    path = tmp_path_factory.mktemp("explorer") / "explorer.html"
    path.write_text(build_page(), encoding="utf-8")
    return path


@pytest.fixture
def open_page(browser, built_page):
    """A function that opens the explorer from its file; console errors and requests fail the test afterwards.

    Motion is reduced unless asked for, so that the film stands still at frame 0.
    """
    contexts, problems, requests = [], [], []

    def open_(width=1280, height=900, scheme="light", motion="reduce", **options):
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion=motion, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(built_page.as_uri())
        page.wait_for_selector("[data-ready]")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []
    assert {url for url in requests if not url.startswith(("data:", "about:", "blob:"))} <= {built_page.as_uri()}


@pytest.fixture
def page(open_page):
    """The page as it opens, at rest."""
    return open_page()


@pytest.fixture
def read_table():
    """A function that reads the numbers of a feature table: [row][joint]."""

    def read(page, selector):
        look_at(page, selector)
        rows = page.locator(f"{selector} tbody tr").all()
        return [[float(text.replace("−", "-")) for text in row.locator("td").all_inner_texts()] for row in rows]

    return read


@pytest.fixture
def state(page):
    """A function that reads one entry of the page's state."""
    return lambda name: page.evaluate("name => explorer.store.state[name]", name)
