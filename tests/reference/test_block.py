"""ReLU, batch norm and one block."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import normal, seeds

from reference import (
    SKELETONS,
    batch_norm,
    batch_statistics,
    block,
    normalize,
    partition,
    relu,
    spatial_conv,
    temporal_conv,
    update_running_statistics,
    weigh_edges,
)

A_HAT = normalize(partition(SKELETONS["toy_5"], "spatial"), "two_sided")


def norm_entries(seed, name, C):
    """weight, bias and positive running statistics of a batch norm."""
    values = {"weight": normal(seed, C), "bias": normal(seed + 1, C), "running_mean": normal(seed + 2, C)}
    values["running_var"] = np.abs(normal(seed + 3, C)) + 0.1
    return {f"{name}.{entry}": value for entry, value in values.items()}


def block_state(C_in=3, C_out=4, gamma=3, *, residual_conv=True, edge_importance=True):
    """Random entries of one block; K and V are those of A_HAT."""
    K, V, _ = A_HAT.shape
    state = {"spatial_conv.W": normal(1, C_in, C_out, K), "spatial_conv.b": normal(2, C_out, K)}
    state |= norm_entries(10, "spatial_bn", C_out)
    state |= {"temporal_conv.W": normal(3, C_out, C_out, gamma), "temporal_conv.b": normal(4, C_out)}
    state |= norm_entries(20, "temporal_bn", C_out)
    if residual_conv:
        state |= {"residual_conv.W": normal(5, C_in, C_out, 1), "residual_conv.b": normal(6, C_out)}
        state |= norm_entries(30, "residual_bn", C_out)
    if edge_importance:
        state["edge_importance"] = normal(7, K, V, V)
    return state


# --- relu and batch norm ---------------------------------------------------------------------------------------------


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


# --- the block -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(
    ("stride", "residual", "C_in", "residual_conv"),
    [
        (1, True, 3, True),  # 3 channels become 4: the residual goes through its convolution
        (2, True, 3, True),
        (1, True, 4, False),  # 4 channels stay 4: the residual is the input
        (1, False, 3, False),
        (2, False, 3, False),
    ],
)
def test_a_block_is_the_loops(stride, residual, C_in, residual_conv, training):
    f_in, state = normal(0, 2, C_in, 5, 5), block_state(C_in, residual_conv=residual_conv)
    f_out = block(f_in, A_HAT, state, stride=stride, residual=residual, training=training)
    oracle.assert_close(f_out, oracle.block(f_in, A_HAT, state, stride, residual, training))
    assert np.all(f_out >= 0)


def test_the_defaults_are_stride_1_a_residual_and_inference():
    f_in, state = normal(0, 2, 3, 5, 5), block_state()
    expected = block(f_in, A_HAT, state, stride=1, residual=True, training=False)
    assert np.array_equal(block(f_in, A_HAT, state), expected)


def test_trace_holds_the_outputs_of_the_two_convolutions():
    f_in, state, trace = normal(0, 2, 3, 5, 5), block_state(), {}
    block(f_in, A_HAT, state, stride=2, trace=trace)
    A_M = A_HAT * state["edge_importance"]
    assert list(trace) == ["spatial_conv", "temporal_conv"]
    spatial = spatial_conv(f_in, A_M, state["spatial_conv.W"], state["spatial_conv.b"])
    assert np.array_equal(trace["spatial_conv"], spatial)
    norm = [state[f"spatial_bn.{name}"] for name in ("weight", "bias", "running_mean", "running_var")]
    filters = state["temporal_conv.W"], state["temporal_conv.b"], 2
    assert np.array_equal(trace["temporal_conv"], temporal_conv(relu(batch_norm(spatial, *norm)), *filters))


def test_edge_importance_of_ones_is_none():
    f_in, state = normal(0, 2, 3, 5, 5), block_state(edge_importance=False)
    weighed = block(f_in, A_HAT, state | {"edge_importance": np.ones_like(A_HAT)})
    assert np.array_equal(weighed, block(f_in, A_HAT, state))


def test_edge_importance_multiplies_and_cannot_create_an_edge():
    M = normal(0, *A_HAT.shape)
    weighed = weigh_edges(A_HAT, M)
    assert np.all(weighed[A_HAT == 0] == 0)
    assert all(weighed[edge] == A_HAT[edge] * M[edge] for edge in map(tuple, np.argwhere(A_HAT)))


def test_one_video_alone_goes_through_the_block():
    f_in, state = normal(0, 1, 3, 5, 5), block_state()
    assert np.array_equal(block(f_in[0], A_HAT, state, stride=2), block(f_in, A_HAT, state, stride=2)[0])


@pytest.mark.parametrize("training", [True, False])
def test_a_missing_entry_is_named(training):
    state = block_state()
    needed = [name for name in state if name not in ("edge_importance", "residual_conv.W")]
    needed = [name for name in needed if not (training and ".running_" in name)]
    for missing in needed:
        rest = {name: array for name, array in state.items() if name != missing}
        with pytest.raises(ValueError, match=f"the state has no entry '{missing}'; it has edge_importance, "):
            block(normal(0, 2, 3, 5, 5), A_HAT, rest, training=training)


@pytest.mark.parametrize(
    ("f_in", "A_hat", "message"),
    [
        ((5, 5), (3, 5, 5), r"f_in must be .* got \(5, 5\)"),
        ((2, 2, 5, 5), (3, 5, 5), "W has 3 input channels but f_in has 2"),
        ((2, 3, 5, 6), (3, 5, 5), "the adjacency has 5 joints but f_in has 6"),
        ((2, 3, 5, 5), (3, 1, 1), r"the shape of A_hat, \(3, 1, 1\), got \(3, 5, 5\)"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(f_in, A_hat, message):
    with pytest.raises(ValueError, match=message):
        block(np.ones(f_in), np.ones(A_hat), block_state())


@pytest.mark.parametrize(("C_in", "stride"), [(3, 1), (4, 2), (1, 1)])
def test_a_residual_that_does_not_fit_is_refused_and_not_broadcast(C_in, stride):
    state = block_state(C_in, residual_conv=False)
    with pytest.raises(ValueError, match=rf"block: the residual \(2, {C_in}, 5, 5\) cannot be added to \(2, 4, "):
        block(normal(0, 2, C_in, 5, 5), A_HAT, state, stride=stride)
