"""Rest poses: one place for every joint, none on top of another."""

import numpy as np
import pytest

from figures import rest_pose, tree_layout
from reference import SKELETONS, Skeleton

MINE = Skeleton("mine", tuple("abcdefgh"), ((0, 1), (1, 2), (0, 3), (3, 4), (3, 5), (0, 6), (6, 7)), center=0)
LOOP = Skeleton("loop", tuple("abcdef"), ((0, 1), (1, 2), (2, 3), (3, 0), (3, 4), (4, 5)), center=0)


def smallest_distance(pose):
    gaps = np.linalg.norm(pose[:, None] - pose, axis=-1)
    return gaps[~np.eye(len(pose), dtype=bool)].min()


@pytest.mark.parametrize("name", SKELETONS)
def test_no_two_joints_are_closer_than_a_number_is_wide(name):
    pose = rest_pose(SKELETONS[name])
    assert pose.shape == (SKELETONS[name].num_joints, 2)
    assert smallest_distance(pose) > 0.16  # 2 high in 4.2 inches: 22 points, and a joint is 20


@pytest.mark.parametrize("name", sorted(set(SKELETONS) - {"hand_21"}))
def test_a_body_is_seen_from_the_front_and_symmetric(name):
    joints, pose = SKELETONS[name].joints, rest_pose(SKELETONS[name])
    for v, joint in enumerate(joints):
        if joint.startswith("right_"):
            mirrored = pose[joints.index(joint.replace("right_", "left_"))]
            assert pose[v, 0] < 0
            np.testing.assert_allclose(pose[v] * (-1, 1), mirrored)


@pytest.mark.parametrize(
    ("above", "below"),
    [("head", "neck"), ("nose", "neck"), ("left_shoulder", "left_hip"), ("left_knee", "left_ankle"), ("neck", "root")],
)
def test_a_body_stands_upright(above, below):
    for skeleton in SKELETONS.values():
        if {above, below} <= set(skeleton.joints):
            pose = rest_pose(skeleton)
            assert pose[skeleton.joints.index(above), 1] > pose[skeleton.joints.index(below), 1] + 0.1


@pytest.mark.parametrize("skeleton", [MINE, LOOP, *SKELETONS.values()], ids=lambda skeleton: skeleton.name)
def test_any_skeleton_is_laid_out_without_overlaps(skeleton):
    pose = tree_layout(skeleton)
    assert smallest_distance(pose) > 0.05
    assert np.abs(pose).max() <= 1 + 1e-9
    np.testing.assert_array_equal(pose[skeleton.center], (0, 0))


def test_a_readers_own_skeleton_gets_the_tree_layout():
    np.testing.assert_array_equal(rest_pose(MINE), tree_layout(MINE))


def test_a_skeleton_that_only_shares_a_name_is_not_taken_for_a_built_in_one():
    impostor = Skeleton("toy_5", ("a", "b"), ((0, 1),), center=0)
    assert rest_pose(impostor).shape == (2, 2)


def test_one_joint_alone():
    np.testing.assert_array_equal(rest_pose(Skeleton("dot", ("only",), (), center=0)), [(0, 0)])


def test_a_name_is_not_a_skeleton():
    with pytest.raises(TypeError, match="rest_pose: expected a Skeleton, got 'toy_5'"):
        rest_pose("toy_5")
