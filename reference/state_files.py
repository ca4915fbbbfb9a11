"""Networks as files: `.safetensors`, which hold arrays and text and nothing that could run.

The settings that a network was made with (skeleton, strategy, class names ...) travel in the file's metadata.
"""

import json
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from .state import check_state
from .whole_files import write_whole


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
    metadata = {}
    for name, value in (settings or {}).items():
        try:
            metadata[name] = json.dumps(value)
        except TypeError as error:
            raise TypeError(f"save_state: the setting {name!r}: {error}") from None
    write_whole(path, save({name: np.ascontiguousarray(array) for name, array in state.items()}, metadata))


def load_state(path):
    """Read the named arrays of a network from a `.safetensors` file.

    Raises FileNotFoundError, and ValueError for a file that is cut short or no safetensors file, or whose entries are
    not those of a network.
    """
    try:
        with _open(path) as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - the file is no mapping
    except (TypeError, AttributeError, SafetensorError) as error:
        raise ValueError(f"load_state: {path} has an entry of a kind that NumPy does not have: {error}") from None
    try:
        check_state(arrays)
    except ValueError as error:
        raise ValueError(f"load_state: {path} holds no network of this kind: {error}") from None
    return arrays


def load_settings(path):
    """Read the settings from a file's metadata: a dict, empty if it was saved without. Raises as `load_state` does."""
    with _open(path) as file:
        metadata = file.metadata() or {}
    settings = {}
    for name, value in metadata.items():
        try:
            settings[name] = json.loads(value)
        except json.JSONDecodeError:
            raise ValueError(f"load_settings: {path}: the setting {name!r} is no JSON: {value!r}") from None
    return settings


def _open(path):
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        return safe_open(path, framework="np")
    except SafetensorError as error:
        raise ValueError(f"{path} is not a whole .safetensors file: {error}") from None
