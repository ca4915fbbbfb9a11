"""A file that is written whole, or not at all."""

import errno
import os

import pytest

from reference.whole_files import whole_file, write_whole


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file"
    write_whole(path, "old")
    with whole_file(path) as unfinished:
        unfinished.write_text("half")
        assert path.read_text() == "old"
    assert path.read_text() == "half"
    assert list(tmp_path.iterdir()) == [path]


def test_after_an_exception_the_old_file_is_as_it_was_and_nothing_is_left_behind(tmp_path):
    path = tmp_path / "file"
    write_whole(path, b"old")
    with pytest.raises(KeyError), whole_file(path) as unfinished:
        unfinished.write_text("half")
        raise KeyError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no folder .*absent to write file to"):
        write_whole(tmp_path / "absent" / "file", "text")


def test_text_is_utf_8_on_every_machine(tmp_path):
    write_whole(tmp_path / "file", "Γ")
    assert (tmp_path / "file").read_bytes() == b"\xce\x93"


def test_a_full_disk_is_named_with_the_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(OSError, match=r"No space left on device: '.*file'"), whole_file(path) as unfinished:
        unfinished.write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_what_is_no_file_keeps_its_place(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path):
        with pytest.raises(OSError, match=f"{path} is a folder, a FIFO, a device or a socket; expected a file"):
            write_whole(path, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["fifo"] and (tmp_path / "fifo").is_fifo()


def test_two_writers_do_not_meet(tmp_path):
    path = tmp_path / "file"
    with whole_file(path) as first:
        first.write_text("first")
        write_whole(path, "second")
    assert path.read_text() == "first"
