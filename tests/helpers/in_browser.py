"""Where the tests of a page look and point: at what the browser has drawn, never at what it is about to draw."""

# What was out of sight is drawn when an IntersectionObserver of the page says so. They report in the order in which
# they were made: when a new one reports, all others have.
DRAWN = """(element) => new Promise((done) => {
    const top = element.getBoundingClientRect().top;
    const observer = new IntersectionObserver(() => {
        observer.disconnect();
        done(element.getBoundingClientRect().top === top);
    });
    observer.observe(element);
})"""


def look_at(page, selector, scroll=True):
    """The part of the page, scrolled to if that is wanted, drawn, and no longer moved by what is drawn around it."""
    part = page.locator(selector)
    for _ in range(20):
        if scroll:
            part.scroll_into_view_if_needed()
        if part.evaluate(DRAWN):
            return part
    raise AssertionError(f"{selector} moves and moves")


def middle(locator):
    """(x, y) of the middle of what is seen of a locator, in pixels of the window."""
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
