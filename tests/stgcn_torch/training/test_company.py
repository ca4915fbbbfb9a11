"""The answer to a clip depends on that clip alone: not on its neighbours, nor on what else the set holds."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sets import saved, saved_as_folder, small_set, weights

import reference
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker
from stgcn_torch.__main__ import main
from stgcn_torch.training.explanation import explain, predict
from stgcn_torch.training.loop import train_once
from stgcn_torch.training.protocols import folds
from stgcn_torch.training.recipes import Recipe
from stgcn_torch.training.trained_network import TrainedNetwork

INPUTS = {"streams": ["bone"], "scale": "body", "persons": 2}
BODY = reference.SKELETONS["toy_5"]
# The same joints, hung up otherwise: a set may say so, but the network knows the body that it learnt on.
OTHER_BONES = np.array([(0, 1), (1, 2), (2, 3), (3, 4)])


def the_clip(persons, seed=0, T=11):
    """(T, persons, 5, 3), some joints not seen."""
    rng = np.random.default_rng(seed)
    frames = rng.normal(1, 0.3, (T, persons, 5, 3)).astype(np.float32)
    frames[rng.random((T, persons, 5)) < 0.1] = 0
    return frames


def in_company(frames, rng):
    """(a set that holds the clip among others, its place there), everything else of the set as the generator draws."""
    M = frames.shape[1] + int(rng.integers(3))
    others = [rng.normal(size=(int(rng.integers(1, 20)), M, 5, 3)) for _ in range(int(rng.integers(4)))]
    s = int(rng.integers(len(others) + 1))
    own = np.pad(frames, [(0, 0), (0, M - frames.shape[1]), (0, 0), (0, 0)])
    clips = [*others[:s], own, *others[s:]]
    every = np.concatenate(clips)
    more = ["speed"] * int(rng.integers(2))
    every = np.concatenate([every, rng.normal(size=(*every.shape[:3], len(more)))], axis=3)
    order = rng.permutation(3 + len(more))
    classes = int(rng.integers(1, 9))
    labels = rng.integers(classes, size=len(clips))
    return small_set(
        frames=every[..., order].astype(rng.choice([np.float32, np.float64])),
        offset=np.r_[0, np.cumsum([len(clip) for clip in clips])],
        label=labels, subject=None, name=None, class_names=np.array([f"what_{k}" for k in rng.permutation(classes)]),
        channels=np.array(["x", "y", "z", *more])[order], fps=np.array(rng.uniform(1, 99), dtype=np.float32),
        bones=OTHER_BONES if rng.random() < 0.5 else np.array(BODY.bones), center=np.array(rng.integers(5)),
        title=str(rng.integers(99)),
    ), s  # fmt: skip


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """One that nobody trained, of clips with two persons, x, y, z and bones."""
    folder = tmp_path_factory.mktemp("weights")
    path = weights(folder, "toy_5", ["x", "y", "z"])
    torch.manual_seed(1)
    model = TrainedNetwork.load(path)
    model.settings["recipe"]["inputs"] |= INPUTS
    wider = type(model.model)(7, 6, "toy_5", layers=((6, 8, 1), (8, 16, 2))).eval()
    wider.classifier.W.data *= 30
    TrainedNetwork(wider, model.settings).save(path)
    return TrainedNetwork.load(path), path


def asked(network, sequences, s, source=""):
    row = np.array([[s, 0, sequences.offset[s + 1] - sequences.offset[s]]])
    return predict(network, network.clips(source, sequences, row, labelled=False)).probabilities


def alone(frames):
    return small_set(
        frames=frames, offset=np.array([0, len(frames)]), label=np.array([0]), subject=None, name=None,
        class_names=np.array(["one"]),
    )  # fmt: skip


@given(st.integers(1, 4), st.integers(0, 10**6))
def test_alone_and_in_any_company_it_is_one_answer(network, persons, seed):
    network, path = network
    frames = the_clip(persons)
    expected = asked(network, alone(frames), 0)
    sequences, s = in_company(frames, np.random.default_rng(seed))
    np.testing.assert_array_equal(asked(network, sequences, s), expected)
    inputs = InputSettings(**(network.settings["recipe"]["inputs"] | {"channels": network.settings["channels"]}))
    views = ClipMaker(inputs, sequences.channels, network.skeleton).views(sequences.clip(s)[0])
    logits = reference.forward(reference.load_state(path), views).mean(axis=0, dtype=np.float64)
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), expected, rtol=1e-3, atol=1e-7)


def test_as_npz_and_as_folder_and_with_all_clips_of_a_set(network, tmp_path, capsys):
    network, path = network
    frames = the_clip(2)
    sequences, s = in_company(frames, np.random.default_rng(5))
    expected = asked(network, alone(frames), 0)
    for source in (saved(sequences, tmp_path), saved_as_folder(sequences, tmp_path)):
        read = reference.load_clips(source)
        np.testing.assert_array_equal(asked(network, read, s, source), expected)
    assert main(["predict", str(path), str(source)]) == 0
    among_all = capsys.readouterr().out.split(f"sequence {s}:\n")[1].splitlines()[:5]
    assert main(["predict", str(path), str(saved(alone(frames), tmp_path))]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == among_all
    assert f"{expected.max():.1%}" in among_all[0]


def test_a_person_who_is_absent_counts_as_in_training(tmp_path):
    """The case that was found: trained on clips of one and two persons, asked in sets with M = 1 and M = 2."""
    clips = [the_clip(2, seed) for seed in range(8)]
    for clip in clips[::2]:
        clip[:, 1] = 0
    frames = np.concatenate(clips)
    both = small_set(
        frames=frames, offset=np.arange(0, 89, 11), label=np.arange(8) % 2, subject=None, name=None,
        class_names=np.array(["alone", "together"]),
    )  # fmt: skip
    recipe = Recipe(width=16, epochs=2, batch=4, least_clips=0, inputs=InputSettings(frames=8, test_views=1))
    trained = train_once(recipe, both, folds(both, "random")[0]).network
    assert trained.persons == 2
    assert trained.settings["recipe"]["inputs"]["persons"] == 2
    one = the_clip(1, 99)
    answers = [
        asked(trained, alone(np.pad(one, [(0, 0), (before, after), (0, 0), (0, 0)])), 0)
        for before, after in ((0, 0), (0, 1), (1, 0), (2, 3))
    ]
    for answer in answers[1:]:
        np.testing.assert_allclose(answer, answers[0], rtol=1e-12)
    clips = trained.clips("", alone(one), np.array([[0, 0, 11]]), labelled=False)
    assert clips[0, 0][0].shape[-1] == 2
    # By hand: the mean over two persons, one of whom is zeros.
    settings = replace(InputSettings(**trained.settings["recipe"]["inputs"]), persons=1)
    person = ClipMaker(settings, ["x", "y", "z"], BODY)(one.transpose(3, 0, 2, 1))
    pair = torch.from_numpy(np.concatenate([person, np.zeros_like(person)], axis=3))[None].double()
    by_hand = trained.model(pair)[0].detach().softmax(0)
    np.testing.assert_allclose(answers[0], by_hand, rtol=1e-9)


def test_of_more_persons_those_that_move_most_are_kept_in_their_order(network, tmp_path, capsys):
    network, path = network
    frames = the_clip(4)
    frames[:, 0] = frames[:1, 0] + 0.001  # stands still
    frames[:, 2] = frames[:1, 2]
    expected = asked(network, alone(frames[:, [1, 3]]), 0)
    np.testing.assert_array_equal(asked(network, alone(frames), 0), expected)
    assert main(["predict", str(path), str(saved(alone(frames), tmp_path))]) == 0
    assert "  2 of its 4 persons left out, those that move least\n" in capsys.readouterr().out
    assert main(["predict", str(path), str(saved(alone(np.pad(frames[:, :1], [(0, 0), (0, 3), (0, 0), (0, 0)])),
                                                 tmp_path))]) == 0  # fmt: skip
    assert "left out" not in capsys.readouterr().out  # nobody was
    absent_first = np.concatenate([np.zeros_like(frames[:, :2]), frames[:, :1]], axis=1)
    np.testing.assert_array_equal(asked(network, alone(absent_first), 0), asked(network, alone(frames[:, :1]), 0))


def test_evaluate_says_that_persons_may_be_left_out(network, tmp_path, capsys):
    frames = the_clip(3)
    labelled = replace(alone(frames), class_names=np.array(["class_0"]))
    assert main(["evaluate", str(network[1]), "--data", str(saved(labelled, tmp_path))]) == 0
    said = capsys.readouterr().out
    assert "note: the set has M = 3, but the network was trained with 2" in said


def test_an_explanation_is_of_the_persons_that_the_network_saw(network):
    network, _ = network
    frames = the_clip(4)
    frames[:, 0] = frames[:1, 0]
    found = explain(network, network.clips("", alone(frames), np.array([[0, 0, 11]]), labelled=False))
    assert found.clip.shape[3] == found.activation.shape[2] == 2
    assert np.isin(found.clip[:, 0, 0, 0], frames[0, :, 0]).all()
    assert not np.isin(found.clip[0, 0, :, 0], frames[0, 0, :, 0]).any()
