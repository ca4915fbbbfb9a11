"""The notes, line by line: one test for each of the eleven lines."""

import numpy as np
import oracle
import pytest
from strategies import normal

from reference import (
    LAYERS,
    SKELETONS,
    STRATEGIES,
    adjacency,
    degree,
    forward,
    init_state,
    normalize,
    partition,
    spatial_conv,
    spatial_conv_steps,
    temporal_conv,
    trained_names,
)

BODY = SKELETONS["openpose_18"]
V, TREES = 18, ["openpose_18", "ntu_25", "coco_17", "hand_21", "openpose_25", "kinect_20", "mocap_15", "toy_5"]


def test_line_1_shapes_of_one_video_and_of_a_batch():
    A, W = partition(BODY, "spatial"), normal(0, 2, 64, 3)
    assert A.shape == (3, V, V)
    assert degree(A).shape == (3, V)
    assert spatial_conv(normal(1, 2, 30, V), normalize(A), W).shape == (64, 30, V)
    assert spatial_conv(normal(1, 4, 2, 30, V), normalize(A), W).shape == (4, 64, 30, V)


def test_line_2_the_formula_has_k_terms_with_indices_0_to_k_minus_1():
    A, W, f_in = partition(BODY, "spatial"), normal(0, 2, 4, 3), normal(1, 2, 5, V)
    terms = []
    for k in range(3):
        root = np.diag(1 / np.sqrt(A[k].sum(axis=1) + 0.001))  # Λ_k^(-1/2)
        mapped = np.einsum("ctj,co->otj", f_in, W[:, :, k])
        terms.append(np.einsum("ij,otj->oti", root @ A[k] @ root, mapped))
    oracle.assert_close(spatial_conv(f_in, normalize(A), W), sum(terms))
    names = [name for name, _, _ in spatial_conv_steps(f_in, A, W) if name.startswith("term")]
    assert names == ["term[0]", "term[1]", "term[2]"]  # the notes' upper limit K would be a fourth


def test_line_3_uni_labeling_is_one_matrix():
    A, W, f_in = partition(BODY, "uni_labeling"), normal(0, 2, 4, 1), normal(1, 2, 5, V)
    A_and_I = adjacency(BODY) + np.eye(V)
    root = np.diag((A_and_I.sum(axis=1) + 0.001) ** -0.5)
    expected = np.einsum("ij,ctj,co->oti", root @ A_and_I @ root, f_in, W[:, :, 0])
    assert np.array_equal(A, A_and_I[None])
    oracle.assert_close(spatial_conv(f_in, normalize(A), W), expected)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_line_4_the_subsets_add_up_to_the_adjacency_with_self_connections(strategy):
    A = adjacency(BODY)
    assert np.all(np.diag(A) == 0)
    assert np.array_equal(partition(BODY, strategy).sum(axis=0), A + np.eye(V))


@pytest.mark.parametrize("name", TREES)
def test_line_5_which_subsets_are_symmetric(name):
    for strategy in ("uni_labeling", "distance"):
        A = partition(SKELETONS[name], strategy)
        assert np.array_equal(A, np.swapaxes(A, 1, 2))
    root, closer, farther = partition(SKELETONS[name], "spatial")
    assert np.array_equal(root, np.eye(len(root)))
    assert np.array_equal(closer, farther.T)
    assert not np.array_equal(closer, closer.T)


def test_line_6_a_subset_selects_joints_from_the_roots_neighbourhood():
    # the right shoulder (2): itself; the neck (1) is closer to the centre; elbow (3) and hip (8) are farther
    f_in = np.arange(V, dtype=float).reshape(1, 1, V)
    A = partition(BODY, "spatial")
    selected = [spatial_conv(f_in, A[k : k + 1], np.ones((1, 1, 1)))[0, 0, 2] for k in range(3)]
    assert selected == [2, 1, 3 + 8]


def test_line_7_the_degree_is_the_row_sum_plus_alpha():
    A = partition(BODY, "spatial")
    Λ = degree(A)
    for k, i in np.ndindex(3, V):
        assert Λ[k, i] == sum(A[k, i]) + 0.001
    assert Λ[1, BODY.center] == 0.001  # an empty row does not divide by zero
    assert np.all(np.isfinite(normalize(A)))
    assert np.all(normalize(A)[A == 0] == 0)  # alpha is added to the degree, never to the matrix


def test_line_8_w_acts_as_a_1x1_convolution_with_c_out_k_filters():
    torch = pytest.importorskip("torch")
    K, C_out, f_in, W, b = 3, 4, normal(0, 2, 5, 7, V), normal(1, 5, 4, 3), normal(2, 4, 3)
    # filter k·C_out + o, of depth C_in: the order (K, C_out), not (C_out, K)
    filters = torch.from_numpy(W).permute(2, 1, 0).reshape(K * C_out, 5, 1, 1)
    mapped = torch.nn.functional.conv2d(torch.from_numpy(f_in), filters, torch.from_numpy(b).T.reshape(-1))
    assert mapped.shape == (2, C_out * K, 7, V)
    A_hat = normalize(partition(BODY, "spatial"))
    mapped = mapped.reshape(2, K, C_out, 7, V)
    expected = torch.einsum("nkctv,kwv->nctw", mapped, torch.from_numpy(A_hat))
    oracle.assert_close(spatial_conv(f_in, A_hat, W, b), expected.numpy())


def test_line_9_edge_importance_is_a_trained_kvv_of_ones_per_layer_that_multiplies_a_hat():
    state = init_state(5, skeleton="toy_5", dtype=np.float64)
    names = [f"blocks.{i}.edge_importance" for i in range(10)]
    assert set(names) <= set(trained_names(state))
    assert all(np.array_equal(state[name], np.ones((3, 5, 5))) for name in names)
    clip, M = normal(0, 1, 2, 8, 5, 1), np.abs(normal(1, 3, 5, 5))
    weighed = forward(state | dict.fromkeys(names, M), clip)
    assert np.array_equal(weighed, forward(state, clip, state["A_hat"] * M))


@pytest.mark.parametrize("gamma", [1, 3, 9])
def test_line_10_the_temporal_convolution_keeps_channels_and_at_stride_1_frames(gamma):
    W = normal(0, 4, 4, gamma)
    for T in (7, 8):
        assert temporal_conv(normal(1, 4, T, V), W).shape == (4, T, V)
        assert temporal_conv(normal(1, 4, T, V), W, stride=2).shape == (4, (T + 1) // 2, V)
    # padding (Γ-1)/2: the first frame of the result sees the first (Γ+1)/2 frames
    first = [np.any(temporal_conv(np.eye(1, 12, t).reshape(1, 12, 1), W[:1])[:, 0] != 0) for t in range(12)]
    assert first == [t < (gamma + 1) // 2 for t in range(12)]


def test_line_11_the_layers():
    notes = "2,64,1 64,64,1 64,64,1 64,64,1 64,128,2 128,128,1 128,128,1 128,256,2 256,256,1 256,256,1"
    assert [",".join(map(str, row)) for row in LAYERS] == notes.split()
