"""Frames one by one: after every few of them, what the network says of the window that it has seen."""

import numpy as np
import pytest
import torch
from sets import small_set, weights

from reference import forward
from stgcn_torch import STGCN, Stream
from stgcn_torch.training.explanation import predict
from stgcn_torch.training.trained_network import TrainedNetwork


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return STGCN(4, 3, "toy_5", layers=((3, 8, 1), (8, 8, 2))).double().eval()


def frames(T, M=2, seed=0):
    return np.random.default_rng(seed).normal(size=(T, 3, 5, M))


def softmax(logits):
    return np.exp(logits) / np.exp(logits).sum()


@pytest.mark.parametrize(("window", "every"), [(8, 1), (9, 3), (100, 4), (1, 1)])
def test_answers_are_those_of_the_network_on_the_window(model, window, every):
    state, clip = {name: tensor.numpy() for name, tensor in model.state_dict().items()}, frames(30)
    stream = Stream(model, window, every)
    for t, frame in enumerate(clip, start=1):
        answer = stream.push(frame)
        assert (answer is None) == (t % every > 0)
        if answer is not None:
            seen = clip[max(0, t - window) : t].transpose(1, 0, 2, 3)[None]
            np.testing.assert_allclose(answer, softmax(forward(state, seen, state["A_hat"])[0]), rtol=1e-9)


def test_a_trained_network_says_what_predict_says_of_the_window(tmp_path):
    network = TrainedNetwork.load(weights(tmp_path, "toy_5", ["x", "y", "z"], scale="body"))
    clip = frames(20, M=1).astype(np.float32)
    sequences = small_set(
        frames=clip[8:].transpose(0, 3, 2, 1), offset=np.array([0, 12]), label=np.array([0]), subject=None, name=None
    )
    expected = predict(network, network.clips("", sequences, np.array([[0, 0, 12]]), labelled=False)).probabilities
    stream = Stream.of(network, window=12, every=5)
    answers = [stream.push(frame) for frame in clip]
    assert [t for t, answer in enumerate(answers, start=1) if answer is not None] == [5, 10, 15, 20]
    np.testing.assert_allclose(answers[-1], expected, rtol=1e-4)


def test_a_frame_is_kept_though_its_memory_is_written_again(model):
    clip, memory = frames(6), np.empty((3, 5, 2))
    one, other = Stream(model, 6, 6), Stream(model, 6, 6)
    for frame in clip:
        memory[:] = frame
        answers = one.push(memory), other.push(frame)
    np.testing.assert_array_equal(*answers)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (np.zeros((3, 5)), r"expected a frame \(3, 5, 2\), got \(3, 5\)"),
        (np.zeros((3, 4, 2)), r"expected a frame \(3, 5, 2\), got \(3, 4, 2\)"),
        (np.full((3, 5, 2), np.nan), "frame 1 holds a number that is not finite"),
    ],
)
def test_a_frame_that_is_no_good_is_left_out(model, frame, reason):
    stream = Stream(model, 4)
    first = stream.push(np.ones((3, 5, 2)))
    with pytest.raises(ValueError, match=reason):
        stream.push(frame)
    assert stream.seen == 1
    np.testing.assert_allclose(Stream(model, 1).push(np.ones((3, 5, 2))), first)


def test_what_is_no_stream_is_refused(model):
    with pytest.raises(ValueError, match="in training mode"):
        Stream(STGCN(4, 3, "toy_5", layers=((3, 8, 1),)), 4)
    with pytest.raises(ValueError, match="window must be 1 or more, got 0"):
        Stream(model, 0)
    with pytest.raises(ValueError, match="every must be 1 or more, got 0"):
        Stream(model, 4, 0)
