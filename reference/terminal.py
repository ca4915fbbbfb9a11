"""What a command line says, on any terminal, pipe or none; and how it shows what others have written."""

import os
import re
import reprlib
import sys

# What is not seen and does something: control characters (escape sequences begin with one), separators of lines, marks
# that turn the direction of what follows; and halves of letters, which no encoding has.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_REPR = reprlib.Repr()
_REPR.maxlevel, _REPR.maxstring, _REPR.maxother = 4, 200, 200


def shown(text, keep=""):
    r"""A name out of a file as it may be shown: control characters and the like, but for those to keep, as \x1b.

    Where names are stored they stay what they are.
    """
    return _UNSEEN.sub(lambda c: c[0] if c[0] in keep else c[0].encode("unicode_escape").decode(), str(text))


def brief(value, most=60):
    """A value out of a file for a message: its repr, of so many letters at most, however deep and large it is."""
    text = _REPR.repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def file_name(title):
    """A title as a part of a file's name: whole words of ASCII, and no longer than file systems take."""
    return re.sub("[^A-Za-z0-9]+", "_", title).strip("_")[:80]


def parsed(parser, arguments=None):
    """parser.parse_args(arguments), sys.argv[1:] where they are None. --out=-- is refused as an option without a value
    is: before Python 3.13, argparse makes an empty list of it.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    for argument in arguments:
        if re.fullmatch("--[^=]+=--", argument):
            parser.error(f"argument {argument[:-3]}: expected one argument")
    return parser.parse_args(arguments)


class _Unprinted(BaseException):
    """A stream that takes nothing more, and why. No OSError: a command would say that of a file of its own."""


class _Shown:
    """A stream that writes what is shown. A progress bar may go back to the start of its line."""

    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        """Write a text; how many letters it has."""
        start, end = (len(text) - len(part) for part in (text.lstrip("\r"), text.rstrip("\r")))
        middle = text[start : max(start, len(text) - end)]
        self._take("write", "\r" * bool(start) + shown(middle, "\n\t") + "\r" * bool(end and middle))
        return len(text)

    def flush(self):
        """Hand over what was written."""
        self._take("flush")

    def _take(self, method, *text):
        try:
            getattr(self._stream, method)(*text)
        except OSError as error:
            why = (
                "nobody reads what is printed" if isinstance(error, BrokenPipeError) else f"printing: {error.strerror}"
            )
            raise _Unprinted(self._stream, why) from None

    def __getattr__(self, name):
        return getattr(self._stream, name)


def run(main):
    """Run a command line, main() -> its exit status, and exit with that.

    Letters that stdout does not have become question marks, and what is printed is `shown`, lines and tabs apart. Where
    there is no stdout, printing does nothing. Where nobody reads it any more, as behind `| head`, and where its disk is
    full, the command ends with a line that says so, and status 1; and so where a file cannot be read or written, if
    main lets that error through. After Ctrl-C it ends with a line, and status 130.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - open until the process ends
    sys.stdout.reconfigure(errors="replace")
    sys.stdout, sys.stderr = _Shown(sys.stdout), sys.stderr and _Shown(sys.stderr)
    try:
        try:
            status = main()
        except SystemExit as end:  # argparse's
            status = end.code
        except OSError as error:
            print(error, file=sys.stderr)
            status = 1
        except KeyboardInterrupt:
            print("\ninterrupted", file=sys.stderr)
            status = 130
        sys.stdout.flush()
    except _Unprinted as unprinted:
        stream, why = unprinted.args
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # or Python would complain once more at its end
        print(f"stopped: {why}", file=sys.stderr)
        status = 1
    sys.exit(status)
