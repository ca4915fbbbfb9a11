"""What the tests of all formats share: running a conversion, and damaging a file."""

import argparse
import contextlib
import io
from pathlib import Path

from reference import load_clips
from stgcn_torch.data import add_data_commands

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
REASON = "the data beside the project (../shared/data) is not here"


# The data commands alone, once for all tests: building the whole command line takes longer than a small conversion.
PARSER = argparse.ArgumentParser()
add_data_commands(PARSER.add_subparsers())


class Converted:
    """A conversion's exit status, what it printed, and the set it wrote (None if it wrote none)."""

    def __init__(self, name, source, out, *options):
        before = set(out.parent.iterdir())
        printed, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(errors):
            parsed = PARSER.parse_args(["data", "convert", "--format", name, str(source), str(out), *map(str, options)])
            self.status = parsed.run(parsed)
        self.printed, self.errors = printed.getvalue(), errors.getvalue()
        self.set = load_clips(out) if out.exists() else None
        assert set(out.parent.iterdir()) - before <= {out}, "something unfinished is left"
        assert "Traceback" not in self.errors


def damaged(content, draw, positions):
    """Bytes with one thing wrong, as Hypothesis draws it: cut short, two bytes swapped, a line dropped, a byte changed.

    positions  a strategy for floats from 0 to 1, where in the file it happens
    """
    at = min(int(draw(positions) * len(content)), len(content) - 1)
    to = min(int(draw(positions) * len(content)), len(content) - 1)
    changed = bytearray(content)
    kind = int(draw(positions) * 4)
    if kind == 0:
        return content[:at]
    if kind == 1:
        changed[at], changed[to] = changed[to], changed[at]
        return bytes(changed)
    if kind == 2:
        lines = content.split(b"\n")
        del lines[int(at / len(content) * len(lines))]
        return b"\n".join(lines)
    changed[at] = to % 256
    return bytes(changed)
