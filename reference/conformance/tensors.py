"""Named arrays as `.npz` and `.safetensors`, with the same bytes on every machine, and read without running anything.

NumPy writes an `.npz` as a zip of uncompressed members dated 1980, so its bytes depend on the arrays alone. A
`.safetensors` file is the length of its header (8 bytes, little-endian), the header (JSON: dtype, shape, place of every
array) and the arrays' own bytes. It is written here, not by the library, so that no version of the library can move a
byte; the tests read it with the library.
"""

import json
import math
import struct
from pathlib import Path

import numpy as np

from ..input_files import check_file, check_npz

DTYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "|u1", "BOOL": "|b1"}


def write(arrays, path):
    """Write a dict of arrays to a path that ends in `.npz` or `.safetensors`, those of most bytes a number first."""
    names = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))  # so every array is aligned to its numbers
    arrays = {name: np.ascontiguousarray(arrays[name]).reshape(arrays[name].shape) for name in names}
    if Path(path).suffix == ".npz":
        np.savez(path, **arrays)
    else:
        Path(path).write_bytes(_safetensors(arrays))


def read(path):
    """Read the named arrays of an `.npz` or `.safetensors` file.

    Raises ValueError, naming the file, for one that is cut short, of another kind, or holds pickled objects; and, for
    an `.npz`, as `check_npz` does.
    """
    path = Path(path)
    check_file(path)
    try:
        if path.suffix == ".npz":
            check_npz(path)
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        return _read_safetensors(path.read_bytes())
    except Exception as error:  # whatever a broken file makes NumPy, zipfile or json raise
        raise ValueError(f"{path.name} is not a whole {path.suffix} file of plain arrays: {error}") from None


def _safetensors(arrays):
    names = {np.dtype(numpy_name): name for name, numpy_name in DTYPES.items()}
    header, end = {}, 0
    for name, array in arrays.items():
        start, end = end, end + array.nbytes
        header[name] = {"dtype": names[array.dtype], "shape": list(array.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # so that the arrays begin at a multiple of 8
    return struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for array in arrays.values())


def _read_safetensors(data):
    if len(data) < 8 or struct.unpack("<Q", data[:8])[0] > len(data) - 8:
        raise ValueError("its header is cut short")
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    arrays, taken = {}, 0
    for name, entry in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        if entry["dtype"] not in DTYPES:
            raise ValueError(f"{name} is {entry['dtype']}; this kit reads {', '.join(DTYPES)}")
        dtype, shape = np.dtype(DTYPES[entry["dtype"]]), tuple(entry["shape"])
        (start, end), size = entry["data_offsets"], math.prod(shape) * dtype.itemsize
        if not 0 <= start <= end <= len(data) - begin:
            raise ValueError(f"{name} is cut short")
        if end - start != size:
            raise ValueError(f"{name} has {end - start} bytes, expected {size}")
        taken += size
        if taken > len(data) - begin:
            raise ValueError(f"{name} lies where another array does")
        arrays[name] = np.frombuffer(data[begin + start : begin + end], dtype).reshape(shape).copy()
    return arrays
