"""The small layers: ReLU, batch norm, edge importance, folding of persons, pooling, classifier."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import norm_entries, normal, seeds

from reference import (
    SKELETONS,
    batch_norm,
    batch_statistics,
    classifier,
    fold_persons,
    normalize,
    partition,
    pooling,
    relu,
    update_running_statistics,
    weigh_edges,
)

A_HAT = normalize(partition(SKELETONS["toy_5"], "spatial"), "two_sided")


def test_relu_keeps_what_is_positive():
    f_in = np.array([-2.0, -0.0, 0.0, 3.5])
    assert relu(f_in).tolist() == [0, 0, 0, 3.5]
    assert f_in[0] == -2


def test_batch_norm_by_hand():
    # 1, 2, 3, 6 has the mean 3 and the variance (4 + 1 + 0 + 9) / 4 = 3.5; with eps = 0.5 the divisor is sqrt(4) = 2
    f_in = np.array([1.0, 2, 3, 6]).reshape(1, 2, 2)
    assert [value.tolist() for value in batch_statistics(f_in)] == [[3], [3.5]]
    # 10 · (f - 3) / 2 + 1
    f_out = batch_norm(f_in, np.array([10.0]), np.array([1.0]), eps=0.5)
    assert f_out.ravel().tolist() == [-9, -4, 1, 16]
    # running mean 1, running variance 15.5: 10 · (f - 1) / 4 + 1
    f_out = batch_norm(f_in, np.array([10.0]), np.array([1.0]), np.array([1.0]), np.array([15.5]), eps=0.5)
    assert f_out.ravel().tolist() == [1, 3.5, 6, 13.5]


def test_running_statistics_by_hand():
    # the unbiased variance of 1, 2, 3, 6 is 14 / 3; 0.75 · 8 + 0.25 · 3 = 6.75; 0.75 · 4 + 0.25 · 14 / 3 = 4.1667
    f_in = np.array([1.0, 2, 3, 6]).reshape(1, 2, 2)
    mean, var = update_running_statistics(f_in, np.array([8.0]), np.array([4.0]), momentum=0.25)
    assert mean.tolist() == [6.75]
    assert var == pytest.approx(3 + 14 / 12, rel=1e-15)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_batch_norm_is_the_loops_and_torch(training, eps):
    torch = pytest.importorskip("torch")
    f_in = 3 * normal(0, 2, 4, 5, 3) + 2
    weight, bias, mean, var = norm_entries(1, "bn", 4).values()
    statistics = () if training else (mean, var)
    f_out = batch_norm(f_in, weight, bias, *statistics, eps=eps)
    oracle.assert_close(f_out, oracle.batch_norm(f_in, weight, bias, *statistics, eps=eps))
    arrays = [torch.from_numpy(array.copy()) for array in (f_in, mean, var, weight, bias)]
    oracle.assert_close(f_out, torch.nn.functional.batch_norm(*arrays, training=training, eps=eps).numpy())


@pytest.mark.parametrize("momentum", [None, 0.1, 0.3, 1])
def test_running_statistics_are_torchs(momentum):
    torch = pytest.importorskip("torch")
    f_in, mean, var = 3 * normal(0, 2, 4, 5, 3) + 2, normal(1, 4), np.abs(normal(2, 4))
    after = [torch.from_numpy(array.copy()) for array in (mean, var)]
    torch.nn.functional.batch_norm(torch.from_numpy(f_in), *after, training=True, momentum=momentum or 0.1)
    options = {} if momentum is None else {"momentum": momentum}
    for actual, expected in zip(update_running_statistics(f_in, mean, var, **options), after, strict=True):
        oracle.assert_close(actual, expected.numpy())


def test_training_and_inference_agree_on_the_batchs_own_statistics():
    f_in, weight, bias = normal(0, 2, 4, 5, 3), normal(1, 4), normal(2, 4)
    inference = batch_norm(f_in, weight, bias, *batch_statistics(f_in))
    assert np.array_equal(batch_norm(f_in, weight, bias), inference)


@given(seeds, st.floats(0.5, 5), st.floats(-5, 5))
def test_training_forgets_the_scale_and_the_offset_of_its_input(seed, scale, offset):
    f_in, one, zero = normal(seed, 2, 3, 4, 5), np.ones(3), np.zeros(3)
    expected = batch_norm(f_in, one, zero, eps=0)
    np.testing.assert_allclose(batch_norm(scale * f_in + offset, one, zero, eps=0), expected, rtol=0, atol=1e-10)


def test_one_video_alone_is_the_batch_of_one():
    f_in, weight, bias, mean, var = normal(0, 1, 4, 5, 3), *norm_entries(1, "bn", 4).values()
    assert np.array_equal(batch_norm(f_in[0], weight, bias), batch_norm(f_in, weight, bias)[0])
    for function, arrays in ((batch_statistics, ()), (update_running_statistics, (mean, var))):
        for alone, batch in zip(function(f_in[0], *arrays), function(f_in, *arrays), strict=True):
            assert np.array_equal(alone, batch)


@pytest.mark.parametrize(
    ("function", "arrays", "message"),
    [
        (batch_norm, [(5, 3), (4,), (4,)], r"batch_norm: f_in must be .* got \(5, 3\)"),
        (batch_norm, [(1, 2, 4, 5, 3), (4,), (4,)], r"batch_norm: f_in must be .* got \(1, 2, 4, 5, 3\)"),
        (batch_norm, [(2, 4, 5, 3), (3,), (4,)], r"batch_norm: weight must be \(C,\) = \(4,\), got \(3,\)"),
        (batch_norm, [(2, 4, 5, 3), (1,), (4,)], r"batch_norm: weight must be \(C,\) = \(4,\), got \(1,\)"),
        (batch_norm, [(2, 4, 5, 3), (4,), (4, 1)], r"batch_norm: bias must be \(C,\) = \(4,\), got \(4, 1\)"),
        (batch_norm, [(2, 4, 5, 3), (4,), (4,), (1,), (4,)], r"batch_norm: running_mean must be .* got \(1,\)"),
        (batch_norm, [(2, 4, 5, 3), (4,), (4,), (4,), (5,)], r"batch_norm: running_var must be .* got \(5,\)"),
        (batch_norm, [(2, 4, 5, 3), (4,), (4,), (4,)], "batch_norm: give running_mean and running_var together"),
        (batch_statistics, [(5, 3)], r"batch_statistics: f_in must be .* got \(5, 3\)"),
        (update_running_statistics, [(5, 3), (4,), (4,)], r"update_running_statistics: f_in must be .* got \(5, 3\)"),
        (update_running_statistics, [(1, 4, 1, 1), (4,), (4,)], "update_running_statistics: one value per channel"),
        (update_running_statistics, [(2, 4, 5, 3), (1,), (4,)], r"update_running_statistics: .*mean.* got \(1,\)"),
        (update_running_statistics, [(2, 4, 5, 3), (3,), (4,)], r"update_running_statistics: .*mean.* got \(3,\)"),
        (update_running_statistics, [(2, 4, 5, 3), (4,), (4, 1)], r"update_running_statistics: .*var.* got \(4, 1\)"),
        (weigh_edges, [(3, 5, 5), (1, 5, 5)], r"the shape of A_hat, \(3, 5, 5\), got \(1, 5, 5\)"),
        (weigh_edges, [(3, 5, 5), (5, 5)], r"the shape of A_hat, \(3, 5, 5\), got \(5, 5\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(function, arrays, message):
    with pytest.raises(ValueError, match=message):
        function(*map(np.ones, arrays))


def test_edge_importance_multiplies_and_cannot_create_an_edge():
    M = normal(0, *A_HAT.shape)
    weighed = weigh_edges(A_HAT, M)
    assert np.all(weighed[A_HAT == 0] == 0)
    assert all(weighed[edge] == A_HAT[edge] * M[edge] for edge in map(tuple, np.argwhere(A_HAT)))


def test_folding_persons_by_hand():
    clip = np.arange(2 * 2 * 1 * 3 * 2).reshape(2, 2, 1, 3, 2)  # clips, channels, frames, joints, persons
    folded = fold_persons(clip)
    assert folded.shape == (4, 6, 1, 1)
    # the second person of the first clip: x and y of joint 0, of joint 1, of joint 2
    assert folded[1].ravel().tolist() == [clip[0, c, 0, v, 1] for v in range(3) for c in range(2)]


def test_pooling_by_hand():
    # clip 0: persons of mean 2 and 4; clip 1: one person present, of mean 6, and one absent
    f = np.array([[1, 3], [4, 4], [6, 6], [0, 0]], dtype=float).reshape(4, 1, 2, 1)
    assert pooling(f, M=2).tolist() == [[3], [3]]
    assert pooling(f).tolist() == [[2], [4], [6], [0]]


def test_the_classifier_by_hand():
    features, W, b = np.array([[1.0, 2.0]]), np.array([[1.0, 0, -1], [3, 1, 0]]), np.array([0.5, 0, 0])
    assert classifier(features, W, b).tolist() == [[7.5, 2, -1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: pooling(np.ones((3, 4, 5, 5)), 2),
            r"pooling: .*\(N·M, C, T, V\) with M = 2, got \(3, 4, 5, 5\)",
        ),
        (lambda: pooling(np.ones((4, 5, 5))), r"got \(4, 5, 5\)"),
        (lambda: pooling(np.ones((3, 4, 5, 5)), 0), "with M = 0"),
        (lambda: classifier(np.ones((2, 3)), np.ones((4, 5)), np.ones(5)), r"with C = 3.* got \(4, 5\) and \(5,\)"),
        (
            lambda: classifier(np.ones((2, 3)), np.ones((3, 5)), np.ones(1)),
            r"classifier.b .* got \(3, 5\) and \(1,\)",
        ),
        (lambda: classifier(np.ones((2, 3)), np.ones((3, 5, 1)), np.ones(5)), r"got \(3, 5, 1\)"),
    ],
)
def test_other_layers_refuse_what_does_not_fit(call, message):
    with pytest.raises(ValueError, match=message):
        call()
