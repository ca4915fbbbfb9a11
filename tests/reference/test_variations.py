"""The same movement otherwise: every variation by numbers computed by hand."""

import numpy as np
import pytest

import reference
from reference import variations


def clip_of(*channels):
    """One person with one frame and joints as listed: (C, 1, V, 1)."""
    return np.array(channels, dtype=float)[:, None, :, None]


COUNTED = np.arange(1.0, 11)[None, :, None, None]  # ten frames, each holding its number


def test_a_quarter_turn_takes_the_first_channel_to_the_second():
    turned = variations.turned(clip_of([1, 0], [0, 1], [5, 6]), 0, 1, 90)
    np.testing.assert_allclose(turned[:, 0, :, 0], [[0, -1], [1, 0], [5, 6]], atol=1e-15)


def test_about_the_vertical_somebody_who_faces_x_turns_to_his_left():
    turned = variations.turned(clip_of([1], [7], [0]), 2, 0, 90)  # x forward, y up, z to the right
    np.testing.assert_allclose(turned[:, 0, 0, 0], [0, 7, -1], atol=1e-15)


def test_a_turn_of_every_frame_by_an_angle_of_its_own():
    clip = np.repeat(clip_of([2], [0]), 3, axis=1)
    turned = variations.turned(clip, 0, 1, np.array([0, 30, 180])[:, None, None])
    np.testing.assert_allclose(turned[:, :, 0, 0], [[2, np.sqrt(3), -2], [0, 1, 0]], atol=1e-15)


def test_a_mirror_exchanges_sides_and_negates_one_channel():
    # toy_5: pelvis, chest, head, right_hand, left_hand
    clip = clip_of([0, 1, 2, -3, 4], [10, 11, 12, 13, 14])
    mirrored = variations.mirrored(clip, 0, variations.partners(reference.SKELETONS["toy_5"].joints))
    np.testing.assert_array_equal(mirrored[:, 0, :, 0], [[0, -1, -2, -4, 3], [10, 11, 12, 14, 13]])


@pytest.mark.parametrize("name", reference.SKELETONS)
def test_mirrored_twice_is_as_it_was_and_bones_stay_bones(name):
    skeleton = reference.SKELETONS[name]
    partner = variations.partners(skeleton.joints)
    clip = np.random.default_rng(0).normal(size=(3, 4, len(partner), 2))
    np.testing.assert_array_equal(variations.mirrored(variations.mirrored(clip, 1, partner), 1, partner), clip)
    bones = {frozenset(bone) for bone in skeleton.bones}
    assert {frozenset(partner[list(bone)].tolist()) for bone in skeleton.bones} == bones


def test_partners_of_joints_and_classes():
    assert variations.partners(["left_knee", "nose", "right_knee"]).tolist() == [2, 1, 0]
    assert variations.partners(reference.SKELETONS["mediapipe_33"].joints)[9] == 10  # mouth_left, mouth_right
    for name, other in {
        "traffic_left_turn": "traffic_right_turn", "Left arm up": "Right arm up", "leftShoulder": "rightShoulder",
        "bright": "bright", "from left to right": "from right to left", "upright_left": "upright_right",
    }.items():  # fmt: skip
        assert variations.other_side(name) == other
        assert variations.other_side(other) == name
    with pytest.raises(ValueError, match=r"left_knee cannot be mirrored: there is no right_knee"):
        variations.partners(["left_knee", "nose"])


def test_tempo():
    assert variations.at_tempo(COUNTED, 2).ravel().tolist() == [1, 3.25, 5.5, 7.75, 10]
    assert variations.at_tempo(COUNTED[:, :3], 0.6).ravel().tolist() == [1, 1.5, 2, 2.5, 3]
    assert variations.at_tempo(COUNTED, 100).shape == (1, 1, 1, 1)
    gone = COUNTED.copy()
    gone[:, 1::2] = 0
    assert set(variations.at_tempo(gone, 0.5).ravel().tolist()) <= {0, 1, 3, 5, 7, 9}  # never half-way to nothing


def test_parts():
    assert variations.part(COUNTED, 0, 0.3).ravel().tolist() == [1, 2, 3]
    assert variations.part(COUNTED, 1, 0.3).ravel().tolist() == [8, 9, 10]
    assert variations.part(COUNTED, 0.5, 0.4).ravel().tolist() == [4, 5, 6, 7]
    assert variations.part(COUNTED, 0, 0).ravel().tolist() == [1]


def test_noise_has_its_deviation_and_touches_neither_scores_nor_who_is_absent():
    clip = np.ones((3, 200, 25, 1), np.float32)
    clip[:, :, 4] = 0
    moved = variations.noisy(clip, [0, 1], 0.05, np.random.default_rng(0)) - clip
    assert moved.dtype == np.float32
    assert not moved[2].any()
    assert not moved[:, :, 4].any()
    seen = np.delete(moved[:2], 4, axis=2)
    assert seen.std() == pytest.approx(0.05, rel=0.02)
    assert abs(seen.mean()) < 0.001
    assert abs(np.corrcoef(seen[:, 0].ravel(), seen[:, 1].ravel())[0, 1]) < 0.5  # each frame by itself


def test_what_is_lost_is_lost_and_nothing_else():
    clip = np.random.default_rng(0).normal(size=(2, 4, 5, 2))
    lost = variations.without_joints(clip, [1, 3])
    assert not lost[:, :, [1, 3]].any()
    np.testing.assert_array_equal(lost[:, :, [0, 2, 4]], clip[:, :, [0, 2, 4]])
    np.testing.assert_array_equal(variations.without_frames(clip, [0, 2]), clip[:, [1, 3]])
    with pytest.raises(ValueError, match="no frame would stay"):
        variations.without_frames(clip, [0, 1, 2, 3])


@pytest.mark.parametrize(
    "change",
    [
        lambda clip: variations.turned(clip, 0, 1, 20),
        lambda clip: variations.mirrored(clip, 0, np.arange(5)),
        lambda clip: variations.part(clip, 0, 1),
        lambda clip: variations.noisy(clip, [0], 1, np.random.default_rng(0)),
        lambda clip: variations.without_joints(clip, [0]),
    ],
)
def test_the_clip_that_is_given_stays_as_it_is(change):
    clip = np.ones((2, 3, 5, 1))
    change(clip)[:] = 7
    assert (clip == 1).all()
