"""Degrees and the four normalisations."""

from math import sqrt

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import methods, partition_names, relabelled, seeds, skeletons

from reference import NORMALIZATIONS, SKELETONS, degree, normalize, partition

TOY = SKELETONS["toy_5"]


# --- by hand: toy_5 is pelvis 0 (the centre), chest 1, head 2, right hand 3, left hand 4 ------------------------------


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        # the chest has five neighbours, itself included; every other joint has two, itself and the chest
        ("uni_labeling", [[2.001, 5.001, 2.001, 2.001, 2.001]]),
        ("distance", [[1.001] * 5, [1.001, 4.001, 1.001, 1.001, 1.001]]),
        # centripetal: the pelvis has no closer neighbour, so alpha is all it has; centrifugal: the chest has head and
        # two hands, which have no farther neighbour
        ("spatial", [[1.001] * 5, [0.001, 1.001, 1.001, 1.001, 1.001], [1.001, 3.001, 0.001, 0.001, 0.001]]),
    ],
)
def test_degree_of_toy_5_by_hand(strategy, expected):
    np.testing.assert_allclose(degree(partition(TOY, strategy)), expected, rtol=1e-15)


@pytest.mark.parametrize(
    ("strategy", "method", "entry", "expected"),
    [
        ("uni_labeling", "symmetric", (0, 1, 1), 1 / 5.001),
        ("uni_labeling", "symmetric", (0, 0, 1), 1 / sqrt(2.001 * 5.001)),  # 0.3161, as is (0, 1, 0)
        ("uni_labeling", "symmetric", (0, 1, 0), 1 / sqrt(5.001 * 2.001)),
        ("uni_labeling", "row", (0, 0, 1), 1 / 2.001),
        ("uni_labeling", "row", (0, 1, 0), 1 / 5.001),
        ("distance", "symmetric", (0, 3, 3), 1 / 1.001),
        ("distance", "symmetric", (1, 2, 1), 1 / sqrt(1.001 * 4.001)),  # 0.4997
        ("spatial", "symmetric", (1, 1, 0), 1 / sqrt(1.001 * 0.001)),  # 31.61: the pelvis' own row is empty
        ("spatial", "symmetric", (1, 2, 1), 1 / sqrt(1.001 * 1.001)),  # 0.9990
        ("spatial", "symmetric", (2, 0, 1), 1 / sqrt(1.001 * 3.001)),  # 0.5770
        ("spatial", "symmetric", (2, 1, 2), 1 / sqrt(3.001 * 0.001)),  # 18.25: the head's own row is empty
        ("spatial", "two_sided", (1, 1, 0), 1 / sqrt(1.001 * 1.001)),  # one joint, the chest, sees the pelvis
        ("spatial", "two_sided", (1, 2, 1), 1 / sqrt(1.001 * 3.001)),  # three joints see the chest
        ("spatial", "two_sided", (2, 1, 2), 1 / sqrt(3.001 * 1.001)),  # the chest sees three; one sees the head
        ("spatial", "row", (2, 1, 2), 1 / 3.001),
        ("spatial", "joint", (1, 1, 0), 1 / 5),  # the chest's whole neighbourhood has five joints
        ("spatial", "joint", (1, 2, 1), 1 / 2),
        ("spatial", "joint", (0, 1, 1), 1 / 5),
    ],
)
def test_entries_of_toy_5_by_hand(strategy, method, entry, expected):
    assert normalize(partition(TOY, strategy), method)[entry] == pytest.approx(expected, rel=1e-14)


def test_symmetric_is_the_default():
    A = partition(TOY, "spatial")
    assert np.array_equal(normalize(A), normalize(A, "symmetric", 0.001))


# --- properties ------------------------------------------------------------------------------------------------------


@given(skeletons(max_joints=6), partition_names, methods, st.sampled_from([0, 0.001, 0.5]))
def test_every_entry_is_that_of_the_loops(skeleton, strategy, method, alpha):
    A = partition(skeleton, strategy)
    oracle.assert_close(normalize(A, method, alpha), oracle.normalize(A, method, alpha))


@given(skeletons(max_joints=6), methods, seeds)
def test_edges_may_have_weights(skeleton, method, seed):
    A = partition(skeleton, "spatial")
    A = A * np.random.default_rng(seed).uniform(0.5, 2, A.shape)
    oracle.assert_close(normalize(A, method, 0.01), oracle.normalize(A, method, 0.01))


@given(skeletons(), partition_names, methods, st.sampled_from([0, 0.001]))
def test_no_edge_appears_and_none_turns_negative(skeleton, strategy, method, alpha):
    A = partition(skeleton, strategy)
    A_hat = normalize(A, method, alpha)
    assert np.all(np.isfinite(A_hat))
    assert np.all(A_hat[A == 0] == 0)
    if alpha:
        assert np.all(A_hat[A == 1] > 0)


@given(skeletons(), partition_names)
def test_two_sided_has_no_entry_above_1(skeleton, strategy):
    A_hat = normalize(partition(skeleton, strategy), "two_sided")
    assert A_hat.max() <= 1


@given(skeletons(), st.sampled_from(["uni_labeling", "distance"]))
def test_two_sided_is_symmetric_where_the_subset_is(skeleton, strategy):
    A = partition(skeleton, strategy)
    assert np.array_equal(normalize(A, "two_sided"), normalize(A, "symmetric"))


@given(skeletons(), partition_names)
def test_row_is_a_mean_over_each_subset_and_joint_over_the_neighbourhood(skeleton, strategy):
    A = partition(skeleton, strategy)
    filled = A.sum(axis=2) > 0
    np.testing.assert_allclose(normalize(A, "row", 0).sum(axis=2), filled, rtol=1e-14)
    np.testing.assert_allclose(normalize(A, "joint").sum(axis=(0, 2)), 1, rtol=1e-14)


@given(skeletons(), st.data(), partition_names, methods)
def test_relabelling_the_joints_permutes_the_result(skeleton, data, strategy, method):
    new = data.draw(st.permutations(range(skeleton.num_joints)))
    A_hat = normalize(partition(relabelled(skeleton, new), strategy), method)
    assert np.array_equal(A_hat[:, new][:, :, new], normalize(partition(skeleton, strategy), method))


@pytest.mark.parametrize("method", NORMALIZATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_the_input_too(method, dtype):
    A = partition(TOY, "spatial").astype(dtype)
    before = A.copy()
    assert normalize(A, method).dtype == degree(A).dtype == dtype
    assert np.array_equal(A, before)


@pytest.mark.parametrize("method", NORMALIZATIONS)
@pytest.mark.parametrize("alpha", [0, 0.001])
@pytest.mark.parametrize("dtype", [np.int64, bool])
def test_integers_and_truth_values_count_as_edges_too(method, alpha, dtype):
    A = partition(TOY, "spatial")
    assert np.array_equal(normalize(A.astype(dtype), method, alpha), normalize(A, method, alpha))


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [degree, normalize])
@pytest.mark.parametrize(
    ("A", "message"),
    [
        (np.ones((5, 5)), r"\(K, V, V\), got \(5, 5\)"),
        (np.ones((3, 5, 4)), r"\(K, V, V\), got \(3, 5, 4\)"),
        (np.ones((1, 3, 5, 5)), r"\(K, V, V\), got \(1, 3, 5, 5\)"),
        (-np.ones((1, 2, 2)), "negative entry"),
    ],
)
def test_what_is_no_adjacency_is_refused(function, A, message):
    with pytest.raises(ValueError, match=message):
        function(A)


@pytest.mark.parametrize("function", [degree, normalize])
def test_a_negative_alpha_is_refused(function):
    with pytest.raises(ValueError, match=r"alpha must not be negative, got -0\.1"):
        function(np.ones((1, 2, 2)), alpha=-0.1)


def test_an_unknown_method_is_refused_by_name():
    known = '"symmetric", "two_sided", "row", "joint"'
    with pytest.raises(ValueError, match=f"normalize: there is no method 'column'; there are {known}"):
        normalize(np.ones((1, 2, 2)), "column")
