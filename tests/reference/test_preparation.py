"""From sequences to clips: the laws of centring, scaling, resampling, streams and views; numbers by hand."""

import subprocess
import sys
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from reference import preparation
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker, bone_vectors, motion, movement, parents
from reference.resampling import resample

BODY = reference.SKELETONS["toy_5"]
CHAIN = reference.Skeleton("chain", ("foot", "knee", "hip"), ((0, 1), (1, 2)), center=2)
PRESENT = np.ones((2, 3, 1), dtype=bool)
PLACES = np.array([[[0.0, 0, 1], [2, 1, 1]], [[1.0, 3, 6], [1, 4, 7]]])[..., None]  # (C 2, T 2, V 3, M 1)


def recording(T=20, M=1, C=3, seed=0):
    """A moving body (C, T, 5, M), nothing of it zero."""
    return np.random.default_rng(seed).uniform(0.5, 2, (C, T, 5, M)).astype(np.float32)


def maker(of_the_set=("x", "y", "z"), **settings):
    return ClipMaker(InputSettings(**({"center": "none", "crop": 1} | settings)), of_the_set, BODY)


def test_nothing_asked_nothing_done():
    sequence = recording(M=2)
    clip = maker(frames=20)(sequence)
    assert clip.dtype == np.float32
    np.testing.assert_array_equal(clip, sequence)


def test_movement_by_hand():
    places = np.zeros((2, 3, 2, 2))  # (C, T, V, M)
    places[0, :, 0, 0] = [1, 2, 6]  # mean 3: 4 + 1 + 9
    places[1, :2, 1, 1] = [5, 7]  # mean 6: 1 + 1; then it is lost
    present = places.any(axis=0)
    assert movement(places, present).tolist() == [14, 2]
    assert movement(places, np.zeros_like(present)).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("M", "asked", "expected"),
    [(1, 3, [0, None, None]), (3, 3, [0, 1, 2]), (3, 2, [1, 2]), (3, 1, [2]), (3, 0, [0, 1, 2])],
)
def test_persons_are_filled_up_or_those_that_move_most_are_kept(M, asked, expected):
    sequence = recording(M=M)
    for m in range(M):  # each moves more than the one before
        sequence[..., m] = sequence[:, :1, :, m] + 0.01 * (m + 1) * np.arange(20)[:, None]
    make = maker(frames=20, persons=asked)
    clip = make(sequence)
    assert clip.shape[3] == len(expected)
    for m, person in enumerate(expected):
        np.testing.assert_array_equal(clip[..., m], 0 if person is None else sequence[..., person])
    assert make.left_out(sequence) == (M - asked if 0 < asked < M else 0)


def test_channels_that_the_network_does_not_take_do_not_say_who_is_there():
    sequence = recording(C=4)
    sequence[:3, :, 2] = 0  # not seen, though the speed of what is not seen is a number
    clip = maker(("x", "y", "z", "speed"), channels=["x", "y", "z"], frames=20, center="frame")(sequence)
    assert not clip[:, :, 2].any()
    alone = maker(frames=20, center="frame")(sequence[:3])
    np.testing.assert_array_equal(clip, alone)


@given(st.integers(1, 40), st.integers(1, 40))
def test_resampling_is_interpolation_channel_by_channel_and_keeps_both_ends(length, T):
    sequence = recording(length)
    clip = maker(frames=T)(sequence)
    place = np.linspace(0, length - 1, T)
    expected = np.apply_along_axis(lambda values: np.interp(place, np.arange(length), values), 1, sequence)
    np.testing.assert_allclose(clip, expected, rtol=1e-6)  # float32 at the end
    np.testing.assert_array_equal(clip[:, 0], sequence[:, 0])


def test_resample_keeps_both_ends_and_the_dtype():
    clip = np.arange(4.0).reshape(1, 4, 1, 1) ** 2  # 0 1 4 9
    assert resample(clip, 4)[0, :, 0, 0].tolist() == [0, 1, 4, 9]
    assert resample(clip, 7)[0, :, 0, 0].tolist() == [0, 0.5, 1, 2.5, 4, 6.5, 9]
    assert resample(clip, 2)[0, :, 0, 0].tolist() == [0, 9]
    assert resample(clip[:, :1], 3)[0, :, 0, 0].tolist() == [0, 0, 0]
    assert resample(clip.astype(np.float32), 7).dtype == np.float32


def test_resampling_a_straight_motion_is_exact():
    line = np.array([1.0, -2.0, 0.5])[:, None, None, None] * np.arange(9.0)[:, None, None] + 1
    clip = resample(np.repeat(line, 5, axis=2), 33, np.ones((9, 5, 1), bool))
    np.testing.assert_allclose(clip[0, :, 0, 0], np.linspace(1, 9, 33), rtol=1e-12)


@given(st.integers(1, 30), st.integers(1, 60), st.integers(0, 1000))
def test_an_absent_joint_is_never_blended_with_a_present_one(length, T, seed):
    sequence = recording(length, seed=seed)
    sequence[:, np.random.default_rng(seed).random((length, 5, 1)) < 0.4] = 0
    clip = maker(frames=T, drop_empty=False)(sequence)
    seen = clip[:, clip.any(axis=0)]
    assert not seen.size or 0.5 <= seen.min() <= seen.max() <= 2  # as every recorded coordinate is


@pytest.mark.parametrize("center", ["first", "frame", "image", "none"])
@pytest.mark.parametrize("scale", ["none", "body"])
def test_absent_joints_stay_zero_whatever_is_done(center, scale):
    sequence = recording(C=4)
    sequence[:, :, 3] = 0
    clip = maker(("x", "y", "z", "score"), frames=20, center=center, scale=scale)(sequence)
    assert not clip[:, :, 3].any()
    assert clip[:, :, [0, 1, 2, 4]].any(axis=0).all()


def test_centring_on_the_first_frame_and_on_each():
    sequence = recording(M=2)
    first, each = maker(center="first", frames=20)(sequence), maker(center="frame", frames=20)(sequence)
    root = sequence[:, :, BODY.center, 0].astype(float)  # of the first person; both persons are moved alike
    np.testing.assert_allclose(first, sequence - root[:, :1, None, None], atol=1e-6)
    np.testing.assert_allclose(each, sequence - root[:, :, None, None], atol=1e-6)
    assert not each[:, :, BODY.center, 0].any()


def test_a_centre_that_is_not_seen_is_where_it_was_last_seen():
    sequence = recording(6)
    sequence[:, [0, 3, 4], BODY.center, 0] = 0
    clip = maker(center="frame", frames=6)(sequence)
    stands_for = [1, 1, 2, 2, 2, 5]
    expected = sequence[:, :, 1, 0] - sequence[:, stands_for, BODY.center, 0]
    np.testing.assert_allclose(clip[:, :, 1, 0], expected, atol=1e-6)
    sequence[:, :, BODY.center, 0] = 0
    assert np.isfinite(maker(center="first", frames=6)(sequence)).all()


def test_only_coordinates_are_moved_and_scaled():
    sequence = recording()
    clip = maker(("x", "y", "score"), center="first", scale="body", frames=20)(sequence)
    np.testing.assert_array_equal(clip[2], sequence[2])


@given(st.floats(0.01, 1000))
def test_scaled_by_the_body_no_unit_is_left(unit):
    sequence = recording().astype(np.float64)
    make = maker(center="first", scale="body", frames=20)
    # float32 at the end, and coordinates of which some are near zero
    np.testing.assert_allclose(make(sequence * unit), make(sequence), atol=1e-5)


@given(st.integers(1, 30), st.integers(1, 30))
def test_padding_and_repeating(length, T):
    sequence = recording(length)
    padded, repeated = maker(fit="pad", frames=T)(sequence), maker(fit="repeat", frames=T)(sequence)
    start = max(0, (length - T) // 2)
    np.testing.assert_array_equal(padded[:, :length], sequence[:, start : start + T])
    assert not padded[:, length:].any()
    np.testing.assert_array_equal(repeated, sequence[:, [(start + t) % length for t in range(T)]])


def test_channels_are_chosen_by_name_and_in_order():
    sequence = recording()
    np.testing.assert_array_equal(maker(frames=20, channels=("z", "x"))(sequence), sequence[[2, 0]])


def test_empty_frames_are_dropped_and_a_set_of_nothing_stays_nothing():
    sequence = recording(6)
    sequence[:, [0, 2, 3]] = 0
    np.testing.assert_array_equal(maker(frames=3)(sequence), sequence[:, [1, 4, 5]])
    assert not maker(center="first", scale="body", frames=4)(np.zeros_like(sequence)).any()


def test_views_are_the_whole_sequence_and_stretches_of_it():
    sequence = recording(41)
    make = maker(frames=32, crop=0.5, test_views=4)
    views = make.views(sequence)
    assert views.shape == (4, 3, 32, 5, 1)
    np.testing.assert_array_equal(views[0], make(sequence))
    for view, start in zip(views[1:], (0, 5, 10), strict=True):  # three quarters of 41 frames are 31; 10 are left
        np.testing.assert_array_equal(view, make(sequence[:, start : start + 31]))
    np.testing.assert_array_equal(maker(frames=32, test_views=1).views(sequence), make(sequence)[None])


@pytest.mark.parametrize("fit", ["resample", "pad", "repeat"])
@pytest.mark.parametrize("T", [1, 2, 9, 60])
def test_a_view_is_the_clip_of_its_stretch_whoever_is_in_it(fit, T):
    """Stretches are made together: no person, joint or frame of one gets into another."""
    sequence = recording(T, M=3)
    sequence[:, np.random.default_rng(T).random((T, 5, 3)) < 0.3] = 0
    make = maker(frames=16, crop=0.3, fit=fit, streams=("bone", "motion"), persons=3, drop_empty=False)
    length = max(1, round(0.65 * T))
    starts = [round(k * (T - length) / 3) for k in range(4)]
    alone = [make(sequence), *(make(sequence[:, start : start + length]) for start in starts)]
    np.testing.assert_array_equal(make.views(sequence), alone)


@pytest.mark.parametrize("at_once", [1, 2000, 10**9])  # numbers: one clip, two or three, all
def test_sequences_are_made_together_to_the_bits_of_each_alone_and_in_their_order(monkeypatch, at_once):
    sequences = [recording(T, M=2, seed=seed) for seed, T in enumerate((9, 9, 2, 2, 2, 2, 9, 8))]
    sequences[1][:, 4] = 0  # empty: without it there are 8 frames left
    sequences[3][:, :, 3] = 0
    make = maker(frames=16, crop=0.3, center="first", scale="body", streams=("bone", "motion"), test_views=2, persons=1)
    alone = [make.views(sequence).tobytes() for sequence in sequences]
    assert len(set(alone)) == len(sequences)
    monkeypatch.setattr(preparation, "_AT_ONCE", at_once)
    assert [views.tobytes() for views in make.views_of_each(iter(sequences))] == alone


def test_no_more_sequences_are_read_ahead_than_are_made_together(monkeypatch):
    make, read = maker(frames=16, test_views=2), []
    monkeypatch.setattr(preparation, "_AT_ONCE", 3 * 2 * 3 * 16 * 5)  # three clips' numbers: two views of C 3, V 5
    next(make.views_of_each(read.append(k) or recording(4) for k in range(9)))
    assert len(read) == 3


def test_settings_go_to_json_and_back():
    settings = InputSettings(channels=("x", "y"), streams=("bone",), fit="pad", turn=3)
    assert InputSettings(**(asdict(settings) | {"channels": ["x", "y"], "streams": ["bone"]})) == settings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"fit": "stretch"}, "fit must be one of resample, pad, repeat, got 'stretch'"),
        ({"center": "hip"}, "center must be one of first, frame, image, none, got 'hip'"),
        ({"frames": 0}, "frames must be from 1 to 108000, got 0"),
        ({"frames": 2.5}, "frames must be an integer, got 2.5"),
        ({"frames": True}, "frames must be an integer, got True"),
        ({"moving": "yes"}, "moving must be true or false, got 'yes'"),
        ({"zoom": float("nan")}, "zoom must be a finite number, got nan"),
        ({"streams": 3}, "streams must be a list, each entry a text, got 3"),
        ({"streams": "bone"}, "streams must be a list, each entry a text, got 'bone'"),
        ({"crop": 0}, "crop must be from 1e-09 to 1, got 0"),
        ({"channels": ("x", "w")}, "there is no channel 'w': the set has x, y, z"),
        ({"channels": ("x", "x")}, "a channel is named twice: x, x"),
        ({"channels": ("z",), "moving": True}, "random moving needs the channels x and y, got z"),
        ({"streams": ("bones",)}, "streams must be among bone, motion, got 'bones'"),
        ({"streams": ("bone", "bone")}, "streams names 'bone' twice: bone, bone"),
        ({"test_views": 0}, "test_views must be from 1 to 99, got 0"),
    ],
)
def test_bad_settings_name_the_culprit(settings, message):
    with pytest.raises(ValueError, match=message):
        ClipMaker(InputSettings(**settings), ("x", "y", "z"), BODY)


def test_streams_need_a_place():
    with pytest.raises(ValueError, match="bone needs the channels x, y or z, got score"):
        ClipMaker(InputSettings(channels=("score",), streams=("bone",)), ("x", "y", "score"), BODY)


def test_every_joint_has_the_neighbour_nearer_the_centre():
    assert parents(CHAIN).tolist() == [1, 2, 2]
    for skeleton in reference.SKELETONS.values():
        hops, parent = reference.hop_distance(skeleton), parents(skeleton)
        for joint in range(skeleton.num_joints):
            if joint == skeleton.center:
                assert parent[joint] == joint
            else:
                assert hops[joint, parent[joint]] == 1
                assert hops[parent[joint], skeleton.center] == hops[joint, skeleton.center] - 1


def test_bone_vectors_by_hand():
    bones = bone_vectors(PLACES, PRESENT, parents(CHAIN))
    np.testing.assert_array_equal(bones[..., 0], [[[0, -1, 0], [1, 0, 0]], [[-2, -3, 0], [-3, -3, 0]]])


def test_motion_by_hand():
    moved = motion(PLACES, PRESENT)
    np.testing.assert_array_equal(moved[..., 0], [[[2, 1, 0], [0, 0, 0]], [[0, 1, 1], [0, 0, 0]]])


def test_an_absent_joint_makes_no_bone_and_no_motion():
    present = PRESENT.copy()
    present[1, 1, 0] = False  # the knee, in the second frame
    bones = bone_vectors(PLACES, present, parents(CHAIN))
    assert not bones[:, 1].any()
    assert bones[:, 0, :2].any(axis=0).all()
    moved = motion(PLACES, present)
    assert moved.any(axis=0)[0, :, 0].tolist() == [True, False, True]


@given(st.integers(1, 30), st.integers(0, 1000))
def test_sums_of_motion_and_of_bones_lead_back_to_the_places(T, seed):
    body = reference.SKELETONS["kinect_20"]
    places = np.random.default_rng(seed).normal(size=(3, T, 20, 1))
    present = np.ones((T, 20, 1), dtype=bool)
    walked = places[:, :1] + np.cumsum(motion(places, present), axis=1)[:, :-1]
    np.testing.assert_allclose(walked, places[:, 1:], atol=1e-12)
    parent, bones = parents(body), bone_vectors(places, present, parents(body))
    hand = places[:, :, body.center].copy()
    joint = 7
    while joint != body.center:
        hand += bones[:, :, joint]
        joint = parent[joint]
    np.testing.assert_allclose(hand, places[:, :, 7], atol=1e-12)


def test_a_clip_has_them_after_its_channels_by_name():
    sequence = np.random.default_rng(0).uniform(0.5, 1, (3, 8, 5, 1))
    make = maker(("x", "y", "score"), channels=("score", "y", "x"), streams=("motion", "bone"), frames=8)
    assert make.clip_channels == ["score", "y", "x", "motion x", "motion y", "bone x", "bone y"]
    clip, present = make(sequence), np.ones((8, 5, 1), dtype=bool)
    assert clip.shape == (7, 8, 5, 1)
    places = sequence[:2]
    expected = [sequence[[2, 1, 0]], motion(places, present), bone_vectors(places, present, parents(BODY))]
    np.testing.assert_allclose(clip, np.concatenate(expected), rtol=1e-6)


def test_no_torch_is_needed_to_prepare_a_clip():
    script = """
import sys
import reference
from reference import preparation
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker

mocap = reference.load_clips("mocap_15")
make = ClipMaker(InputSettings(frames=32, streams=["bone"]), mocap.channels, mocap.skeleton)
print(make.views(mocap.clip("walk")[0]).shape, "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "(5, 6, 32, 15, 1) False\n"
