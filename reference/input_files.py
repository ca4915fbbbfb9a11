"""Files that come in: what they are and what they will take is looked at before they are read."""

import os
import zipfile
from math import prod
from pathlib import Path

import numpy as np

_ALWAYS = 2**28  # bytes that a file may unpack to, however small it is
_TIMES = 20  # above that, so many times its own size: skeletons pack to a third, padded with zeros to a tenth


def check_file(path):
    """Raise ValueError for what is there and neither a file nor a folder: reading a FIFO or a device may never end."""
    path = Path(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise ValueError(f"{path} is a FIFO, a device or a socket; expected a file")


def most_unpacked(path):
    """How many bytes a file may unpack to: 256 MiB or 20 times its size, or the GiB of the variable STGCN_MOST_GIB.

    Raises ValueError for a variable that does not hold a number above 0.
    """
    given = os.environ.get("STGCN_MOST_GIB")
    if not given:
        return max(_ALWAYS, _TIMES * Path(path).stat().st_size)
    try:
        most = float(given) * 2**30
    except ValueError:
        most = 0
    if not 0 < most < float("inf"):
        raise ValueError(f"STGCN_MOST_GIB must be a number above 0, got {given!r}")
    return int(most)


def check_npz(path, members=None):
    """Look at the headers of some members of an `.npz`, or of all, before anything is unpacked.

    Raises ValueError for what NumPy would take for a pickle, and advise to trust, and if the members take more than
    `most_unpacked` together; and what zipfile and NumPy raise on other bytes.
    """
    size, most = 0, most_unpacked(path)
    with open(path, "rb") as file:
        if file.read(2) != b"PK" or not zipfile.is_zipfile(file):
            raise ValueError("it is not a zip archive, or not the whole of one")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        for name in names if members is None else names & {f"{member}.npy" for member in members}:
            with archive.open(name) as file:
                version = np.lib.format.read_magic(file)
                read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
                shape, _, dtype = read(file)
            size += max(archive.getinfo(name).file_size, prod(shape) * max(dtype.itemsize, 1))
    if size > most:
        raise ValueError(
            f"it takes {size / 2**30:.3g} GiB unpacked, more than {most / 2**30:.3g}; set the environment variable"
            " STGCN_MOST_GIB to allow more"
        )
