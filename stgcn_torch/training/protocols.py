"""Which sequences train and which test.

split                  the set's own: column `split` of it, 1 = train and 2 = test
cross-subject          the subjects that are named train, all others test
leave-one-subject-out  as many folds as subjects: each subject tests once, the others train. With subjects named, only
                       these take part: a choice of recipe made so has not seen the people of the final test
subject-folds          the same in fewer folds: the subjects are dealt into groups (3 groups of 1 3 5 7 9: 1 7, 3 9, 5)
random                 a share of every class tests, drawn with a seed. People who train are people who test, so its
                       accuracy says little about new people
time                   the first part of every sequence trains, the last part tests, both cut into windows: for
                       sets with one recording of each class. It says nothing about another recording
all                    every sequence trains, cut into windows as for `time`, and the same windows test: for a network
                       that is given to others, where nothing is left out of its training
"""

from typing import NamedTuple

import numpy as np

PROTOCOLS = ("split", "cross-subject", "leave-one-subject-out", "subject-folds", "random", "time", "all")


class Fold(NamedTuple):
    """What trains and what tests: rows of (sequence, first frame, frame after the last)."""

    name: str
    train: np.ndarray
    test: np.ndarray


def folds(sequences, protocol, *, column=0, subjects=(), groups=3, share=0.3, seed=0, window=32):
    """The folds of a protocol: one, or one for each subject.

    sequences  Sequences
    column     "split": which column of the set's `split`
    subjects   "cross-subject": those who train; in folds by subject: those who take part, unless named all
    groups     "subject-folds": how many
    share      "random" and "time": of every class, or of every sequence, that tests
    seed       "random": of the draw
    window     "time" and "all": frames of a window. Windows overlap by half; under "time" none has frames of both parts

    Raises ValueError if the set lacks what the protocol needs, and if nothing would train or test.
    """
    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol must be one of {', '.join(PROTOCOLS)}, got {protocol!r}")
    if not 0 < share < 1:
        raise ValueError(f"the share that tests must be between 0 and 1, got {share}")
    if protocol == "time":
        return [_in_time(sequences, share, window)]
    if protocol == "all":
        every = _rows(
            row for s, T in enumerate(np.diff(sequences.offset).tolist()) for row in _windows(s, 0, T, window)
        )
        return [_checked(sequences, Fold("all", every, every))]
    if protocol == "split":
        train, test = _own_split(sequences, column)
        chosen = [("split", train, test)]
    elif protocol == "random":
        test = _random_test(sequences, share, seed)
        chosen = [("random", ~test, test)]
    else:
        of = _subjects(sequences, protocol)
        subjects = _known_subjects(sequences, of, subjects)
        if protocol == "cross-subject":
            if not subjects:
                raise ValueError(f"cross-subject: name the subjects that train, of {np.unique(of).tolist()}")
            train = np.isin(of, subjects)
            chosen = [("cross-subject", train, ~train)]
        else:
            subjects = sorted(set(subjects)) or np.unique(of).tolist()
            groups = len(subjects) if protocol == "leave-one-subject-out" else groups
            if not 2 <= groups <= len(subjects):
                raise ValueError(f"{protocol}: {len(subjects)} subjects cannot be dealt into {groups} groups")
            chosen = [
                (
                    "_".join(["subject", *map(str, tested)]),
                    np.isin(of, list(set(subjects) - set(tested))),
                    np.isin(of, tested),
                )
                for tested in (subjects[first::groups] for first in range(groups))
            ]
    return [_checked(sequences, Fold(name, _whole(sequences, a), _whole(sequences, b))) for name, a, b in chosen]


def usual_protocol(sequences):
    """The protocol where none is named: the set's own split, else random, else, with one sequence a class, time."""
    if sequences.split is not None:
        return "split"
    return "random" if np.bincount(sequences.label).max() > 1 else "time"


def classes_without(sequences, rows):
    """The names of the classes of a set that no row (sequence, start, stop) is of: they are never learnt."""
    counts = np.bincount(sequences.label[rows[:, 0]], minlength=len(sequences.class_names))
    return sequences.class_names[counts == 0].tolist()


def _whole(sequences, chosen):
    s = np.flatnonzero(chosen)
    return np.stack([s, np.zeros_like(s), np.diff(sequences.offset)[s]], axis=1)


def _own_split(sequences, column):
    if sequences.split is None:
        raise ValueError(f"{sequences.title} has no split of its own; name another protocol")
    if not 0 <= column < sequences.split.shape[1]:
        raise ValueError(f"{sequences.title} has {sequences.split.shape[1]} splits, so there is no split {column}")
    return sequences.split[:, column] == 1, sequences.split[:, column] == 2


def _subjects(sequences, protocol):
    if sequences.subject is None:
        raise ValueError(f"{sequences.title} does not say who its subjects are, so {protocol} is not possible")
    return sequences.subject


def _known_subjects(sequences, of, subjects):
    known = np.unique(of).tolist()
    for subject in subjects:
        if subject not in known:
            raise ValueError(f"{sequences.title} has no subject {subject}; it has {known}")
    return list(subjects)


def _random_test(sequences, share, seed):
    """Which sequences test: of every class the share, rounded, but at least one trains."""
    rng = np.random.default_rng(seed)
    test = np.zeros(len(sequences), dtype=bool)
    for label in np.unique(sequences.label):
        of_class = rng.permutation(np.flatnonzero(sequences.label == label))
        test[of_class[: min(round(share * len(of_class)), len(of_class) - 1)]] = True
    return test


def _in_time(sequences, share, window):
    train, test = [], []
    for s, T in enumerate(np.diff(sequences.offset).tolist()):
        border = max(1, min(T - 1, round((1 - share) * T)))
        train += _windows(s, 0, border, window)
        test += _windows(s, border, T, window)
    return _checked(sequences, Fold("time", _rows(train), _rows(test)))


def _windows(s, start, stop, window):
    """Rows of a stretch of a sequence, overlapping by half."""
    starts = range(start, max(start, stop - window) + 1, max(1, window // 2))
    return [(s, first, min(first + window, stop)) for first in starts if first < stop]


def _rows(rows):
    return np.array(list(rows), dtype=np.int64).reshape(-1, 3)


def _checked(sequences, fold):
    for part in ("train", "test"):
        if not len(getattr(fold, part)):
            raise ValueError(f"{sequences.title}: protocol {fold.name} leaves no sequence to {part}")
    return fold
