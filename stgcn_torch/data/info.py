"""What is in a sequence set: python -m stgcn_torch data info SET."""

from dataclasses import dataclass, field

import numpy as np

from .opening import open_set
from .progress import Progress

_SIDES = {1: "train", 2: "test"}


@dataclass
class Missing:
    """What a set's frames lack, and between which values they lie; `add` looks at one sequence after another.

    bodies   over how many frames times persons, and how many of them hold nobody
    frames   how many of them hold nobody at all; `sequences` in which there are such
    joints   of the bodies that are there, how many joints, and how many of them are zeros
    values   how many numbers are NaN or infinite; `broken`, the first few sequences with such
    """

    frames: int = 0
    empty_frames: int = 0
    with_empty: int = 0
    joints: int = 0
    undetected: int = 0
    several: int = 0
    values: int = 0
    broken: list = field(default_factory=list)
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def add(self, s, frames):
        """Look at sequence s, frames (T, M, V, C)."""
        finite = np.isfinite(frames)
        if not finite.all():
            self.values += int((~finite).sum())
            self.broken.append(s)
        detected = frames.any(axis=3)  # (T, M, V)
        bodies = detected.any(axis=2)  # (T, M)
        empty = int((~bodies.any(axis=1)).sum())
        self.frames += len(frames)
        self.empty_frames += empty
        self.with_empty += empty > 0
        self.several += bool((bodies.any(axis=0).sum()) > 1)
        self.joints += int(bodies.sum()) * frames.shape[2]
        self.undetected += int((~detected[bodies]).sum())
        seen = frames[detected & finite.all(axis=3)]  # (joints, C)
        if len(seen):
            low, high = seen.min(axis=0), seen.max(axis=0)
            self.low = low if self.low is None else np.minimum(self.low, low)
            self.high = high if self.high is None else np.maximum(self.high, high)


def info(name_or_path):
    """Print what a set holds. True if every number in it is finite.

    Memory holds one sequence at a time. Raises what load_clips raises for a set that is none.
    """
    with open_set(name_or_path) as sequences:
        missing = Missing()
        with Progress("reading", len(sequences)) as progress:
            for s in range(len(sequences)):
                missing.add(s, np.array(sequences.frames[sequences.offset[s] : sequences.offset[s + 1]]))
                progress.step()
        for line in [*_shape(sequences), *_classes(sequences), *_people(sequences), *_missing(sequences, missing)]:
            print(line)
    print(f"a film strip for each class: python -m figures strips {name_or_path} OUTDIR")
    return missing.values == 0


def _shape(sequences):
    lengths = np.diff(sequences.offset)
    M, V, C = sequences.frames.shape[1:]
    yield f"{sequences.title}: {len(sequences)} sequences of {len(sequences.class_names)} classes"
    yield (
        f"frames   {lengths.sum()} in all; {lengths.min()} to {lengths.max()} a sequence, median"
        f" {np.median(lengths):g}; {float(sequences.fps):g} a second"
    )
    yield f"bodies   M = {M} persons, V = {V} joints, C = {C} channels ({', '.join(sequences.channels)})"
    yield f"         centre: {sequences.joint_names[int(sequences.center)]}; joints: {', '.join(sequences.joint_names)}"


def _classes(sequences):
    counts = np.bincount(sequences.label, minlength=len(sequences.class_names))
    lengths = np.diff(sequences.offset)
    width = max(5, *(len(name) for name in sequences.class_names))
    yield f"{'label':>7}  {'class':{width}} {'sequences':>9}  frames (least, median, most)"
    for label in np.flatnonzero(counts):
        own = lengths[sequences.label == label]
        frames = f"{own.min()}, {np.median(own):g}, {own.max()}"
        yield f"{label:7}  {sequences.class_names[label]:{width}} {counts[label]:9}  {frames}"
    without = int((counts == 0).sum())
    if without:
        yield f"         {without} of {len(counts)} classes have no sequence"


def _people(sequences):
    for title, numbers in (("subjects", sequences.subject), ("cameras", sequences.camera)):
        if numbers is None:
            yield f"{title:8} not known"
        else:
            values, counts = np.unique(numbers, return_counts=True)
            listed = ", ".join(f"{value} ({count})" for value, count in zip(values, counts, strict=True))
            yield f"{title:8} {len(values)}, with their sequences: {listed}"
    if sequences.split is None:
        yield "splits   none"
    else:
        for column in range(sequences.split.shape[1]):
            counts = [f"{int((sequences.split[:, column] == k).sum())} {side}" for k, side in _SIDES.items()]
            neither = int((~np.isin(sequences.split[:, column], list(_SIDES))).sum())
            yield f"split {column}  {', '.join(counts)}" + (f", {neither} neither" if neither else "")


def _missing(sequences, missing):
    yield (
        f"missing  {missing.empty_frames} of {missing.frames} frames hold nobody, in {missing.with_empty} sequences;"
        f" {missing.undetected} of {missing.joints} joints of the bodies are not detected"
    )
    yield f"         {missing.several} sequences have more than one person"
    if missing.low is not None:
        ranges = zip(sequences.channels, missing.low, missing.high, strict=True)
        yield f"values   {'; '.join(f'{channel} {low:.4g} to {high:.4g}' for channel, low, high in ranges)}"
    if missing.values:
        names = sequences.name if sequences.name is not None else np.arange(len(sequences)).astype(str)
        listed = ", ".join(names[s] for s in missing.broken[:5])
        more = f" and {len(missing.broken) - 5} more" if len(missing.broken) > 5 else ""
        yield f"         {missing.values} numbers are NaN or infinite: in {listed}{more}"
