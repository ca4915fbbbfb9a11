"""What is in a sequence set of any size: python -m stgcn_torch data info SET."""

import sys
import tempfile
import tokenize
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from reference import load_clips
from reference.input_files import check_npz
from reference.sequences import MEMBERS
from reference.terminal import shown

from .conversion import counted
from .recordings import REFUSED


def add_info(actions):
    """Add `info` to an argparse subparsers object."""
    parser = actions.add_parser(
        "info",
        help="say what is in a sequence set",
        description="Print the classes, counts, lengths, subjects, splits and missing values of a sequence set. Exit"
        " status 1 if it is none, or holds a NaN.",
    )
    parser.add_argument("set", metavar="SET", help="an .npz, a folder of .npy, or the name of an embedded set")
    parser.set_defaults(run=_run)


def _run(options):
    """Its exit status."""
    try:
        return 0 if info(options.set) else 1
    except REFUSED as error:
        print(f"data info: {error}", file=sys.stderr)
        return 1


def info(name_or_path):
    """Print what a set holds. True if every number in it is finite.

    Memory holds one sequence at a time. Raises what load_clips raises for a set that is none.
    """
    with open_set(name_or_path) as sequences:
        with counted(range(len(sequences)), "reading") as bar:
            lacking = [_lacking(np.array(sequences.frames[slice(*sequences.offset[s : s + 2])])) for s in bar]
        for line in [*_shape(sequences), *_classes(sequences), *_people(sequences), *_missing(sequences, lacking)]:
            print(line)
    print(f"a film strip for each class: python -m figures strips {name_or_path} OUTDIR")
    return not any(counts[0] for counts, *_ in lacking)


@contextmanager
def open_set(name_or_path):
    """`with open_set(path) as sequences:` Sequences as load_clips gives them, but memory-mapped whatever the kind.

    An .npz is unpacked into a temporary folder that is removed in the end. Raises what load_clips
    raises, but for a NaN: frames that are memory-mapped are not looked at.
    """
    path = Path(name_or_path)
    if path.suffix != ".npz" or not path.is_file():
        yield load_clips(name_or_path)
        return
    with tempfile.TemporaryDirectory(prefix="sequences.", ignore_cleanup_errors=True) as folder:
        unpacked = Path(folder) / path.stem
        unpacked.mkdir()
        try:
            check_npz(path, MEMBERS)
            with zipfile.ZipFile(path) as archive:
                for file in {f"{member}.npy" for member in MEMBERS} & set(archive.namelist()):
                    archive.extract(file, unpacked)  # a little at a time
        # All that NumPy and zipfile raise on other bytes.
        except (
            zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, SyntaxError, tokenize.TokenError,
            OverflowError, TypeError,
        ) as error:  # fmt: skip
            raise ValueError(f"{path} is not a whole .npz: {error}") from None
        try:
            sequences = load_clips(unpacked)
        except ValueError as error:
            raise ValueError(str(error).replace(str(unpacked), str(path))) from None
        yield sequences


def _lacking(frames):
    """What frames (T, M, V, C) lack: how many numbers are not finite, how many frames hold nobody, how many persons are
    ever there; how many joints these have, and how many of them are zeros; least and greatest place, (C,) each."""
    finite = np.isfinite(frames)
    detected = frames.any(axis=3)  # (T, M, V)
    bodies = detected.any(axis=2)  # (T, M)
    seen = frames[detected & finite.all(axis=3)]  # (joints, C)
    empty, persons = (~bodies.any(axis=1)).sum(), bodies.any(axis=0).sum()
    joints, undetected = detected[bodies].size, (~detected[bodies]).sum()
    places = seen.min(axis=0, initial=np.inf), seen.max(axis=0, initial=-np.inf)
    return [(~finite).sum(), empty, persons, joints, undetected], *places


def _shape(sequences):
    lengths = np.diff(sequences.offset)
    M, V, C = sequences.frames.shape[1:]
    yield f"{sequences.title}: {len(sequences)} sequences of {len(sequences.class_names)} classes"
    yield (
        f"frames   {lengths.sum()} in all; {lengths.min()} to {lengths.max()} a sequence, median"
        f" {np.median(lengths):g}; {float(sequences.fps):g} a second"
    )
    yield f"bodies   M = {M} persons, V = {V} joints, C = {C} channels ({_listed(sequences.channels)})"
    center = shown(sequences.joint_names[int(sequences.center)])
    yield f"         centre: {center}; joints: {_listed(sequences.joint_names)}"


def _listed(names):
    return ", ".join(map(shown, names))


def _classes(sequences):
    counts = np.bincount(sequences.label, minlength=len(sequences.class_names))
    lengths = np.diff(sequences.offset)
    names = [shown(name) for name in sequences.class_names]
    width = max(5, *map(len, names))
    yield f"{'label':>7}  {'class':{width}} {'sequences':>9}  frames (least, median, most)"
    for label in np.flatnonzero(counts):
        own = lengths[sequences.label == label]
        frames = f"{own.min()}, {np.median(own):g}, {own.max()}"
        yield f"{label:7}  {names[label]:{width}} {counts[label]:9}  {frames}"
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
        return
    for number, column in enumerate(sequences.split.T):
        train, test = (column == 1).sum(), (column == 2).sum()
        neither = f", {len(column) - train - test} neither" if train + test < len(column) else ""
        yield f"split {number}  {train} train, {test} test{neither}"


def _missing(sequences, lacking):
    counts, least, greatest = (np.array(part) for part in zip(*lacking, strict=True))
    not_finite, empty, persons, joints, undetected = counts.T
    yield (
        f"missing  {empty.sum()} of {len(sequences.frames)} frames hold nobody, in {(empty > 0).sum()} sequences;"
        f" {undetected.sum()} of {joints.sum()} joints of the bodies are not detected"
    )
    yield f"         {(persons > 1).sum()} sequences have more than one person"
    if joints.any() and np.isfinite(least.min()):
        ranges = zip(sequences.channels, least.min(axis=0), greatest.max(axis=0), strict=True)
        yield f"values   {'; '.join(f'{shown(channel)} {low:.4g} to {high:.4g}' for channel, low, high in ranges)}"
    broken = np.flatnonzero(not_finite)
    if len(broken):
        names = sequences.name if sequences.name is not None else np.arange(len(sequences)).astype(str)
        more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
        yield f"         {not_finite.sum()} numbers are NaN or infinite: in {_listed(names[broken[:5]])}{more}"
