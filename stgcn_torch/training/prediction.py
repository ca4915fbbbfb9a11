"""What predict does: clips in the order of its arguments, many at once through the network; what is said of them."""

import csv
import json
import sys
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from reference.terminal import shown
from reference.whole_files import whole_file

from ..data.formats import open_recordings, recordings_below
from ..data.parallel import read_ahead
from ..data.recordings import REFUSED, reason
from .failures import reporting
from .progress import Drawing

BEST = 5  # classes that are said
AT_ONCE = 64  # clips


class Prepared(NamedTuple):
    """A clip as the network takes it, and what to call it.

    recording  the CLIP, or what of it, that holds the clip; sequence: its number there
    title      of the set; name: of the clip in it
    left_out   persons; views (views, C, T, V, M)
    clips      the ClipSet that holds it at `place`, to be explained; else None
    """

    recording: str
    sequence: int
    title: str
    name: str
    left_out: int
    views: Any
    clips: Any


@reporting
def run_predict(options, processes):
    """Say the likeliest classes of clips, and explain them. Clips that are no good are named; True if there are."""
    from .explanation import predict_together
    from .trained_network import TrainedNetwork

    network = TrainedNetwork.load(options.weights, processes.device)
    model = network.model.fuse()
    written = 0
    with _writer(options.out, network) as write, tqdm(
        unit=" clips", disable=not sys.stderr.isatty(), leave=False, dynamic_ncols=True
    ) as bar:  # fmt: skip
        refused = _Refused()
        prepared = _prepared(network, options, refused, bar)
        explained = {}
        while batch := list(islice(prepared, 1 if options.explain else AT_ONCE)):
            predictions = predict_together(network, model, [clip.views for clip in batch])
            for clip, prediction in zip(batch, predictions, strict=True):
                write(clip, prediction)
                if options.explain:
                    _explain(network, clip, options.explain, explained, refused)
                written += 1
            bar.update(len(batch))
    if options.out:
        print(f"wrote {options.out}: {written} clips")
    if written and (note := network.note(0)):  # who is left out of a clip stands under its name
        print(note)
    return refused.count > 0


class _Refused:
    """Says what is wrong with clips, and counts them."""

    def __init__(self):
        self.count = 0

    def say(self, clip, why):
        self.count += 1
        tqdm.write(f"python -m stgcn_torch predict: {shown(clip)}: {why}", file=sys.stderr)

    @contextmanager
    def named(self, clip):
        """Goes on after what is wrong with a clip."""
        try:
            yield
        except REFUSED as error:
            self.say(clip, reason(error))


def _prepared(network, options, refused, bar):
    """The Prepared of every sequence that a CLIP names."""
    found = list(_recordings(network, options))
    bar.total = len(found)
    for (said, which, title, _), load in zip(found, read_ahead(load for *_, load in found), strict=True):
        with refused.named(said):  # of a folder of recordings one may be no good
            sequences = load()
            chosen = _chosen(sequences, which)
            bar.total += len(chosen) - 1
            rows = np.array([[s, 0, sequences.offset[s + 1] - sequences.offset[s]] for s in chosen])
            clips = network.clips(title, sequences, rows, labelled=False)
            for place, views in _views(clips, partial(refused.named, said)):
                one = options.explain and network.clips(title, sequences, rows[place : place + 1], labelled=False)
                name, left_out = clips.name(place), clips.left_out(place)
                yield Prepared(title, chosen[place], sequences.title, name, left_out, views, one)


def _views(clips, named):
    """(place, all views) of every clip of a ClipSet that is good: one sequence of a set may not be, and the next is."""
    for start in range(0, len(clips), AT_ONCE):
        places = range(start, min(start + AT_ONCE, len(clips)))
        try:
            good = list(zip(places, clips.views(places), strict=True))
        except REFUSED:  # one by one, to name those that are no good
            good = []
            for place in places:
                with named():
                    good.append((place, clips[0, place][0]))
        yield from good  # outside of the try: what is wrong with the answers is no fault of the clips


def _recordings(network, options):
    """For every recording that a CLIP names: what a complaint calls it, which sequence, its source, what loads it."""
    given = {name: value for name in options.raw_options if (value := getattr(options, name)) is not None}
    for argument in options.clips:
        # A "#" may also be part of a file's name.
        source, _, which = (argument, "", "") if Path(argument).exists() else argument.partition("#")
        below = Path(source).is_dir() and not options.format
        for path in map(str, recordings_below(source)) if below else [source]:
            said = argument if path == source else path
            try:
                for title, load in open_recordings(path, options.format, network.published, **given):
                    yield said if title == path else title, which, title, load
            except REFUSED as error:  # said in the order of the arguments
                yield said, which, path, partial(_raise, error)


def _raise(error):
    raise error


def _chosen(sequences, which):
    if not which:
        return range(len(sequences))
    if which.isdecimal() and (sequences.name is None or which not in sequences.name):
        if int(which) >= len(sequences):
            raise ValueError(f"{sequences.title} has {len(sequences)} sequences, so there is no sequence {which}")
        return [int(which)]
    return [sequences.find(which)]


def _explain(network, clip, folder, explained, refused):
    """Write and draw the explanation of a clip, unless there is one of another clip: explained, {path: clip}."""
    from .explanation import explain, write_explanation

    path = Path(folder) / f"{clip.title[:80]}_{clip.sequence}.npz"
    before = explained.setdefault(path, clip[:2])
    if before == clip[:2]:
        write_explanation(path, explain(network, clip.clips), clip.clips.sequences, network.settings["channels"])
        Drawing("activation", path, path.with_suffix(".svg")).finish()
    else:
        why = f"{path} explains a clip of {before[0]}: have this one explained in another folder"
        refused.say(clip.recording, why)


@contextmanager
def _writer(path, network):
    """A function (Prepared, Prediction) that prints, or writes to the file of that name, whole or not at all."""
    if not path:
        yield partial(_print, network)
        return
    kinds = {".csv": _as_csv, ".jsonl": _as_json, ".txt": _as_table}
    kind = kinds.get(Path(path).suffix)
    if not kind:
        raise ValueError(f"--out must end in {', '.join(kinds)}, got {path}")
    utf8 = {"encoding": "utf-8", "errors": "backslashreplace"}  # a name may hold half of a surrogate pair
    with whole_file(path) as unfinished, unfinished.open("w", newline="", **utf8) as file:
        yield kind(file, network)


def _print(network, clip, prediction):
    tqdm.write(f"{shown(clip.title)}, {shown(clip.name)}:", file=sys.stdout)
    if clip.left_out:
        of = clip.left_out + network.persons
        tqdm.write(f"  {clip.left_out} of its {of} persons left out, those that move least", file=sys.stdout)
    for name, probability in prediction.best(BEST):
        tqdm.write(f"  {probability:6.1%}  {shown(name)}", file=sys.stdout)


def _as_csv(file, network):
    best = range(1, min(BEST, len(network.class_names)) + 1)
    table = csv.writer(file, lineterminator="\n")
    columns = [f"{what}_{k}" for k in best for what in ("class", "probability")]
    table.writerow(["recording", "sequence", "name", *columns])

    def write(clip, prediction):
        cells = [cell for name, probability in prediction.best(BEST) for cell in (name, f"{probability:.6f}")]
        table.writerow([clip.recording, clip.sequence, clip.name, *cells])

    return write


def _as_json(file, network):
    def write(clip, prediction):
        best = [{"class": name, "probability": round(probability, 6)} for name, probability in prediction.best(BEST)]
        entries = {"recording": clip.recording, "sequence": clip.sequence, "name": clip.name, "best": best}
        file.write(json.dumps(entries) + "\n")

    return write


def _as_table(file, network):
    width = max(map(len, network.class_names))

    def write(clip, prediction):
        ((name, probability),) = prediction.best(1)
        file.write(shown(f"{probability:6.1%}  {name:{width}}  {clip.recording}, {clip.name}") + "\n")

    return write
