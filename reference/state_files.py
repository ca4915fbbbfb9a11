"""Networks as files: `.safetensors`, which hold arrays and text and nothing that could run.

The settings that a network was made with (skeleton, strategy, class names ...) travel in the file's metadata, behind a
digest of the arrays and of themselves: a file that was damaged is not read. Equal networks give equal bytes, so the
metadata has one entry: of several, safetensors changes the order from process to process.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from .state import check_state
from .terminal import brief
from .whole_files import write_whole

_ENTRY = "stgcn"


def save_state(state, path, settings=None):
    """Write a state to a `.safetensors` file, all of it or nothing: an existing file is replaced only by a whole one.

    state     the named arrays of a network
    path      where to
    settings  a dict of anything JSON can hold, kept in the file's metadata; `load_settings` gives it back

    Raises ValueError for a state that no network has (see `check_state`), TypeError for an entry that is no NumPy array
    (a CuPy array has to be brought to the host first) and for a setting that JSON cannot hold, and FileNotFoundError if
    the folder does not exist.
    """
    for name, array in state.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(f"save_state: entry {name!r} is a {type(array).__name__}, expected a numpy.ndarray")
    check_state(state)
    for name, value in (settings or {}).items():
        try:
            json.dumps(value)
        except TypeError as error:
            raise TypeError(f"save_state: the setting {name!r}: {error}") from None
    arrays = {name: np.ascontiguousarray(array) for name, array in state.items()}
    text = json.dumps(settings or {})
    write_whole(path, save(arrays, {_ENTRY: f"{_digest(arrays, text)} {text}"}))


def load_state(path):
    """Read the named arrays of a network from a `.safetensors` file.

    Raises FileNotFoundError, and ValueError for a file that is cut short, damaged or no safetensors file, or whose
    entries are not those of a network, or not finite.
    """
    arrays, _ = _read(path)
    try:
        check_state(arrays)
    except ValueError as error:
        raise ValueError(f"load_state: {path} holds no network of this kind: {error}") from None
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"load_state: {path}: {name} holds {array[~np.isfinite(array)][0]}")
    return arrays


def load_settings(path):
    """Read the settings from a file's metadata: a dict, empty if it was saved without.

    Raises as `load_state` does, and ValueError for metadata that is not an object of JSON.
    """
    _, text = _read(path)
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: its settings must be JSON: {error}") from None
    if not isinstance(settings, dict):
        raise ValueError(f"{path}: its settings must be an object of JSON, got {brief(settings)}")
    return settings


def _read(path):
    """The arrays of a file, and its settings as JSON. A file from elsewhere has neither settings nor a digest."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        file = safe_open(path, framework="np")
    except SafetensorError as error:
        raise ValueError(f"{path} is not a whole .safetensors file: {error}") from None
    with file:
        metadata = {"format": "", _ENTRY: ""} | (file.metadata() or {})  # "format" is what PyTorch writes
        try:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the file is not a mapping
        except (TypeError, AttributeError, SafetensorError) as error:
            raise ValueError(f"{path} has an entry of a kind that NumPy does not have: {error}") from None
    digest, _, text = metadata[_ENTRY].partition(" ")
    if len(metadata) > 2 or (digest and digest != _digest(arrays, text)):
        raise ValueError(f"{path} is damaged, or was written by another program: its digest is wrong")
    return arrays, text or "{}"


def _digest(arrays, text):
    """SHA-256 of named arrays and a text, in hexadecimal."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape} ".encode())
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()
