"""Counts and findings about ST-GCN that the project rests on, and the mistakes that re-implementations make."""

import numpy as np
import oracle
import pytest
from strategies import normal

from reference import (
    NORMALIZATIONS,
    SKELETONS,
    STRATEGIES,
    Skeleton,
    adjacency,
    degree,
    forward,
    hop_distance,
    init_state,
    layer_table,
    normalize,
    partition,
    spatial_conv,
    temporal_conv,
    trained_names,
)

TREES = ["openpose_18", "ntu_25", "coco_17", "hand_21", "openpose_25", "kinect_20", "mocap_15", "toy_5"]


def entries(A):
    """How many edges each subset has."""
    return np.count_nonzero(A, axis=(1, 2)).tolist()


# --- counts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("openpose_18", [18, 17, 17]),
        ("ntu_25", [25, 24, 24]),
        ("coco_17", [17, 16, 16]),
        ("hand_21", [21, 20, 20]),
        *((name, [SKELETONS[name].num_joints, *[SKELETONS[name].num_joints - 1] * 2]) for name in TREES[4:]),
    ],
)
def test_subset_sizes(name, sizes):
    A = partition(SKELETONS[name], "spatial")
    assert entries(A) == sizes
    assert np.array_equal(A[0], np.eye(sizes[0]))  # on a tree, no neighbours are equally far


def test_a_body_with_cycles_has_equally_distant_neighbours():
    sizes = entries(partition(SKELETONS["mediapipe_33"], "spatial"))
    assert sizes[0] > 33
    assert sizes[1] == sizes[2]
    assert sum(sizes) == 33 + 2 * len(SKELETONS["mediapipe_33"].bones)


@pytest.mark.parametrize("name", TREES[:4])
def test_uni_labeling_is_symmetric_with_largest_eigenvalue_just_below_1(name):
    (A_hat,) = normalize(partition(SKELETONS[name], "uni_labeling"))
    assert np.array_equal(A_hat, A_hat.T)
    assert np.linalg.eigvalsh(A_hat)[-1] == pytest.approx(0.9997, abs=5e-5)


def test_multiply_adds_of_the_network():
    table = layer_table(T=300, V=25, M=2, in_channels=3, num_classes=60)
    assert table.multiply_adds / 1e9 == pytest.approx(17.1, abs=0.05)
    temporal = sum(9 * row.out_channels**2 * 25 * 2 * row.output_shape[2] for row in table.rows)
    assert temporal / table.multiply_adds == pytest.approx(0.71, abs=0.005)


# --- the copied spatial partition ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ntu_25", "openpose_18"])
def test_joint_is_the_normalisation_of_the_widely_copied_code(name):
    copied = oracle.widely_copied_partition(SKELETONS[name])  # rows are sources there, so it is the transpose
    A_hat = normalize(partition(SKELETONS[name], "widely_copied"), "joint")
    assert np.array_equal(np.swapaxes(A_hat, 1, 2), copied)


@pytest.mark.parametrize(("name", "sizes"), [("ntu_25", [57, 8, 8]), ("openpose_18", [34, 9, 9])])
def test_hops_cut_short_alone_are_nobodys_partition(name, sizes):
    hops = np.minimum(hop_distance(SKELETONS[name])[SKELETONS[name].center], 2)
    assert entries(partition(SKELETONS[name], "spatial", distance_to_center=hops)) == sizes


@pytest.mark.parametrize("name", ["ntu_25", "openpose_18"])
def test_the_copied_subset_1_holds_the_farther_and_the_equal_ones(name):
    skeleton = SKELETONS[name]
    _, closer, farther = partition(skeleton, "spatial")
    _, first, second = partition(skeleton, "widely_copied")
    assert np.all(first >= farther)  # names swapped: all that is farther, and edges that are closer in truth
    assert np.all(second <= closer)
    assert not np.array_equal(first, farther)
    near = hop_distance(skeleton)[skeleton.center] <= 1
    assert np.all(second.any(axis=0) <= near)  # an edge counts as closer only where it leads into the first hop


def test_the_copied_code_computes_the_same_with_its_transposed_contraction():
    skeleton = SKELETONS["openpose_18"]
    f_in, W = normal(0, 2, 3, 4, 18), normal(1, 3, 5, 3)
    copied = np.einsum("nctv,cok,kvw->notw", f_in, W, oracle.widely_copied_partition(skeleton))
    A_hat = normalize(partition(skeleton, "widely_copied"), "joint")
    oracle.assert_close(spatial_conv(f_in, A_hat, W), copied)


# --- the letter of the formula on directed subsets -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "centripetal", "centrifugal"),
    [("openpose_18", 3, 6), ("ntu_25", 4, 5), ("coco_17", 4, 6), ("hand_21", 5, 5)],
)
def test_the_symmetric_normalisation_explodes_on_directed_subsets(name, centripetal, centrifugal):
    skeleton = SKELETONS[name]
    A_hat = normalize(partition(skeleton, "spatial"))
    large = [{(int(i), int(j)) for i, j in np.argwhere(A_hat[k] > 5)} for k in range(3)]
    around = [np.flatnonzero(row).tolist() for row in adjacency(skeleton)]
    assert list(map(len, large)) == [0, centripetal, centrifugal]
    assert large[1] == {(j, skeleton.center) for j in around[skeleton.center]}  # the edges to the centre
    assert {j for _, j in large[2]} == {j for j in range(len(around)) if len(around[j]) == 1}  # those to the leaves
    assert A_hat[1][A_hat[1] > 5] == pytest.approx(1 / np.sqrt(1.001 * 0.001))  # 31.6
    assert A_hat[1][(A_hat[1] > 0) & (A_hat[1] < 5)] == pytest.approx(1 / 1.001)


@pytest.mark.parametrize("name", TREES[:4])
def test_without_alpha_those_edges_vanish(name):
    A = partition(SKELETONS[name], "spatial")
    large = normalize(A) > 5
    A_hat = normalize(A, alpha=0)
    assert np.array_equal(A_hat == 0, (A == 0) | large)
    assert np.all(np.isfinite(A_hat))


@pytest.mark.parametrize("name", SKELETONS)
def test_two_sided_keeps_every_edge_and_no_entry_above_1(name):
    for strategy in STRATEGIES:
        A = partition(SKELETONS[name], strategy)
        A_hat = normalize(A, "two_sided")
        assert np.array_equal(A_hat > 0, A > 0)
        assert A_hat.max() <= 1
        for k in range(len(A)):
            if np.array_equal(A[k], A[k].T):
                assert np.array_equal(A_hat[k], normalize(A)[k])


@pytest.mark.parametrize("name", SKELETONS)
def test_joint_is_the_transpose_of_a_times_d_inverse(name):
    skeleton = SKELETONS[name]
    A_and_I = adjacency(skeleton) + np.eye(skeleton.num_joints)
    A_D = A_and_I @ np.diag(1 / A_and_I.sum(axis=0))
    summed = normalize(partition(skeleton, "spatial"), "joint").sum(axis=0)
    assert np.array_equal(summed.T, A_D)
    np.testing.assert_allclose(A_D.sum(axis=0), 1, rtol=1e-14)


def test_the_normalisations_differ():
    A = partition(SKELETONS["ntu_25"], "spatial")
    results = [normalize(A, method) for method in NORMALIZATIONS]
    assert not any(np.allclose(a, b) for i, a in enumerate(results) for b in results[:i])


# --- paper, notes and code -------------------------------------------------------------------------------------------


def test_a_acts_before_or_after_w_with_the_same_result():
    A_hat, f_in, W = normalize(partition(SKELETONS["ntu_25"], "spatial")), normal(0, 2, 3, 4, 25), normal(1, 3, 5, 3)
    after = np.einsum("kij,notjk->noti", A_hat, np.einsum("nctj,cok->notjk", f_in, W))
    oracle.assert_close(spatial_conv(f_in, A_hat, W), after)


def test_the_bias_is_scaled_by_the_row_sums():
    A_hat, b = normalize(partition(SKELETONS["ntu_25"], "spatial")), normal(0, 5, 3)
    f_out = spatial_conv(np.zeros((1, 3, 2, 25)), A_hat, np.zeros((3, 5, 3)), b)
    oracle.assert_close(f_out[0, :, 0], np.einsum("ok,ki->oi", b, A_hat.sum(axis=2)))


@pytest.mark.parametrize(("strategy", "K"), list(zip(STRATEGIES, (1, 2, 3, 3), strict=True)))
def test_number_of_subsets(strategy, K):
    assert len(partition(SKELETONS["ntu_25"], strategy)) == K


# --- mistakes of re-implementations ----------------------------------------------------------------------------------


def test_hops_are_not_truncated():
    hops, joints = hop_distance(SKELETONS["ntu_25"]), SKELETONS["ntu_25"].joints
    foot, tip = joints.index("left_foot"), joints.index("right_hand_tip")
    # ankle, knee, hip, base and middle of the spine, shoulders, shoulder, elbow, wrist, hand, thumb, tip
    assert hops[foot, tip] == hops.max() == 12


def test_alpha_does_not_make_the_matrix_dense():
    A = partition(SKELETONS["ntu_25"], "spatial")
    assert entries(normalize(A)) == entries(A)
    np.testing.assert_allclose(degree(A) - degree(A, 0), 0.001, rtol=1e-9)


def test_self_connections_are_added_once():
    for strategy in STRATEGIES:
        A = partition(SKELETONS["ntu_25"], strategy)
        assert np.array_equal(np.diagonal(A.sum(axis=0)), np.ones(25))


def test_the_graph_is_not_trained_and_edge_importance_is():
    state = init_state(5, skeleton="toy_5")
    assert "A_hat" not in trained_names(state)
    assert "blocks.9.edge_importance" in trained_names(state)


def test_padding_at_stride_2_is_4_frames_at_both_ends():
    # "same" padding would be 3 before and 4 after: the result would be the neighbours' frames
    centre_of_the_filter = np.eye(1, 9, 4).reshape(1, 1, 9)
    f_in = np.arange(10.0).reshape(1, 10, 1)
    assert temporal_conv(f_in, centre_of_the_filter, stride=2).ravel().tolist() == [0, 2, 4, 6, 8]


def test_the_network_returns_logits_and_no_softmax():
    state, clip = init_state(5, skeleton="toy_5", dtype=np.float64), normal(0, 1, 2, 4, 5, 1)
    shifted = state | {"classifier.b": state["classifier.b"] + 10}
    oracle.assert_close(forward(shifted, clip), forward(state, clip) + 10)


def test_a_one_based_bone_list_is_refused():
    with pytest.raises(ValueError, match="joint 3, .*counted from 1"):
        Skeleton("one_based", "abc", ((1, 2), (2, 3)), 1)


def test_a_disconnected_skeleton_is_refused():
    with pytest.raises(ValueError, match=r"no path of bones .* 2 \(c\), 3 \(d\)"):
        Skeleton("islands", "abcd", ((0, 1), (2, 3)), 0)
