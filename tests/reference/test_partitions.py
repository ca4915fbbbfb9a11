"""The partition strategies and the distance to the gravity centre."""

from pathlib import Path

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import normal, partition_names, relabelled, seeds, skeletons

from reference import (
    SKELETONS,
    Sequences,
    Skeleton,
    adjacency,
    hop_distance,
    load_clips,
    mean_distance_to_gravity_center,
    normalize,
    partition,
)

TOY = SKELETONS["toy_5"]  # pelvis 0, chest 1, head 2, right hand 3, left hand 4; the pelvis is the centre


# --- by hand ---------------------------------------------------------------------------------------------------------


def test_uni_labeling_of_toy_5_by_hand():
    # one subset: every root with itself and all its neighbours
    assert partition(TOY, "uni_labeling").tolist() == [
        [[1, 1, 0, 0, 0], [1, 1, 1, 1, 1], [0, 1, 1, 0, 0], [0, 1, 0, 1, 0], [0, 1, 0, 0, 1]]
    ]


def test_distance_of_toy_5_by_hand():
    # subset 0: the root itself, no hop away; subset 1: what is one hop away
    assert partition(TOY, "distance").tolist() == [
        [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]],
        [[0, 1, 0, 0, 0], [1, 0, 1, 1, 1], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]],
    ]


def test_spatial_of_toy_5_by_hand():
    # hops to the pelvis: pelvis 0, chest 1, head and hands 2
    assert partition(TOY, "spatial").tolist() == [
        # as far as the root: the root alone
        [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]],
        # closer, centripetal: the chest sees the pelvis; head and hands see the chest; the pelvis sees nothing
        [[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0], [0, 1, 0, 0, 0]],
        # farther, centrifugal: the pelvis sees the chest; the chest sees head and hands; those see nothing
        [[0, 1, 0, 0, 0], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    ]


def test_widely_copied_of_toy_5_by_hand():
    # hops to the pelvis, cut at 2: pelvis 0, chest 1, head and hands 2, so nothing on this body changes but the order
    exact = partition(TOY, "spatial")
    assert partition(TOY, "widely_copied").tolist() == exact[[0, 2, 1]].tolist()


def test_widely_copied_by_hand_on_a_chain():
    chain = Skeleton("chain", "abcd", [(0, 1), (1, 2), (2, 3)], center=0)
    # hops to a: 0 1 2 3, of which c and d count as equally far: they see one another in subset 1
    assert np.argwhere(partition(chain, "widely_copied")).tolist() == [
        [0, 0, 0], [0, 1, 1], [0, 2, 2], [0, 3, 3],
        [1, 0, 1], [1, 1, 2], [1, 2, 3], [1, 3, 2],  # farther, or equally far
        [2, 1, 0], [2, 2, 1],  # closer
    ]  # fmt: skip
    # within two hops, with hops cut at 3: two subsets for each number of hops
    assert np.argwhere(partition(chain, "widely_copied", max_hop=2)[1:]).tolist() == [
        [0, 0, 1], [0, 1, 2], [0, 2, 3],
        [1, 1, 0], [1, 2, 1], [1, 3, 2],
        [2, 0, 2], [2, 1, 3],
        [3, 2, 0], [3, 3, 1],
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "sizes"), [("ntu_25", [25, 40, 8]), ("openpose_18", [18, 25, 9])])
def test_widely_copied_has_the_counts_on_record(name, sizes):
    assert partition(SKELETONS[name], "widely_copied").sum(axis=(1, 2)).tolist() == sizes


@pytest.mark.parametrize("name", SKELETONS)
def test_widely_copied_is_that_code_step_by_step_transposed(name):
    copied = oracle.widely_copied_partition(SKELETONS[name])  # (3, source, target), already normalised
    assert np.array_equal(partition(SKELETONS[name], "widely_copied"), copied.transpose(0, 2, 1) > 0)


def test_widely_copied_is_what_the_published_network_holds():
    measured = Path(__file__).parents[3] / "shared" / "data" / "official_openpose_spatial.npz"
    if not measured.exists():
        pytest.skip(f"needs the measured outputs of the widely copied code, {measured.name}")
    with np.load(measured) as file:
        A = file["A"]  # (3, source, target), divided by the columns' sums before the split
    A_hat = normalize(partition(SKELETONS["openpose_18"], "widely_copied"), "joint")
    assert np.max(np.abs(A_hat.transpose(0, 2, 1) - A)) < 1e-7  # stored as float32


def test_spatial_with_a_distance_of_your_own():
    # with the head at distance 1, like the chest, chest and head see one another in subset 0
    A = partition(TOY, "spatial", distance_to_center=[0, 1, 1, 2, 2])
    assert A[0, 1].tolist() == [0, 1, 1, 0, 0]
    assert A[0, 2].tolist() == [0, 1, 1, 0, 0]
    assert A[2, 1].tolist() == [0, 0, 0, 1, 1]


def test_a_cycle_puts_equally_distant_neighbours_in_subset_0():
    triangle = Skeleton("triangle", "abc", ((0, 1), (1, 2), (2, 0)), 0)
    assert partition(triangle, "spatial")[0].tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]


# --- properties ------------------------------------------------------------------------------------------------------


@given(skeletons(), partition_names)
def test_subsets_are_disjoint_and_add_up_to_the_adjacency_with_self_connections(skeleton, strategy):
    A = partition(skeleton, strategy)
    assert set(A.ravel()) <= {0, 1}
    assert np.array_equal(A.sum(axis=0), adjacency(skeleton) + np.eye(skeleton.num_joints))


@given(skeletons(), partition_names)
def test_which_subsets_are_symmetric(skeleton, strategy):
    A = partition(skeleton, strategy)
    transposed = np.swapaxes(A, 1, 2)
    if strategy == "spatial":  # j is closer than i wherever i is farther than j
        assert np.array_equal(A, transposed[[0, 2, 1]])
    elif strategy == "widely_copied":  # where i counts as farther it may be equally far
        assert np.array_equal(A[0], transposed[0])
        assert np.all(A[2] <= transposed[1])
    else:
        assert np.array_equal(A, transposed)


@given(skeletons(trees_only=True))
def test_on_a_tree_every_bone_leads_towards_the_centre_or_away(skeleton):
    root, closer, farther = partition(skeleton, "spatial")
    V = skeleton.num_joints
    assert np.array_equal(root, np.eye(V))
    assert closer.sum() == farther.sum() == V - 1
    assert closer.sum(axis=1).tolist() == [int(v != skeleton.center) for v in range(V)]  # one way to the centre


@given(skeletons(), st.integers(1, 4))
def test_max_hop_reaches_further(skeleton, max_hop):
    hops = hop_distance(skeleton)
    within = hops <= max_hop
    assert np.array_equal(partition(skeleton, "uni_labeling", max_hop=max_hop)[0], within)
    assert np.array_equal(partition(skeleton, "spatial", max_hop=max_hop).sum(axis=0), within)
    A = partition(skeleton, "distance", max_hop=max_hop)
    assert A.shape[0] == max_hop + 1
    assert all(np.array_equal(A[d], hops == d) for d in range(max_hop + 1))


@given(skeletons(), seeds)
def test_a_labelling_function_of_your_own(skeleton, seed):
    V = skeleton.num_joints
    labels = np.random.default_rng(seed).integers(0, 4, (V, V))
    A = partition(skeleton, lambda i, j: int(labels[i, j]))
    neighbour = adjacency(skeleton) + np.eye(V) > 0
    assert A.shape == (labels[neighbour].max() + 1, V, V)
    assert np.array_equal(A.sum(axis=0), neighbour)
    assert all(labels[i, j] == k for k, i, j in np.argwhere(A))  # row = root, column = neighbour


def test_a_label_may_be_a_truth_value():
    assert np.array_equal(partition(TOY, lambda root, neighbour: root != neighbour), partition(TOY, "distance"))


def test_the_labelling_function_is_asked_about_neighbours_only():
    asked = []
    partition(TOY, lambda i, j: asked.append((i, j)) or 0)
    assert sorted(asked) == [(i, j) for i, j in np.ndindex(5, 5) if i == j or 1 in (i, j)]


@given(skeletons(), st.data(), partition_names)
def test_relabelling_the_joints_permutes_the_subsets(skeleton, data, strategy):
    new = data.draw(st.permutations(range(skeleton.num_joints)))
    A = partition(relabelled(skeleton, new), strategy)
    assert np.array_equal(A[:, new][:, :, new], partition(skeleton, strategy))


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "options", "message"),
    [
        (
            "spacial",
            {},
            'there is no strategy \'spacial\'; there are "uni_labeling", "distance", "spatial", "widely_copied"',
        ),
        (None, {}, "there is no strategy None"),
        ("distance", {"max_hop": 0}, "max_hop must be an integer >= 1, got 0"),
        ("distance", {"max_hop": 1.5}, "max_hop must be an integer >= 1, got 1.5"),
        ("distance", {"distance_to_center": np.ones(5)}, "distance_to_center belongs to .* not to 'distance'"),
        ("spatial", {"distance_to_center": np.ones(4)}, r"distance_to_center must be \(5,\) finite numbers"),
        ("spatial", {"distance_to_center": np.ones((5, 1))}, r"distance_to_center must be \(5,\) finite numbers"),
        ("spatial", {"distance_to_center": [0, 1, 2, 2, np.nan]}, "distance_to_center must be .*nan"),
        (lambda i, j: -1, {}, "label of neighbour 0 of root 0 must be an integer >= 0, got -1"),
        (lambda i, j: 0.5 if j == 4 else 0, {}, "label of neighbour 4 of root 1 must be an integer >= 0, got 0.5"),
        (lambda i, j: None, {}, "must be an integer >= 0, got None"),
    ],
)
def test_a_bad_partition_is_refused(strategy, options, message):
    with pytest.raises(ValueError, match=f"partition: .*{message}"):
        partition(TOY, strategy, **options)


# --- the gravity centre ----------------------------------------------------------------------------------------------


def body(*frames):
    """A clip (1, 1, T, V, 1) of one coordinate, frame by frame."""
    return np.array(frames, dtype=float)[None, None, :, :, None]


def test_distance_to_the_gravity_centre_by_hand():
    # frame 1: joints at 1, 3, 8, centre of gravity 4, distances 3, 1, 4
    # frame 2: joints at 2, 3, 4, centre of gravity 3, distances 1, 0, 1
    assert mean_distance_to_gravity_center(body([1, 3, 8], [2, 3, 4])).tolist() == [2, 0.5, 2.5]


def test_distance_is_euclidean():
    # the centre of gravity is at (4, 5); both joints are 3 away in x and 4 in y
    clip = np.array([[1, 7], [1, 9]], dtype=float).reshape(1, 2, 1, 2, 1)
    assert mean_distance_to_gravity_center(clip).tolist() == [5, 5]


def test_absent_joints_and_persons_do_not_count():
    # frame 2: the third joint is absent, so the centre is 2.5 and the others are 0.5 away from it
    clip = body([1, 3, 8], [2, 3, 0])
    assert mean_distance_to_gravity_center(clip).tolist() == [(3 + 0.5) / 2, (1 + 0.5) / 2, 4]
    with_absent_person = np.concatenate([clip, np.zeros_like(clip)], axis=-1)
    assert mean_distance_to_gravity_center(with_absent_person).tolist() == [1.75, 0.75, 4]


def test_every_person_has_a_gravity_centre_of_its_own():
    near, far = body([1, 3, 8]), body([101, 103, 108])
    assert mean_distance_to_gravity_center(np.concatenate([near, far], axis=-1)).tolist() == [3, 1, 4]


@pytest.mark.parametrize(("name", "coordinates"), [("mocap_15", 3), ("openpose_25", 2)])
def test_sequences_give_the_same_as_their_coordinates(name, coordinates):
    sequences = load_clips(name)
    frames = sequences.frames[None].transpose(0, 4, 1, 3, 2)  # (1, C, ΣT, V, M)
    expected = mean_distance_to_gravity_center(frames[:, :coordinates])
    actual = mean_distance_to_gravity_center(sequences)
    assert isinstance(sequences, Sequences)
    np.testing.assert_allclose(actual, expected, rtol=1e-4)  # a float32 mean over ten thousand frames
    assert partition(sequences.skeleton, "spatial", distance_to_center=actual).shape[0] == 3


def test_the_measured_distance_gives_each_subset_a_meaning():
    sequences = load_clips("mocap_15")
    distance = mean_distance_to_gravity_center(sequences)
    A = partition(sequences.skeleton, "spatial", distance_to_center=distance)
    assert all(distance[j] < distance[i] for i, j in np.argwhere(A[1]))
    assert all(distance[j] > distance[i] for i, j in np.argwhere(A[2]))


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        (np.ones((2, 3, 5, 1)), r"must be \(N, C, T, V, M\), got \(2, 3, 5, 1\)"),
        (body([1, np.nan, 3]), "hold NaN or infinity"),
        (body([1, np.inf, 3]), "hold NaN or infinity"),
        (body([1, 0, 3, 0], [1, 0, 3, 0]), "joint 1, 3 is present in no frame"),
    ],
)
def test_bad_clips_are_refused(clips, message):
    with pytest.raises(ValueError, match=f"mean_distance_to_gravity_center: .*{message}"):
        mean_distance_to_gravity_center(clips)


def test_clips_are_left_as_they_were():
    clip = normal(0, 1, 2, 3, 4, 1)
    before = clip.copy()
    mean_distance_to_gravity_center(clip)
    assert np.array_equal(clip, before)
