"""Writing a sequence set one sequence at a time: memory holds one of them, and OUT appears whole or not at all.

Everything is written to a folder beside OUT. The frames are appended to frames.npy, whose header NumPy pads so that the
number of frames can be filled in at the end. A set that is to be a folder is then renamed; one that is to be an .npz is
packed from the memory-mapped folder, which NumPy does 16 MiB at a time.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from reference import load_clips, save_clips
from reference.whole_files import naming

from .recordings import body_members


@contextmanager
def written_set(path, source):
    """`with written_set(path, source) as writer: writer.append(recording) ...`: then the set of a Source is at `path`.

    It appears at the end of the block; after an exception nothing is left. Raises FileExistsError if there is something
    at `path`, FileNotFoundError if its folder does not exist, and ValueError if it is being written already.
    """
    from filelock import FileLock, Timeout  # here: help does not need it

    path = Path(path)
    if path.exists():
        raise FileExistsError(f"{path} exists already; remove it, or name another")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} to")
    packed = path.suffix == ".npz"
    folder = path.with_name(f"{path.name}.folder.unfinished" if packed else f"{path.name}.unfinished")
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ValueError(f"another conversion is writing {path}: wait for its end, or name another") from None
    try:
        for left in folder.glob("*.npy"):  # of a conversion that was killed
            left.unlink()
        with naming(path):
            with (folder / "frames.npy").open("w+b") as frames:
                writer = SetWriter(source, frames)
                yield writer
                writer.write_header()
            for member, array in writer.members().items():
                np.save(folder / f"{member}.npy", array, allow_pickle=False)
            if packed:
                save_clips(load_clips(folder), path)
            else:
                load_clips(folder)  # refuses what does not fit together
                lock.release()
                (folder / ".lock").unlink(missing_ok=True)
                os.replace(folder, path)
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


class SetWriter:
    """Appends the frames of a Source's Recordings to an open .npy, and remembers everything else of them."""

    def __init__(self, source, frames):
        self.source, self.lengths, self._frames = source, [], frames
        self._recordings, self._names = [], set()  # the former without their frames
        self.write_header()

    def check(self, recording):
        """Raise ValueError if a Recording does not fit the source, or its name is taken."""
        if not recording.name or "\0" in recording.name:  # NumPy would cut it off
            raise ValueError("its name is empty or holds a NUL")
        if recording.name in self._names:
            raise ValueError(f"there is another sequence called {recording.name}")
        frames = recording.frames
        expected = (len(self.source.skeleton.joints), len(self.source.channels))
        if frames.ndim != 4 or frames.shape[2:] != expected or frames.shape[1] > self.source.persons:
            raise ValueError(
                f"frames must be (T, at most {self.source.persons}, {expected[0]}, {expected[1]}), got {frames.shape}"
            )
        if frames.dtype != self.source.dtype or not len(frames) or not np.isfinite(frames).all():
            raise ValueError(f"frames must be {np.dtype(self.source.dtype)}, finite, and at least one")
        if not 0 <= recording.label < len(self.source.class_names):
            raise ValueError(f"the label is {recording.label}, but there are {len(self.source.class_names)} classes")
        if not frames.any():
            raise ValueError("it is all zeros")

    def append(self, recording):
        """Write one Recording that was checked. Persons who are absent are filled up with zeros."""
        T, M, V, C = recording.frames.shape
        frames = np.zeros((T, self.source.persons, V, C), dtype=self.source.dtype)
        frames[:, :M] = recording.frames
        self._frames.write(frames.tobytes())
        self._names.add(recording.name)
        self.lengths.append(T)
        self._recordings.append((recording.name, recording.label, recording.subject, recording.camera, recording.split))

    def write_header(self):
        """Write how many frames there are, over what was written of it before."""
        V, C = len(self.source.skeleton.joints), len(self.source.channels)
        shape = (sum(self.lengths), self.source.persons, V, C)
        self._frames.seek(0)
        header = {"descr": self.source.dtype, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._frames, header)

    def members(self):
        """Everything but the frames: {member: array}."""
        name, label, subject, camera, split = zip(*self._recordings, strict=True)
        members = {
            "offset": np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64),
            "label": np.array(label, dtype=np.int64),
            "class_names": np.array(self.source.class_names, dtype=np.str_),
            "name": np.array(name, dtype=np.str_),
        } | body_members(self.source.skeleton, self.source.channels, self.source.fps)
        for member, values, dtype in (("subject", subject, "i8"), ("camera", camera, "i8"), ("split", split, "i1")):
            if values[0] not in (None, ()):
                members[member] = np.array(values, dtype=dtype)
        return members
