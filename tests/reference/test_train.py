"""Training: one step and twenty against PyTorch, windows of clips, and that a network learns."""

import numpy as np
import pytest
import torch
from duck_array import DuckArray
from strategies import normal

from reference import LAYERS, forward, init_state, load_clips, trained_names
from reference.backward import loss_and_gradients
from reference.train import new_statistics, sgd, train, windows
from stgcn_torch import STGCN

pytestmark = pytest.mark.usefixtures("one_thread")


NARROW = [(C_in // 8, C_out // 8, stride) for C_in, C_out, stride in LAYERS]  # row one is given by in_channels
NARROW[0] = (3, 8, 1)
MOCAP = load_clips("mocap_15")


def network(layers=NARROW, dtype=np.float64, **settings):
    return init_state(15, 3, "mocap_15", layers=layers, dtype=dtype, seed=0, **settings)


def mocap_batch(frames, which=slice(None)):
    clips, labels = windows(MOCAP, frames, 1)
    return clips[which].astype(np.float64), labels[which]


# --- one step --------------------------------------------------------------------------------------------------------


def test_sgd_by_hand():
    state, gradients = {"p": np.array([1.0]), "A_hat": np.ones(1)}, {"p": np.array([2.0])}
    state, velocity = sgd(state, gradients, {"p": np.zeros(1)}, rate=0.1, momentum=0.5)
    assert (velocity["p"], state["p"]) == (2, 1 - 0.1 * 2)
    state, velocity = sgd(state, gradients, velocity, rate=0.1, momentum=0.5)
    assert (velocity["p"], state["p"]) == (0.5 * 2 + 2, pytest.approx(0.8 - 0.1 * 3))
    assert state["A_hat"] == 1


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("weight_decay", [0, 0.01])
def test_sgd_is_that_of_pytorch(weight_decay, nesterov):
    state, velocity = {"p": normal(0, 5)}, {"p": np.zeros(5)}
    parameter = torch.nn.Parameter(torch.from_numpy(state["p"].copy()))
    options = {"momentum": 0.9, "weight_decay": weight_decay, "nesterov": nesterov}
    optimizer = torch.optim.SGD([parameter], lr=0.1, **options)
    for step in range(5):
        gradient = normal(step, 5)
        parameter.grad = torch.from_numpy(gradient)
        optimizer.step()
        state, velocity = sgd(state, {"p": gradient}, velocity, rate=0.1, **options)
        np.testing.assert_allclose(state["p"], parameter.detach().numpy(), rtol=1e-14, atol=1e-15)


def test_a_step_changes_every_trained_entry_and_statistic_and_nothing_in_place():
    start = network(NARROW[:2])
    before = {name: array.copy() for name, array in start.items()}
    (_, state), (_, later) = train(start, [mocap_batch(9)] * 2)
    assert list(state) == list(start)
    for name, array in start.items():
        assert np.array_equal(array, before[name]), name
        assert state[name].dtype == array.dtype, name
        if name in ("A_hat", "strides"):
            assert np.array_equal(later[name], array)
        elif not name.endswith("temporal_conv.b"):  # a batch norm follows, so it has no effect
            assert np.any(later[name] != state[name]), name
            assert np.any(state[name] != array), name


def test_edge_importance_moves_only_where_there_is_an_edge():
    *_, (_, state) = train(network(NARROW[:2]), [mocap_batch(9)] * 2)
    for i in range(2):
        moved = state[f"blocks.{i}.edge_importance"] != 1
        assert np.array_equal(moved, state["A_hat"] != 0)


def test_statistics_after_a_step_are_those_of_pytorch():
    state, (clip, labels) = network(NARROW), mocap_batch(13)
    model = STGCN.from_state(state, dropout=0).train()
    model(torch.from_numpy(clip))
    _, after = next(train(state, [(clip, labels)]))
    buffers = {name: array.numpy() for name, array in model.state_dict().items() if ".running_" in name}
    assert len(buffers) == 2 * (1 + 2 * 10 + 2)
    for name, expected in buffers.items():
        np.testing.assert_allclose(after[name], expected, rtol=1e-12, atol=1e-13, err_msg=name)


def test_other_arrays_pass_through_a_step():
    state, (clip, labels) = network(NARROW[:2]), mocap_batch(9, slice(3))
    duck = {name: DuckArray(array) for name, array in state.items()}
    steps = train(state, [(clip, labels)] * 2, weight_decay=0.1)
    ducks = train(duck, [(DuckArray(clip), DuckArray(labels))] * 2, weight_decay=0.1)
    for (loss, after), (duck_loss, duck_after) in zip(steps, ducks, strict=True):
        assert float(duck_loss) == loss
        assert all(np.array_equal(duck_after[name].get(), after[name]) for name in after)


def test_float32_stays_float32():
    clip, labels = mocap_batch(9)
    loss, state = next(train(network(NARROW[:2], np.float32), [(clip.astype(np.float32), labels)], weight_decay=0.1))
    assert loss.dtype == np.float32
    assert {array.dtype for name, array in state.items() if name != "strides"} == {np.dtype(np.float32)}


@pytest.mark.parametrize(("gradients", "got"), [({}, "none"), ({"p": np.ones(2)}, "(2,)")])
def test_sgd_refuses_what_is_not_the_gradient(gradients, got):
    with pytest.raises(ValueError) as error:
        sgd({"p": np.ones(1)}, gradients, {"p": np.zeros(1)}, rate=0.1)
    assert str(error.value) == f"sgd: the gradient of p must be (1,), got {got}"


def test_refusals_of_the_network_reach_the_caller():
    clip, _ = mocap_batch(9)
    with pytest.raises(ValueError, match="labels\\[0\\] is 15, expected 0 to 14"):
        next(train(network(NARROW[:1]), [(clip, np.full(15, 15))]))


# --- many steps ------------------------------------------------------------------------------------------------------


def test_the_first_twenty_losses_are_those_of_pytorch():
    """Within 1e-8: both start from the same numbers, and every step multiplies the rounding by a small factor."""
    start, (clip, labels) = network(), mocap_batch(13)
    options = {"momentum": 0.9, "weight_decay": 1e-3, "nesterov": True}
    model = STGCN.from_state(start, dropout=0).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, **options)
    expected = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(torch.from_numpy(clip)), torch.from_numpy(labels))
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    losses, states = zip(*train(start, [(clip, labels)] * 20, rate=0.05, **options), strict=True)
    np.testing.assert_allclose(losses, expected, rtol=0, atol=1e-8)
    assert losses[-1] < 0.5 * losses[0]
    for name, array in model.state_dict().items():
        np.testing.assert_allclose(states[-1][name], array.numpy(), rtol=0, atol=1e-8, err_msg=name)


def test_a_narrow_network_learns_the_embedded_clips():
    # One recording for each of the 15 classes, the same windows in every step: it shows that learning works. It says
    # nothing about performances that the network has not seen.
    clip, labels = mocap_batch(16)
    losses, states = zip(*train(network(), [(clip, labels)] * 40), strict=True)
    assert losses[0] > np.log(15) - 0.3  # no better than chance
    assert losses[-1] < 0.1
    right = {
        training: np.sum(np.argmax(forward(states[-1], clip, training=training), axis=1) == labels)
        for training in (True, False)
    }
    assert right[True] == 15
    assert right[False] >= 10  # the running statistics follow the last steps slowly; chance is 1 of 15


# --- windows ---------------------------------------------------------------------------------------------------------


def test_windows_are_cut_from_first_to_last_frame():
    clips, labels = windows(MOCAP, 25, 3)
    assert clips.shape == (45, 3, 25, 15, 1)
    assert labels.tolist() == [label for label in MOCAP.label for _ in range(3)]
    walk = MOCAP.clip("walk")[0]  # 39 frames
    s = 3 * MOCAP.find("walk")
    for window, start in zip(clips[s : s + 3], (0, 7, 14), strict=True):
        assert np.array_equal(window, walk[:, start : start + 25])


def test_a_short_sequence_is_stretched():
    clips, _ = windows(MOCAP, 49, 1)
    run = MOCAP.clip("run")[0]  # 25 frames: every other frame of the window is one of them, the others lie between
    window = clips[MOCAP.find("run")]
    assert window.dtype == run.dtype
    assert np.array_equal(window[:, ::2], run)
    np.testing.assert_allclose(window[:, 1::2], (run[:, 1:] + run[:, :-1]) / 2, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("frames", "count"), [(0, 1), (9, 0)])
def test_windows_refuses_none(frames, count):
    with pytest.raises(ValueError, match=f"frames and count must be at least 1, got {frames} and {count}"):
        windows(MOCAP, frames, count)


def test_new_statistics_are_the_running_ones_of_every_batch_norm():
    state, (clip, labels) = network(), mocap_batch(9)
    trace = {}
    loss_and_gradients(state, clip, labels, trace=trace)
    statistics = new_statistics(state, clip, trace)
    assert set(statistics) == set(state) - set(trained_names(state)) - {"A_hat", "strides"}
