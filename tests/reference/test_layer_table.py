"""The ten layers and what they cost."""

from math import prod

import numpy as np
import pytest
from strategies import normal

from reference import LAYERS, PAPER_STRATEGIES, forward, init_state, layer_table, trained_names

SMALL = ((2, 4, 1), (4, 4, 1), (4, 6, 2), (6, 6, 3), (6, 6, 1))


def test_the_ten_rows():
    assert LAYERS == (
        (2, 64, 1), (64, 64, 1), (64, 64, 1), (64, 64, 1), (64, 128, 2),
        (128, 128, 1), (128, 128, 1), (128, 256, 2), (256, 256, 1), (256, 256, 1),
    )  # fmt: skip


def test_row_one_by_hand():
    # 3 partitions of 2 -> 64 with bias: 64 · 3 · 3 = 576; 9 frames of 64 -> 64 with bias: 64 · (9 · 64 + 1) = 36,928
    # two batch norms of 64: 4 · 64 = 256; edge importance 3 · 25² = 1,875; no residual; together 39,635
    # one person, one frame: 3 · (2 · 64 · 25 + 64 · 25²) = 129,600 and 9 · 64 · 64 · 25 = 921,600, times 2 · 300
    row = layer_table().rows[0]
    assert row == (1, 2, 64, 1, (2, 64, 300, 25), 39_635, 600 * (129_600 + 921_600), 9)


def test_row_five_by_hand():
    # 3 · 128 · 65 = 24,960; 128 · (9 · 128 + 1) = 147,584; 4 · 128 = 512; residual 128 · 65 + 2 · 128 = 8,576; 1,875
    # two persons, 300 frames: 3 · (64 · 128 · 25 + 128 · 625); 150 frames: 9 · 128² · 25 and 64 · 128 · 25
    row = layer_table().rows[4]
    cost = 600 * (614_400 + 240_000) + 300 * (3_686_400 + 204_800)
    assert row == (5, 64, 128, 2, (2, 128, 150, 25), 183_507, cost, 41)


def test_frames_and_receptive_fields():
    rows = layer_table().rows
    assert [row.number for row in rows] == list(range(1, 11))
    assert [row.output_shape[2] for row in rows] == [300] * 4 + [150] * 3 + [75] * 3
    assert [row.receptive_field for row in rows] == [9, 17, 25, 33, 41, 57, 73, 89, 121, 153]
    assert layer_table(T=1).rows[-1].output_shape == (2, 256, 1, 25)


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ({"in_channels": 3, "V": 25, "num_classes": 60}, 3_098_832),
        ({"in_channels": 2, "V": 25, "num_classes": 60}, 3_098_590),
        ({"in_channels": 3, "V": 18, "num_classes": 400}, 3_177_140),
    ],
)
def test_parameters_of_the_network(settings, parameters):
    table = layer_table(**settings)
    assert table.parameters == parameters
    assert f"{parameters:,}" in str(table)


@pytest.mark.parametrize("strategy", PAPER_STRATEGIES)
@pytest.mark.parametrize("edge_importance", [True, False])
@pytest.mark.parametrize(("gamma", "layers"), [(9, LAYERS), (3, SMALL)])
def test_parameters_are_those_of_the_state(strategy, edge_importance, gamma, layers):
    options = {"in_channels": 3, "num_classes": 7, "gamma": gamma, "edge_importance": edge_importance, "layers": layers}
    state = init_state(skeleton="toy_5", strategy=strategy, **options)
    table = layer_table(V=5, K=len(state["A_hat"]), **options)
    assert table.parameters == sum(state[name].size for name in trained_names(state))
    for i, row in enumerate(table.rows):
        assert row.parameters == sum(state[name].size for name in trained_names(state) if f"blocks.{i}." in name)


@pytest.mark.parametrize("T", [1, 7, 12])
def test_output_shapes_are_those_of_the_network(T):
    trace = {}
    state = init_state(4, skeleton="toy_5", gamma=3, layers=SMALL)
    forward(state, normal(0, 1, 2, T, 5, 3), trace=trace)
    table = layer_table(T=T, V=5, M=3, gamma=3, layers=SMALL)
    assert table.input_shape == (2, T, 5, 3)
    assert [row.output_shape for row in table.rows] == [trace[f"blocks.{i}"].shape for i in range(len(SMALL))]


def test_the_receptive_field_is_what_one_output_frame_depends_on():
    state = init_state(4, skeleton="toy_5", gamma=3, layers=SMALL, dtype=np.float64)
    T, plain, influences = 60, {}, [set() for _ in SMALL]
    clip = normal(0, 1, 2, T, 5, 1)
    forward(state, clip, trace=plain)
    for frame in range(T):
        changed, trace = clip.copy(), {}
        changed[:, :, frame] += 5 * normal(frame, 1, 2, 5, 1)
        forward(state, changed, trace=trace)
        for i, seen in enumerate(influences):
            middle = plain[f"blocks.{i}"].shape[2] // 2
            if np.any(trace[f"blocks.{i}"][:, :, middle] != plain[f"blocks.{i}"][:, :, middle]):
                seen.add(frame)
    rows = layer_table(V=5, gamma=3, layers=SMALL).rows
    assert [max(seen) - min(seen) + 1 for seen in influences] == [row.receptive_field for row in rows]


def test_multiply_adds_count_every_product_once():
    # the same count from the shapes of the weights: every weight is used once per output place, every edge per channel
    T, V, M, classes = 13, 5, 2, 7
    state = init_state(classes, skeleton="toy_5", gamma=3, layers=SMALL)
    products, frames = state["classifier.W"].size, T
    for i, stride in enumerate(state["strides"].tolist()):
        C_out, K = state[f"blocks.{i}.spatial_conv.b"].shape
        products += M * frames * V * state[f"blocks.{i}.spatial_conv.W"].size
        products += M * frames * C_out * K * V * V
        frames = -(-frames // stride)
        for name in ("temporal_conv", "residual_conv"):
            products += M * frames * V * prod(state.get(f"blocks.{i}.{name}.W", np.zeros(0)).shape)
    table = layer_table(T=T, V=V, M=M, num_classes=classes, gamma=3, layers=SMALL)
    assert table.multiply_adds == products


def test_without_edge_importance_every_row_has_fewer_parameters():
    rows = zip(layer_table().rows, layer_table(edge_importance=False).rows, strict=True)
    assert {row.parameters - without.parameters for row, without in rows} == {3 * 25 * 25}


def test_as_text_it_is_a_table():
    lines = str(layer_table(in_channels=3)).splitlines()
    assert len({len(line) for line in lines}) == 1  # columns line up
    assert lines[0].split() == [
        "row", "in", "out", "stride", "output", "(M,", "C,", "T,", "V)", "parameters", "multiply-adds",
        "receptive", "field",
    ]  # fmt: skip
    assert lines[2].split() == ["data", "BN", "clip", "(3,", "300,", "25,", "2)", "150"]
    assert lines[7].split()[:9] == ["5", "64", "128", "2", "(2,", "128,", "150,", "25)", "183,507"]
    assert lines[-2].split()[:5] == ["classifier", "256", "60", "(60,)", "15,420"]
    assert lines[-1].split()[:2] == ["total", "3,098,832"]
    # every row's cost in millions adds up to the total, up to rounding
    costs = [float(line.split(" M ")[0].split()[-1].replace(",", "")) for line in lines[3:]]
    assert sum(costs[:-1]) == pytest.approx(costs[-1], abs=0.05 * len(costs))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": ((2, 4, 1), (5, 4, 1))}, "row 2 takes 5 channels, but row 1 gives 4"),
        ({"layers": ((2, 4, 1), (4, 4))}, r"row 2 must be \(in channels, out channels, stride\), .* got \(4, 4\)"),
        ({"layers": ((2, 4, 0),)}, r"row 1 must be .* got \(2, 4, 0\)"),
        ({"layers": ((2, 4.5, 1),)}, r"row 1 must be .* got \(2, 4.5, 1\)"),
        ({"layers": ()}, "the table has no rows"),
        ({"in_channels": 0}, "in_channels must be an integer >= 1, got 0"),
        ({"in_channels": 2.5}, "in_channels must be an integer >= 1, got 2.5"),
        ({"gamma": 4}, "gamma must be odd, got 4"),
        ({"T": 1.5}, "T must be an integer >= 1, got 1.5"),
        ({"gamma": -1}, "gamma must be an integer >= 1, got -1"),
        *(({name: 0}, f"{name} must be an integer >= 1, got 0") for name in ("T", "V", "M", "num_classes", "K")),
    ],
)
def test_a_bad_table_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        layer_table(**options)
