"""Converting: what is written, what is left when it ends early, and what memory it takes."""

import os
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from reference import SKELETONS, Sequences, load_clips, save_clips
from stgcn_torch.__main__ import main
from stgcn_torch.data.convert import convert
from stgcn_torch.data.progress import Progress
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
    assert not list(tmp_path.iterdir())


def some_bad(entry):
    if entry == 2:
        raise ValueError("it is torn")
    return Recording(f"sequence {entry}", 0, frames_of(entry))


def test_a_bad_entry_is_named_and_counted(tmp_path, capsys):
    assert convert(a_source(read=some_bad), tmp_path / "set") == 1
    assert load_clips(tmp_path / "set").name.tolist() == ["sequence 0", "sequence 1", "sequence 3", "sequence 4"]
    assert "file 2: it is torn" in capsys.readouterr().err


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


def test_an_option_of_another_format_is_refused(tmp_path, capsys):
    assert main(["data", "convert", "--format", "ntu", "--labels", "a", str(tmp_path), str(tmp_path / "set")]) == 1
    assert "--format ntu has no --labels" in capsys.readouterr().err


def test_an_interruption_is_told_and_has_its_exit_status(tmp_path, capsys, monkeypatch):
    def interrupted(path):
        raise KeyboardInterrupt

    (tmp_path / "S001C001P001R001A001.skeleton").write_text("")
    monkeypatch.setattr("stgcn_torch.data.ntu.read_skeleton", interrupted)
    assert main(["data", "convert", "--format", "ntu", str(tmp_path), str(tmp_path / "set")]) == 130
    assert "interrupted; nothing is written" in capsys.readouterr().err
    assert len(list(tmp_path.iterdir())) == 1


SLOW = """
import sys, time, numpy as np
from test_convert import a_source, Recording, convert
def read(entry):
    time.sleep(0.05)
    print(entry, flush=True)
    return Recording(str(entry), 0, np.ones((3, 1, 5, 3), np.float32))
convert(a_source(1000, read), sys.argv[1])
"""


@pytest.mark.parametrize(("number", "left"), [(signal.SIGTERM, []), (signal.SIGKILL, ["set.unfinished"])])
def test_a_kill_leaves_no_set(tmp_path, number, left):
    environment = os.environ | {"PYTHONPATH": os.path.dirname(__file__)}
    command = [sys.executable, "-c", SLOW, str(tmp_path / "set")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        process.stdout.readline()
        process.send_signal(number)
    assert process.returncode != 0
    assert [path.name for path in tmp_path.iterdir()] == left
    convert(a_source(), tmp_path / "set")  # what was left does not disturb
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_memory_is_bounded_by_one_sequence(tmp_path):
    def read(entry):
        return Recording(str(entry), 0, np.zeros((2000, 2, 5, 3), np.float32))  # 240 kB

    peaks = []
    for count in (20, 60):
        tracemalloc.start()
        convert(a_source(count, read), tmp_path / f"{count}.npz")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert max(peaks) < 4e6  # of 14.4 MB
    assert peaks[1] < peaks[0] + 240_000


def test_the_progress_says_how_far_and_how_long():
    progress = Progress("converting", 400)
    progress.count = 100
    assert progress.line(30) == "converting [#####               ] 100 of 400, 1:30 left"
    assert progress.line(3000) == "converting [#####               ] 100 of 400, 2:30:00 left"


def test_the_progress_is_written_in_logs_too(monkeypatch, capsys):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with Progress("converting", 40) as progress:
        for _ in range(40):
            now[0] += 1
            progress.step()
    assert [line.split("] ")[1] for line in capsys.readouterr().err.splitlines()] == [
        f"{count} of 40, 0:{40 - count:02} left" for count in (10, 20, 30, 40)
    ]
