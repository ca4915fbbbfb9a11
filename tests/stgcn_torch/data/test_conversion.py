"""Converting: what is written, what is left when it ends early, and what memory it takes."""

import errno
import io
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tqdm import tqdm

import stgcn_torch
from reference import SKELETONS, Sequences, load_clips, save_clips
from stgcn_torch.__main__ import main
from stgcn_torch.data.conversion import convert, counted
from stgcn_torch.data.formats import FORMATS
from stgcn_torch.data.recordings import Recording, Source


def frames_of(entry, T=None):
    T = 3 + entry % 4 if T is None else T
    return np.random.default_rng(entry).normal(size=(T, 1 + entry % 2, 5, 3)).astype(np.float32)


def a_source(count=5, read=None):
    def recording(entry):
        return Recording(f"sequence {entry}", entry % 2, frames_of(entry), entry + 1, 3, (1 + entry % 2, 2))

    entries = [f"file {entry}" for entry in range(count)]
    return Source(SKELETONS["toy_5"], ("x", "y", "z"), ["ä", "b"], 2, entries, read or recording, fps=25.0)


@pytest.mark.parametrize("name", ["set.npz", "set", "set.v2"])
def test_the_set_holds_what_was_read(tmp_path, name):
    assert convert(a_source(), tmp_path / name) == 0
    made = load_clips(tmp_path / name)
    assert (tmp_path / name).is_dir() == (not name.endswith(".npz"))
    assert isinstance(made.frames, np.memmap) == (not name.endswith(".npz"))
    for s in range(5):
        clip = made.clip(s)[0].transpose(1, 3, 2, 0)  # (T, M, V, C)
        assert np.array_equal(clip[:, : 1 + s % 2], frames_of(s))
        assert not clip[:, 1 + s % 2 :].any()
    assert made.name.tolist() == [f"sequence {s}" for s in range(5)]
    assert made.label.tolist() == [0, 1, 0, 1, 0]
    assert made.class_names.tolist() == ["ä", "b"]
    assert (made.subject.tolist(), made.camera.tolist()) == ([1, 2, 3, 4, 5], [3] * 5)
    assert made.split.tolist() == [[1, 2], [2, 2]] * 2 + [[1, 2]]
    assert (float(made.fps), made.skeleton.bones) == (25, SKELETONS["toy_5"].bones)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]


def test_the_streamed_npz_is_the_one_that_numpy_would_write(tmp_path):
    convert(a_source(), tmp_path / "streamed.npz")
    convert(a_source(), tmp_path / "again.npz")
    made = load_clips(tmp_path / "streamed.npz")
    save_clips(made, tmp_path / "saved.npz")
    saved = load_clips(tmp_path / "saved.npz")
    for member in Sequences.__dataclass_fields__:
        if member != "title":
            assert np.array_equal(getattr(made, member), getattr(saved, member))
            assert getattr(made, member).dtype == getattr(saved, member).dtype
    assert (tmp_path / "streamed.npz").read_bytes() == (tmp_path / "again.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "streamed.npz") as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)  # as NumPy dates them: the same bytes tomorrow
            assert entry.compress_type == zipfile.ZIP_DEFLATED


def test_a_set_that_does_not_fit_together_does_not_appear(tmp_path):
    with pytest.raises(ValueError, match="fps must be above 0"):
        convert(replace(a_source(), fps=0), tmp_path / "set")
    assert not (tmp_path / "set").exists()
    if os.name == "posix":  # Windows removes no file that is mapped, as the error's traceback keeps it
        assert not list(tmp_path.iterdir())


def some_bad(entry):
    if entry == 2:
        raise ValueError("it is torn")
    return Recording(f"sequence {entry}", 0, frames_of(entry))


def test_a_bad_entry_is_named_and_counted(tmp_path, capsys):
    assert convert(a_source(read=some_bad), tmp_path / "set") == 1
    assert load_clips(tmp_path / "set").name.tolist() == ["sequence 0", "sequence 1", "sequence 3", "sequence 4"]
    assert "file 2: it is torn" in capsys.readouterr().err


def test_a_name_of_two_lines_is_one_line(tmp_path, capsys):
    source = a_source(read=some_bad)
    convert(replace(source, entries=[f"{title}\nwrote" for title in source.entries]), tmp_path / "set")
    assert r"file 2\nwrote: it is torn" in capsys.readouterr().err


def test_strict_stops_at_the_first_bad_entry(tmp_path):
    with pytest.raises(ValueError, match="file 2: it is torn"):
        convert(a_source(read=some_bad), tmp_path / "set", strict=True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        (Recording("a", 0, np.zeros((3, 2, 5, 2), np.float32)), "got (3, 2, 5, 2)"),
        (Recording("a", 0, np.zeros((3, 3, 5, 3), np.float32)), "got (3, 3, 5, 3)"),
        (Recording("a", 0, np.zeros((0, 2, 5, 3), np.float32)), "at least one"),
        (Recording("a", 0, np.full((3, 2, 5, 3), np.nan, np.float32)), "finite"),
        (Recording("a", 0, np.zeros((3, 2, 5, 3))), "float32"),
        (Recording("a", 2, np.zeros((3, 2, 5, 3), np.float32)), "the label is 2, but there are 2 classes"),
        (Recording("a", 0, np.zeros((3, 2, 5, 3), np.float32)), "it is all zeros"),
        (Recording("a\0", 0, np.zeros((3, 2, 5, 3), np.float32)), "holds a NUL"),
        (Recording("sequence 0", 0, np.zeros((3, 2, 5, 3), np.float32)), "another sequence called sequence 0"),
    ],
)
def test_what_does_not_fit_the_set_is_refused(tmp_path, capsys, recording, reason):
    read = lambda entry: recording if entry == 1 else Recording(f"sequence {entry}", 0, frames_of(entry))  # noqa: E731
    assert convert(a_source(3, read), tmp_path / "set") == 1
    assert len(load_clips(tmp_path / "set")) == 2
    error = capsys.readouterr().err
    assert "file 1: " in error
    assert reason in error


@pytest.mark.parametrize("name", ["set", "set.npz"])
def test_what_exists_is_not_overwritten(tmp_path, name):
    (tmp_path / name).write_text("precious")
    with pytest.raises(FileExistsError, match=f"{name} exists already"):
        convert(a_source(), tmp_path / name)
    assert (tmp_path / name).read_text() == "precious"


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere to write set\.npz to"):
        convert(a_source(), tmp_path / "nowhere" / "set.npz")


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_leaves_nothing(tmp_path, error):
    def read(entry):
        if entry == 3:
            raise error
        return Recording(str(entry), 0, frames_of(entry))

    with pytest.raises(error):
        convert(a_source(read=read), tmp_path / "set.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["set.npz", "set"])
def test_of_two_that_write_one_set_the_second_is_refused(tmp_path, name):
    sound = a_source()

    def read(entry):
        with pytest.raises(
            ValueError, match=f"another conversion is writing .*{name}: wait for its end, or name anoth"
        ):
            convert(a_source(), tmp_path / name)
        return sound.read(entry)

    assert convert(a_source(read=read), tmp_path / name) == 0
    assert len(load_clips(tmp_path / name)) == 5
    assert [path.name for path in tmp_path.iterdir()] == [name]
    if not name.endswith(".npz"):
        assert all(path.suffix == ".npy" for path in (tmp_path / name).iterdir())


@pytest.mark.parametrize("name", ["set.npz", "set"])
def test_a_full_disk_is_named_with_the_set_and_nothing_is_left(tmp_path, monkeypatch, name):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(OSError, match=f"No space left on device: '.*{name}'"):
        convert(a_source(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_an_option_of_another_format_is_refused(tmp_path, capsys):
    assert main(["data", "convert", "--format", "ntu", "--labels", "a", str(tmp_path), str(tmp_path / "set")]) == 1
    assert "--format ntu has no --labels" in capsys.readouterr().err


WITHOUT_TORCH = """
import argparse, sys, types
package = sys.modules["stgcn_torch"] = types.ModuleType("stgcn_torch")  # without PyTorch, which takes seconds to import
package.__path__ = [sys.argv.pop(1)]
from stgcn_torch.data import add_data_commands
parser = argparse.ArgumentParser(prog="python -m stgcn_torch")
add_data_commands(parser.add_subparsers())
parser.parse_args()
"""


def test_the_help_does_not_depend_on_docstrings(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    arguments = ["data", "convert", "--help"]
    with pytest.raises(SystemExit):
        main(arguments)
    command = [sys.executable, "-OO", "-c", WITHOUT_TORCH, Path(stgcn_torch.__file__).parent, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (capsys.readouterr().out, "")
    assert "--bad-samples FILE    ntu: names of recordings to leave out" in done.stdout


def test_a_format_is_one_file_and_says_all_of_itself():
    folder = Path(stgcn_torch.__file__).parent / "data" / "formats"
    assert len(FORMATS) == len([*folder.glob("[!_]*.py")]) >= 5
    shared = {name for found in FORMATS.values() for name in found.options}
    for name in shared:  # what several formats share is said once in the help
        assert len({str(found.options[name]) for found in FORMATS.values() if name in found.options}) == 1


def test_an_interruption_is_told_and_has_its_exit_status(tmp_path, capsys, monkeypatch):
    def interrupted(path):
        raise KeyboardInterrupt

    (tmp_path / "S001C001P001R001A001.skeleton").write_text("")
    monkeypatch.setattr("stgcn_torch.data.formats.ntu.read_skeleton", interrupted)
    assert main(["data", "convert", "--format", "ntu", str(tmp_path), str(tmp_path / "set")]) == 130
    assert "interrupted; nothing is written" in capsys.readouterr().err
    assert len(list(tmp_path.iterdir())) == 1


def test_a_polite_kill_leaves_nothing_and_has_its_exit_status(tmp_path, monkeypatch):
    (tmp_path / "S001C001P001R001A001.skeleton").write_text("")
    monkeypatch.setattr("stgcn_torch.data.formats.ntu.read_skeleton", lambda path: signal.raise_signal(signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended:
        main(["data", "convert", "--format", "ntu", str(tmp_path), str(tmp_path / "set")])
    assert ended.value.code == 128 + signal.SIGTERM
    assert len(list(tmp_path.iterdir())) == 1
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("name", ["set", "set.npz"])
def test_a_kill_at_any_moment_leaves_no_set(tmp_path, name, monkeypatch):
    moments = []  # what a SIGKILL would leave then

    def after_a_moment(function):
        def wrapped(argument):
            moments.append(shutil.copytree(tmp_path / "out", tmp_path / f"moment {len(moments)}"))
            return function(argument)

        return wrapped

    (tmp_path / "out").mkdir()
    source = a_source()
    with monkeypatch.context() as patch:
        patch.setattr("stgcn_torch.data.writing.load_clips", after_a_moment(load_clips))  # all members are written
        convert(replace(source, read=after_a_moment(source.read)), tmp_path / "out" / name)
    assert len(moments) == 5 + 1
    for left in moments:
        assert [path.name.endswith(".unfinished") for path in left.iterdir()] == [True]
        convert(source, left / name)  # what was left does not disturb
        assert [path.name for path in left.iterdir()] == [name]


def peak_of_a_conversion(path, count):
    """Bytes that Python and NumPy take at most, for so many sequences of 240 kB."""
    tracemalloc.start()
    convert(a_source(count, lambda entry: Recording(str(entry), 0, np.ones((2000, 2, 5, 3), np.float32))), path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def test_memory_is_bounded_by_one_sequence(tmp_path):
    peaks = [peak_of_a_conversion(tmp_path / f"{count}", count) for count in (20, 60)]
    assert max(peaks) < 4e6  # of 14.4 MB
    assert peaks[1] < peaks[0] + 240_000
    assert peak_of_a_conversion(tmp_path / "100.npz", 100) < 20e6  # of 24 MB: packed 16 MiB at a time


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def a_second_each(monkeypatch):
    """A function: after it, a second passes."""
    now = [time.time()]
    monkeypatch.setattr(tqdm, "monitor_interval", 0)  # its thread would ask for the time as well
    monkeypatch.setattr("tqdm.std.time", lambda: now[0])
    return lambda: now.__setitem__(0, now[0] + 1)


def test_the_progress_is_written_in_logs_too(a_second_each, monkeypatch, capsys):
    with counted(range(40), "converting") as bar:
        for _ in bar:
            a_second_each()
    lines = capsys.readouterr().err.split("\n")
    assert [line.split("| ")[1].split(" [")[0] for line in lines[:-1]] == [f"{count}/40" for count in (10, 20, 30, 40)]
    assert "converting:  25%|" in lines[0]
    assert "[00:10<00:30," in lines[0]
    assert not lines[-1].strip()


def test_what_is_short_writes_no_progress_in_logs(tmp_path, capsys):
    convert(a_source(read=some_bad), tmp_path / "set")
    assert capsys.readouterr().err == "file 2: it is torn\n"


def test_messages_stand_above_the_bar_of_a_terminal(tmp_path, monkeypatch, a_second_each):
    def read(entry):
        a_second_each()
        return some_bad(entry)

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    convert(a_source(read=read), tmp_path / "set")
    shown = terminal.getvalue()
    assert "converting: " in shown
    assert "\rfile 2: it is torn\n" in shown  # on a line that was cleared
    assert shown.endswith("\r")
    assert not shown.split("\r")[-2].strip()  # and so is the bar in the end


def test_a_bar_on_a_terminal_that_knows_ascii_only(monkeypatch, a_second_each):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(terminal.buffer, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal)
    with counted(range(4), "converting") as bar:
        for _ in bar:
            a_second_each()
    assert b"#" in terminal.buffer.getvalue()
