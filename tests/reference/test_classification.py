"""Trained networks in NumPy: what ships answers right, the same as PyTorch, and says what is wrong with a clip."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import reference
from reference import variations
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker

NAMES = ("mocap_15", "openpose_25")
NETWORKS = {name: reference.load_network(name) for name in NAMES}
SETS = {name: reference.load_clips(name) for name in NAMES}
FOLDER = Path(reference.__file__).parent / "networks"
KICK = SETS["mocap_15"].clip("kick")


def first(name, clip):
    return reference.classify(NETWORKS[name], clip)[0][0]


@pytest.mark.parametrize("name", NAMES)
def test_every_embedded_clip_is_called_by_its_name(name):
    said = {class_name: first(name, SETS[name].clip(class_name)) for class_name in SETS[name].class_names.tolist()}
    assert said == {class_name: class_name for class_name in said}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_of_variations_is_called_by_its_name(name):
    rng, partner = np.random.default_rng(0), variations.partners(SETS[name].joint_names)
    places, degrees, deviation = ([2, 0], 180, 0.03) if name == "mocap_15" else ([0, 1], 20, 0.018)
    right = total = 0
    for class_name in SETS[name].class_names.tolist():
        clip = SETS[name].clip(class_name)[0]
        mirrored = variations.mirrored(clip, 0, partner)
        changed = {
            "turned": (variations.turned(clip, *places, rng.uniform(-degrees, degrees)), class_name),
            "mirrored": (mirrored, variations.other_side(class_name)),
            "noisy": (variations.noisy(clip, [0, 1], deviation, rng), class_name),
            "faster": (variations.at_tempo(clip, 1.4), class_name),
        }
        right += sum(first(name, clip) == expected for clip, expected in changed.values())
        total += len(changed)
    assert right >= 0.95 * total


def test_probabilities_are_those_of_the_mean_logits_of_all_views():
    network = NETWORKS["mocap_15"]
    views = ClipMaker(network.inputs, "xyz", reference.SKELETONS["mocap_15"]).views(KICK[0])
    logits = [reference.forward(network.state, view) for view in views]
    odds = np.exp(np.mean(logits, axis=0, dtype=np.float64))
    answer = reference.classify(network, KICK)
    assert [name for name, _ in answer] == [network.class_names[k] for k in np.argsort(-odds)]
    np.testing.assert_allclose([p for _, p in answer], np.sort(odds / odds.sum())[::-1], rtol=1e-5)
    assert sum(p for _, p in answer) == pytest.approx(1)
    assert reference.classify(network, KICK[0]) == answer


def test_places_for_persons_who_are_not_there_change_nothing():
    with_nobody = np.concatenate([np.zeros_like(KICK), KICK, np.zeros_like(KICK)], axis=4)
    assert reference.classify(NETWORKS["mocap_15"], with_nobody) == reference.classify(NETWORKS["mocap_15"], KICK)


def test_pixels_counted_downwards_and_scores_of_another_detector_change_no_answer():
    for class_name in ("squat", "t", "plank", "traffic_left_turn"):
        clip = SETS["openpose_25"].clip(class_name).astype(np.float64)
        seen = clip[:, 2:] > 0
        pixels = np.where(seen, np.concatenate([600 * clip[:, :1] + 900, 500 - 600 * clip[:, 1:2], seen], axis=1), 0)
        assert first("openpose_25", pixels) == class_name


@pytest.mark.parametrize("name", NAMES)
def test_what_is_known_of_a_network(name):
    network = NETWORKS[name]
    assert network.title == name
    assert network.class_names == tuple(SETS[name].class_names.tolist())
    assert network.channels == tuple(SETS[name].channels.tolist())
    assert network.skeleton == reference.SKELETONS[name]
    assert 190_000 < sum(network.state[entry].size for entry in reference.trained_names(network.state)) < 220_000
    with pytest.raises(AttributeError):
        network.title = "another"


def test_they_are_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir() if path.is_file()) < 2e6


BAD = {
    "joints": (np.ones((3, 9, 25, 1)), r"mocap_15 takes 15 joints, pelvis, chest, .*; the clip has 25"),
    "channels": (np.ones((2, 9, 15, 1)), r"mocap_15 takes 3 channels, x, y, z; the clip has 2"),
    "several": (np.ones((2, 3, 9, 15, 1)), r"one clip \(C, T, V, M\) .*, got \(2, 3, 9, 15, 1\)"),
    "no frame": (np.ones((3, 0, 15, 1)), r"got \(3, 0, 15, 1\)"),
    "axes": (np.ones((3, 9, 15)), r"got \(3, 9, 15\)"),
    "nobody": (np.zeros((3, 9, 15, 2)), "nobody is in the clip"),
    "text": (np.full((3, 9, 15, 1), "a"), "real numbers, got the dtype <U1"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_with_a_clip_is_said(what):
    clip, message = BAD[what]
    with pytest.raises(ValueError, match=message):
        reference.classify(NETWORKS["mocap_15"], clip)


def test_a_number_that_would_overflow_is_refused():
    network = replace(NETWORKS["mocap_15"], inputs=InputSettings(scale="none"))
    with pytest.raises(ValueError, match=r"the clip holds 1e\+30: no coordinate is that large"):
        reference.classify(network, np.where(np.arange(15)[:, None] == 4, 1e30, KICK[0]))


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_named_with_its_place(number):
    clip = KICK.copy()
    clip[0, 1, 5, 8, 0] = number
    with pytest.raises(ValueError, match=rf"{number} in channel y, frame 5, joint 8 \(right_wrist\), person 0"):
        reference.classify(NETWORKS["mocap_15"], clip)


def test_files_that_are_not_the_weights_of_a_training(tmp_path):
    with pytest.raises(FileNotFoundError, match="no mocap_16; mocap_15, openpose_25 ship with this package"):
        reference.load_network("mocap_16")
    network, path = NETWORKS["mocap_15"], tmp_path / "w.safetensors"
    reference.save_state(network.state, path)
    with pytest.raises(
        ValueError, match="not the weights of a training: it lacks bones, center, channels, class_names"
    ):
        reference.load_network(path)
    for changed, message in {
        (
            "class_names",
            ("a", "b"),
        ): "w.safetensors: the settings have 2 class_names .*arrays are for 15",
        ("channels", ("x", "y")): "the settings have 2 channels, streams included .* for 3",
        ("recipe", ()): "w.safetensors: recipe must be an object",
        ("recipe", ("inputs",)): "w.safetensors: recipe must be an object",
    }.items():
        name, value = changed
        reference.save_state(network.state, path, network.settings | {name: value})
        with pytest.raises(ValueError, match=message):
            reference.load_network(path)
    inputs = network.settings["recipe"]["inputs"] | {"hue": 3}
    reference.save_state(network.state, path, network.settings | {"recipe": {"inputs": inputs}})
    with pytest.raises(ValueError, match="w.safetensors: recipe.inputs has an entry 'hue'; known are"):
        reference.load_network(path)


def test_weights_without_bones_or_centre_are_refused(tmp_path):
    network, path = NETWORKS["mocap_15"], tmp_path / "w.safetensors"
    settings = {name: value for name, value in network.settings.items() if name not in ("bones", "center")}
    reference.save_state(network.state, path, settings)
    with pytest.raises(ValueError, match="w.safetensors is not the weights of a training: it lacks bones, center"):
        reference.load_network(path)


def test_it_needs_neither_docstrings_nor_pytorch():
    lines = (
        "import sys, reference",
        "clip = reference.load_clips('mocap_15').clip('kick')",
        "print(reference.classify(reference.load_network('mocap_15'), clip)[0][0], 'torch' in sys.modules)",
    )
    done = subprocess.run([sys.executable, "-OO", "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["kick", "False"]
