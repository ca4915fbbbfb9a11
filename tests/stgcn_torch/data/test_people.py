"""Who is who when people are near each other: the smallest sum of distances, not the nearest first."""

import numpy as np

from stgcn_torch.data.people import Person, two_people

BODY = np.array([[0, 0, 1.0], [0, 100, 1.0], [40, 50, 1.0]])


def at(x, score):
    return Person(BODY * [1, 1, score] + [x, 10, 0])


def test_the_smallest_sum_of_distances():
    """From 0 and 30 to 20 and 50: the nearest pair is 30 and 20, but 0 to 20 and 30 to 50 is 40 in all, not 60."""
    clip = two_people({5: [at(0, 0.5), at(30, 0.9)], 6: [at(50, 0.9), at(20, 0.5)], 7: [at(40, 0.5), at(70, 0.9)]})
    assert clip.shape == (3, 2, 3, 3)
    assert {tuple(np.unique(clip[:, m, :, 2])) for m in (0, 1)} == {(0.5,), (0.9,)}
    assert sorted(clip[:, m, 0, 0].tolist() for m in (0, 1)) == [[0, 20, 40], [30, 50, 70]]


def test_whoever_appears_farther_away_than_half_a_body_is_somebody_else():
    """The box around the body is 108 pixels from corner to corner."""
    near, far = (two_people({0: [at(0, 0.5)], 1: [at(x, 0.9)]}) for x in (50, 60))
    assert near[:, 0].any(axis=(1, 2)).tolist() == [True, True] and not near[:, 1].any()
    assert sorted(far[:, m].any(axis=(1, 2)).tolist() for m in (0, 1)) == [[False, True], [True, False]]


def test_people_without_a_joint_in_common_are_compared_by_their_middles():
    upper, lower = (at(0, 0.5), at(5, 0.5))
    upper.joints[2], lower.joints[:2] = 0, 0  # middles 45 pixels apart, a body of 100
    assert not two_people({0: [upper], 1: [lower]})[:, 1].any()
