"""Bone vectors and motion: numbers by hand, and the laws that undo them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import reference
from stgcn_torch.training.inputs import ClipMaker, InputSettings
from stgcn_torch.training.streams import bone_vectors, motion, parents

CHAIN = reference.Skeleton("chain", ("foot", "knee", "hip"), ((0, 1), (1, 2)), center=2)
PRESENT = np.ones((2, 1, 3), dtype=bool)
PLACES = np.array([[[[0.0, 1], [0, 3], [1, 6]]], [[[2.0, 1], [1, 4], [1, 7]]]])  # (T 2, M 1, V 3, C 2)


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
    np.testing.assert_array_equal(bones[:, 0], [[[0, -2], [-1, -3], [0, 0]], [[1, -3], [0, -3], [0, 0]]])


def test_motion_by_hand():
    moved = motion(PLACES, PRESENT)
    np.testing.assert_array_equal(moved[:, 0], [[[2, 0], [1, 1], [0, 1]], [[0, 0], [0, 0], [0, 0]]])


def test_an_absent_joint_makes_no_bone_and_no_motion():
    present = PRESENT.copy()
    present[1, 0, 1] = False  # the knee, in the second frame
    bones = bone_vectors(PLACES, present, parents(CHAIN))
    assert not bones[1].any()
    assert bones[0, 0, :2].any(axis=1).all()
    moved = motion(PLACES, present)
    assert moved.any(axis=3)[0, 0].tolist() == [True, False, True]


@given(st.integers(1, 30), st.integers(0, 1000))
def test_sums_of_motion_and_of_bones_lead_back_to_the_places(T, seed):
    body = reference.SKELETONS["kinect_20"]
    places = np.random.default_rng(seed).normal(size=(T, 1, 20, 3))
    present = np.ones((T, 1, 20), dtype=bool)
    walked = places[:1] + np.cumsum(motion(places, present), axis=0)[:-1]
    np.testing.assert_allclose(walked, places[1:], atol=1e-12)
    parent, bones = parents(body), bone_vectors(places, present, parents(body))
    hand = places[:, :, body.center].copy()
    joint = 7
    while joint != body.center:
        hand += bones[:, :, joint]
        joint = parent[joint]
    np.testing.assert_allclose(hand, places[:, :, 7], atol=1e-12)


def test_a_clip_has_them_after_its_channels_by_name():
    body = reference.SKELETONS["toy_5"]
    frames = np.random.default_rng(0).uniform(0.5, 1, (8, 1, 5, 3))
    settings = InputSettings(
        channels=("score", "y", "x"), streams=("motion", "bone"), frames=8, center="none", turn=0, zoom=0, crop=1
    )
    make = ClipMaker(settings, ("x", "y", "score"), body)
    assert make.clip_channels == ["score", "y", "x", "motion x", "motion y", "bone x", "bone y"]
    clip, present = make(frames), np.ones((8, 1, 5), dtype=bool)
    assert clip.shape == (7, 8, 5, 1)
    places = frames[..., :2]
    expected = [
        frames[..., [2, 1, 0]], motion(places, present), bone_vectors(places, present, parents(body)),
    ]  # fmt: skip
    np.testing.assert_allclose(clip, np.concatenate(expected, axis=-1).transpose(3, 0, 2, 1), rtol=1e-6)
