"""One joint of section 7's body moved by hand: mouse, finger and keys; the network is asked about just that clip."""

import numpy as np
import pytest
from in_browser import look_at, middle

from reference import classify, load_clips, load_network

NETWORK = load_network("mocap_15")
WALK = load_clips("mocap_15").clip("walk")[0]


def place(page, v):
    return middle(look_at(page, "#body-7").locator(f"[data-joint='{v}'] path"))


def moves(page):
    return page.evaluate("explorer.store.state.poke.moves")


def answered(page):
    page.wait_for_function("explorer.store.state.answer?.of === explorer.store.state.touched")
    return dict(zip(NETWORK.class_names, page.evaluate("explorer.store.state.answer.probabilities"), strict=True))


def expected(page, v, move):
    """What reference.classify says of the walk with joint v moved by (ahead, up, aside) metres."""
    ax, az = page.evaluate("explorer.store.state.touched.direction")
    ahead, up, aside = move
    clip = WALK.astype(float).copy()
    clip[:, :, v] += np.array([ahead * ax + aside * az, up, ahead * az - aside * ax])[:, None, None]
    return dict(classify(NETWORK, clip))


@pytest.mark.parametrize(("width", "turn"), [(360, 0), (1280, 0), (1280, 90)])
def test_a_joint_follows_the_mouse_and_the_bars_answer(open_page, width, turn):
    """Seen from the side it moves ahead, seen from the front aside; and it stays under the pointer."""
    page = open_page(width=width, height=800)
    page.evaluate(f"explorer.store.set({{ turn: {turn} }})")
    before = answered(page)
    x, y = place(page, 14)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y - 10)
    page.mouse.move(x + 30, y - 40, steps=3)
    page.mouse.up()
    page.mouse.move(x, y - 200)
    assert page.evaluate("explorer.store.state.joint") == 14
    ((v, move),) = moves(page).items()
    assert v == "14" and move[1] > 0.05
    assert move[0 if turn == 0 else 2] > 0.04 and move[2 if turn == 0 else 0] == 0
    np.testing.assert_allclose(place(page, 14), (x + 30, y - 40), atol=3)
    found = answered(page)
    assert found == pytest.approx(expected(page, 14, move), abs=1e-3) and found != before


def test_a_click_moves_nothing_and_a_pull_has_an_end(page):
    answered(page)
    page.evaluate("explorer.store.set({ turn: 0 })")
    x, y = place(page, 4)
    page.mouse.click(x, y)
    assert moves(page) == {}
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 900, y, steps=4)
    page.mouse.up()
    assert moves(page)["4"] == [0.5, 0, 0]
    page.click("#reset-poke")
    assert moves(page) == {}


def test_keys_pull_the_chosen_joint(page):
    answered(page)
    page.focus("#body-7 svg")
    page.evaluate("explorer.store.set({ turn: 0, joint: 7 })")
    for key in ("Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowLeft"):
        page.keyboard.press(key)
    assert page.evaluate("explorer.store.state.joint") == 7
    assert moves(page) == {"7": [-0.05, 0.1, 0]}
    assert answered(page) == pytest.approx(expected(page, 7, (-0.05, 0.1, 0)), abs=1e-3)
    page.keyboard.press("ArrowUp")
    assert page.evaluate("explorer.store.state.joint") != 7, "without Shift they choose, as on every body"
    assert page.inner_text("[data-poke=up] + output") == "0.00 m"


def test_a_finger_on_a_joint_pulls_it_and_elsewhere_scrolls(open_page):
    page = open_page(width=360, height=740, has_touch=True, is_mobile=True)
    answered(page)
    page.evaluate("explorer.store.set({ turn: 0 })")
    x, y = place(page, 2)
    client = page.context.new_cdp_session(page)

    def finger(kind, *points):
        touch = [{"x": px, "y": py} for px, py in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touch})

    page.evaluate("explorer.store.set({ joint: 2 })")
    x, y = place(page, 2)
    top = page.evaluate("scrollY")
    finger("touchStart", (x, y))
    for step in range(1, 5):
        finger("touchMove", (x + 4 * step, y - 8 * step))
    finger("touchEnd")
    ((v, move),) = moves(page).items()
    assert v == "2" and move[0] > 0.05 and move[1] > 0.1
    assert page.evaluate("scrollY") == top
    left = page.locator("#body-7").bounding_box()["x"] + 5
    finger("touchStart", (left, y))
    for step in range(1, 6):
        finger("touchMove", (left, y - 20 * step))
    finger("touchEnd")
    page.wait_for_function(f"scrollY > {top}")
