"""Names, shapes and starting values of a network's arrays."""

import numpy as np
import pytest

from reference import LAYERS, PAPER_STRATEGIES, SKELETONS, init_state, normalize, partition, state_shapes, trained_names

SMALL = ((2, 4, 1), (4, 4, 1), (4, 6, 2))
STATE = init_state(5, in_channels=3, skeleton="toy_5", layers=SMALL, gamma=3, dtype=np.float64)
NORM = ("weight", "bias", "running_mean", "running_var")


def test_names_and_shapes_by_hand():
    # three rows: the first has no residual, the second adds its input, the third changes channels and frames
    expected = {"A_hat": (3, 5, 5), "strides": (3,), **{f"data_bn.{name}": (15,) for name in NORM}}
    for i, (C_in, C_out) in enumerate([(3, 4), (4, 4), (4, 6)]):
        expected |= {
            f"blocks.{i}.edge_importance": (3, 5, 5),
            f"blocks.{i}.spatial_conv.W": (C_in, C_out, 3),
            f"blocks.{i}.spatial_conv.b": (C_out, 3),
            **{f"blocks.{i}.spatial_bn.{name}": (C_out,) for name in NORM},
            f"blocks.{i}.temporal_conv.W": (C_out, C_out, 3),
            f"blocks.{i}.temporal_conv.b": (C_out,),
            **{f"blocks.{i}.temporal_bn.{name}": (C_out,) for name in NORM},
        }
    expected |= {"blocks.2.residual_conv.W": (4, 6, 1), "blocks.2.residual_conv.b": (6,)}
    expected |= {f"blocks.2.residual_bn.{name}": (6,) for name in NORM}
    expected |= {"classifier.W": (6, 5), "classifier.b": (5,)}
    assert state_shapes(5, 3, 5, 3, SMALL, 3) == expected
    assert {name: array.shape for name, array in STATE.items()} == expected


@pytest.mark.parametrize("strategy", PAPER_STRATEGIES)
@pytest.mark.parametrize("edge_importance", [True, False])
def test_the_state_has_the_announced_shapes_in_the_announced_order(strategy, edge_importance):
    state = init_state(4, skeleton="ntu_25", strategy=strategy, layers=SMALL, edge_importance=edge_importance)
    shapes = state_shapes(4, 2, 25, len(state["A_hat"]), SMALL, 9, edge_importance)
    assert [(name, array.shape) for name, array in state.items()] == list(shapes.items())
    assert any("edge_importance" in name for name in state) is edge_importance


def test_the_defaults_are_those_of_the_twin():
    state = init_state(60)
    expected = normalize(partition(SKELETONS["openpose_25"], "spatial"), "two_sided")
    assert np.array_equal(state["A_hat"], expected.astype(np.float32))
    assert state["blocks.0.spatial_conv.W"].shape == (2, 64, 3)
    assert state["blocks.9.temporal_conv.W"].shape == (256, 256, 9)
    assert state["strides"].tolist() == [stride for _, _, stride in LAYERS]
    assert "blocks.9.edge_importance" in state


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({"in_channels": 3, "skeleton": "ntu_25", "num_classes": 60}, 3_098_832),
        ({"in_channels": 2, "skeleton": "ntu_25", "num_classes": 60}, 3_098_590),
        ({"in_channels": 3, "skeleton": "openpose_18", "num_classes": 400}, 3_177_140),
    ],
)
def test_number_of_parameters(settings, parameters):
    state = init_state(**settings)
    assert sum(state[name].size for name in trained_names(state)) == parameters


def test_trained_names_leave_out_the_graph_the_strides_and_the_running_statistics():
    left_out = {"A_hat", "strides"}
    norms = [
        "data_bn",
        "blocks.2.residual_bn",
        *(f"blocks.{i}.{part}_bn" for i in range(3) for part in ("spatial", "temporal")),
    ]
    left_out |= {f"{norm}.{name}" for norm in norms for name in ("running_mean", "running_var")}
    assert set(STATE) - set(trained_names(STATE)) == left_out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_array_has_the_asked_dtype_but_the_strides(dtype):
    state = init_state(5, skeleton="toy_5", layers=SMALL, dtype=dtype)
    assert {array.dtype for name, array in state.items() if name != "strides"} == {np.dtype(dtype)}
    assert state["strides"].dtype == np.int64


def test_float32_is_the_default_and_rounds_the_same_numbers():
    assert all(
        np.array_equal(array, STATE[name].astype(array.dtype))
        for name, array in init_state(5, in_channels=3, skeleton="toy_5", layers=SMALL, gamma=3).items()
        if array.dtype == np.float32 or name == "strides"
    )


def test_the_same_seed_gives_the_same_state_and_another_seed_another():
    settings = {"num_classes": 5, "in_channels": 3, "skeleton": "toy_5", "layers": SMALL, "gamma": 3, "dtype": float}
    for seed in (0, np.random.default_rng(0)):
        again = init_state(**settings, seed=seed)
        assert all(np.array_equal(again[name], STATE[name]) for name in STATE)
    other = init_state(**settings, seed=1)
    drawn = {name for name in STATE if not np.array_equal(other[name], STATE[name])}
    assert drawn == {name for name in STATE if name.endswith((".W", ".b"))}


def test_batch_norms_start_as_the_identity_and_edge_importance_at_ones():
    for name, array in STATE.items():
        if name.endswith(("_bn.weight", "_bn.running_var", "edge_importance")):
            assert np.all(array == 1), name
        if name.endswith(("_bn.bias", "_bn.running_mean")):
            assert np.all(array == 0), name


@pytest.mark.parametrize(
    ("name", "fan_in"),
    [
        ("blocks.0.spatial_conv", 2),
        ("blocks.4.spatial_conv", 64),
        ("blocks.4.temporal_conv", 128 * 9),
        ("blocks.4.residual_conv", 64),
        ("classifier", 256),
    ],
)
def test_weights_and_biases_are_uniform_within_one_over_the_root_of_the_fan_in(name, fan_in):
    state = init_state(400, dtype=np.float64)
    bound = 1 / np.sqrt(fan_in)
    for entry in ("W", "b"):
        values = state[f"{name}.{entry}"]
        assert np.abs(values).max() <= bound
        assert np.abs(values).max() > 0.9 * bound
    W = state[f"{name}.W"]
    # uniform: mean 0, variance bound²/3; each within five standard errors for this many draws
    assert abs(W.mean()) < 5 * bound / np.sqrt(3 * W.size)
    assert abs((W**2).mean() * 3 / bound**2 - 1) < 5 * np.sqrt(4 / 5 / W.size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"skeleton": "toy"}, "no skeleton is called 'toy'"),
        ({"strategy": "spacial"}, "there is no strategy 'spacial'"),
        ({"normalization": "column"}, "there is no method 'column'"),
        ({"layers": ((2, 4, 1), (5, 6, 1))}, "row 2 takes 5 channels, but row 1 gives 4"),
        ({"layers": ()}, "the table has no rows"),
        ({"gamma": 4}, "gamma must be odd and >= 1, .* got 4"),
        ({"gamma": -1}, "gamma must be odd and >= 1, .* got -1"),
        ({"gamma": 9.0}, "gamma must be odd and >= 1, .* got 9.0"),
        ({"gamma": "9"}, "gamma must be odd and >= 1, .* got '9'"),
        ({"num_classes": 0}, "num_classes must be an integer >= 1, got 0"),
        ({"num_classes": 2.5}, "num_classes must be an integer >= 1, got 2.5"),
        ({"num_classes": "3"}, "num_classes must be an integer >= 1, got '3'"),
        ({"in_channels": 0}, "in_channels must be an integer >= 1, got 0"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        init_state(**{"num_classes": 3, "skeleton": "toy_5", **options})


@pytest.mark.parametrize("dtype", [int, complex, bool])
def test_weights_are_floating_point(dtype):
    with pytest.raises(ValueError, match="weights are floating-point numbers, got the dtype"):
        init_state(5, skeleton="toy_5", dtype=dtype)
