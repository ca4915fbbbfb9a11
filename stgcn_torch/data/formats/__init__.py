"""The formats that can be read, each one file of this folder that defines FORMAT, a Format: nothing else lists it."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np

from reference import Sequences, load_clips

from ..recordings import FPS, body_members

_FOUND = [import_module(f"{__name__}.{file.name}").FORMAT for file in iter_modules(__path__)]
FORMATS = {found.name: found for found in _FOUND}


def load_recordings(name_or_path, published=False):
    """The Sequences of a set, as load_clips takes it, or of one raw recording, as a format with a RawFile has it.

    published  whether a raw recording is read as its format's --published does; a set is what it is

    A raw recording gives the frames, and bit for bit the clip, that data convert makes of the file. What it says of its
    class is not read: the one class is called "unknown". Raises what load_clips and the format's reader raise, and
    ValueError for a file that is neither, by content and name.
    """
    path = Path(name_or_path)
    raw_files = {found.raw.suffix: found.raw for found in FORMATS.values() if found.raw}
    if path.suffix in raw_files and not path.is_dir():
        raw = raw_files[path.suffix]
        frames = (raw.read_published or raw.read)(path) if published else raw.read(path)
        return Sequences(
            title=path.stem,
            frames=frames,
            offset=np.array([0, len(frames)]),
            label=np.array([0]),
            class_names=np.array(["unknown"]),
            **body_members(raw.skeleton, raw.channels, FPS),
        )
    try:
        return load_clips(name_or_path)
    except ValueError:
        if path.suffix == ".npz" or not path.is_file():
            raise
        suffixes = " or ".join(raw_files)
        raise ValueError(f"it is no sequence set, and no raw recording, whose name ends in {suffixes}") from None
