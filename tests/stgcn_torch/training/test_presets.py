"""The recipes are the published ones, and learning rates follow their schedule."""

import pytest

from reference import LAYERS
from stgcn_torch.training.presets import PRESETS, Recipe, rate_at


def test_the_published_recipes():
    ntu, kinetics = PRESETS["ntu"], PRESETS["kinetics"]
    for recipe in (ntu, kinetics):
        assert (recipe.rate, recipe.momentum, recipe.weight_decay, recipe.schedule) == (0.1, 0.9, 1e-4, "steps")
        assert (recipe.least_clips, recipe.averaging, recipe.inputs.test_views) == (0, 0, 1)
    assert (ntu.epochs, ntu.batch, ntu.steps, ntu.dropout) == (80, 64, (10, 50), 0.5)
    assert (kinetics.epochs, kinetics.batch, kinetics.steps, kinetics.dropout) == (50, 256, (20, 30, 40, 50), 0)
    assert (kinetics.inputs.frames, kinetics.inputs.test_frames, kinetics.inputs.moving) == (150, 300, True)
    assert (ntu.inputs.crop, ntu.inputs.turn, ntu.inputs.zoom) == (1, 0, 0)
    assert PRESETS["notes"].layers == ((2, 64, 1), *LAYERS[1:])
    assert PRESETS["narrow"].layers[1:] == tuple((C_in // 4, C_out // 4, stride) for C_in, C_out, stride in LAYERS[1:])


def test_rates_by_steps():
    ntu = PRESETS["ntu"]
    rates = [rate_at(ntu, epoch) for epoch in (0, 9.99, 10, 49.99, 50, 79.99)]
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_rates_by_cosine_after_a_warm_up():
    recipe = Recipe(epochs=13, warmup=3, rate=0.2)
    rates = [rate_at(recipe, epoch) for epoch in (0, 1.5, 3, 8, 13)]
    assert rates == pytest.approx([0, 0.1, 0.2, 0.1, 0])


def test_fields_are_replaced_by_name():
    recipe = PRESETS["narrow"].changed({"epochs": 3, "fit": "pad", "frames": 20})
    assert (recipe.epochs, recipe.inputs.fit, recipe.inputs.frames, recipe.width) == (3, "pad", 20, 4)
    with pytest.raises(ValueError, match="a recipe has no colour"):
        recipe.changed({"colour": 1})
    with pytest.raises(ValueError, match="batch must be from 2 to 1e"):
        recipe.changed({"batch": 1})
    with pytest.raises(ValueError, match="schedule must be one of steps, cosine, got 'linear'"):
        recipe.changed({"schedule": "linear"})
