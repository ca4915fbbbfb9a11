"""Command lines on a terminal with few letters, without a terminal, and with a reader that goes away."""

import argparse
import os
import subprocess
import sys

import pytest

from reference.terminal import brief, file_name, parsed, shown

PROGRAM = """
import sys
from reference.terminal import run

def main():
    for _ in range(int(sys.argv[1])):
        print("Σ_k")
    return 3

run(main)
"""


def ended(lines, encoding="utf-8", program=PROGRAM, **where):
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    command = [sys.executable, "-c", program, str(lines)]
    return subprocess.run(command, stderr=subprocess.PIPE, env=environment, **where)


def test_letters_that_stdout_does_not_have_become_question_marks():
    done = ended(1, "ascii", stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (3, b"?_k", b"")


@pytest.mark.skipif(os.name == "nt", reason="preexec_fn, which closes stdout here, is for POSIX only")
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


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no disk that is always full")
@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_full_disk_is_one_line(lines):
    with open("/dev/full", "w") as full:
        done = ended(lines, stdout=full)
    assert (done.returncode, done.stderr) == (1, b"stopped: printing: No space left on device\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no broken pipes")
def test_what_cannot_be_printed_is_no_fault_of_a_file_that_a_command_reads():
    caught = PROGRAM.replace("        print", "        try:\n            print").replace(
        "    return 3", "        except OSError:\n            raise ValueError\n    return 3"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = ended(100_000, program=caught, stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"stopped: nobody reads what is printed\n")


def test_a_file_that_cannot_be_written_is_one_line(tmp_path):
    done = ended(
        1, program=PROGRAM.replace("    return 3", f"    open({str(tmp_path)!r}, 'w')"), stdout=subprocess.PIPE
    )
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1 and tmp_path.name.encode() in done.stderr


def test_an_interruption_is_one_line():
    interrupted = PROGRAM.replace("    return 3", "    raise KeyboardInterrupt")
    done = ended(1, program=interrupted, stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout.split(), done.stderr.split()) == (130, ["Σ_k".encode()], [b"interrupted"])


@pytest.mark.parametrize(
    "name, expected",
    [
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("two\r\nlines\t", r"two\r\nlines\t"),
        ("half \ud83d", r"half \ud83d"),
        ("\u202egnp.exe\u2028", r"\u202egnp.exe\u2028"),
        ("\x9b1m\x7f\x00", r"\x9b1m\x7f\x00"),
        ("Überkopf 挥手 \u3000 👩\u200d🦰", "Überkopf 挥手 \u3000 👩\u200d🦰"),
    ],
)
def test_names_are_shown_without_what_acts(name, expected):
    assert shown(name) == expected


def test_lines_may_be_kept():
    assert shown("a\nb\x1b", "\n") == "a\nb\\x1b"


def test_a_value_is_brief_however_deep_it_is():
    deep, doubled = [], [1]
    for _ in range(100_000):
        deep = [deep]
    for _ in range(60):
        doubled = [doubled, doubled]
    assert brief(deep) == "[[[[[...]]]]]"
    assert len(brief(doubled)) == 60
    assert (brief("x" * 99, 10), brief(3), brief("a")) == ("'xxxxxx...", "3", "'a'")


def test_a_file_is_called_by_whole_words():
    assert file_name("a/b\x1b \ud800" + "c" * 300) == "a_b_" + "c" * 76


def test_what_a_command_prints_is_shown():
    program = PROGRAM.replace('print("Σ_k")', r'print("a\x1b[2J\nb"); print("\rbar\rc\x1b", file=sys.stderr)')
    done = subprocess.run([sys.executable, "-c", program, "1"], capture_output=True)
    assert done.stdout.splitlines() == [rb"a\x1b[2J", b"b"]
    assert done.stderr.rstrip(b"\r\n") == b"\rbar" + rb"\rc\x1b"


def test_two_dashes_are_no_value(capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument("--out")
    assert parsed(parser, ["--out=--x"]).out == "--x"
    with pytest.raises(SystemExit):
        parsed(parser, ["--out=--"])
    assert "argument --out: expected one argument" in capsys.readouterr().err
