"""One raw recording as a sequence set in memory: what a network is asked about need not be converted first."""

from pathlib import Path

import numpy as np

from reference import Sequences, load_clips

from . import kinetics, ntu
from .recordings import FPS, body_members

# What the name of such a file ends in: its body, its channels, its reader.
_FORMATS = {
    ".skeleton": (ntu.SKELETON, ntu.CHANNELS, ntu.read_skeleton),
    ".json": (kinetics.SKELETON, kinetics.CHANNELS, kinetics.read_pose),
}


def load_recordings(name_or_path):
    """A sequence set as load_clips takes it, or one raw recording: a .skeleton of NTU RGB+D or a .json of
    Kinetics-skeleton. Sequences.

    Raises what load_clips and read_recording raise, and ValueError for a file that is neither, by content and name.
    """
    path = Path(name_or_path)
    if path.suffix in _FORMATS and not path.is_dir():
        return read_recording(path)
    try:
        return load_clips(name_or_path)
    except ValueError:
        if path.suffix == ".npz" or not path.is_file():
            raise
        suffixes = " or ".join(_FORMATS)
        raise ValueError(f"it is no sequence set, and no raw recording, whose name ends in {suffixes}") from None


def read_recording(path):
    """The Sequences of one raw recording: the frames, and bit for bit the clip, that data convert makes of the file.

    What it says of its class is not read: the one class is called "unknown". Raises ValueError for a file that is not
    what its format says or has nobody in it (see read_skeleton and read_pose), and OSError if it cannot be opened.
    """
    path = Path(path)
    skeleton, channels, read = _FORMATS[path.suffix]
    frames = read(path)
    return Sequences(
        title=path.stem,
        frames=frames,
        offset=np.array([0, len(frames)]),
        label=np.array([0]),
        class_names=np.array(["unknown"]),
        **body_members(skeleton, channels, FPS),
    )
