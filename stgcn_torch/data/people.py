"""Who is who from frame to frame, and which two people of a clip are kept."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from .reading import largest_two, movement_of

# A person found again is the same one if the joints seen both times have moved, on average, less than this share of the
# body's size, and half as much more for each frame in between, up to the whole of it.
_REACH, _PER_FRAME = 0.5, 0.03
_FORBIDDEN = 1e9  # more than any distance in a picture


class Person(NamedTuple):
    """A person in a frame.

    joints  (V, 3): x and y in pixels, score; what was not detected is zeros
    track   the number by which a tracker knows the person, or None
    """

    joints: np.ndarray
    track: int | None = None


def two_people(frames):
    """The two people of a clip who move most, the one who moves most first: (T, 2, V, 3), zeros where one is absent.

    frames  {number of the frame: [Person, ...]}, of which at least one has somebody; T is from the lowest number to the
            highest

    People are told apart by their tracks if all have one, else by the smallest sum of distances between the frames:
    SciPy's linear_sum_assignment. Raises ValueError, with the frame, if a track is there twice in it.
    """
    first = min(frames)
    tracks = _by_number(frames) or _by_distance(frames)
    moved = [movement_of(np.stack(list(track.values()))[..., :2]) for track in tracks]
    V = len(next(iter(tracks[0].values())))
    clip = np.zeros((max(frames) - first + 1, 2, V, 3))
    for m, track in enumerate(largest_two(tracks, moved)):
        clip[[number - first for number in track], m] = list(track.values())
    return clip


def _by_number(frames):
    """A list of {frame: joints}, one for each track; None if somebody has none."""
    numbers = {person.track for people in frames.values() for person in people}
    crowded = any(len(people) > 1 for people in frames.values())
    if None in numbers or (crowded and numbers == {0}):  # AlphaPose without its tracker calls everybody 0
        return None
    tracks = {}
    for number, people in frames.items():
        track, times = Counter(person.track for person in people).most_common(1)[0] if people else (None, 0)
        if times > 1:
            raise ValueError(f"frame {number} has the track {track} twice")
        for person in people:
            tracks.setdefault(person.track, {})[number] = person.joints
    return list(tracks.values())


def _by_distance(frames):
    """A list of {frame: joints}, one for each person that is followed."""
    from scipy.optimize import linear_sum_assignment  # here: it takes a third of a second, and few commands need it

    tracks = []
    for number in sorted(frames):
        people = np.array([person.joints for person in frames[number]])
        if not len(people):
            continue
        matched = {}
        if tracks:
            last = np.array([next(reversed(track.values())) for track in tracks])
            gaps = np.array([number - next(reversed(track)) for track in tracks])
            distance, size = _distances(last, people)  # (tracks, people) each
            reach = np.minimum(_REACH + _PER_FRAME * (gaps - 1), 1)[:, None] * size
            rows, columns = linear_sum_assignment(np.where(distance <= reach, distance, _FORBIDDEN))
            matched = {p: i for i, p in zip(rows, columns, strict=True) if distance[i, p] <= reach[i, p]}
        for p, joints in enumerate(people):
            if p in matched:
                tracks[matched[p]][number] = joints
            else:
                tracks.append({number: joints})
    return tracks


def _distances(ones, others):
    """Between all of `ones` (A, V, 3) and `others` (B, V, 3): the mean distance of the joints that both have, of their
    middles if they share none, and the larger of the two sizes: (A, B) each."""
    seen, there = ones.any(axis=2), others.any(axis=2)
    both = seen[:, None] & there  # (A, B, V)
    apart = np.linalg.norm(ones[:, None, :, :2] - others[:, :, :2], axis=3)
    middles = np.linalg.norm(_middle(ones, seen)[:, None] - _middle(others, there), axis=2)
    shared = both.sum(axis=2)
    distance = np.where(shared, (apart * both).sum(axis=2) / np.maximum(shared, 1), middles)
    return distance, np.maximum(_size(ones, seen)[:, None], _size(others, there))


def _middle(people, seen):
    return (people[..., :2] * seen[..., None]).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)[:, None]


def _size(people, seen):
    """The diagonal of the box around each person's joints."""
    places, seen = people[..., :2], seen[..., None]
    low, high = np.where(seen, places, np.inf).min(axis=1), np.where(seen, places, -np.inf).max(axis=1)
    return np.linalg.norm(high - low, axis=1)
