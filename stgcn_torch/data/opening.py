"""A sequence set of any size, opened without taking it into memory."""

import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path

from reference import load_clips
from reference.sequences import MEMBERS


@contextmanager
def open_set(name_or_path):
    """`with open_set(path) as sequences:` Sequences as load_clips gives them, but memory-mapped whatever the kind.

    An .npz is unpacked, a little at a time, into a temporary folder that is removed in the end. Raises what load_clips
    raises, but for a NaN: frames that are memory-mapped are not looked at.
    """
    path = Path(name_or_path)
    if path.suffix != ".npz" or not path.is_file():
        yield load_clips(name_or_path)
        return
    with tempfile.TemporaryDirectory(prefix="sequences.", ignore_cleanup_errors=True) as folder:
        unpacked = Path(folder) / path.stem
        unpacked.mkdir()
        try:
            with zipfile.ZipFile(path) as archive:
                held = set(archive.namelist())
                for file in (f"{member}.npy" for member in MEMBERS):
                    if file in held:
                        with archive.open(file) as packed, (unpacked / file).open("wb") as content:
                            shutil.copyfileobj(packed, content, 2**20)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            raise ValueError(f"{path} is not a whole .npz: {error}") from None
        try:
            sequences = load_clips(unpacked)
        except ValueError as error:
            raise ValueError(str(error).replace(str(unpacked), str(path))) from None
        yield sequences
