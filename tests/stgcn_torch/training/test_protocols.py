"""Every protocol: nothing trains and tests at once, and what is missing is said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sets import small_set

from reference import load_clips
from stgcn_torch.training.protocols import folds, usual_protocol

SET = small_set()


def frames_of(rows):
    return {(int(s), t) for s, start, stop in rows for t in range(start, stop)}


def test_cross_subject_follows_the_list():
    (fold,) = folds(SET, "cross-subject", subjects=[1, 3])
    assert set(SET.subject[fold.train[:, 0]]) == {1, 3}
    assert set(SET.subject[fold.test[:, 0]]) == {2}
    assert len(fold.train) + len(fold.test) == len(SET)
    np.testing.assert_array_equal(fold.train[:, 2], np.diff(SET.offset)[fold.train[:, 0]])


def test_leave_one_subject_out_tests_everybody_once():
    each = folds(SET, "leave-one-subject-out")
    assert [fold.name for fold in each] == ["subject_1", "subject_2", "subject_3"]
    assert sorted(np.concatenate([fold.test[:, 0] for fold in each])) == list(range(len(SET)))
    for fold in each:
        assert not set(SET.subject[fold.train[:, 0]]) & set(SET.subject[fold.test[:, 0]])


def test_leave_one_subject_out_among_those_who_are_named():
    each = folds(SET, "leave-one-subject-out", subjects=[1, 3])
    assert [fold.name for fold in each] == ["subject_1", "subject_3"]
    assert set(SET.subject[each[0].train[:, 0]]) == {3}
    assert set(SET.subject[each[0].test[:, 0]]) == {1}
    assert all(2 not in SET.subject[np.concatenate([fold.train, fold.test])[:, 0]] for fold in each)


def test_subjects_are_dealt_into_groups():
    each = folds(SET, "subject-folds", groups=2)
    assert [fold.name for fold in each] == ["subject_1_3", "subject_2"]
    assert set(SET.subject[each[0].test[:, 0]]) == set(SET.subject[each[1].train[:, 0]]) == {1, 3}
    assert set(SET.subject[each[0].train[:, 0]]) == set(SET.subject[each[1].test[:, 0]]) == {2}
    (one, other) = folds(SET, "subject-folds", groups=2, subjects=[3, 2])
    assert set(SET.subject[one.test[:, 0]]) == set(SET.subject[other.train[:, 0]]) == {2}


@given(st.integers(0, 10_000), st.floats(0.05, 0.95), st.integers(2, 9))
def test_random_takes_its_share_of_every_class_and_repeats(seed, share, per_class):
    sequences = small_set(per_class)
    if round(share * per_class) == 0:
        with pytest.raises(ValueError, match="leaves no sequence to test"):
            folds(sequences, "random", share=share)
        return
    (fold,), (again,) = (folds(sequences, "random", share=share, seed=seed) for _ in range(2))
    np.testing.assert_array_equal(fold.test, again.test)
    tested = np.bincount(sequences.label[fold.test[:, 0]], minlength=3)
    assert set(tested) == {min(round(share * per_class), per_class - 1)}
    assert not set(fold.train[:, 0]) & set(fold.test[:, 0])


@given(st.integers(2, 40), st.floats(0.1, 0.9))
def test_windows_in_time_share_no_frame(window, share):
    (fold,) = folds(SET, "time", share=share, window=window)
    assert not frames_of(fold.train) & frames_of(fold.test)
    assert set(fold.train[:, 0]) == set(fold.test[:, 0]) == set(range(len(SET)))
    for rows in (fold.train, fold.test):
        assert np.all((rows[:, 1] < rows[:, 2]) & (rows[:, 2] - rows[:, 1] <= window))


def test_the_sets_own_split_by_column():
    split = np.ones((len(SET), 2), dtype=np.int8)
    split[:5, 1] = 2
    split[5, 1] = 0  # in neither
    sequences = small_set(split=split)
    (fold,) = folds(sequences, "split", column=1)
    assert fold.test[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert fold.train[:, 0].tolist() == list(range(6, len(SET)))
    assert usual_protocol(sequences) == "split"
    with pytest.raises(ValueError, match="protocol split leaves no sequence to test"):
        folds(sequences, "split")
    with pytest.raises(ValueError, match="has 2 splits, so there is no split 2"):
        folds(sequences, "split", column=2)


def test_the_usual_protocol_without_a_split():
    assert usual_protocol(SET) == "random"
    assert usual_protocol(load_clips("mocap_15")) == "time"


@pytest.mark.parametrize(
    ("protocol", "settings", "message"),
    [
        ("xsub", {}, "protocol must be one of split, cross-subject, .*, got 'xsub'"),
        ("split", {}, "small has no split of its own"),
        ("cross-subject", {}, r"name the subjects that train, of \[1, 2, 3\]"),
        ("cross-subject", {"subjects": [7]}, r"small has no subject 7; it has \[1, 2, 3\]"),
        ("cross-subject", {"subjects": [1, 2, 3]}, "leaves no sequence to test"),
        ("subject-folds", {"groups": 4}, "subject-folds: 3 subjects cannot be dealt into 4 groups"),
        ("leave-one-subject-out", {"subjects": [2]}, "1 subjects cannot be dealt into 1 groups"),
        ("random", {"share": 1}, "the share that tests must be between 0 and 1, got 1"),
    ],
)
def test_what_is_not_possible_is_said(protocol, settings, message):
    with pytest.raises(ValueError, match=message):
        folds(SET, protocol, **settings)
    with pytest.raises(ValueError, match="does not say who its subjects are"):
        folds(small_set(subject=None), "leave-one-subject-out")


def test_all_trains_and_tests_on_everything_in_windows():
    (fold,) = folds(SET, "all", window=6)
    np.testing.assert_array_equal(fold.train, fold.test)
    lengths = np.diff(SET.offset).tolist()
    for s, T in enumerate(lengths):
        rows = fold.train[fold.train[:, 0] == s]
        assert rows[:, 1].tolist() == list(range(0, max(0, T - 6) + 1, 3))
        assert (rows[:, 2] - rows[:, 1] == min(6, T)).all()
    (whole,) = folds(SET, "all", window=1000)
    assert whole.train.tolist() == [[s, 0, T] for s, T in enumerate(lengths)]
