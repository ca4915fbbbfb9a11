"""Reading and writing sequence sets, and the clips embedded in this package. (The format: sequences.py.)"""

import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from .input_files import check_file, check_npz
from .sequences import MEMBERS, OPTIONAL, Sequences
from .whole_files import whole_file

# NumPy reads the header of an .npy as a line of Python, so a damaged one fails as such.
_DAMAGED_HEADER = (tokenize.TokenError, SyntaxError, OverflowError, TypeError)

_EMBEDDED = Path(__file__).parent / "clips"


def load_clips(name_or_path):
    """Read a sequence set: Sequences.

    name_or_path  "mocap_15" or "openpose_25", the sets embedded in this package, or the path of an `.npz`, or of a
                  folder of `.npy` files, which are memory-mapped

    Raises FileNotFoundError if there is no such set, and ValueError, naming the file and what is wrong, for one that is
    cut short, has a member missing or of the wrong kind, contains pickled objects, or holds a NaN; and for an `.npz`
    that unpacks to more than 256 MiB and more than 20 times its size, unless the environment variable STGCN_MOST_GIB
    allows so many GiB.
    """
    embedded = {path.stem: path for path in sorted(_EMBEDDED.glob("*.npz"))}
    path = embedded.get(str(name_or_path), Path(name_or_path))
    if not path.exists():
        raise FileNotFoundError(
            f"load_clips: there is no {path}; embedded in this package are {', '.join(embedded)}; other sets are"
            " the path of an .npz or of a folder of .npy files"
        )
    check_file(path)
    members = _read_folder(path) if path.is_dir() else _read_npz(path)
    missing = [member for member in MEMBERS if member not in members and member not in OPTIONAL]
    if missing:
        raise ValueError(f"load_clips: {path} is not a sequence set: it has no {', '.join(missing)}")
    try:
        return Sequences(title=path.stem, **members)
    except ValueError as error:
        raise ValueError(f"load_clips: {path}: {error}") from None


def save_clips(sequences, path):
    """Write Sequences to an `.npz`, whole or not at all. NumPy dates the members 1980: the same set, the same bytes.

    Raises FileNotFoundError if the folder of `path` does not exist.
    """
    members = {member: getattr(sequences, member) for member in MEMBERS if getattr(sequences, member) is not None}
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **members)


def _read_npz(path):
    try:
        with path.open("rb") as file:  # opened here, since np.load leaves a broken file open
            check_npz(path, MEMBERS)
            archive = np.load(file, allow_pickle=False)
            # By their whole names: NumPy would rather give what is called "frames", which check_npz does not look at.
            names = archive.zip.namelist()
            members = {member: archive[f"{member}.npy"] for member in MEMBERS if f"{member}.npy" in names}
        for member, array in members.items():
            if not isinstance(array, np.ndarray):
                raise ValueError(f"{member} is not an array")
        return members
    # All that NumPy and zipfile raise on bytes that are no such archive. RuntimeError: encrypted, or packed in a way
    # that zipfile does not know; MemoryError: a header that claims an array larger than memory.
    except (
        ValueError, OSError, EOFError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error, *_DAMAGED_HEADER,
    ) as error:  # fmt: skip
        raise ValueError(f"load_clips: {path} is not a whole .npz of plain arrays: {error}") from None


def _read_folder(path):
    members = {}
    for file in (path / f"{member}.npy" for member in MEMBERS):
        if file.exists():
            try:
                check_file(file)
                array = np.load(file, mmap_mode="r", allow_pickle=False)
                if not isinstance(array, np.ndarray):
                    array.close()
                    raise ValueError("it is an archive")
                members[file.stem] = array
            except (ValueError, OSError, EOFError, *_DAMAGED_HEADER) as error:
                raise ValueError(f"load_clips: {file} is not a whole .npy of a plain array: {error}") from None
    return members
