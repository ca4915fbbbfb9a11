"""What came after ST-GCN: by hand, in loops, and as the published implementations computed it."""

from math import exp, sqrt, tanh
from pathlib import Path

import numpy as np
import oracle
import pytest
import successor_loops
from hypothesis import given
from hypothesis import strategies as st
from strategies import normal, seeds, skeletons
from successor_arrays import adaptive_arrays, branch_state, channelwise_arrays

from reference import (
    SKELETONS,
    adaptive_conv,
    batch_norm,
    channelwise_conv,
    hop_distance,
    multi_branch_temporal_conv,
    multi_scale_adjacency,
    normalize,
    partition,
    relu,
    spatial_conv,
    temporal_conv,
)
from reference.successors import attention, channelwise_adjacency

TOY = SKELETONS["toy_5"]
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "successors.npz"


# --- by hand ---------------------------------------------------------------------------------------------------------

# Two joints, one subset, one channel, two frames: the first joint moves from 1 to 2, the second from 0 to 4.
TWO = np.array([[1.0, 0], [2, 4]]).reshape(1, 2, 2)
ONE = np.ones((1, 1, 1))
ZERO = np.zeros((1, 1))


def test_attention_of_two_joints_by_hand():
    # θ = f + 0, φ = 2 f + 1: of the roots (3, 5) and (1, 9). Dot products over the two frames, divided by E·T = 2:
    # root 0: neighbour 0 gives (3·1 + 5·2) / 2 = 6.5, neighbour 1 (3·0 + 5·4) / 2 = 10
    # root 1: (1·1 + 9·2) / 2 = 9.5 and (1·0 + 9·4) / 2 = 18
    C = attention(TWO, ONE, ZERO, 2 * ONE, ZERO + 1)
    expected = [[1 / (1 + exp(3.5)), 1 / (1 + exp(-3.5))], [1 / (1 + exp(8.5)), 1 / (1 + exp(-8.5))]]
    np.testing.assert_allclose(C, [expected], rtol=1e-14)


def test_adaptive_conv_of_two_joints_by_hand():
    # The body lets each joint read itself, B lets joint 0 read 10 times joint 1, and without θ each shares 1/2 to both.
    # Joint 0: (1 + 1/2) f_0 + (10 + 1/2) f_1, joint 1: 1/2 f_0 + (1 + 1/2) f_1; times W = 2, plus b = 100.
    A, B = np.eye(2)[None], np.array([[[0, 10.0], [0, 0]]])
    f_out = adaptive_conv(TWO, A, B, 2 * ONE, ZERO + 100, 0 * ONE, ZERO, ONE, ZERO)
    assert f_out.tolist() == [[[2 * 1.5 + 100, 2 * 0.5 + 100], [2 * (3 + 42) + 100, 2 * (1 + 6) + 100]]]


def test_channelwise_conv_of_two_joints_by_hand():
    # The means over the frames are 1.5 and 2. θ = f, φ = f + 1: θ_0 - φ_0 = -1, θ_0 - φ_1 = -1.5, θ_1 - φ_0 = -0.5,
    # θ_1 - φ_1 = -1. Two output channels with ξ = 1 and -10 and ξ_b = 0 and 1000; α = 0.5.
    A, xi, xi_b = np.eye(2)[None], np.array([[[1.0], [-10]]]), np.array([[0.0], [1000]])
    G = channelwise_adjacency(TWO, A, 0.5, ONE, ZERO, ONE, ZERO + 1, xi, xi_b)
    apart = np.array([[tanh(-1), tanh(-1.5)], [tanh(-0.5), tanh(-1)]])
    np.testing.assert_allclose(G, [[np.eye(2) + 0.5 * apart, np.eye(2) - 5 * apart + 500]], rtol=1e-14)
    W, b = np.array([[[3.0], [1]]]), np.array([[0.0], [2]])
    f_out = channelwise_conv(TWO, A, 0.5, W, b, ONE, ZERO, ONE, ZERO + 1, xi, xi_b)
    # frame 0, joint 0: channel 0 maps the joints (1, 0) to (3, 0), channel 1 to (3, 2)
    assert f_out[0, 0, 0] == pytest.approx(3 * (1 + 0.5 * tanh(-1)), rel=1e-14)
    assert f_out[1, 0, 0] == pytest.approx(3 * (501 - 5 * tanh(-1)) + 2 * (500 - 5 * tanh(-1.5)), rel=1e-14)


def test_rings_of_the_toy_by_hand():
    # toy_5: pelvis 0, chest 1, head 2, hands 3 and 4 on the chest. Each ring holds the root, too.
    A_hat = multi_scale_adjacency(TOY, 5)
    assert A_hat.shape == (5, 5, 5)
    assert A_hat[0].tolist() == np.eye(5).tolist()
    assert A_hat[1, 1, 1] == pytest.approx(1 / 5)  # the chest and its four neighbours
    assert A_hat[1, 0, 1] == A_hat[1, 1, 0] == pytest.approx(1 / sqrt(2 * 5))
    assert A_hat[1, 0, 2] == 0  # one hop is not enough from the pelvis to the head ...
    assert A_hat[2, 0, 2] == A_hat[2, 3, 4] == pytest.approx(1 / 4)  # ... two are, and from hand to hand
    assert A_hat[2, 1].tolist() == [0, 1, 0, 0, 0]  # nothing is two hops from the chest
    assert A_hat[3].tolist() == A_hat[4].tolist() == np.eye(5).tolist()


def test_one_branch_of_each_kind_by_hand():
    # Frames 1, 5, 2, 8, 3. Branch 0 adds the frame before and 10 times the one after, branch 1 the same two frames
    # away, branch 2 takes the largest of three, branch 3 is f - 4. All 1x1 convolutions and batch norms do nothing.
    state = {"branches.0.3.conv.weight": np.array([1.0, 0, 10]).reshape(1, 1, 3, 1), "branches.0.3.conv.bias": ZERO[0]}
    state |= {name.replace("0.3", "1.3"): array for name, array in state.items()}
    state |= {"branches.3.weight": np.ones((1, 1, 1, 1)), "branches.3.bias": ZERO[0] - 4}
    for i in range(3):
        state |= {f"branches.{i}.0.weight": np.ones((1, 1, 1, 1)), f"branches.{i}.0.bias": ZERO[0]}
    for name, C in {"branches.0.1": 1, "branches.1.1": 1, "branches.2.1": 1, "transform.0": 4, "bn": 4}.items():
        state |= {f"{name}.weight": np.ones(C), f"{name}.bias": np.zeros(C)}
        state |= {f"{name}.running_mean": np.zeros(C), f"{name}.running_var": np.ones(C) - 1e-5}
    state |= {"transform.2.weight": np.eye(4)[:, :, None, None], "transform.2.bias": np.zeros(4)}
    f_in = np.array([1.0, 5, 2, 8, 3]).reshape(1, 5, 1)
    expected = np.array([[50, 21, 85, 32, 8], [20, 80, 31, 5, 2], [5, 5, 8, 8, 8], [0, 1, 0, 4, 0]])
    np.testing.assert_allclose(multi_branch_temporal_conv(f_in, state)[..., 0], expected, rtol=1e-14)
    np.testing.assert_allclose(multi_branch_temporal_conv(f_in, state, 2)[..., 0], expected[:, ::2], rtol=1e-14)


# --- the definitions in loops ----------------------------------------------------------------------------------------


SIZES = [
    {"N": 2, "C_in": 3, "C_out": 2, "E": 2, "K": 3, "T": 3, "V": 5},
    {"N": 1, "C_in": 1, "C_out": 4, "E": 3, "K": 2, "T": 1, "V": 4},
    {"N": 3, "C_in": 2, "C_out": 1, "E": 1, "K": 1, "T": 4, "V": 1},
]


@pytest.mark.parametrize("sizes", SIZES)
def test_adaptive_and_channelwise_conv_are_the_loops(sizes):
    arrays = adaptive_arrays(1, **sizes)
    oracle.assert_close(adaptive_conv(**arrays), successor_loops.adaptive_conv(**arrays))
    arrays = channelwise_arrays(2, **sizes)
    oracle.assert_close(channelwise_conv(**arrays), successor_loops.channelwise_conv(**arrays))


@pytest.mark.parametrize("gamma", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("T", [1, 2, 7, 12])
def test_the_branches_are_the_loops(gamma, stride, T):
    state, f_in = branch_state(T, gamma=gamma), normal(9, 2, 5, T, 3)
    f_out = multi_branch_temporal_conv(f_in, state, stride)
    assert f_out.shape == (2, 6, -(-T // stride), 3)
    oracle.assert_close(f_out, successor_loops.multi_branch_temporal_conv(f_in, state, stride))


@given(skeletons(max_joints=6), st.integers(1, 7))
def test_a_scale_is_a_ring_of_exact_hops(skeleton, scales):
    hops = np.array([oracle.hops(skeleton, i) for i in range(skeleton.num_joints)])
    for s, A_hat in enumerate(multi_scale_adjacency(skeleton, scales)):
        for i, j in np.ndindex(hops.shape):
            size = [1 + sum(hops[v] == s) - (s == 0) for v in (i, j)]
            expected = 1 / sqrt(size[0] * size[1]) if hops[i, j] in (0, s) else 0
            assert A_hat[i, j] == pytest.approx(expected, rel=1e-14)


# --- what ties them to ST-GCN ----------------------------------------------------------------------------------------


@given(skeletons(), seeds)
def test_channels_that_may_not_differ_are_st_gcn(skeleton, seed):
    arrays = channelwise_arrays(seed, V=skeleton.num_joints)
    arrays |= {"A": normalize(partition(skeleton, "spatial"), "row"), "alpha": np.zeros(1)}
    oracle.assert_close(channelwise_conv(**arrays), spatial_conv(*(arrays[name] for name in ("f_in", "A", "W", "b"))))


def test_attention_without_an_opinion_is_the_mean_over_the_body():
    arrays = adaptive_arrays(3)
    arrays |= {"phi": np.zeros((3, 2, 3)), "phi_b": np.zeros((2, 3))}
    f_in, A, B, W, b = (arrays[name] for name in ("f_in", "A", "B", "W", "b"))
    oracle.assert_close(adaptive_conv(**arrays), spatial_conv(f_in, A + B + 1 / 5, W) + b.sum(axis=1)[:, None, None])


@pytest.mark.parametrize("name", ["ntu_25", "mediapipe_33", "hand_21"])
def test_the_first_two_scales_are_known_and_all_scales_cover_the_body(name):
    body = SKELETONS[name]
    A_hat = multi_scale_adjacency(body, hop_distance(body).max() + 1)
    oracle.assert_close(A_hat[:1], partition(body, "distance")[:1])
    oracle.assert_close(A_hat[1:2], normalize(partition(body, "uni_labeling"), alpha=0))
    off_diagonal = np.sum(A_hat > 0, axis=0) - len(A_hat) * np.eye(body.num_joints)
    assert np.array_equal(off_diagonal, 1 - np.eye(body.num_joints))  # every other joint in exactly one ring


def test_attention_is_a_share_even_of_large_numbers():
    C = attention(1e3 * normal(0, 2, 3, 4, 5), *(normal(i, *shape) for i, shape in enumerate([(3, 2, 3), (2, 3)] * 2)))
    np.testing.assert_allclose(C.sum(axis=-1), 1, rtol=1e-14)
    assert np.all(C >= 0)


# --- the vectors of the published implementations --------------------------------------------------------------------


@pytest.mark.skipif(not VECTORS.exists(), reason="the measured vectors are not here: shared/data/successors.npz")
def test_the_published_implementations_agree():
    with np.load(VECTORS) as file:
        data = dict(file)
    f_in, A, body = data["x"], data["A"], SKELETONS[str(data["skeleton"])]

    def of(paper, *names):
        return [data[f"{paper}/{name}"] for name in names]

    embedded = ("theta", "theta_b", "phi", "phi_b")
    oracle.assert_close(attention(f_in, *of("agcn", *embedded)), data["agcn/C"])
    oracle.assert_close(adaptive_conv(f_in, A, *of("agcn", "B", "W", "W_b", *embedded)), data["agcn/f_out"])
    arguments = of("ctr", "A", "alpha", "W", "W_b", *embedded, "xi", "xi_b")
    oracle.assert_close(channelwise_conv(f_in, *arguments), data["ctr/f_out"])

    single, A_res, W, b = of("msg3d", "A_hat", "A_res", "W", "b")
    assert np.array_equal(multi_scale_adjacency(body, 5).astype(np.float32), single)  # the published ones are float32
    oracle.assert_close(spatial_conv(f_in, single + A_res, W) + b[:, None, None], data["msg3d/f_out"])

    state = {name.removeprefix("stgcnpp/mstcn/"): data[name] for name in data if name.startswith("stgcnpp/mstcn/")}
    oracle.assert_close(multi_branch_temporal_conv(data["stgcnpp/unit_out"], state, 2), data["stgcnpp/mstcn_out"])
    f_out = spatial_conv(f_in, *of("stgcnpp", "A", "W", "b"))
    oracle.assert_close(f_out, data["stgcnpp/f_out"])
    down = temporal_conv(f_in, data["stgcnpp/down_W"][:, :, None], data["stgcnpp/down_b"])
    entries = ("weight", "bias", "running_mean", "running_var")
    f_out = batch_norm(f_out, *of("stgcnpp", *(f"bn_{entry}" for entry in entries)))
    down = batch_norm(down, *of("stgcnpp", *(f"down_bn_{entry}" for entry in entries)))
    oracle.assert_close(relu(f_out + down), data["stgcnpp/unit_out"])


# --- form ------------------------------------------------------------------------------------------------------------


def test_one_video_alone_is_the_batch_of_one_and_the_input_stays():
    for function, arrays in ((adaptive_conv, adaptive_arrays(5)), (channelwise_conv, channelwise_arrays(5))):
        kept = {name: np.copy(array) for name, array in arrays.items()}
        alone = function(**arrays | {"f_in": arrays["f_in"][1]})
        oracle.assert_close(alone, function(**arrays)[1])
        assert all(np.array_equal(array, kept[name]) for name, array in arrays.items())
        single = {name: np.float32(array) for name, array in arrays.items()}
        assert function(**single).dtype == np.float32
    state, f_in = branch_state(6), normal(5, 2, 5, 7, 3)
    state["branches.0.1.num_batches_tracked"] = np.array(3)  # PyTorch saves it, too
    oracle.assert_close(multi_branch_temporal_conv(f_in[1], state, 2), multi_branch_temporal_conv(f_in, state, 2)[1])
    single = {name: np.float32(array) for name, array in state.items()}
    assert multi_branch_temporal_conv(np.float32(f_in), single).dtype == np.float32


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("f_in", (3, 5), r"f_in must be \(N, C_in, T, V\) or \(C_in, T, V\), got \(3, 5\)"),
        ("A", (3, 5, 4), r"A must be \(K, V, V\) with K = 3, V = 5, got \(3, 5, 4\)"),
        ("A", (5, 5), r"A must be \(K, V, V\) with V = 5, got \(5, 5\)"),
        ("W", (4, 2, 3), r"W must be \(C_in, C_out, K\) with C_in = 3, C_out = 2, K = 3, got \(4, 2, 3\)"),
        ("W", (3, 2, 2), r"W must be .* got \(3, 2, 2\)"),
        ("b", (2,), r"b must be \(C_out, K\) with C_out = 2, K = 3, got \(2,\)"),
        ("theta", (3, 2, 1), r"theta must be \(C_in, E, K\) with C_in = 3, E = 2, K = 3, got \(3, 2, 1\)"),
        ("theta_b", (1, 3), r"theta_b must be \(E, K\) with E = 2, K = 3, got \(1, 3\)"),
        ("phi", (3, 1, 3), r"phi must be .* got \(3, 1, 3\)"),
        ("phi_b", (3,), r"phi_b must be .* got \(3,\)"),
    ],
)
def test_what_does_not_fit_is_refused(name, shape, message):
    with pytest.raises(ValueError, match=f"^adaptive_conv: {message}"):
        adaptive_conv(**adaptive_arrays(0) | {name: np.ones(shape)})
    with pytest.raises(ValueError, match=f"^channelwise_conv: {message}"):
        channelwise_conv(**channelwise_arrays(0) | {name: np.ones(shape)})


def test_what_only_one_of_them_takes_is_refused_too():
    with pytest.raises(ValueError, match=r"^adaptive_conv: B must be \(K, V, V\) with K = 3, V = 5, got \(1, 5, 5\)"):
        adaptive_conv(**adaptive_arrays(0) | {"B": np.ones((1, 5, 5))})
    for name, shape, message in (
        ("alpha", (3,), r"alpha must be one number, or \(1,\), got \(3,\)"),
        ("xi", (2, 1, 3), r"xi must be \(E, C_out, K\) with E = 2, C_out = 2, K = 3, got \(2, 1, 3\)"),
        ("xi_b", (2, 1), r"xi_b must be \(C_out, K\) with C_out = 2, K = 3, got \(2, 1\)"),
    ):
        with pytest.raises(ValueError, match=f"^channelwise_conv: {message}"):
            channelwise_conv(**channelwise_arrays(0) | {name: np.ones(shape)})


@pytest.mark.parametrize("scales", [0, -1, 1.5, "2", None])
def test_scales_are_counted(scales):
    with pytest.raises(ValueError, match=f"^multi_scale_adjacency: scales must be an integer >= 1, got {scales!r}"):
        multi_scale_adjacency(TOY, scales)


def test_a_layout_is_not_known_by_its_name():
    with pytest.raises(TypeError, match="expected a Skeleton, got 'toy_5'"):
        multi_scale_adjacency("toy_5", 2)


@pytest.mark.parametrize(
    ("change", "stride", "message"),
    [
        ({"bn.weight": None}, 1, "the state has no entry 'bn.weight'"),
        ({"branches.1.3.conv.weight": None}, 1, "the state has no entry 'branches.1.3.conv.weight'"),
        ({"branches.7.weight": np.ones((1, 5, 1, 1))}, 1, "the state has no entry 'branches.6.0.weight'"),
        ({"gamma": np.ones(3)}, 1, "the state has an entry 'gamma', which no layer uses"),
        ({"branches.0.0.weight": np.ones((3, 4, 1, 1))}, 1, r"branches.0.0: .* the same C_in, got \(2, 5, 7, 3\) and"),
        ({"branches.2.3.conv.weight": np.ones((2, 2, 3))}, 1, r"branches.2.3.conv: weight must be .* got \(2, 2, 3\)"),
        ({"transform.0.bias": np.ones(3)}, 1, r"transform.0: batch_norm: bias must be \(C,\) = \(15,\), got \(3,\)"),
        ({}, 0, "branches.0.3.conv: temporal_conv: stride must be an integer >= 1, got 0"),
    ],
)
def test_what_is_wrong_in_a_state_is_named(change, stride, message):
    state = {name: array for name, array in (branch_state(0) | change).items() if array is not None}
    with pytest.raises(ValueError, match=f"^multi_branch_temporal_conv: {message}"):
        multi_branch_temporal_conv(normal(0, 2, 5, 7, 3), state, stride)
