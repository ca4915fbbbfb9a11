"""The command line of this package: data convert, and data info."""

import sys

from .convert import REFUSED, convert
from .formats import FORMATS, open_source
from .info import info


def add_data_commands(commands):
    """Add `data` with its two subcommands to an argparse subparsers object; `options.run(options)` runs them."""
    data = commands.add_parser("data", help="turn data sets into sequence sets, and look into them")
    actions = data.add_subparsers(dest="action", required=True)
    converting = actions.add_parser(
        "convert",
        help="write a data set of another format as a sequence set",
        description="Read IN, and write it as the sequence set OUT: one .npz if OUT ends so, else a folder of .npy"
        " files, which is memory-mapped when it is used. A file that cannot be read is named and counted, and makes the"
        " exit status 1; the others are converted.",
    )
    converting.add_argument("--format", required=True, choices=FORMATS, help="what IN is")
    for option, words in _OPTIONS.items():
        converting.add_argument(option, **words)
    converting.add_argument("--strict", action="store_true", help="stop at the first bad file, and write nothing")
    converting.add_argument("source", metavar="IN", help="; ".join(f"{name}: {f.what}" for name, f in FORMATS.items()))
    converting.add_argument("destination", metavar="OUT")
    converting.set_defaults(run=run_convert)
    looking = actions.add_parser(
        "info",
        help="say what is in a sequence set",
        description="Print the classes, counts, lengths, subjects, splits and missing values of a sequence set. Exit"
        " status 1 if it is none, or holds a NaN.",
    )
    looking.add_argument("set", metavar="SET", help="an .npz, a folder of .npy, or the name of an embedded set")
    looking.set_defaults(run=run_info)


_OPTIONS = {
    "--bad-samples": {"metavar": "FILE", "help": "ntu: names of recordings to leave out, one a line"},
    "--labels": {"metavar": "FILE", "help": "kinetics: the label file (default: IN_label.json)"},
    "--skeleton": {"metavar": "NAME", "help": "stgcn-npy, pyskl: the body (default: by the number of joints)"},
}


def run_convert(options):
    """Run `data convert`; its exit status."""
    try:
        source = open_source(options)
        for note in source.notes:
            print(note)
        refused = convert(source, options.destination, options.strict)
    except REFUSED as error:
        print(f"data convert: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("data convert: interrupted; nothing is written", file=sys.stderr)
        return 130
    if refused:
        print(f"{refused} of {len(source.entries)} were refused: see above", file=sys.stderr)
    return 1 if refused else 0


def run_info(options):
    """Run `data info`; its exit status."""
    try:
        return 0 if info(options.set) else 1
    except REFUSED as error:
        print(f"data info: {error}", file=sys.stderr)
        return 1
