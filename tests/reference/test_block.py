"""One block."""

import numpy as np
import oracle
import pytest
from strategies import norm_entries, normal

from reference import SKELETONS, batch_norm, block, normalize, partition, relu, spatial_conv, temporal_conv, weigh_edges

A_HAT = normalize(partition(SKELETONS["toy_5"], "spatial"), "two_sided")


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


@pytest.mark.parametrize("training", [True, False])
def test_the_trace_holds_every_stage(training):
    f_in, state, trace = normal(0, 2, 3, 5, 5), block_state(), {}
    f_out = block(f_in, A_HAT, state, stride=2, training=training, trace=trace)

    def norm(f, name):
        names = ("weight", "bias") if training else ("weight", "bias", "running_mean", "running_var")
        return batch_norm(f, *(state[f"{name}.{entry}"] for entry in names))

    def conv(f, name):
        return temporal_conv(f, state[f"{name}.W"], state[f"{name}.b"], 2)

    expected = {"edge_importance": weigh_edges(A_HAT, state["edge_importance"])}
    weighed = expected["edge_importance"]
    expected["spatial_conv"] = spatial_conv(f_in, weighed, state["spatial_conv.W"], state["spatial_conv.b"])
    expected["spatial_bn"] = norm(expected["spatial_conv"], "spatial_bn")
    expected["relu"] = relu(expected["spatial_bn"])
    expected["temporal_conv"] = conv(expected["relu"], "temporal_conv")
    expected["temporal_bn"] = norm(expected["temporal_conv"], "temporal_bn")
    expected["residual_conv"] = conv(f_in, "residual_conv")
    expected["residual_bn"] = norm(expected["residual_conv"], "residual_bn")
    expected["sum"] = expected["temporal_bn"] + expected["residual_bn"]
    assert list(trace) == list(expected)
    assert all(np.array_equal(trace[name], expected[name]) for name in expected)
    assert np.array_equal(f_out, relu(trace["sum"]))


def test_a_block_finds_its_arrays_behind_a_prefix():
    f_in, state, trace, plain = normal(0, 2, 3, 5, 5), block_state(), {}, {}
    named = {f"blocks.7.{name}": array for name, array in state.items()} | {"blocks.70.other": f_in}
    f_out = block(f_in, A_HAT, named, trace=trace, prefix="blocks.7.")
    assert np.array_equal(f_out, block(f_in, A_HAT, state, trace=plain))
    assert list(trace) == [f"blocks.7.{stage}" for stage in plain]


def test_edge_importance_of_ones_is_none():
    f_in, state = normal(0, 2, 3, 5, 5), block_state(edge_importance=False)
    weighed = block(f_in, A_HAT, state | {"edge_importance": np.ones_like(A_HAT)})
    assert np.array_equal(weighed, block(f_in, A_HAT, state))


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
    with pytest.raises(ValueError, match=rf"the residual \(2, {C_in}, 5, 5\) cannot be added to \(2, 4, "):
        block(normal(0, 2, C_in, 5, 5), A_HAT, state, stride=stride)
