"""The graph convolution: the one-line formula, and the same step by step."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import methods, normal, partition_names, relabelled, seeds, skeletons

from reference import SKELETONS, degree, normalize, partition, spatial_conv, spatial_conv_steps

TOY = SKELETONS["toy_5"]


def features(seed, skeleton, K, N=2, C_in=3, C_out=2, T=3):
    """f_in, W and b for a skeleton."""
    return normal(seed, N, C_in, T, skeleton.num_joints), normal(seed + 1, C_in, C_out, K), normal(seed + 2, C_out, K)


# --- by hand ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "alpha", "expected"),
    [
        # toy_5: the chest (1) has itself in subset 0, the pelvis (0) in 1, head (2) and hands (3, 4) in 2.
        # Features 1, 2, 3, 4, 5; weights 10, 100, 1000.
        ("row", 0, 2 * 10 + 1 * 100 + (3 + 4 + 5) / 3 * 1000),  # 4120
        ("joint", 0, (2 * 10 + 1 * 100 + (3 + 4 + 5) * 1000) / 5),  # 2424
        ("symmetric", 1, 2 / 2 * 10 + 1 / (2 * 1) ** 0.5 * 100 + 12 / (4 * 1) ** 0.5 * 1000),  # 10 + 70.71 + 6000
        ("two_sided", 1, 2 / 2 * 10 + 1 / (2 * 2) ** 0.5 * 100 + 12 / (4 * 2) ** 0.5 * 1000),  # 10 + 50 + 4242.64
    ],
)
def test_one_entry_of_toy_5_by_hand(method, alpha, expected):
    f_in = np.array([1.0, 2, 3, 4, 5]).reshape(1, 1, 1, 5)
    W = np.array([10.0, 100, 1000]).reshape(1, 1, 3)
    f_out = spatial_conv(f_in, normalize(partition(TOY, "spatial"), method, alpha), W)
    assert f_out[0, 0, 0, 1] == pytest.approx(expected, rel=1e-14)


def test_one_bias_by_hand():
    # with f_in = 0, the bias is spread over the edges: the chest's five neighbours bring 1 + 1·10 + 3·100
    A, b = partition(TOY, "spatial"), np.array([[1.0, 10, 100]])
    f_out = spatial_conv(np.zeros((1, 2, 5)), A, np.zeros((1, 1, 3)), b)
    assert f_out[0].tolist() == [[101, 311, 11, 11, 11]] * 2


# --- the definition in loops, and an independent contraction ---------------------------------------------------------


@given(skeletons(max_joints=6), st.sampled_from([0.001, 0.5]), seeds)
def test_it_is_the_sum_over_neighbours_of_the_definition(skeleton, alpha, seed):
    hops = oracle.hops(skeleton, skeleton.center)

    def label(i, j):
        return 0 if hops[j] == hops[i] else 1 if hops[j] < hops[i] else 2

    f_in, W, _ = features(seed, skeleton, 3, N=1, T=2)
    expected = oracle.graph_convolution(f_in, skeleton, label, W, alpha)
    oracle.assert_close(spatial_conv(f_in, normalize(partition(skeleton, "spatial"), "symmetric", alpha), W), expected)


@given(skeletons(max_joints=5), partition_names, methods, st.booleans(), seeds)
def test_it_is_the_loops(skeleton, strategy, method, biased, seed):
    A_hat = normalize(partition(skeleton, strategy), method)
    f_in, W, b = features(seed, skeleton, len(A_hat), N=2, T=2)
    b = b if biased else None
    oracle.assert_close(spatial_conv(f_in, A_hat, W, b), oracle.spatial_conv(f_in, A_hat, W, b))


def test_any_matrix_will_do():
    f_in, A_hat, W, b = normal(0, 2, 3, 4, 5), normal(1, 3, 5, 5), normal(2, 3, 4, 3), normal(3, 4, 3)
    oracle.assert_close(spatial_conv(f_in, A_hat, W, b), oracle.spatial_conv(f_in, A_hat, W, b))


@given(skeletons(), partition_names, seeds)
def test_it_is_torch_einsum(skeleton, strategy, seed):
    torch = pytest.importorskip("torch")
    A_hat = normalize(partition(skeleton, strategy), "two_sided")
    f_in, W, _ = features(seed, skeleton, len(A_hat))
    expected = torch.einsum("kij,nctj,cok->noti", *map(torch.from_numpy, (A_hat, f_in, W)))
    oracle.assert_close(spatial_conv(f_in, A_hat, W), expected.numpy())


# --- properties ------------------------------------------------------------------------------------------------------


@given(skeletons(), st.data(), partition_names, seeds)
def test_relabelling_the_joints_permutes_the_result(skeleton, data, strategy, seed):
    new = data.draw(st.permutations(range(skeleton.num_joints)))
    A_hat = normalize(partition(skeleton, strategy))
    f_in, W, b = features(seed, skeleton, len(A_hat))
    relabelled_in = np.zeros_like(f_in)
    relabelled_in[..., new] = f_in
    f_out = spatial_conv(relabelled_in, normalize(partition(relabelled(skeleton, new), strategy)), W, b)
    oracle.assert_close(f_out[..., new], spatial_conv(f_in, A_hat, W, b))


@given(skeletons(), partition_names, seeds)
def test_it_is_linear(skeleton, strategy, seed):
    A_hat = normalize(partition(skeleton, strategy), "two_sided")
    (f, W, _), (g, U, _) = features(seed, skeleton, len(A_hat)), features(seed // 2 + 9, skeleton, len(A_hat))
    both = spatial_conv(2 * f + 3 * g, A_hat, W)
    oracle.assert_close(both, 2 * spatial_conv(f, A_hat, W) + 3 * spatial_conv(g, A_hat, W))
    oracle.assert_close(spatial_conv(f, A_hat, W + U), spatial_conv(f, A_hat, W) + spatial_conv(f, A_hat, U))


def test_frames_do_not_see_one_another():
    A_hat = normalize(partition(TOY, "spatial"))
    f_in, W, b = features(0, TOY, 3, T=4)
    changed = f_in.copy()
    changed[:, :, 2] += 1
    differs = np.any(spatial_conv(changed, A_hat, W, b) != spatial_conv(f_in, A_hat, W, b), axis=(0, 1, 3))
    assert differs.tolist() == [False, False, True, False]


def test_one_video_alone_is_the_batch_of_one():
    A_hat = normalize(partition(TOY, "spatial"))
    f_in, W, b = features(0, TOY, 3)
    assert np.array_equal(spatial_conv(f_in[0], A_hat, W, b), spatial_conv(f_in[:1], A_hat, W, b)[0])
    for (_, _, alone), (_, _, batch) in zip(spatial_conv_steps(f_in[0], A_hat, W),
                                            spatial_conv_steps(f_in[:1], A_hat, W), strict=True):  # fmt: skip
        assert np.array_equal(alone, batch if alone.ndim == batch.ndim else batch[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_the_input_too(dtype):
    arrays = [array.astype(dtype) for array in (normal(0, 2, 3, 4, 5), normal(1, 3, 5, 5), normal(2, 3, 4, 3))]
    before = [array.copy() for array in arrays]
    assert spatial_conv(*arrays, b=np.ones((4, 3), dtype)).dtype == dtype
    steps = spatial_conv_steps(arrays[0], np.abs(arrays[1]), arrays[2])
    assert all(array.dtype == dtype for _, _, array in steps)
    assert all(np.array_equal(array, kept) for array, kept in zip(arrays, before, strict=True))


# --- step by step ----------------------------------------------------------------------------------------------------


@given(skeletons(), partition_names, st.sampled_from([0.001, 0.1]), seeds)
def test_the_steps_are_what_they_say(skeleton, strategy, alpha, seed):
    A = partition(skeleton, strategy)
    K = len(A)
    f_in, W, _ = features(seed, skeleton, K)
    A_hat = normalize(A, "symmetric", alpha)
    steps = {name: array for name, _, array in spatial_conv_steps(f_in, A, W, alpha)}
    each = [name for k in range(K) for name in (f"neighbours[{k}]", f"term[{k}]")]
    assert list(steps) == ["A", "degree", "A_hat", *each, "f_out"]
    assert np.array_equal(steps["A"], A)
    assert np.array_equal(steps["degree"], degree(A, alpha))
    assert np.array_equal(steps["A_hat"], A_hat)
    for k in range(K):
        oracle.assert_close(steps[f"neighbours[{k}]"], np.einsum("ij,nctj->ncti", A_hat[k], f_in))
        one_subset = spatial_conv(f_in, A_hat[k : k + 1], W[:, :, k : k + 1])
        oracle.assert_close(steps[f"term[{k}]"], one_subset)
    oracle.assert_close(steps["f_out"], spatial_conv(f_in, A_hat, W))


def test_every_step_carries_its_formula():
    f_in, W, _ = features(0, TOY, 3)
    formulas = {name: formula for name, formula, _ in spatial_conv_steps(f_in, partition(TOY, "spatial"), W)}
    assert formulas["A_hat"] == "Â_k = Λ_k^(-1/2) A_k Λ_k^(-1/2)"
    assert formulas["neighbours[1]"] == "Â_1 f_in"
    assert formulas["term[2]"] == "Â_2 f_in W_2"
    assert formulas["f_out"] == "Σ_k Â_k f_in W_k"


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [spatial_conv, lambda *arrays: list(spatial_conv_steps(*arrays))])
@pytest.mark.parametrize(
    ("f_in", "A", "W", "message"),
    [
        ((3, 5), (3, 5, 5), (3, 4, 3), r"f_in must be .* got \(3, 5\)"),
        ((1, 1, 3, 2, 5), (3, 5, 5), (3, 4, 3), r"f_in must be .* got \(1, 1, 3, 2, 5\)"),
        ((2, 3, 4, 5), (3, 5, 5), (3, 4), r"W must be \(C_in, C_out, K\), got \(3, 4\)"),
        ((2, 3, 4, 5), (5, 5), (3, 4, 3), r"adjacency must be \(K, V, V\), got \(5, 5\)"),
        ((2, 3, 4, 5), (3, 5, 1), (3, 4, 3), r"adjacency must be \(K, V, V\), got \(3, 5, 1\)"),
        ((2, 3, 4, 5), (3, 5, 5), (2, 4, 3), r"W has 2 input channels but f_in has 3 \(W is \(C_in, C_out, K\)"),
        ((2, 3, 4, 5), (3, 5, 5), (1, 4, 3), "W has 1 input channels but f_in has 3"),
        ((2, 3, 4, 5), (3, 5, 5), (3, 4, 2), "W is for K = 2 subsets but the adjacency has 3"),
        ((2, 3, 4, 5), (1, 5, 5), (3, 4, 3), "W is for K = 3 subsets but the adjacency has 1"),
        ((2, 3, 4, 5), (3, 6, 6), (3, 4, 3), "adjacency has 6 joints but f_in has 5"),
        ((2, 3, 4, 5), (3, 1, 1), (3, 4, 3), "adjacency has 1 joints but f_in has 5"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(function, f_in, A, W, message):
    with pytest.raises(ValueError, match=f"spatial_conv.*: .*{message}"):
        function(np.ones(f_in), np.ones(A), np.ones(W))


@pytest.mark.parametrize("shape", [(4,), (1, 3), (3, 4), (4, 1)])
def test_a_bias_that_does_not_fit_is_refused(shape):
    with pytest.raises(ValueError, match=r"spatial_conv: b must be \(C_out, K\) = \(4, 3\), got"):
        spatial_conv(np.ones((2, 3, 4, 5)), np.ones((3, 5, 5)), np.ones((3, 4, 3)), np.ones(shape))
