"""Predictions for poses as people have them: the same as for their conversion, one by one and by the folder."""

import json
import shutil

import movies
import numpy as np
import pytest
from conversions import Converted
from movies import TOOLS, movie, walk
from sets import recipe_file, weights

from stgcn_torch.__main__ import main

NETWORKS = {25: "openpose_25", 17: "coco_17"}


def run(capsys, *arguments):
    """The exit status of predict, what it printed, and the lines of its complaints."""
    status = main(["predict", *map(str, arguments)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out, said.err.splitlines()


def network(folder, V):
    return weights(folder, NETWORKS[V], ["x", "y", "score"])


def clip(tool, path, **changes):
    """A clip of two people, of whom nobody is seen in two frames."""
    V = TOOLS[tool]
    people = walk(V, 20, **changes), walk(V, 16, x=500, speed=5, seed=1)
    return movies.write(tool, path, movie(*people, without=(3, 4)))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_raw_clip_gives_what_its_conversion_gives(tmp_path, capsys, tool):
    path = network(tmp_path, TOOLS[tool])
    raw = clip(tool, tmp_path / "in" / "a" / "clip_1")
    clip(tool, tmp_path / "in" / "b" / "clip_2", speed=9)
    assert Converted(tool, tmp_path / "in", tmp_path / "set").status == 0
    status, printed, complaints = run(capsys, path, raw)
    assert (status, complaints, printed.count("%")) == (0, [], 5)
    assert printed.startswith("clip_1, sequence 0:\n")
    probabilities = printed.splitlines()[1:]
    assert run(capsys, path, f"{tmp_path / 'set'}#a/clip_1")[1].splitlines()[1:] == probabilities
    assert run(capsys, path, "--format", tool, raw)[1].splitlines()[1:] == probabilities
    status, printed, _ = run(capsys, path, tmp_path / "in")  # a folder of them is several
    assert (status, printed.count("%")) == (0, 10)
    assert printed.splitlines()[1:6] == probabilities
    assert printed.splitlines()[6] == "b_clip_2, sequence 0:"


@pytest.mark.parametrize("suffix", ["npy", "csv"])
def test_a_raw_array_gives_what_its_conversion_gives(tmp_path, capsys, suffix):
    path = weights(tmp_path, "coco_17", ["x", "y", "score"])
    frames = walk(17, 12)
    raw = tmp_path / "in" / "a" / f"clip.{suffix}"
    raw.parent.mkdir(parents=True)
    if suffix == "npy":
        np.save(raw, frames)
    else:
        header = ",".join(f"{channel}{v}" for v in range(17) for channel in ("x", "y", "score"))
        np.savetxt(raw, frames.reshape(12, -1), delimiter=",", header=header, comments="")
    options = ("--channels", "x", "y", "score")
    assert Converted("arrays", tmp_path / "in", tmp_path / "set.npz", *options).status == 0
    status, printed, complaints = run(capsys, path, raw, *options)
    assert (status, complaints, printed.count("%")) == (0, [], 5)
    assert run(capsys, path, tmp_path / "set.npz")[1].splitlines()[1:] == printed.splitlines()[1:]


def test_of_a_folder_what_is_no_good_is_named_and_the_others_are_predicted(tmp_path, capsys):
    path = network(tmp_path, 17)
    for name in ("one", "two"):
        clip("alphapose", tmp_path / "in" / name)
    (tmp_path / "in" / "bad.json").write_text('[{"image_id": "0.jpg"')
    status, printed, complaints = run(capsys, path, tmp_path / "in", clip("alphapose", tmp_path / "three"))
    assert (status, printed.count("%"), len(complaints)) == (1, 15, 1)
    assert complaints[0].startswith(f"python -m stgcn_torch predict: {tmp_path / 'in'}: bad: Expecting")


def test_a_clip_of_another_body_says_which_two_they_are(tmp_path, capsys):
    raw = clip("alphapose", tmp_path / "clip")
    status, printed, complaints = run(capsys, network(tmp_path, 25), raw)
    assert (status, printed) == (1, "")
    assert complaints[0].endswith("has the joints of coco_17, but the network was trained on those of openpose_25")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--part", "left_hand"), "alphapose takes no --part"),
        (("--format", "mmpose"), "keypoints"),
        (("--skeleton", "none.json"), "No such file"),
        (("--skeleton", "ntu_25"), "skeleton 'ntu_25' has 25 joints, but the data has 17"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, capsys, arguments, reason):
    status, printed, complaints = run(
        capsys, network(tmp_path, 17), clip("alphapose", tmp_path / "clip"), *arguments
    )  # fmt: skip
    assert (status, printed, len(complaints)) == (1, "", 1)
    assert reason in complaints[0]


def test_options_of_raw_recordings_are_refused_for_sets(tmp_path, capsys):
    status, _, complaints = run(capsys, network(tmp_path, 17), "mocap_15", "--skeleton", "mocap_15")
    assert status == 1
    assert "what is there takes no --skeleton" in complaints[0]


def test_a_network_of_ones_own_body_predicts_its_arrays(tmp_path, capsys):
    """From a folder of arrays and a description of the body to a prediction."""
    body = tmp_path / "arrow.json"
    body.write_text(json.dumps({"joints": ["tail", "middle", "head"], "bones": [[0, 1], [1, 2]], "center": 1}))
    rng = np.random.default_rng(0)
    for n in range(8):
        folder = tmp_path / "in" / ("up", "down")[n % 2]
        folder.mkdir(parents=True, exist_ok=True)
        move = np.linspace(0, 1 - 2 * (n % 2), 10)[:, None, None] * [0, 0, 1]
        np.save(folder / f"clip_{n}.npy", rng.normal(size=(10, 3, 3)) * 0.01 + move + np.eye(3))
    converted = Converted("arrays", tmp_path / "in", tmp_path / "set.npz", "--skeleton", body)
    assert converted.status == 0
    recipe = recipe_file(tmp_path, width=32, epochs=1, least_clips=0, frames=8)
    train = ("train", "--data", tmp_path / "set.npz", "--recipe", recipe, "--no-curves", "--out", tmp_path / "RUN")
    assert main([*map(str, train)]) == 0
    shutil.rmtree(tmp_path / "in" / "down")
    capsys.readouterr()
    status, printed, complaints = run(
        capsys, tmp_path / "RUN" / "weights.safetensors", tmp_path / "in", "--skeleton", body
    )  # fmt: skip
    assert (status, complaints, printed.count("sequence 0:")) == (0, [], 4)
