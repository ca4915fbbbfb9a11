"""Command lines on a terminal with few letters, without a terminal, and with a reader that goes away."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import sys
from reference.terminal import run

def main():
    for _ in range(int(sys.argv[1])):
        print("Σ_k")
    return 3

run(main)
"""


def ended(lines, encoding="utf-8", **where):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", PROGRAM, str(lines)]
    return subprocess.run(command, stderr=subprocess.PIPE, env=environment, **where)


def test_letters_that_stdout_does_not_have_become_question_marks():
    done = ended(1, "ascii", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (3, b"?_k", b"")


@pytest.mark.skipif(os.name == "nt", reason="a POSIX process closes its stdout")
def test_without_a_stdout_printing_does_nothing():
    done = ended(1, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (3, b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_goes_away_is_one_line(lines):
    reader, writer = os.pipe()
    os.close(reader)
    done = ended(lines, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"stopped: nobody reads what is printed\n")
