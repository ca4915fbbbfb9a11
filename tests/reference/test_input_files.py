"""What a file is, and what it will take, is looked at before it is read."""

import os
import zipfile

import numpy as np
import pytest
from sets import saved, saved_as_folder, small_set

from reference import Skeleton, load_clips
from reference.conformance import tensors
from reference.input_files import check_file, check_npz, most_unpacked


def packed(path, **arrays):
    np.savez_compressed(path, **arrays)
    return path


def test_headers_say_what_an_archive_takes(tmp_path, monkeypatch):
    path = packed(tmp_path / "a.npz", x=np.zeros(10**6), y=np.zeros(3))
    assert path.stat().st_size < 10**4
    check_npz(path)  # 8 MB: small enough for any archive
    monkeypatch.setenv("STGCN_MOST_GIB", "0.007")
    with pytest.raises(ValueError, match="it takes 0.00745 GiB unpacked, more than 0.007; set the .* STGCN_MOST_GIB"):
        check_npz(path)
    check_npz(path, ["y"])
    monkeypatch.setenv("STGCN_MOST_GIB", "0.0075")
    check_npz(path)


def test_a_header_counts_whatever_follows_it(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive, archive.open("frames.npy", "w") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (10**10, 1, 1, 1)}
        np.lib.format.write_array_header_1_0(file, header)
    with pytest.raises(ValueError, match="a.npz is not a whole .npz of plain arrays: it takes 37.3 GiB unpacked"):
        load_clips(tmp_path / "a.npz")


@pytest.mark.parametrize("beside", [True, False], ids=["beside the sound ones", "alone"])
def test_a_member_without_the_end_of_its_name_is_not_read(tmp_path, beside):
    sound = saved(small_set(2), tmp_path)
    with zipfile.ZipFile(sound) as archive, zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as odd:
        for name in archive.namelist():
            odd.writestr(name.removesuffix(".npy"), b"\0" * 10**6 if beside else archive.read(name))
            if beside:
                odd.writestr(name, archive.read(name))
    if beside:
        np.testing.assert_array_equal(load_clips(tmp_path / "a.npz").frames, load_clips(sound).frames)
    else:
        with pytest.raises(ValueError, match="a.npz is not a sequence set: it has no frames, offset"):
            load_clips(tmp_path / "a.npz")


def test_nobody_is_advised_to_trust_what_numpy_takes_for_a_pickle(tmp_path):
    path = packed(tmp_path / "a.npz", x=np.zeros(3))
    path.write_bytes(b"x" * 32 + path.read_bytes())  # as the checkpoint of a training begins: zipfile would take it
    for refusing in (load_clips, check_npz, tensors.read):
        with pytest.raises(ValueError, match="it is not a zip archive, or not the whole of one$"):
            refusing(path)


@pytest.mark.parametrize("value", ["x", "0", "-1", "nan", "inf"])
def test_a_limit_that_is_no_size_is_refused(tmp_path, monkeypatch, value):
    monkeypatch.setenv("STGCN_MOST_GIB", value)
    with pytest.raises(ValueError, match=f"STGCN_MOST_GIB must be a number above 0, got '{value}'"):
        most_unpacked(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.npz")
    check_file(tmp_path)
    check_file(tmp_path / "absent")
    for refusing in (check_file, load_clips):
        with pytest.raises(ValueError, match="a.npz is a FIFO, a device or a socket; expected a file"):
            refusing(tmp_path / "a.npz")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_in_a_folder_is_refused(tmp_path):
    folder = saved_as_folder(small_set(2), tmp_path)
    (folder / "label.npy").unlink()
    os.mkfifo(folder / "label.npy")
    with pytest.raises(ValueError, match="label.npy is not a whole .npy of a plain array: .* is a FIFO, a device or a"):
        load_clips(folder)


def test_names_without_letters_take_no_room_and_are_refused():
    with pytest.raises(ValueError, match="class_names must be text with 1 axes, got <U0"):
        small_set(2, class_names=np.ndarray((3,), "U0"))


def test_a_body_has_so_many_joints_at_most():
    joints = [str(v) for v in range(1001)]
    with pytest.raises(ValueError, match="has 1001 joints, but the most is 1000"):
        Skeleton("mesh", joints, [(v, v + 1) for v in range(1000)], 0)
