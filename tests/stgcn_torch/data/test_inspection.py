"""data info: what it says of a set, and what memory it takes."""

import io
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from reference import SKELETONS, Sequences, load_clips, save_clips
from stgcn_torch.__main__ import main
from stgcn_torch.data.inspection import open_set


def a_set():
    """Three sequences of 4, 2 and 6 frames; in the last, two persons, two frames with nobody, one joint undetected."""
    rng = np.random.default_rng(0)
    frames = np.zeros((12, 2, 5, 2), np.float32)
    frames[:, 0] = rng.uniform(0.1, 1, size=(12, 5, 2))
    frames[8, 1] = rng.uniform(0.1, 1, size=(5, 2))
    frames[10:] = 0
    frames[7, 0, 3] = 0
    frames[0, 0, 0] = (-2, 3)
    body = SKELETONS["toy_5"]
    return Sequences(
        "small", frames, offset=np.array([0, 4, 6, 12]), label=np.array([2, 0, 2]),
        class_names=np.array(["run", "jump", "walk"]), joint_names=np.array(body.joints), bones=np.array(body.bones),
        center=np.array(body.center), channels=np.array(["x", "y"]), fps=np.array(25, np.float32),
        subject=np.array([7, 8, 7]), name=np.array(["a", "b", "c"]), split=np.int8([[1, 2], [2, 0], [1, 2]]),
    )  # fmt: skip


def write(path, sequences):
    if path.suffix == ".npz":
        save_clips(sequences, path)
    else:
        path.mkdir()
        for member in ("frames", "offset", "label", "class_names", "joint_names", "bones", "center", "channels", "fps",
                       "subject", "name", "split"):  # fmt: skip
            np.save(path / f"{member}.npy", getattr(sequences, member))
    return path


EXPECTED = """\
small: 3 sequences of 3 classes
frames   12 in all; 2 to 6 a sequence, median 4; 25 a second
bodies   M = 2 persons, V = 5 joints, C = 2 channels (x, y)
         centre: pelvis; joints: pelvis, chest, head, right_hand, left_hand
  label  class sequences  frames (least, median, most)
      0  run           1  2, 2, 2
      2  walk          2  4, 5, 6
         1 of 3 classes have no sequence
subjects 2, with their sequences: 7 (2), 8 (1)
cameras  not known
split 0  2 train, 1 test
split 1  0 train, 2 test, 1 neither
missing  2 of 12 frames hold nobody, in 1 sequences; 1 of 55 joints of the bodies are not detected
         1 sequences have more than one person
"""


@pytest.mark.parametrize("name", ["small.npz", "small"])
def test_what_is_printed(tmp_path, capsys, name):
    path = write(tmp_path / name, a_set())
    assert main(["data", "info", str(path)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(EXPECTED)
    assert "values   x -2 to " in printed
    assert f"python -m figures strips {path} OUTDIR" in printed


@pytest.mark.parametrize("name", ["small.npz", "small"])
def test_a_nan_is_counted_and_named(tmp_path, capsys, name):
    sequences = a_set()
    path = write(tmp_path / name, sequences)
    frames = sequences.frames.copy()
    frames[5, 0, 1] = np.nan
    if path.suffix == ".npz":
        members = dict(np.load(path)) | {"frames": frames}
        np.savez(path, **members)
    else:
        np.save(path / "frames.npy", frames)
    assert main(["data", "info", str(path)]) == 1
    assert "2 numbers are NaN or infinite: in b\n" in capsys.readouterr().out


def test_class_names_that_the_terminal_cannot_show_do_no_harm(tmp_path, monkeypatch):
    path = write(tmp_path / "small.npz", replace(a_set(), class_names=np.array(["走る", "jump", "идти"])))
    # as python -m stgcn_torch sets it up, with PYTHONIOENCODING=ascii
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace", write_through=True)
    monkeypatch.setattr(sys, "stdout", terminal)
    assert main(["data", "info", str(path)]) == 0
    assert b"  0  ??  " in terminal.buffer.getvalue()


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"text"])
@pytest.mark.parametrize("name", ["small.npz", "small"])
def test_what_is_no_set_is_refused(tmp_path, capsys, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert main(["data", "info", str(tmp_path / name)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("data info: ")
    assert name in error


@pytest.mark.parametrize("at", range(40, 4000, 400))
def test_a_damaged_npz_is_refused_or_read(tmp_path, capsys, at):
    path = write(tmp_path / "small.npz", a_set())
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 0xFF
    path.write_bytes(content)
    assert main(["data", "info", str(path)]) in (0, 1)


def test_an_npz_is_not_taken_into_memory(tmp_path, capsys):
    one = load_clips("mocap_15")
    times = 150
    many = replace(
        one,
        frames=np.zeros((times * 500, *one.frames.shape[1:]), np.float32),  # 13.5 MB
        offset=np.arange(times + 1) * 500, label=np.zeros(times, int), name=None,
    )  # fmt: skip
    save_clips(many, tmp_path / "many.npz")
    size = many.frames.nbytes
    del many
    tracemalloc.start()
    assert main(["data", "info", str(tmp_path / "many.npz")]) == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6 < size
    with open_set(tmp_path / "many.npz") as sequences:
        assert isinstance(sequences.frames, np.memmap)
