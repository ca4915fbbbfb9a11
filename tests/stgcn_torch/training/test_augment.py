"""What training varies: the laws of every random variation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference.input_settings import InputSettings
from stgcn_torch.training.augment import VaryingClipMaker

BODY = reference.SKELETONS["toy_5"]
PLAIN = {"center": "none", "turn": 0, "zoom": 0, "crop": 1}


def recording(T=20, M=1, C=3, seed=0):
    """A moving body (C, T, 5, M), nothing of it zero."""
    return np.random.default_rng(seed).uniform(0.5, 2, (C, T, 5, M)).astype(np.float32)


def counted(T=30):
    """A recording whose first channel is the number of the frame, from 1."""
    sequence = recording(T)
    sequence[0] = np.arange(1, T + 1)[:, None, None]
    return sequence


def maker(channels=("x", "y", "z"), **settings):
    return VaryingClipMaker(InputSettings(**(PLAIN | settings)), channels, BODY)


def test_nothing_asked_nothing_varied():
    sequence = recording(M=2)
    np.testing.assert_array_equal(maker(frames=20).varied(sequence, np.random.default_rng(0)), sequence)


@pytest.mark.parametrize("center", ["first", "frame", "image", "none"])
@pytest.mark.parametrize("scale", ["none", "body"])
def test_absent_joints_stay_zero_whatever_is_done(center, scale):
    sequence = recording(C=4)
    sequence[:, :, 3] = 0
    settings = {"center": center, "scale": scale, "turn": 30, "zoom": 0.2, "moving": True, "crop": 0.5}
    clip = maker(("x", "y", "z", "score"), frames=20, **settings).varied(sequence, np.random.default_rng(1))
    assert not clip[:, :, 3].any()
    assert clip[:, :, [0, 1, 2, 4]].any(axis=0).all()


def test_only_coordinates_are_varied():
    sequence = recording(C=3)
    make = maker(("x", "y", "score"), center="first", scale="body", zoom=0.3, moving=True, frames=20)
    clip = make.varied(sequence, np.random.default_rng(0))
    np.testing.assert_array_equal(clip[2], sequence[2])
    assert not np.allclose(clip[:2], make(sequence)[:2], rtol=1e-3)


def test_padding_in_training_lies_anywhere():
    make, sequence = maker(fit="pad", frames=8), recording(5)
    starts = {int(make.varied(sequence, np.random.default_rng(s)).any(axis=(0, 2, 3)).argmax()) for s in range(40)}
    assert starts == {0, 1, 2, 3}


def test_evaluation_may_have_its_own_length():
    make = maker(fit="pad", frames=8, test_frames=16)
    assert make(recording()).shape[1] == 16
    assert make.varied(recording(), np.random.default_rng(0)).shape[1] == 8


@given(st.integers(0, 10_000), st.floats(0.1, 1))
def test_crops_are_stretches_of_the_share_that_was_asked(seed, smallest):
    clip = maker(fit="pad", crop=smallest, frames=30).varied(counted(), np.random.default_rng(seed))
    kept = clip[0, :, 0, 0][clip[0, :, 0, 0] > 0]
    assert len(kept) >= round(smallest * 30)
    np.testing.assert_array_equal(np.diff(kept), 1)


def test_crops_vary_in_length_and_place():
    make = maker(fit="resample", crop=0.7, frames=2)  # the first frame and the last of the crop
    ends = np.array([make.varied(counted(), np.random.default_rng(seed))[0, :, 0, 0] for seed in range(200)])
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
    clip = recording()
    turned = maker(frames=20, turn=90).varied(clip, np.random.default_rng(seed))
    np.testing.assert_array_equal(turned[1], clip[1])
    np.testing.assert_allclose(bone_lengths(turned), bone_lengths(clip), rtol=1e-5)  # float32
    np.testing.assert_allclose(np.hypot(turned[0], turned[2]), np.hypot(clip[0], clip[2]), rtol=1e-5)
    angle = np.angle(np.exp(1j * (np.arctan2(turned[0], turned[2]) - np.arctan2(clip[0], clip[2]))))
    assert np.ptp(angle) < 1e-5  # one and the same for all joints and frames
    assert abs(angle).max() <= np.pi / 2 + 1e-5


@given(st.integers(0, 10_000))
def test_random_moving_keeps_the_shape_of_every_frame(seed):
    clip = recording(C=2)
    moved = maker(("x", "y"), frames=20, moving=True).varied(clip, np.random.default_rng(seed))
    ratio = bone_lengths(moved) / bone_lengths(clip)  # (T, bones, M)
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(ratio.shape[1], axis=1), rtol=1e-4)
    assert 0.9 - 1e-5 <= ratio.min() <= ratio.max() <= 1.1 + 1e-5
    np.testing.assert_allclose(np.diff(ratio[:, 0], n=2, axis=0), 0, atol=1e-5)  # linear between two key frames


def test_joint_dropout_loses_whole_joints_and_only_in_training():
    sequence = recording(50)
    make = maker(frames=50, joint_dropout=0.5)
    assert make(sequence).any(axis=0).all()
    lost = 0
    for seed in range(40):
        seen = make.varied(sequence, np.random.default_rng(seed)).any(axis=0)[:, :, 0]  # (T, V)
        assert np.array_equal(seen.any(axis=0), seen.all(axis=0))
        lost += (~seen.any(axis=0)).sum()
    assert 70 < lost < 130  # of 200, at one half: 100 +- 4 standard deviations of 7


def test_the_same_generator_gives_the_same_clip():
    make = maker(crop=0.7, turn=15, zoom=0.1, moving=True, joint_dropout=0.2)
    one, two, other = (make.varied(recording(), np.random.default_rng([0, 3, seed])) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


MIRROR_IMAGE = np.array([-1, 1, 1])[:, None, None, None]


def test_a_mirrored_clip_has_its_sides_exchanged_only_when_asked():
    make, sequence = maker(frames=20, mirror=0.5), recording()
    sequence[:, :, 3] = 0  # the right hand is not seen
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(make.varied(sequence, rng), sequence)
    mirrored = make.varied(sequence, rng, mirror=True)
    np.testing.assert_array_equal(mirrored, sequence[:, :, [0, 1, 2, 4, 3]] * MIRROR_IMAGE)


def test_tilt_turns_the_picture_and_nothing_else():
    make, sequence = maker(("x", "y", "score"), frames=20, tilt=30), recording()
    angles = []
    for seed in range(60):
        clip = make.varied(sequence, np.random.default_rng(seed))
        np.testing.assert_array_equal(clip[2], sequence[2])
        angle = np.rad2deg(np.arctan2(clip[1], clip[0]) - np.arctan2(sequence[1], sequence[0]))
        assert np.ptp(angle) < 1e-3
        angles.append(angle.mean())
    assert -30 <= min(angles) < -20
    assert 20 < max(angles) <= 30


def test_y_is_counted_downwards_in_its_share_of_the_clips():
    make, sequence = maker(frames=20, downward=0.25), recording()
    down = 0
    for seed in range(200):
        clip = make.varied(sequence, np.random.default_rng(seed))
        down += (clip[1] < 0).all()
        np.testing.assert_array_equal(np.abs(clip), sequence)
    assert 30 < down < 70  # 50 +- 3.3 standard deviations of 6


def test_scores_are_replaced_by_one_number():
    make, sequence = maker(("x", "y", "score"), frames=20, score_dropout=1), recording()
    sequence[:, 3, 2] = 0
    scores = []
    for seed in range(40):
        clip = make.varied(sequence, np.random.default_rng(seed))
        assert not clip[:, 3, 2].any()
        np.testing.assert_array_equal(clip[:2], sequence[:2])
        (score,) = set(clip[2][clip.any(axis=0)].tolist())
        scores.append(score)
    assert 0.1 <= min(scores) < 0.2
    assert 0.9 < max(scores) <= 1


def test_noise_is_up_to_its_deviation():
    make, sequence = maker(frames=200, noise=0.1), recording(200)
    deviations = [(make.varied(sequence, np.random.default_rng(seed)) - sequence).std() for seed in range(40)]
    assert min(deviations) < 0.02
    assert 0.085 < max(deviations) < 0.105


def test_joints_are_lost_before_the_body_is_centred():
    make, sequence = maker(frames=20, lost_joints=2, center="frame"), recording()
    lost_once = set()
    for seed in range(60):
        clip = make.varied(sequence, np.random.default_rng(seed))
        lost = set(np.flatnonzero(~clip.any(axis=(0, 1, 3))).tolist())  # the centre is 0 where it is seen, too
        assert len(lost - {BODY.center}) <= 2
        lost_once |= lost
        if BODY.center in lost and len(lost) < 3 and abs(clip[:, 0].sum()) < 1e-4:
            break  # the centre is gone: the mean of the others in the first frame is the origin
    else:
        pytest.fail("the centre is never lost")
    assert len(lost_once) > 1


def test_frames_are_lost_and_tempo_changes_how_many_there_are():
    make = maker(fit="pad", frames=90, frame_dropout=0.6)
    kept = []
    for seed in range(60):
        numbers = make.varied(counted(), np.random.default_rng(seed))[0, :, 0, 0]
        numbers = numbers[numbers > 0]
        assert len(numbers) >= 1
        assert (np.diff(numbers) >= 1).all()
        kept.append(len(numbers))
    assert max(kept) == 30
    assert min(kept) < 17
    make = maker(fit="pad", frames=90, tempo=2)
    lengths = [make.varied(counted(), np.random.default_rng(s)).any(axis=(0, 2, 3)).sum() for s in range(60)]
    assert 15 <= min(lengths) < 18
    assert 52 < max(lengths) <= 60


@pytest.mark.parametrize(
    ("settings", "channels", "message"),
    [
        ({"mirror": 0.5}, ("score", "z"), "mirror needs the channels x and y, got score, z"),
        ({"tilt": 5}, ("x", "z"), "tilt needs the channels x and y, got x, z"),
        ({"downward": 0.5}, ("x",), "downward needs the channels x and y, got x"),
        ({"score_dropout": 0.5}, ("x", "y", "z"), "score_dropout needs the channel score, got x, y, z"),
    ],
)
def test_a_variation_says_which_channels_it_lacks(settings, channels, message):
    with pytest.raises(ValueError, match=message):
        maker(channels, **settings)


def test_a_mirror_needs_both_of_a_pair():
    body = reference.Skeleton("one arm", ("chest", "left_hand"), ((0, 1),), center=0)
    with pytest.raises(ValueError, match="left_hand cannot be mirrored: there is no right_hand"):
        VaryingClipMaker(InputSettings(mirror=0.5), ("x", "y"), body)
