"""A training in one call: silent, repeatable, and gone but for what it returns."""

import tempfile

import numpy as np
import pytest
import torch

from reference import load_clips
from reference.input_settings import InputSettings
from stgcn_torch.training.failures import TrainingError
from stgcn_torch.training.loop import train_once
from stgcn_torch.training.protocols import folds
from stgcn_torch.training.recipes import Recipe

MOCAP = load_clips("mocap_15")
(FOLD,) = folds(MOCAP, "time", window=32)
RECIPE = Recipe(width=32, epochs=2, batch=8, least_clips=0, averaging=0, inputs=InputSettings(frames=8, test_views=1))


@pytest.fixture(scope="module")
def outcome():
    return train_once(RECIPE, MOCAP, FOLD)


def test_it_says_nothing_and_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    train_once(RECIPE, MOCAP, FOLD)
    assert not list(tmp_path.rglob("log.csv"))
    assert not list(tmp_path.rglob("*.safetensors"))
    assert capsys.readouterr().out == ""


def test_what_it_returns_belongs_together(outcome):
    assert [row["epoch"] for row in outcome.rows] == [1, 2]
    assert outcome.rows[-1]["test_accuracy"] == outcome.result.top1
    assert outcome.result.clips == len(FOLD.test)
    assert outcome.network.class_names == MOCAP.class_names.tolist()
    clips = outcome.network.clips("mocap_15", MOCAP, FOLD.test)
    with torch.inference_mode():
        logits = [outcome.network.model(clips[0, place][0].double().reshape(1, 3, 8, 15, 1))[0] for place in range(15)]
    right = np.array([int(each.argmax()) for each in logits]) == MOCAP.label[FOLD.test[:15, 0]]
    assert right.sum() == np.trace(outcome.result.confusion)


def test_the_seed_decides_and_labels_can_be_others(outcome):
    weights = outcome.network.model.classifier.W
    assert torch.equal(train_once(RECIPE, MOCAP, FOLD).network.model.classifier.W, weights)
    assert not torch.equal(train_once(RECIPE, MOCAP, FOLD, seed=1).network.model.classifier.W, weights)
    others = np.zeros(len(FOLD.train), dtype=np.int64)
    wrong = train_once(RECIPE.changed({"epochs": 8}), MOCAP, FOLD, labels=others)
    assert wrong.rows[-1]["train_accuracy"] == 1  # the one class that it was told of
    assert weights.dtype == torch.float64
    assert torch.get_default_dtype() == torch.float32, "as it was"
    assert train_once(RECIPE, MOCAP, FOLD, dtype="float32").network.model.classifier.W.dtype == torch.float32


def test_a_loss_that_is_no_number_is_an_error():
    with pytest.raises(TrainingError, match="learning rate is too high"):
        train_once(RECIPE.changed({"rate": 1e12, "warmup": 0}), MOCAP, FOLD)
