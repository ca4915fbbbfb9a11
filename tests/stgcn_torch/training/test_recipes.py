"""The recipes are the published ones or come from a file, and learning rates follow their schedule."""

import json
from dataclasses import asdict, fields

import pytest
from sets import recipe_file

from reference import LAYERS
from reference.input_settings import InputSettings
from stgcn_torch.training.recipes import PRESETS, Recipe, rate_at, read_recipe


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
    with pytest.raises(ValueError, match="a recipe has no 'colour'; it has autocast, "):
        recipe.changed({"colour": 1})
    with pytest.raises(ValueError, match="batch must be from 2 to 1e"):
        recipe.changed({"batch": 1})
    with pytest.raises(ValueError, match="schedule must be one of steps, cosine, got 'linear'"):
        recipe.changed({"schedule": "linear"})


def test_every_field_says_what_it_means():
    for kind in (Recipe, InputSettings):
        assert all(field.metadata["about"] for field in fields(kind) if field.name != "inputs")


@pytest.mark.parametrize("preset", PRESETS)
def test_a_recipe_goes_to_a_file_and_back_whatever_it_starts_from(tmp_path, preset):
    recipe = PRESETS[preset]
    assert read_recipe(recipe_file(tmp_path, **asdict(recipe)), PRESETS["modern"]) == recipe
    settings = recipe_file(
        tmp_path, recipe=asdict(recipe), seed=3, protocol={"share": 0.3}
    )  # as a training writes them
    assert read_recipe(settings, PRESETS["modern"]) == recipe


def test_what_a_file_lacks_comes_from_the_preset(tmp_path):
    recipe = read_recipe(recipe_file(tmp_path, rate=0.3, inputs={"turn": 5}, zoom=0.1), PRESETS["modern"])
    assert recipe == PRESETS["modern"].changed({"rate": 0.3, "turn": 5, "zoom": 0.1})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"widht": 4}, "a recipe has no 'widht'; it has autocast, averaging, "),
        ({"inputs": {"epoch": 4}}, "a recipe has no 'epoch'; it has "),
        ({"epochs": 2.5}, "epochs must be an integer, got 2.5"),
        ({"epochs": True}, "epochs must be an integer, got True"),
        ({"epochs": None}, "epochs must be an integer, got None"),
        ({"nesterov": "yes"}, "nesterov must be true or false, got 'yes'"),
        ({"nesterov": 1}, "nesterov must be true or false, got 1"),
        ({"steps": 10}, "steps must be a list, each entry an integer, got 10"),
        ({"steps": [10, "x"]}, "steps must be a list, each entry an integer, got [10, 'x']"),
        ({"inputs": {"channels": "xy"}}, "channels must be a list, each entry a text, got 'xy'"),
        ({"rate": "0.1"}, "rate must be a finite number, got '0.1'"),
        ({"rate": float("nan")}, "rate must be a finite number, got nan"),
        ({"rate": float("inf")}, "rate must be a finite number, got inf"),
        ({"rate": -1}, "rate must be from 0 to inf, got -1"),
        ({"inputs": {"crop": 2}}, "crop must be from 1e-09 to 1, got 2"),
        (
            {"strategy": "spatail"},
            "strategy must be one of uni_labeling, distance, spatial, widely_copied, got 'spatail'",
        ),
        ({"dtype": "float16"}, "dtype must be one of float32, float64, got 'float16'"),
        ({"inputs": [1]}, "inputs must be an object {...}, got [1]"),
        ({"recipe": 3}, "recipe must be an object {...}, got 3"),
        ({"zoom": 0.1, "inputs": {"zoom": 0.1}}, "zoom stands both in inputs and beside it"),
        ([1, 2], "a recipe must be an object {...}, got [1, 2]"),
        (None, "a recipe must be an object {...}, got None"),
    ],
)
def test_a_bad_file_is_named_with_entry_expectation_and_value(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError) as refused:
        read_recipe(path, PRESETS["notes"])
    assert str(refused.value).startswith(f"{path}: {message}")


def test_a_mark_of_the_encoding_at_the_start_is_no_content(tmp_path):
    path = tmp_path / "marked.json"
    path.write_text('{"rate": 0.3}', "utf-8-sig")  # as some editors save a file
    assert read_recipe(path, PRESETS["notes"]).rate == 0.3


@pytest.mark.parametrize(
    "content", [b"", b"{", b"rate = 0.1", b"\xff\xfe", b"[" * 100_000], ids=["empty", "cut", "text", "UTF-16", "deep"]
)
def test_a_file_that_is_no_json_is_named(tmp_path, content):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="bad.json is no JSON: "):
        read_recipe(path, PRESETS["notes"])
