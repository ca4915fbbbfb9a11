"""Skeleton, its adjacency matrix and its hop distances."""

from dataclasses import FrozenInstanceError

import numpy as np
import oracle
import pytest
from hypothesis import given
from strategies import skeletons

from reference import SKELETONS, Skeleton, adjacency, hop_distance

ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("joints", "bones", "center", "message"),
    [
        (ABC, ((0, 1), (1, 3)), 0, r"bone \(1, 3\) names joint 3, but joints are 0 to 2"),
        (ABC, ((0, 1), (-1, 2)), 0, r"bone \(-1, 2\) names joint -1, but joints are 0 to 2"),
        (ABC, ((1, 2), (2, 3)), 1, r"joint 3.*counted from 1"),
        (ABC, ((0, 1), (1, 2), (2, 2)), 0, r"bone \(2, 2\) connects joint 2 \(c\) with itself"),
        (ABC, ((0, 1), (1, 2), (0, 1)), 0, r"bone \(0, 1\) is listed twice"),
        (ABC, ((0, 1), (1, 2), (2, 1)), 0, r"bone \(2, 1\) is listed twice"),
        (ABC, ((0, 1),), 0, r"no path of bones leads from the centre to joint 2 \(c\)$"),
        ((*ABC, "d"), ((0, 1), (2, 3)), 0, r"no path of bones leads from the centre to joint 2 \(c\), 3 \(d\)$"),
        (ABC, ((0, 1), (1, 2)), 3, "center 3 is no joint; joints are 0 to 2"),
        (ABC, ((0, 1), (1, 2)), -1, "center -1 is no joint"),
        (("a", "b", "a"), ((0, 1), (1, 2)), 0, "joints 0 and 2 are both named 'a'"),
        (ABC, ((0, 1), (1, 2.0)), 0, r"bone \(1, 2.0\) must be a joint's index \(an integer\), got 2.0"),
        (ABC, ((0, 1), (1, "c")), 0, r"bone \(1, 'c'\) must be .* got 'c'"),
        (ABC, ((0, 1), (1, 2)), 0.5, "center must be .* got 0.5"),
        (ABC, ((0, 1), (1, 2)), None, "center must be .* got None"),
        (ABC, ((0, 1), (0, 1, 2)), 0, r"a bone is a pair .* got \(0, 1, 2\)"),
        (ABC, ((0, 1), 2), 0, "a bone is a pair .* got 2"),
        ((), (), 0, "has no joints"),
    ],
)
def test_a_bad_skeleton_is_refused_by_naming_the_culprit(joints, bones, center, message):
    with pytest.raises(ValueError, match=f"skeleton 'arm': .*{message}"):
        Skeleton("arm", joints, bones, center)


def test_a_skeleton_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        SKELETONS["toy_5"].center = 1


def test_lists_and_numpy_integers_make_the_same_skeleton_as_tuples():
    plain = Skeleton("arm", ABC, ((0, 1), (1, 2)), 1)
    other = Skeleton("arm", list(ABC), np.array([[0, 1], [1, 2]]), np.int64(1))
    assert plain == other
    assert hash(plain) == hash(other)
    assert eval(repr(other)) == plain
    assert str(other) == "skeleton 'arm'"
    assert other.num_joints == 3


def test_a_single_joint_is_a_skeleton():
    dot = Skeleton("dot", ("only",), (), 0)
    assert adjacency(dot).tolist() == [[0]]
    assert hop_distance(dot).tolist() == [[0]]


def test_adjacency_of_toy_5_by_hand():
    # pelvis 0 - chest 1; the chest also joins head 2, right hand 3 and left hand 4
    assert adjacency(SKELETONS["toy_5"]).tolist() == [
        [0, 1, 0, 0, 0],
        [1, 0, 1, 1, 1],
        [0, 1, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 1, 0, 0, 0],
    ]


def test_hop_distance_of_toy_5_by_hand():
    hops = hop_distance(SKELETONS["toy_5"])
    assert hops.tolist() == [
        [0, 1, 2, 2, 2],
        [1, 0, 1, 1, 1],
        [2, 1, 0, 2, 2],
        [2, 1, 2, 0, 2],
        [2, 1, 2, 2, 0],
    ]
    assert hops.dtype == np.int64


def test_hop_distance_takes_the_short_way_round_a_cycle():
    ring = Skeleton("ring", "abcdef", [(v, (v + 1) % 6) for v in range(6)], 0)
    assert hop_distance(ring)[0].tolist() == [0, 1, 2, 3, 2, 1]


@pytest.mark.parametrize("function", [adjacency, hop_distance])
def test_a_layouts_name_is_no_skeleton(function):
    with pytest.raises(TypeError, match=r"expected a Skeleton, got 'toy_5'; .*SKELETONS\['toy_5'\]"):
        function("toy_5")


@given(skeletons())
def test_adjacency_has_both_directions_of_every_bone_and_nothing_else(skeleton):
    A = adjacency(skeleton)
    both = {*skeleton.bones, *((j, i) for i, j in skeleton.bones)}
    assert {(int(i), int(j)) for i, j in np.argwhere(A)} == both
    assert set(A.ravel()) <= {0, 1}


@given(skeletons(max_joints=12))
def test_hop_distance_is_breadth_first_search_from_every_joint(skeleton):
    assert hop_distance(skeleton).tolist() == [oracle.hops(skeleton, v) for v in range(skeleton.num_joints)]


@given(skeletons())
def test_hop_distance_is_a_metric(skeleton):
    hops = hop_distance(skeleton)
    assert np.array_equal(hops, hops.T)
    assert np.array_equal(hops == 0, np.eye(len(hops)))
    # from i by way of j to k: (V, V, 1) + (1, V, V)
    assert np.all(hops[:, None, :] <= hops[:, :, None] + hops[None, :, :])
