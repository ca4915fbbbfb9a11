"""From sequences to clips: the laws of centring, scaling, resampling and of every random variation."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference.train import resample as plain_resample
from stgcn_torch.training.inputs import ClipMaker, InputSettings, resample

BODY = reference.SKELETONS["toy_5"]
PLAIN = {"center": "none", "turn": 0, "zoom": 0, "crop": 1}


def recording(T=20, M=1, C=3, seed=0):
    """A moving body (T, M, 5, C), nothing of it zero."""
    return np.random.default_rng(seed).uniform(0.5, 2, (T, M, 5, C)).astype(np.float32)


def maker(channels=("x", "y", "z"), **settings):
    return ClipMaker(InputSettings(**(PLAIN | settings)), channels, BODY)


def as_clip(frames):
    return frames.transpose(3, 0, 2, 1)


def test_nothing_asked_nothing_done():
    frames = recording(M=2)
    clip = maker(frames=20)(frames)
    assert clip.dtype == np.float32
    np.testing.assert_array_equal(clip, as_clip(frames))


@given(st.integers(1, 40), st.integers(1, 40))
def test_resampling_agrees_with_the_reference_and_keeps_both_ends(length, T):
    frames = recording(length)
    clip = maker(frames=T)(frames)
    np.testing.assert_allclose(clip, plain_resample(as_clip(frames).astype(float), T), rtol=1e-6)  # float32 at the end
    np.testing.assert_array_equal(clip[:, 0], as_clip(frames)[:, 0])


def test_resampling_a_straight_motion_is_exact():
    line = np.arange(9.0)[:, None, None, None] * np.array([1.0, -2.0, 0.5]) + 1
    track, present = resample(np.repeat(line, 5, axis=2), np.ones((9, 1, 5), bool), 33)
    np.testing.assert_allclose(track[:, 0, 0, 0], np.linspace(1, 9, 33), rtol=1e-12)
    assert present.all()


@given(st.integers(1, 30), st.integers(1, 60), st.integers(0, 1000))
def test_an_absent_joint_is_never_blended_with_a_present_one(length, T, seed):
    frames = recording(length, seed=seed)
    frames[np.random.default_rng(seed).random(frames.shape[:3]) < 0.4] = 0
    clip = maker(frames=T, drop_empty=False)(frames)
    seen = clip[:, clip.any(axis=0)]
    assert not len(seen) or seen.min() >= 0.5  # every recorded coordinate is from 0.5 to 2
    assert not seen.size or seen.max() <= 2


@pytest.mark.parametrize("center", ["first", "frame", "image", "none"])
@pytest.mark.parametrize("scale", ["none", "body"])
def test_absent_joints_stay_zero_whatever_is_done(center, scale):
    frames = recording(C=4)
    frames[:, 0, 3] = 0
    settings = {"center": center, "scale": scale, "turn": 30, "zoom": 0.2, "moving": True, "crop": 0.5}
    make = maker(("x", "y", "z", "score"), frames=20, **settings)
    for rng in (None, np.random.default_rng(1)):
        clip = make(frames, rng)
        assert not clip[:, :, 3].any()
        assert clip[:, :, [0, 1, 2, 4]].any(axis=0).all()


def test_centring_on_the_first_frame_and_on_each():
    frames = recording(M=2)
    first, each = maker(center="first", frames=20)(frames), maker(center="frame", frames=20)(frames)
    root = as_clip(frames)[:, :, BODY.center, 0].astype(float)  # of the first person; both persons are moved alike
    np.testing.assert_allclose(first, as_clip(frames) - root[:, :1, None, None], atol=1e-6)
    np.testing.assert_allclose(each, as_clip(frames) - root[:, :, None, None], atol=1e-6)
    assert not each[:, :, BODY.center, 0].any()


def test_a_centre_that_is_not_seen_is_where_it_was_last_seen():
    frames = recording(6)
    frames[[0, 3, 4], 0, BODY.center] = 0
    clip = maker(center="frame", frames=6)(frames)
    stands_for = [1, 1, 2, 2, 2, 5]
    expected = as_clip(frames)[:, :, 1, 0] - as_clip(frames)[:, stands_for, BODY.center, 0]
    np.testing.assert_allclose(clip[:, :, 1, 0], expected, atol=1e-6)
    frames[:, 0, BODY.center] = 0
    assert np.isfinite(maker(center="first", frames=6)(frames)).all()


def test_only_coordinates_are_moved_and_scaled():
    frames = recording(C=3)
    make = maker(("x", "y", "score"), center="first", scale="body", zoom=0.3, moving=True, frames=20)
    clip = make(frames, np.random.default_rng(0))
    np.testing.assert_array_equal(clip[2], as_clip(frames)[2])


@given(st.floats(0.01, 1000))
def test_scaled_by_the_body_no_unit_is_left(unit):
    frames = recording().astype(np.float64)
    make = maker(center="first", scale="body", frames=20)
    # float32 at the end, and coordinates of which some are near zero
    np.testing.assert_allclose(make(frames * unit), make(frames), atol=1e-5)


@given(st.integers(1, 30), st.integers(1, 30))
def test_padding_and_repeating(length, T):
    frames = recording(length)
    padded, repeated = maker(fit="pad", frames=T)(frames), maker(fit="repeat", frames=T)(frames)
    start = max(0, (length - T) // 2)
    np.testing.assert_array_equal(padded[:, :length], as_clip(frames)[:, start : start + T])
    assert not padded[:, length:].any()
    np.testing.assert_array_equal(repeated, as_clip(frames)[:, [(start + t) % length for t in range(T)]])


def test_padding_in_training_lies_anywhere():
    frames = recording(5)
    make = maker(fit="pad", frames=8)
    starts = {int(make(frames, np.random.default_rng(seed)).any(axis=(0, 2, 3)).argmax()) for seed in range(40)}
    assert starts == {0, 1, 2, 3}


def test_evaluation_may_have_its_own_length():
    make = maker(fit="pad", frames=8, test_frames=16)
    assert make(recording()).shape[1] == 16
    assert make(recording(), np.random.default_rng(0)).shape[1] == 8


@given(st.integers(0, 10_000), st.floats(0.1, 1))
def test_crops_are_stretches_of_the_share_that_was_asked(seed, smallest):
    frames = recording(30)
    frames[..., 0] = np.arange(1, 31)[:, None, None]
    clip = maker(fit="pad", crop=smallest, frames=30)(frames, np.random.default_rng(seed))
    kept = clip[0, :, 0, 0][clip[0, :, 0, 0] > 0]
    assert len(kept) >= round(smallest * 30)
    np.testing.assert_array_equal(np.diff(kept), 1)


def test_crops_vary_in_length_and_place():
    frames = recording(30)
    frames[..., 0] = np.arange(1, 31)[:, None, None]
    make = maker(fit="resample", crop=0.7, frames=2)  # the first frame and the last of the crop
    ends = np.array([make(frames, np.random.default_rng(seed))[0, :, 0, 0] for seed in range(200)])
    lengths = ends[:, 1] - ends[:, 0] + 1
    assert lengths.min() in (21, 22)
    assert lengths.max() >= 29
    assert ends[:, 0].min() == 1
    assert ends[:, 1].max() == 30
    assert ends[:, 0].max() >= 8


def bone_lengths(clip):
    i, j = np.array(BODY.bones).T
    return np.linalg.norm(clip[:, :, i] - clip[:, :, j], axis=0)


@given(st.integers(0, 10_000))
def test_a_turn_keeps_bones_heights_and_the_distance_from_the_axis(seed):
    frames = recording()
    clip, turned = maker(frames=20)(frames), maker(frames=20, turn=90)(frames, np.random.default_rng(seed))
    np.testing.assert_array_equal(turned[1], clip[1])
    np.testing.assert_allclose(bone_lengths(turned), bone_lengths(clip), rtol=1e-5)  # float32
    np.testing.assert_allclose(np.hypot(turned[0], turned[2]), np.hypot(clip[0], clip[2]), rtol=1e-5)
    angle = np.angle(np.exp(1j * (np.arctan2(turned[0], turned[2]) - np.arctan2(clip[0], clip[2]))))
    assert np.ptp(angle) < 1e-5  # one and the same for all joints and frames
    assert abs(angle).max() <= np.pi / 2 + 1e-5


@given(st.integers(0, 10_000))
def test_random_moving_keeps_the_shape_of_every_frame(seed):
    frames = recording(C=2)
    clip = maker(("x", "y"), frames=20)(frames)
    moved = maker(("x", "y"), frames=20, moving=True)(frames, np.random.default_rng(seed))
    ratio = bone_lengths(moved) / bone_lengths(clip)  # (T, bones)
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(ratio.shape[1], axis=1), rtol=1e-4)
    assert 0.9 - 1e-5 <= ratio.min() <= ratio.max() <= 1.1 + 1e-5
    np.testing.assert_allclose(np.diff(ratio[:, 0], n=2), 0, atol=1e-5)  # linear between two key frames


def test_joint_dropout_loses_whole_joints_and_only_in_training():
    frames = recording(50)
    make = maker(frames=50, joint_dropout=0.5)
    assert make(frames).any(axis=0).all()
    lost = 0
    for seed in range(40):
        seen = make(frames, np.random.default_rng(seed)).any(axis=0)[:, :, 0]  # (T, V)
        assert np.array_equal(seen.any(axis=0), seen.all(axis=0))
        lost += (~seen.any(axis=0)).sum()
    assert 70 < lost < 130  # of 200, at one half: 100 +- 4 standard deviations of 7


def test_channels_are_chosen_by_name_and_in_order():
    frames = recording()
    clip = maker(frames=20)(frames)
    chosen = ClipMaker(InputSettings(**PLAIN, frames=20, channels=("z", "x")), ("x", "y", "z"), BODY)(frames)
    np.testing.assert_array_equal(chosen, clip[[2, 0]])


def test_empty_frames_are_dropped_and_a_set_of_nothing_stays_nothing():
    frames = recording(6)
    frames[[0, 2, 3]] = 0
    clip = maker(frames=3)(frames)
    np.testing.assert_array_equal(clip, as_clip(frames)[:, [1, 4, 5]])
    assert not maker(center="first", scale="body", frames=4)(np.zeros_like(frames)).any()


def test_the_same_generator_gives_the_same_clip():
    settings = {"crop": 0.7, "turn": 15, "zoom": 0.1, "moving": True, "joint_dropout": 0.2}
    one, two, other = (maker(**settings)(recording(), np.random.default_rng([0, 3, seed])) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_views_are_the_whole_sequence_and_stretches_of_it():
    frames = recording(41)
    make = maker(frames=32, crop=0.5, test_views=4)
    views = make.views(frames)
    assert views.shape == (4, 3, 32, 5, 1)
    np.testing.assert_array_equal(views[0], make(frames))
    for view, start in zip(views[1:], (0, 5, 10), strict=True):  # three quarters of 41 frames are 31; 10 are left
        np.testing.assert_array_equal(view, make(frames[start : start + 31]))
    np.testing.assert_array_equal(maker(frames=32, test_views=1).views(frames), make(frames)[None])


def test_settings_go_to_json_and_back():
    settings = InputSettings(channels=("x", "y"), streams=("bone",), fit="pad", turn=3)
    assert InputSettings.from_dict(asdict(settings) | {"channels": ["x", "y"], "streams": ["bone"]}) == settings
    with pytest.raises(ValueError, match="the input settings have no colour"):
        InputSettings.from_dict({"colour": 1})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fit": "stretch"}, "fit must be one of resample, pad, repeat, got 'stretch'"),
        ({"center": "hip"}, "center must be one of first, frame, image, none, got 'hip'"),
        ({"frames": 0}, "frames must be from 1 to inf, got 0"),
        ({"crop": 0}, "crop must be from 1e-09 to 1, got 0"),
        ({"channels": ("x", "w")}, "there is no channel 'w': the set has x, y, z"),
        ({"channels": ("x", "x")}, "a channel is named twice: x, x"),
        ({"channels": ("z",), "moving": True}, "random moving needs the channels x and y, got z"),
        ({"streams": ("bones",)}, "streams must be among bone, motion, got 'bones'"),
        ({"streams": ("bone", "bone")}, "a stream is named twice: bone, bone"),
        ({"test_views": 0}, "test_views must be from 1 to 99, got 0"),
    ],
)
def test_bad_settings_name_the_culprit(settings, message):
    with pytest.raises(ValueError, match=message):
        ClipMaker(InputSettings(**settings), ("x", "y", "z"), BODY)


def test_streams_need_a_place():
    with pytest.raises(ValueError, match="bone needs the channels x, y or z, got score"):
        ClipMaker(InputSettings(channels=("score",), streams=("bone",)), ("x", "y", "score"), BODY)
