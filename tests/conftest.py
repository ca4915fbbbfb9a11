"""What all tests share: a browser, and Hypothesis, which draws the same examples every time, with no deadline."""

import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=40)
settings.load_profile("repeatable")


# A real browser: Chromium or Chrome, driven by Playwright. `make test-browser` installs both on Debian.

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)  # fmt: skip


@pytest.fixture
def one_thread():
    """PyTorch on one thread: its idle threads spin, and small sums come in the same order everywhere."""
    import torch  # here, since reference/ and its tests get by without it

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def browser():
    """Chromium, or a skip that says what is missing; `make test-browser` fails instead of skipping."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("Playwright is not installed")
    if executable is None:
        _without(f"there is no Chromium or Chrome (looked for: {', '.join(BROWSERS)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe_core():
    """The source of axe-core, which finds barriers to accessibility; missing, it is treated as a browser is."""
    spec = importlib.util.find_spec("axe_playwright_python")
    if spec is None:
        _without("axe-playwright-python, which brings axe-core, is not installed")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


def _without(reason):
    if os.environ.get("BROWSER_TESTS") == "required":
        pytest.fail(reason)
    pytest.skip(f"{reason}; `make test-browser` installs what these tests need")
