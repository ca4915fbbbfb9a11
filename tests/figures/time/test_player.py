"""The player: the frames it holds are the clip's, it stands on its own, and it is the same markup on every run."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import figures
from reference import SKELETONS, load_clips

MOCAP = SKELETONS["mocap_15"]
TOY = SKELETONS["toy_5"]


@pytest.fixture(scope="module")
def walk():
    return load_clips("mocap_15").clip("walk")[0]  # (C, T, V, M)


def markup_of(*args, **kwargs):
    return figures.player(*args, **kwargs)._repr_html_()


def film_of(markup):
    return json.loads(re.search(r"moveSkeleton\(document\.getElementById\(\"[\w-]+\"\), (.*)\);", markup)[1])


def test_every_frame_and_bone_is_there(walk):
    film = film_of(markup_of(walk, MOCAP, fps=12))
    assert film["fps"] == 12
    assert film["bones"] == [list(bone) for bone in MOCAP.bones]
    assert [len(pose) for pose in film["frames"]] == [15] * 39


def test_the_body_keeps_its_proportions_and_moves_to_the_right(walk):
    poses = np.array(film_of(markup_of(walk, MOCAP))["frames"], dtype=float)  # (T, V, 2), pixels, y down
    metres = walk[..., 0].transpose(1, 2, 0).astype(float)
    scale = np.ptp(poses[..., 1]) / np.ptp(metres[..., 1])  # pixels to a metre
    heights = (poses[..., 1].max() - poses[..., 1]) / scale
    assert np.abs(heights - (metres[..., 1] - metres[..., 1].min())).max() < 1.5 / scale  # a pixel and a half
    center = poses[:, MOCAP.center, 0]
    assert center[-1] - center[0] > 0.8 * scale
    assert (poses >= 0).all()


def test_pixels_that_grow_downwards_are_drawn_the_right_way_up():
    clip = np.zeros((2, 1, 5, 1))
    clip[1, 0, :, 0] = (9, 5, 1, 6, 6)  # the pelvis is low in the image
    clip[0] += 1
    (pose,) = film_of(markup_of(clip, TOY, view=(0, 1), y_down=True))["frames"]
    assert pose[0][1] > pose[1][1] > pose[2][1]


def test_absent_joints_and_persons_are_left_out():
    clip = np.ones((2, 3, 5, 2))
    clip[:, 0] = 0  # nobody in the first frame
    clip[:, :, 4] = 0
    film = film_of(markup_of(clip, TOY, view=(0, 1)))
    assert film["frames"][0] == [None] * 5
    assert film["frames"][1][4] is None
    assert film["frames"][1][0] is not None
    assert markup_of(clip, TOY, view=(0, 1)).count('visibility="hidden"') == 1


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("line", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "line":
            assert self.open.pop() == tag


def test_it_stands_on_its_own(walk):
    page = Page()
    page.feed(markup_of(walk, MOCAP))
    assert page.open == []
    assert not [attrs for _, attrs in page.seen if "src" in attrs or "href" in attrs]
    # What needs the script is made by the script: without it there is a still picture with a label.
    assert "button" not in [tag for tag, _ in page.seen]
    assert next(attrs for tag, attrs in page.seen if tag == "svg")["aria-label"] == "A moving skeleton, 39 frames"


def test_markup_is_the_same_on_every_run_and_tells_clips_apart(walk):
    assert markup_of(walk, MOCAP) == markup_of(walk[None], MOCAP)
    noise = 1e-12 * np.random.default_rng(0).standard_normal(walk.shape)
    assert markup_of(walk.astype(float) + noise, MOCAP) == markup_of(walk.astype(float), MOCAP)
    ids = {re.search(r'id="(player-\w+)"', markup_of(walk[:, : 39 - cut], MOCAP))[1] for cut in (0, 1)}
    assert len(ids) == 2


def test_it_says_what_it_is_where_html_is_not_shown(walk):
    assert repr(figures.player(walk, MOCAP)) == "<a player: the film strip shows the same>"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fps": 0}, "fps must be above 0, got 0"),
        ({"fps": float("nan")}, "fps must be above 0, got nan"),
        ({"person": 1}, "person must be an integer from 0 to 0, got 1"),
        ({"view": "top"}, 'view must be "side", "front" or two channels'),
    ],
)
def test_what_does_not_fit_is_refused(walk, change, said):
    with pytest.raises(ValueError, match=f"player: {said}"):
        figures.player(walk, MOCAP, **change)


def test_nobody_to_play_is_refused():
    with pytest.raises(ValueError, match="player: person 0 is absent in all 3 frames"):
        figures.player(np.zeros((3, 3, 15, 1)), MOCAP)
