"""Writing a sequence set one sequence at a time: memory holds one of them, and OUT appears whole or not at all.

Everything is written to a folder beside OUT, OUT.unfinished; the frames are appended to frames.npy, whose header NumPy
pads so that the number of frames can be filled in at the end. A set that is to be a folder is then renamed; one that is
to be an .npz is packed from it, file by file.
"""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np

from reference import load_clips

from .recordings import body_members

_PACKED_AT_ONCE = 2**20  # bytes


class SetWriter:
    """Writes the set at `path`, of a Source: `with SetWriter(path, source) as writer: writer.append(recording) ...`.

    `finish` makes the set appear; without it, or after an exception, nothing is left behind.
    Raises FileExistsError if there is something at `path`, and FileNotFoundError if its folder does not exist.
    """

    def __init__(self, path, source):
        self.path, self.source = Path(path), source
        if self.path.exists():
            raise FileExistsError(f"{self.path} exists already; remove it, or name another")
        if not self.path.absolute().parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self.path.parent} to write {self.path.name} to")
        self.unfinished = self.path.with_name(f"{self.path.name}.unfinished")
        self.recordings = []  # without their frames
        self.lengths = []
        self._names = set()

    def __enter__(self):
        shutil.rmtree(self.unfinished, ignore_errors=True)  # of a conversion that was killed
        (self.unfinished / "set").mkdir(parents=True)
        self._file = (self.unfinished / "set" / "frames.npy").open("w+b")
        self._write_header()
        return self

    def __exit__(self, *_):
        self._file.close()
        shutil.rmtree(self.unfinished, ignore_errors=True)

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
        if frames.dtype != np.float32 or not len(frames) or not np.isfinite(frames).all():
            raise ValueError("frames must be float32, finite, and at least one")
        if not 0 <= recording.label < len(self.source.class_names):
            raise ValueError(f"the label is {recording.label}, but there are {len(self.source.class_names)} classes")

    def append(self, recording):
        """Write one Recording that was checked. Persons who are absent are filled up with zeros."""
        T, M, V, C = recording.frames.shape
        frames = np.zeros((T, self.source.persons, V, C), dtype="<f4")
        frames[:, :M] = recording.frames
        self._file.write(frames.tobytes())
        self._names.add(recording.name)
        self.lengths.append(T)
        self.recordings.append((recording.name, recording.label, recording.subject, recording.camera, recording.split))

    def finish(self):
        """Fill in the rest, check the whole, and let it appear."""
        folder = self.unfinished / "set"
        self._file.seek(0)
        self._write_header()
        self._file.close()
        for member, array in self._members().items():
            np.save(folder / f"{member}.npy", array, allow_pickle=False)
        load_clips(folder)  # refuses what does not fit together
        if self.path.suffix == ".npz":
            packed = self.unfinished / "set.npz"
            pack(folder, packed)
            os.replace(packed, self.path)
        else:
            os.replace(folder, self.path)

    def _write_header(self):
        V, C = len(self.source.skeleton.joints), len(self.source.channels)
        shape = (sum(self.lengths), self.source.persons, V, C)
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)

    def _members(self):
        source = self.source
        name, label, subject, camera, split = zip(*self.recordings, strict=True)
        members = {
            "offset": np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64),
            "label": np.array(label, dtype=np.int64),
            "class_names": np.array(source.class_names, dtype=np.str_),
            "name": np.array(name, dtype=np.str_),
        } | body_members(source.skeleton, source.channels, source.fps)
        if subject[0] is not None:
            members["subject"] = np.array(subject, dtype=np.int64)
        if camera[0] is not None:
            members["camera"] = np.array(camera, dtype=np.int64)
        if split[0]:
            members["split"] = np.array(split, dtype=np.int8)
        return members


def pack(folder, path):
    """An .npz of the .npy files of a folder, a little at a time. Dated 1980: the same set, the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for file in sorted(folder.glob("*.npy")):
            entry = zipfile.ZipInfo(file.name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with file.open("rb") as content, archive.open(entry, "w", force_zip64=True) as packed:
                shutil.copyfileobj(content, packed, _PACKED_AT_ONCE)
