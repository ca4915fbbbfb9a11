"""The player in a real browser: it stands still, plays, pauses, steps, and needs nothing from anywhere."""

import json
import re

import pytest

import figures
from reference import SKELETONS, load_clips


@pytest.fixture
def page(browser, tmp_path):
    """A page with the walk and the kick, each in a player; errors and requests fail the test afterwards."""
    mocap, skeleton = load_clips("mocap_15"), SKELETONS["mocap_15"]
    players = [figures.player(mocap.clip(name), skeleton)._repr_html_() for name in ("walk", "kick")]
    path = tmp_path / "players.html"
    path.write_text("<!DOCTYPE html><meta charset='utf-8'>" + "".join(players), encoding="utf-8")
    page = browser.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    page.on("request", lambda request: request.url != path.as_uri() and problems.append(request.url))
    page.goto(path.as_uri())
    yield page
    page.close()
    assert problems == []


def bones(player):
    """The ends of all bones that show."""
    ends = "bone => ['x1', 'y1', 'x2', 'y2'].map(name => +bone.getAttribute(name))"
    return player.evaluate(f"root => [...root.querySelectorAll('.bone')].map({ends})")


def test_it_stands_still_until_play_and_ends_at_the_last_frame(page):
    walk, kick = (page.locator("div[id^=player]").nth(n) for n in (0, 1))
    page.wait_for_timeout(200)
    assert walk.locator("output").inner_text() == "frame 0"
    walk.get_by_role("button", name="Play").click()
    walk.get_by_role("button", name="Pause").wait_for()
    walk.get_by_role("button", name="Play").wait_for()  # 39 frames at 30 a second
    assert walk.locator("output").inner_text() == "frame 38"
    assert kick.locator("output").inner_text() == "frame 0"
    walk.get_by_role("button", name="Play").click()  # from the start again
    walk.get_by_role("button", name="Pause").click()
    assert int(walk.locator("output").inner_text().split()[1]) < 38


def test_the_arrow_keys_step_and_the_bones_are_those_of_the_frame(page):
    walk = page.locator("div[id^=player]").first
    film = json.loads(re.search(r"moveSkeleton\(.*?, (\{.*\})\);", walk.inner_html())[1])
    walk.get_by_role("slider", name="frame").focus()
    for t in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        assert walk.locator("output").inner_text() == f"frame {t}"
        assert bones(walk) == [film["frames"][t][i] + film["frames"][t][j] for i, j in film["bones"]]
    page.keyboard.press("ArrowLeft")
    assert walk.locator("output").inner_text() == "frame 2"
