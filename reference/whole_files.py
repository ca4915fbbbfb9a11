"""Files that are whole or not there: a process may be killed at any moment, and the machine may lose power."""

import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path):
    """`with whole_file(path) as unfinished:` write the file at `unfinished`, a path beside; it then becomes `path`.

    A reader sees the old file or the new one, never a part. What is written is on the disk before it takes the old
    one's place in one step. After an exception `path` is as it was, and nothing is left behind. Raises
    FileNotFoundError if the folder does not exist.
    """
    path = Path(path)
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        if os.name == "posix":  # the new name is in the folder, which has to reach the disk as well
            folder = os.open(path.absolute().parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        unfinished.unlink(missing_ok=True)


def write_whole(path, content):
    """Write bytes or text (as UTF-8) to `path`, whole, as `whole_file` does."""
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
