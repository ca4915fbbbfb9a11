"""The networks that ship: trained and measured by one command, the same answer by predict, and a table that is true."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reference
from reference import variations
from stgcn_torch import networks, trust
from stgcn_torch.__main__ import main
from stgcn_torch.training.explanation import predict
from stgcn_torch.training.recipes import PRESETS
from stgcn_torch.training.trained_network import TrainedNetwork

MEASURED = json.loads((networks.FOLDER / "measured.json").read_text("utf-8"))
TINY = {"width": 16, "epochs": 1, "frames": 8, "least_clips": 0, "test_views": 1}


@pytest.mark.parametrize("name", networks.RECIPES)
def test_numpy_gives_the_probabilities_of_predict(name):
    path = networks.FOLDER / f"{name}.safetensors"
    network, in_numpy, sequences = TrainedNetwork.load(path), reference.load_network(path), reference.load_clips(name)
    for s in (0, 7, len(sequences) - 1):
        row = np.array([[s, 0, sequences.offset[s + 1] - sequences.offset[s]]])
        prediction = predict(network, network.clips(name, sequences, row, labelled=False))
        answer = reference.classify(in_numpy, sequences.clip(s))
        assert [name for name, _ in answer][:3] == [name for name, _ in prediction.best(3)]
        expected = dict(prediction.best(len(answer)))
        assert [p for _, p in answer] == pytest.approx([expected[name] for name, _ in answer], rel=1e-4, abs=1e-7)


@pytest.mark.parametrize("name", networks.RECIPES)
def test_what_ships_says_how_it_was_trained(name):
    settings = reference.load_network(name).settings
    recipe = PRESETS["narrow"].changed(networks.RECIPES[name])
    channels = reference.load_clips(name).channels.tolist()
    assert reference.load_network(name).inputs == replace(recipe.inputs, channels=tuple(channels), persons=1)
    assert {entry: settings["recipe"][entry] for entry in ("width", "epochs", "rate", "batch", "least_clips")} == {
        entry: getattr(recipe, entry) for entry in ("width", "epochs", "rate", "batch", "least_clips")
    }
    assert settings["protocol"] == dict(zip(("protocol", "window"), networks.TRAININGS[name][1:], strict=True))
    log = (networks.FOLDER / f"{name}.csv").read_text("utf-8").splitlines()
    assert len(log) == recipe.epochs + 1
    assert log[-1].startswith(f"{recipe.epochs},")


def test_evaluate_takes_them(capsys):
    assert main(["evaluate", str(networks.FOLDER / "mocap_15.safetensors"), "--data", "mocap_15"]) == 0
    assert "top-1 100.0%" in capsys.readouterr().out


def test_the_tables_are_what_was_measured():
    page = (networks.FOLDER / "README.md").read_text("utf-8")
    assert trust.table(MEASURED) in page
    for changes in MEASURED["networks"].values():
        for what, change in changes.items():
            right = change["right"] / change["clips"]
            assert right >= (0 if what == trust.WITHOUT else 0.85 if what == trust.ALL else 0.95), what
            assert change["worst"][1] <= right


def test_the_main_page_says_in_short_what_was_measured():
    page = " ".join((Path(networks.__file__).parents[1] / "README.md").read_text("utf-8").split())
    least, at_once = {}, {}
    for name, changes in MEASURED["networks"].items():
        per_cent = {what: int(100 * change["right"] / change["clips"]) for what, change in changes.items()}
        at_once[name] = per_cent.pop(trust.ALL)
        least[name] = min(share for what, share in per_cent.items() if what not in (trust.LAST, trust.WITHOUT))
    movements, poses = networks.RECIPES
    assert f"movements keep their name in {least[movements]} to 100 % of the clips" in page
    assert (
        f"the poses in {least[poses]} to 100 %; with all at once in {at_once[movements]} and {at_once[poses]} %" in page
    )


@pytest.mark.parametrize("name", networks.RECIPES)
def test_what_was_measured_is_measured_again(name):
    """The first draws of a single change: counted here by hand, with generators made here."""
    what = "one to five joints lost"
    number = list(trust.variations_of(name, None)).index(what)
    network, rng, right = reference.load_network(name), np.random.default_rng([0, number]), 0
    sequences = reference.load_clips(name)
    for class_name in sequences.class_names.tolist():
        V = len(sequences.joint_names)
        clip = variations.without_joints(sequences.clip(class_name), rng.permutation(V)[: rng.integers(1, 6)])
        right += reference.classify(network, clip)[0][0] == class_name
    measured = trust.measure(name, network, draws=1, only=what)
    assert {key: measured[what][key] for key in ("clips", "right")} == {"clips": len(sequences), "right": right}


def test_every_change_is_within_its_bounds():
    clip = reference.load_clips("mocap_15").clip("walk")[0]
    changes = trust.variations_of("mocap_15", np.random.default_rng(0))
    for _ in range(20):
        for what, fewest, most in (("cut", 20, 35), ("0.7", 28, 56), ("up to", 20, 38)):
            (change,) = (changes[words] for words in changes if words.startswith(what))
            assert fewest <= change(clip).shape[1] <= most
        lost = (~changes["one to five joints lost"](clip).any(axis=(0, 1, 3))).sum()
        assert 1 <= lost <= 5
        assert 0.009 < (changes["noise of 1 to 5 cm"](clip) - clip).std() < 0.052
        assert changes[trust.ALL](clip).any()
    np.testing.assert_array_equal(changes[trust.NOTHING](clip), clip)


def test_the_command_trains_ships_and_measures(tmp_path, monkeypatch, capsys):
    folder, runs = tmp_path / "networks", tmp_path / "runs"
    folder.mkdir()
    (folder / "README.md").write_text("before\n<!-- measured: begin -->\n<!-- measured: end -->\nafter\n", "utf-8")
    monkeypatch.setattr(networks, "FOLDER", folder)
    monkeypatch.setattr(networks, "RECIPES", dict.fromkeys(networks.RECIPES, TINY))
    monkeypatch.setattr(networks, "TRAININGS", {name: (*each[:2], 2000) for name, each in networks.TRAININGS.items()})
    monkeypatch.setattr(trust, "DRAWS", 1)
    monkeypatch.setattr(reference, "classify", lambda network, clip: [(network.class_names[0], 1.0)])
    assert main(["networks", "--runs", str(runs)]) == 0
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "measured.json", "mocap_15.csv", "mocap_15.safetensors", "openpose_25.csv",
        "openpose_25.safetensors",
    }  # fmt: skip
    results = json.loads((folder / "measured.json").read_text("utf-8"))
    assert results["networks"]["mocap_15"][trust.NOTHING] == {"clips": 15, "right": 1, "worst": ["run", 0.0]}
    assert results["networks"]["openpose_25"][trust.WITHOUT]["clips"] == 20
    text = (folder / "README.md").read_text("utf-8")
    assert trust.table(results) in text
    assert text.endswith("after\n")
    first = (folder / "mocap_15.csv").read_text("utf-8").splitlines()
    assert first[0] == "epoch,rate,train_loss,train_accuracy,test_loss,test_accuracy"
    assert len(first) == 2
    (runs / "openpose_25_first_70" / "weights.safetensors").unlink()
    assert main(["networks", "measure", "--runs", str(runs)]) == 0
    assert json.loads((folder / "measured.json").read_text("utf-8")) == results
    (folder / "mocap_15.safetensors").unlink()
    assert main(["networks", "measure", "--runs", str(runs)]) == 1
    assert "mocap_15" in capsys.readouterr().err
