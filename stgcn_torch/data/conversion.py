"""A data set of another format as a sequence set: python -m stgcn_torch data convert --format FORMAT IN OUT."""

import signal
import sys
from collections import Counter
from pathlib import Path

from reference.terminal import shown

from .formats import FORMATS, option_arguments
from .recordings import REFUSED, reason
from .writing import written_set

_OPTIONS = option_arguments(FORMATS.values())


def add_convert(actions):
    """Add `convert` to an argparse subparsers object, with the options of all formats."""
    parser = actions.add_parser(
        "convert",
        help="write a data set of another format as a sequence set",
        description="Read IN, and write it as the sequence set OUT: one .npz if OUT ends so, else a folder of .npy"
        " files, which is memory-mapped when it is used. A file that cannot be read is named and counted, and makes the"
        " exit status 1; the others are converted.",
    )
    parser.add_argument("--format", required=True, choices=FORMATS, help="what IN is")
    for name, words in _OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", **words)
    parser.add_argument("--strict", action="store_true", help="stop at the first bad file, and write nothing")
    parser.add_argument("source", metavar="IN", help="; ".join(f"{f.name}: {f.help}" for f in FORMATS.values()))
    parser.add_argument("destination", metavar="OUT")
    parser.set_defaults(run=_run)


def _run(options):
    """Its exit status. A polite kill ends it as Ctrl-C does, so that what is unfinished is removed."""
    before = signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        chosen = FORMATS[options.format]
        given = {name: value for name in _OPTIONS if (value := getattr(options, name)) is not None}
        if foreign := sorted(set(given) - set(chosen.options)):
            raise ValueError(f"--format {chosen.name} has no --{foreign[0].replace('_', '-')}")
        source = _opened(chosen, options.source, given)
        for note in source.notes:
            print(note)
        refused = convert(source, options.destination, options.strict)
    except REFUSED as error:
        print(f"data convert: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("data convert: interrupted; nothing is written", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
    if refused:
        print(f"{refused} of {len(source.entries)} were refused: see above", file=sys.stderr)
    return 1 if refused else 0


def _opened(chosen, place, given):
    """The Source of a Format. What is wrong ends with the formats that the content looks like, if others do."""
    try:
        return chosen.open(place, **given)
    except (ValueError, FileNotFoundError) as error:
        by_content = [found for found in FORMATS.values() if found.clips and Path(place).exists()]
        likely = [found.name for found in by_content if found.clips.recognise(Path(place))]
        if not likely or chosen.name in likely:
            raise
        raise ValueError(f"{error}; it looks like --format {' or '.join(likely)}") from None


def convert(source, path, strict=False):
    """Write a Source as the set at `path`: an .npz if its name ends so, else a folder of .npy. The number refused.

    An entry that cannot be read is named on stderr with the reason and counted; what was tolerated is counted and
    printed in the end. Raises ValueError for the first entry that cannot be read if `strict`, and if none at all can;
    then, and when interrupted, nothing is written.
    """
    refused, tolerated, having = 0, Counter(), Counter()
    with written_set(path, source) as writer, counted(source.entries, "converting") as bar:
        say = bar.write if sys.stderr.isatty() else print  # the former leaves the bar whole
        for entry, title in enumerate(bar):
            try:
                recording = source.read(entry)
                writer.check(recording)
            except REFUSED as error:
                why = reason(error)
                if strict:
                    raise ValueError(f"{title}: {why}") from error
                refused += 1
                say(f"{shown(title)}: {why}", file=sys.stderr)
            else:
                writer.append(recording)  # outside of the try: a full disk is no fault of the file
                tolerated.update(recording.notes)
                having.update(recording.notes.keys())
        if not writer.lengths:
            raise ValueError(f"none of the {len(source.entries)} entries can be converted; nothing is written")
    for note, count in tolerated.items():
        print(f"{note}: {count}, in {having[note]} of {len(writer.lengths)} sequences")
    print(f"wrote {path}: {len(writer.lengths)} sequences, {sum(writer.lengths)} frames")
    return refused


def counted(items, title):
    """The items one by one, counted on stderr: `with counted(items, "reading") as bar: for item in bar: ...`.

    On a terminal a bar is overwritten in place; elsewhere, as in a log, there is a new line every ten seconds.
    """
    from tqdm import tqdm  # here: see training/progress.py

    log = {"mininterval": 10, "delay": 10, "bar_format": "{l_bar}{bar:20}{r_bar}\n"}
    return tqdm(items, title, leave=False, **({"dynamic_ncols": True} if sys.stderr.isatty() else log))
