"""The temporal convolution: strides, ends, odd lengths, and PyTorch's conv2d beside it."""

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import normal, seeds

from reference import temporal_conv

GAMMAS = [1, 3, 5, 9]


@pytest.mark.parametrize(
    ("stride", "expected"),
    [
        # frames 1 to 5, filter 1, 10, 100 for the frame before, the frame itself and the one after:
        # 0 + 10 + 200, 1 + 20 + 300, 2 + 30 + 400, 3 + 40 + 500, 4 + 50 + 0
        (1, [210, 321, 432, 543, 54]),
        (2, [210, 432, 54]),
        (3, [210, 543]),
        (9, [210]),
    ],
)
def test_five_frames_by_hand(stride, expected):
    f_in = np.array([1.0, 2, 3, 4, 5]).reshape(1, 5, 1)
    f_out = temporal_conv(f_in, np.array([1.0, 10, 100]).reshape(1, 1, 3), stride=stride)
    assert f_out.ravel().tolist() == expected


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("T", [1, 4, 7])
def test_it_is_the_loops(gamma, stride, T):
    f_in, W, b = normal(T, 2, 3, T, 2), normal(gamma, 3, 4, gamma), normal(0, 4)
    oracle.assert_close(temporal_conv(f_in, W, b, stride), oracle.temporal_conv(f_in, W, b, stride))
    oracle.assert_close(temporal_conv(f_in, W, stride=stride), oracle.temporal_conv(f_in, W, None, stride))


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("T", [1, 2, 5, 12, 13])
def test_it_is_torch_conv2d(gamma, stride, T):
    torch = pytest.importorskip("torch")
    f_in, W, b = normal(T, 2, 3, T, 4), normal(gamma, 3, 6, gamma), normal(0, 6)
    weight = torch.from_numpy(W).permute(1, 0, 2)[..., None]  # (C_out, C_in, Γ, 1)
    expected = torch.nn.functional.conv2d(
        torch.from_numpy(f_in), weight, torch.from_numpy(b), stride=(stride, 1), padding=((gamma - 1) // 2, 0)
    )
    oracle.assert_close(temporal_conv(f_in, W, b, stride), expected.numpy())


@pytest.mark.parametrize(("T", "frames"), [(300, 150), (150, 75), (75, 38), (1, 1), (2, 1), (3, 2)])
def test_stride_2_leaves_half_the_frames_rounded_up(T, frames):
    assert temporal_conv(np.ones((1, 2, T, 1)), np.ones((2, 5, 9)), stride=2).shape == (1, 5, frames, 1)


def test_no_frame_but_those_within_the_filter_matter_at_either_end():
    # padding is (Γ-1)/2 at each end, also at stride 2: the first output frame is centred on the first input frame
    f_in = np.arange(1.0, 9).reshape(1, 8, 1)
    middle = np.array([0.0, 0, 0, 0, 1, 0, 0, 0, 0]).reshape(1, 1, 9)
    assert temporal_conv(f_in, middle, stride=2).ravel().tolist() == [1, 3, 5, 7]


@given(seeds, st.sampled_from(GAMMAS), st.integers(1, 3), st.integers(1, 3))
def test_shifting_time_by_the_stride_shifts_the_result_by_one(seed, gamma, stride, steps):
    T, half = 24, (gamma - 1) // 2
    f_in, W, b = normal(seed, 1, 2, T, 2), normal(seed + 1, 2, 3, gamma), normal(seed + 2, 3)
    f_out = temporal_conv(f_in, W, b, stride)
    shifted = temporal_conv(f_in[:, :, steps * stride :], W, b, stride)
    first = -(-half // stride)  # from here on, the filter does not see what was cut off
    oracle.assert_close(shifted[:, :, first:], f_out[:, :, first + steps :])


def test_joints_do_not_see_one_another():
    f_in, W = normal(0, 2, 3, 5, 4), normal(1, 3, 2, 3)
    alone = temporal_conv(f_in[..., 2:3], W)
    oracle.assert_close(temporal_conv(f_in, W)[..., 2:3], alone)


def test_one_video_alone_is_the_batch_of_one():
    f_in, W, b = normal(0, 1, 3, 5, 4), normal(1, 3, 2, 3), normal(2, 2)
    assert np.array_equal(temporal_conv(f_in[0], W, b, 2), temporal_conv(f_in, W, b, 2)[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_the_input_too(dtype):
    arrays = [array.astype(dtype) for array in (normal(0, 2, 3, 5, 4), normal(1, 3, 2, 3), normal(2, 2))]
    before = [array.copy() for array in arrays]
    assert temporal_conv(*arrays).dtype == dtype
    assert all(np.array_equal(array, kept) for array, kept in zip(arrays, before, strict=True))


@pytest.mark.parametrize(
    ("f_in", "W", "b", "stride", "message"),
    [
        ((5, 4), (3, 2, 3), (2,), 1, r"got \(5, 4\) and"),
        ((1, 2, 3, 5, 4), (3, 2, 3), (2,), 1, r"got \(1, 2, 3, 5, 4\) and"),
        ((2, 3, 5, 4), (3, 2), (2,), 1, r"got \(2, 3, 5, 4\) and \(3, 2\)"),
        ((2, 3, 5, 4), (3, 2, 3, 1), (2,), 1, r"and \(3, 2, 3, 1\)"),
        ((2, 3, 5, 4), (4, 2, 3), (2,), 1, r"the same C_in, got \(2, 3, 5, 4\) and \(4, 2, 3\)"),
        ((2, 3, 5, 4), (1, 2, 3), (2,), 1, r"the same C_in, got \(2, 3, 5, 4\) and \(1, 2, 3\)"),
        ((2, 3, 5, 4), (3, 2, 4), (2,), 1, "gamma must be odd, .* W has 4"),
        ((2, 3, 5, 4), (3, 2, 0), (2,), 1, "gamma must be odd, .* W has 0"),
        ((2, 3, 5, 4), (3, 2, 3), (3,), 1, r"b must be \(C_out,\) = \(2,\), got \(3,\)"),
        ((2, 3, 5, 4), (3, 2, 3), (1,), 1, r"b must be \(C_out,\) = \(2,\), got \(1,\)"),
        ((2, 3, 5, 4), (3, 2, 3), (2, 1), 1, r"b must be .* got \(2, 1\)"),
        ((2, 3, 5, 4), (3, 2, 3), (2,), 0, "stride must be an integer >= 1, got 0"),
        ((2, 3, 5, 4), (3, 2, 3), (2,), 1.5, "stride must be an integer >= 1, got 1.5"),
    ],
)
def test_what_does_not_fit_is_refused(f_in, W, b, stride, message):
    with pytest.raises(ValueError, match=f"temporal_conv: .*{message}"):
        temporal_conv(np.ones(f_in), np.ones(W), np.ones(b), stride)
