"""A film strip for each class of a set."""

import tracemalloc
from dataclasses import replace
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from figures.__main__ import main
from figures.time.strips import _on_the_ground, _upside_down, class_strips
from reference import SKELETONS, load_clips, save_clips


@pytest.fixture(autouse=True)
def _same_backend(monkeypatch):
    monkeypatch.setattr(matplotlib, "use", lambda backend: None)  # the command's choice must not outlive a test


def test_every_class_has_a_file(tmp_path):
    paths = list(class_strips(load_clips("mocap_15"), tmp_path / "strips"))
    assert len(paths) == 15
    assert paths[0].name == "000_walk.svg"
    assert sorted(paths) == sorted((tmp_path / "strips").iterdir())
    assert all("</svg>" in path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("name", ["openpose_25", "mocap_15"])
def test_the_command_draws_and_counts(tmp_path, capsys, name):
    assert main(["strips", name, str(tmp_path)]) == 0
    total = len(load_clips(name).class_names)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == total
    assert lines[-1].startswith(f"{total} of {total}: ")


def test_a_set_that_is_a_folder_stays_on_the_disk(tmp_path, capsys):
    few = load_clips("mocap_15").frames[:20]
    folder, length, M = tmp_path / "large", 200_000, few.shape[1]
    folder.mkdir()
    shape = (length, *few.shape[1:])
    frames = np.lib.format.open_memmap(
        folder / "frames.npy", mode="w+", dtype=np.float32, shape=shape
    )  # zeros: no room
    frames[:20] = frames[-20:] = few
    frames.flush()
    body = SKELETONS["mocap_15"]
    members = {
        "offset": [0, 20, length - 20, length], "label": [0, 0, 1], "class_names": ["walk", "run"],
        "joint_names": body.joints, "bones": body.bones, "center": body.center, "channels": ["x", "y", "z"],
        "fps": np.float32(30),
    }  # fmt: skip
    for member, values in members.items():
        np.save(folder / f"{member}.npy", np.array(values))
    tracemalloc.start()
    try:
        assert main(["strips", str(folder), str(tmp_path / "strips")]) == 0
        assert tracemalloc.get_traced_memory()[1] < 0.5 * length * M * 15 * 3 * 4
    finally:
        tracemalloc.stop()
    assert len(list((tmp_path / "strips").iterdir())) == 2


def test_what_is_no_set_is_refused(tmp_path, capsys):
    assert main(["strips", str(tmp_path / "nowhere.npz"), str(tmp_path)]) == 1
    assert "nowhere.npz" in capsys.readouterr().err


def test_heads_are_up():
    clip = load_clips("openpose_25").clip("stand")[0]
    skeleton = SKELETONS["openpose_25"]
    flipped = clip * np.float32([1, -1, 1])[:, None, None, None]
    assert _upside_down(clip, skeleton) != _upside_down(flipped, skeleton)
    head, foot = (skeleton.joints.index(joint) for joint in ("nose", "left_ankle"))
    t = int(np.flatnonzero(clip[2, :, head, 0] * clip[2, :, foot, 0])[0])
    assert (clip[1, t, head, 0] < clip[1, t, foot, 0]) == _upside_down(clip, skeleton)


def test_the_lowest_joint_stands_on_the_ground():
    clip = load_clips("mocap_15").clip("walk")[0].copy()
    clip[1] -= 3
    clip[:, 0] = 0  # nobody in the first frame
    moved = _on_the_ground(clip)
    assert moved[1, 1:].min() == 0
    assert not moved[:, 0].any()
    assert np.array_equal(moved[[0, 2]], clip[[0, 2]])


def test_names_that_act_or_are_long_are_drawn_as_what_they_are(tmp_path):
    sequences = load_clips("mocap_15")
    names = ["\x1b[2Jwalk", "half \ud83d\nrun", "x" * 400, *sequences.class_names[3:].tolist()]
    odd = replace(sequences, class_names=np.array(names))
    save_clips(odd, tmp_path / "odd.npz")
    assert load_clips(tmp_path / "odd.npz").class_names.tolist() == names  # whole when stored
    paths = [path for path, _ in zip(class_strips(odd, tmp_path / "strips"), range(3), strict=False)]
    assert [path.name for path in paths] == ["000_2Jwalk.svg", "001_half_run.svg", f"002_{'x' * 80}.svg"]
    for path, text in zip(paths, ("\\x1b[2Jwalk", "half \\ud83d", "x" * 400), strict=True):
        assert text in "".join(ElementTree.parse(path).getroot().itertext())
