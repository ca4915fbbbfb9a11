"""The whole network, from clip to logits."""

import re

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import normal, partition_names, relabelled, seeds, skeletons

from reference import PAPER_STRATEGIES, SKELETONS, forward, init_state

SMALL = ((2, 3, 1), (3, 3, 1), (3, 4, 2))
TOY = SKELETONS["toy_5"]


def small_state(skeleton=TOY, *, in_channels=2, gamma=3, seed=0, layers=SMALL, dtype=np.float64, **options):
    """A small network with nothing left at its starting value: as if it had been trained."""
    state = init_state(
        5, in_channels, skeleton, layers=layers, gamma=gamma, seed=seed, dtype=np.float64, **options
    )  # fmt: skip
    rng = np.random.default_rng(seed)
    for name, array in state.items():
        if name.endswith(("_bn.weight", "running_var", "edge_importance")):
            state[name] = rng.uniform(0.5, 1.5, array.shape)
        elif name.endswith(("_bn.bias", "running_mean")):
            state[name] = rng.normal(size=array.shape)
    return {name: array if name == "strides" else array.astype(dtype) for name, array in state.items()}


# --- the loops -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("in_channels", [2, 3])
def test_the_network_is_the_loops(training, in_channels):
    state, clip = small_state(in_channels=in_channels), normal(0, 2, in_channels, 5, 5, 2)
    oracle.assert_close(forward(state, clip, training=training), oracle.forward(state, clip, training))


def test_inference_is_the_default():
    state, clip = small_state(), normal(0, 2, 2, 5, 5, 2)
    assert np.array_equal(forward(state, clip), forward(state, clip, training=False))
    assert not np.allclose(forward(state, clip), forward(state, clip, training=True))


@pytest.mark.parametrize("strategy", PAPER_STRATEGIES)
@pytest.mark.parametrize("edge_importance", [True, False])
def test_every_strategy_with_and_without_edge_importance(strategy, edge_importance):
    state = small_state(strategy=strategy, edge_importance=edge_importance)
    clip = normal(0, 1, 2, 4, 5, 1)
    oracle.assert_close(forward(state, clip), oracle.forward(state, clip))


# --- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("N", [1, 3])
@pytest.mark.parametrize("M", [1, 2, 3])
@pytest.mark.parametrize("T", [1, 2, 7, 8])
def test_any_number_of_clips_persons_and_frames(N, M, T):
    trace = {}
    logits = forward(small_state(gamma=9), normal(0, N, 2, T, 5, M), trace=trace)  # the filter is longer than the clip
    assert logits.shape == (N, 5)
    assert np.all(np.isfinite(logits))
    K, after = 3, -(-T // 2)  # frames after the stride of the third block
    first = ["edge_importance", "spatial_conv", "spatial_bn", "relu", "temporal_conv", "temporal_bn"]
    expected = {"data_bn": (N * M, 2, T, 5), "pooled": (N, 4), "logits": (N, 5)}
    for i, stages in enumerate((first, [*first, "sum"], [*first, "residual_conv", "residual_bn", "sum"])):
        for stage in stages:
            strided = i == 2 and not stage.startswith(("spatial", "relu"))
            shape = (N * M, 4 if i == 2 else 3, after if strided else T, 5)
            expected[f"blocks.{i}.{stage}"] = (K, 5, 5) if stage == "edge_importance" else shape
        expected[f"blocks.{i}"] = expected[f"blocks.{i}.temporal_bn"]
    assert {name: array.shape for name, array in trace.items()} == expected


def test_the_full_network_quarters_the_frames():
    trace = {}
    state = init_state(60, in_channels=3, skeleton="ntu_25")
    logits = forward(state, normal(0, 1, 3, 10, 25, 2).astype(np.float32), trace=trace)
    assert logits.shape == (1, 60)
    assert logits.dtype == np.float32
    assert trace["blocks.9"].shape == (2, 256, 3, 25)  # 10 frames, then 5, then 3
    assert [int(name.split(".")[1]) for name in trace if name.count(".") == 1 and name != "data_bn"] == list(range(10))


@pytest.mark.parametrize("training", [True, False])
def test_one_clip_alone_is_the_batch_of_one(training):
    state, clip, alone, batch = small_state(), normal(0, 1, 2, 5, 5, 2), {}, {}
    logits = forward(state, clip[0], training=training, trace=alone)
    assert np.array_equal(logits, forward(state, clip, training=training, trace=batch)[0])
    assert list(alone) == list(batch)
    assert all(np.array_equal(alone[name], batch[name]) for name in batch)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [True, False])
def test_dtype_is_kept_throughout_and_the_input_too(dtype, training):
    state, clip, trace = small_state(dtype=dtype), normal(0, 2, 2, 5, 5, 2).astype(dtype), {}
    before = {name: array.copy() for name, array in state.items()}, clip.copy()
    forward(state, clip, training=training, trace=trace)
    assert {name: array.dtype for name, array in trace.items()} == dict.fromkeys(trace, np.dtype(dtype))
    assert np.array_equal(clip, before[1])
    assert list(state) == list(before[0])
    assert all(np.array_equal(state[name], before[0][name]) for name in state)


def test_another_graph_can_be_passed():
    state, clip = small_state(), normal(0, 2, 2, 5, 5, 2)
    other = small_state(normalization="row")["A_hat"]
    assert np.array_equal(forward(state, clip, other), forward(state | {"A_hat": other}, clip))
    assert not np.allclose(forward(state, clip, other), forward(state, clip))


# --- properties ------------------------------------------------------------------------------------------------------


@settings(max_examples=20)
@given(skeletons(max_joints=6), st.data(), partition_names, seeds)
def test_relabelling_the_joints_changes_nothing(skeleton, data, strategy, seed):
    V = skeleton.num_joints
    new = data.draw(st.permutations(range(V)))
    old = np.argsort(new)
    state, clip = small_state(skeleton, strategy=strategy, seed=seed), normal(seed, 2, 2, 5, V, 2)
    permuted = dict(state)
    for name, array in state.items():
        if name.startswith("data_bn"):  # channel v·C + c
            permuted[name] = array.reshape(V, 2)[old].ravel()
        elif name.endswith("edge_importance"):
            permuted[name] = array[:, old][:, :, old]
    permuted["A_hat"] = small_state(relabelled(skeleton, new), strategy=strategy)["A_hat"]
    plain_trace, trace = {}, {}
    logits = forward(state, clip, trace=plain_trace)
    oracle.assert_close(forward(permuted, clip[:, :, :, old], trace=trace), logits)
    oracle.assert_close(trace["blocks.2"][..., new], plain_trace["blocks.2"])


@settings(max_examples=10)
@given(seeds)
def test_persons_do_not_see_one_another(seed):
    state, clip, before, after = small_state(seed=seed), normal(seed, 2, 2, 5, 5, 2), {}, {}
    changed = clip.copy()
    changed[..., 1] = normal(seed + 1, 2, 2, 5, 5)
    forward(state, clip, trace=before)
    forward(state, changed, trace=after)
    for name in before:
        if name not in ("pooled", "logits"):
            assert np.array_equal(before[name][::2], after[name][::2]), name  # person 1 of either clip
    assert not np.any(before["data_bn"][1::2] == after["data_bn"][1::2])


@settings(max_examples=10)
@given(seeds, st.booleans())
def test_swapping_persons_changes_nothing(seed, training):
    state, clip = small_state(seed=seed), normal(seed, 2, 2, 5, 5, 3)
    logits = forward(state, clip, training=training)
    oracle.assert_close(forward(state, clip[..., [2, 0, 1]], training=training), logits)


@settings(max_examples=10)
@given(seeds)
def test_clips_of_a_batch_do_not_see_one_another(seed):
    state, clips = small_state(seed=seed), normal(seed, 4, 2, 5, 5, 2)
    logits = forward(state, clips)
    oracle.assert_close(np.concatenate([forward(state, clips[n : n + 1]) for n in range(4)]), logits)
    oracle.assert_close(forward(state, clips[:2]), logits[:2])
    in_training = [forward(state, batch, training=True)[0] for batch in (clips, clips[:2])]
    assert not np.allclose(*in_training)  # there they share their statistics


@settings(max_examples=10)
@given(seeds)
def test_edge_importance_where_there_is_no_edge_changes_nothing(seed):
    state, clip = small_state(seed=seed), normal(seed, 2, 2, 5, 5, 2)
    elsewhere = {
        name: np.where(state["A_hat"] == 0, normal(seed, *array.shape), array)
        for name, array in state.items()
        if name.endswith("edge_importance")
    }
    assert np.array_equal(forward(state | elsewhere, clip), forward(state, clip))


# --- the ends of the network -----------------------------------------------------------------------------------------


def test_the_data_batch_norm_has_one_channel_per_joint_and_coordinate():
    # V·C = 10 channels, v·C + c; each subtracts its own number
    state, trace = small_state(), {}
    identity = {
        "weight": np.ones(10),
        "bias": np.zeros(10),
        "running_mean": np.arange(10.0),
        "running_var": np.ones(10),
    }
    state |= {f"data_bn.{name}": values for name, values in identity.items()}
    forward(state, np.zeros((1, 2, 1, 5, 1)), trace=trace)
    expected = -np.array([[0, 2, 4, 6, 8], [1, 3, 5, 7, 9]]) / np.sqrt(1 + 1e-5)  # (C, V)
    oracle.assert_close(trace["data_bn"][0, :, 0], expected)


def test_pooling_is_the_mean_over_frames_joints_and_persons_absent_ones_included():
    state, trace = small_state(), {}
    clip = normal(0, 2, 2, 5, 5, 2)
    clip[..., 1] = 0
    logits = forward(state, clip, trace=trace)
    per_person = trace["blocks.2"].mean(axis=(2, 3)).reshape(2, 2, 4)
    oracle.assert_close(trace["pooled"], (per_person[:, 0] + per_person[:, 1]) / 2)
    assert np.array_equal(trace["logits"], logits)
    oracle.assert_close(logits, trace["pooled"] @ state["classifier.W"] + state["classifier.b"])


def test_the_first_block_has_no_residual_and_the_second_adds_its_input():
    state, trace = small_state(), {}
    for i in (0, 1):  # what comes out of the temporal batch norm is 0, so a block gives its residual alone
        state |= {f"blocks.{i}.temporal_bn.weight": np.zeros(3), f"blocks.{i}.temporal_bn.bias": np.zeros(3)}
    state["blocks.0.temporal_bn.bias"] = np.array([1.0, 2, 3])
    forward(state, normal(0, 2, 2, 5, 5, 2), trace=trace)
    assert np.all(trace["blocks.0"] == np.array([1, 2, 3])[:, None, None])
    assert np.array_equal(trace["blocks.1"], trace["blocks.0"])


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 5, 5), r"got \(2, 5, 5\)"),
        ((1, 1, 2, 5, 5, 1), r"got \(1, 1, 2, 5, 5, 1\)"),
        ((1, 2, 5, 6, 1), r"got \(1, 2, 5, 6, 1\)"),
        ((1, 2, 5, 1, 1), r"got \(1, 2, 5, 1, 1\)"),
        ((1, 3, 5, 5, 1), r"got \(1, 3, 5, 5, 1\)"),
        ((1, 1, 5, 5, 1), r"got \(1, 1, 5, 5, 1\)"),
        ((2, 5, 6, 1), r"got \(1, 2, 5, 6, 1\)"),
        ((1, 2, 0, 5, 1), r"got \(1, 2, 0, 5, 1\)"),
        ((1, 2, 3, 5, 0), r"got \(1, 2, 3, 5, 0\)"),
    ],
)
def test_a_clip_that_does_not_fit_is_refused(shape, message):
    must = r"\(N, C, T, V, M\) or \(C, T, V, M\) with C = 2, V = 5, a frame and a person"
    with pytest.raises(ValueError, match=f"forward: the clip must be {must}, {message}"):
        forward(small_state(), np.ones(shape))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A_hat": np.ones((2, 5, 5))}, r"shape of A_hat, \(2, 5, 5\), got \(3, 5, 5\)"),
        ({"data_bn.weight": np.ones(2)}, r"data_bn: batch_norm: weight must be \(C,\) = \(10,\), got \(2,\)"),
        ({"data_bn.bias": np.ones(1)}, r"bias must be .* got \(1,\)"),
        ({"blocks.1.edge_importance": np.ones((1, 5, 5))}, "edge importance must have the shape of A_hat"),
        ({"blocks.0.spatial_conv.b": np.ones((3, 1))}, "b must be"),
        ({"classifier.W": np.ones((3, 5))}, "classifier.W"),
        ({"classifier.b": np.ones(1)}, "classifier.b"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        forward(small_state() | change, np.ones((1, 2, 5, 5, 1)))


@pytest.mark.parametrize("training", [True, False])
def test_a_missing_entry_is_named(training):
    state = small_state()
    optional = {f"blocks.{i}.edge_importance" for i in range(3)} | {"blocks.2.residual_conv.W"}
    if training:
        optional |= {name for name in state if ".running_" in name}
    for missing in set(state) - optional:
        of_block = re.sub(r"^blocks\.\d\.", "", missing)
        rest = {name: array for name, array in state.items() if name != missing}
        with pytest.raises(ValueError, match=rf"no entry '(blocks\.\d\.)?{of_block}'"):
            forward(rest, np.ones((1, 2, 5, 5, 1)), training=training)


@pytest.mark.parametrize("strides", [np.array([1.0, 1.5]), np.array(1), np.array([[1, 1]])])
def test_strides_that_are_no_list_of_integers_are_refused(strides):
    state = init_state(5, skeleton="toy_5", layers=((2, 4, 1), (4, 4, 1)))
    with pytest.raises(ValueError, match="the strides must be integers, one for each block"):
        forward(state | {"strides": strides}, np.ones((1, 2, 3, 5, 1)))


@pytest.mark.parametrize(
    ("strides", "message"),
    [
        (np.array([1, 1]), r"one for each block, got array\(\[1, 1\]\)"),
        (np.array([1, 1, 1, 1]), "no entry 'blocks.3.spatial_conv.W'"),
    ],
)
def test_there_is_a_stride_for_each_block(strides, message):
    """Of three blocks of the same size, two would run as well, and give other logits."""
    state = init_state(5, skeleton="toy_5", layers=((2, 4, 1), (4, 4, 1), (4, 4, 1)))
    with pytest.raises(ValueError, match=message):
        forward(state | {"strides": strides}, np.ones((1, 2, 3, 5, 1)))


def test_a_misspelt_entry_is_refused():
    state = init_state(5, skeleton="toy_5", layers=((2, 4, 1), (4, 4, 1)))
    with pytest.raises(ValueError, match="'blocks.1.edge_importnace', which no block uses"):
        forward(state | {"blocks.1.edge_importnace": state["A_hat"]}, np.ones((1, 2, 3, 5, 1)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("blocks.1.temporal_bn.weight", "blocks.1: temporal_bn: batch_norm: weight"),
        ("blocks.1.residual_conv.W", "blocks.1: residual_conv: temporal_conv: .* W"),
        ("data_bn.bias", "data_bn: batch_norm: bias"),
    ],
)
def test_a_misshapen_entry_is_named_with_its_place(name, message):
    state = init_state(5, skeleton="toy_5", layers=((2, 4, 1), (4, 6, 2)))
    with pytest.raises(ValueError, match=message):
        forward(state | {name: np.ones((3, 3, 1) if name.endswith("W") else 3)}, np.ones((1, 2, 3, 5, 1)))
