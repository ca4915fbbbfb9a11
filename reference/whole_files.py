"""Files that are whole or not there: a process may be killed at any moment, and the machine may lose power."""

import os
import secrets
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path):
    """`with whole_file(path) as unfinished:` write the file at `unfinished`, a path beside; it then becomes `path`.

    A reader sees the old file or the new one, never a part. What is written is on the disk before it takes the old
    one's place in one step. After an exception `path` is as it was, and nothing is left behind; only a process that is
    killed leaves a file, called NAME.….unfinished. Raises FileNotFoundError if the folder does not exist, and OSError,
    with the name of the file, as writing does, and for a folder or a device, whose place no file may take.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is a folder, a FIFO, a device or a socket; expected a file to write")
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.unfinished")  # two writers do not meet
    try:
        with naming(path):
            yield unfinished
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(unfinished, path)
            if os.name == "posix":  # the new name is in the folder, which has to reach the disk as well
                folder = os.open(path.parent, os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def naming(path):
    """Within it, an OSError that does not say where, as that of a full disk, gets the name of a file."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise


def write_whole(path, content):
    """Write bytes or text (as UTF-8) to `path`, whole, as `whole_file` does."""
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)
