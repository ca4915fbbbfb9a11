"""Windows: together they give every output frame once, each sees all it depends on, and the logits are the same."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import LAYERS, forward, forward_in_windows, init_state, layer_table
from reference.windows import windows_of

NARROW = tuple((C_in // 8 or 3, C_out // 8, stride) for C_in, C_out, stride in LAYERS)
STATE = init_state(4, 3, "toy_5", layers=NARROW, dtype=np.float64)
STRIDES = [stride for _, _, stride in LAYERS]


def clip_of(T, N=1, M=1):
    return np.random.default_rng(T).standard_normal((N, 3, T, 5, M))


def seen_by(t, strides, gamma):
    """The frames of the clip that the last row's frame t depends on, followed back one by one: a loop as an oracle."""
    frames = {t}
    for stride in reversed(strides):
        frames = {stride * frame + tap for frame in frames for tap in range(-(gamma // 2), gamma // 2 + 1)}
    return frames


@given(
    T=st.integers(1, 60),
    strides=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    gamma=st.sampled_from((1, 3, 5)),
    frames=st.integers(1, 70),
)
def test_every_output_frame_is_kept_once_and_has_all_it_depends_on(T, strides, gamma, frames):
    step = int(np.prod(strides))
    kept = []
    for window in windows_of(T, strides, gamma, frames):
        assert 0 <= window.start < window.stop <= T
        assert window.start % step == 0
        outputs = range(window.start // step + window.first, window.start // step + window.last)
        kept += outputs
        needed = set().union(*(seen_by(t, strides, gamma) for t in outputs)) & set(range(T))
        assert needed <= set(range(window.start, window.stop))
    assert kept == list(range(-(-T // step)))


def test_windows_of_the_ten_layers_by_hand():
    # An output frame sees 76 frames to either side (receptive field 153), and stands for 4.
    assert layer_table().rows[-1].receptive_field == 2 * 76 + 1
    windows = list(windows_of(1000, STRIDES, 9, 400))
    assert windows == [(0, 473, 0, 100), (400 - 76, 400 + 396 + 77, 19, 119), (800 - 76, 1000, 19, 69)]


@pytest.mark.parametrize("T", [1, 4, 75, 153, 154, 301])
@pytest.mark.parametrize("frames", [8, 50, 1000])
def test_the_logits_are_those_of_the_whole_clip(T, frames):
    clip = clip_of(T, N=2, M=2)
    whole = forward(STATE, clip)
    # Sums over frames are taken in another order, which is all that may differ.
    np.testing.assert_allclose(forward_in_windows(STATE, clip, frames=frames), whole, rtol=1e-12, atol=1e-14)


@settings(max_examples=10)
@given(T=st.integers(1, 40), frames=st.integers(1, 40), stride=st.integers(1, 3), gamma=st.sampled_from((1, 3, 5)))
def test_other_tables_and_filters(T, frames, stride, gamma):
    layers = ((3, 4, 1), (4, 4, stride), (4, 6, 2))
    state = init_state(4, 3, "toy_5", layers=layers, gamma=gamma, dtype=np.float64)
    clip = clip_of(T)
    got = forward_in_windows(state, clip, frames=frames)
    np.testing.assert_allclose(got, forward(state, clip), rtol=1e-12, atol=1e-14)


def test_one_clip_and_another_graph():
    clip = clip_of(200)[0]
    A_hat = STATE["A_hat"] * 0.5
    whole = forward(STATE, clip, A_hat)
    assert whole.shape == (4,)
    np.testing.assert_allclose(forward_in_windows(STATE, clip, A_hat, frames=40), whole, rtol=1e-12)


def test_memory_does_not_grow_with_the_clip():
    def peak(T):
        clip = clip_of(T).astype(np.float32)
        tracemalloc.start()
        forward_in_windows(STATE, clip, frames=64)
        bytes_at_most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return bytes_at_most

    assert peak(4000) < 1.1 * peak(1000)


@pytest.mark.parametrize("frames", [0, -4, 2.5])
def test_impossible_windows_are_refused(frames):
    with pytest.raises(ValueError, match=f"frames must be an integer >= 1, got {frames}"):
        forward_in_windows(STATE, clip_of(20), frames=frames)


def test_clips_that_do_not_fit_are_refused_as_by_forward():
    with pytest.raises(ValueError, match=r"with C = 3, V = 5, a frame and a person, got \(1, 3, 1, 4, 1\)"):
        forward_in_windows(STATE, clip_of(20)[:, :, :, :4])
    with pytest.raises(ValueError, match=r"clip must be \(N, C, T, V, M\)"):
        forward_in_windows(STATE, np.zeros((3, 20, 5)))
    with pytest.raises(ValueError, match=r"a frame and a person, got \(1, 3, 0, 5, 1\)"):
        forward_in_windows(STATE, clip_of(20)[:, :, :0])
