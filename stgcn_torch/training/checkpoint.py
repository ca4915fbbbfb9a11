"""Where a training stands, kept in a file: written whole, with a digest, and read without trust."""

import contextlib
import hashlib
import io
import os
import sys
import time
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from reference.input_files import check_file
from reference.terminal import brief
from reference.whole_files import whole_file

from .distributed import any_process
from .failures import Stopped, check_finite, stop_signals
from .maker import write_maker
from .progress import write_json
from .saved import LOG_COLUMNS, Place, check_entries, plain_entries

_PLACE = tuple(Place.__dataclass_fields__)


class Checkpoint:
    """Everything that changes in a training, as it is now; `write` keeps it, `begin` brings it back.

    As a context it keeps signals from ending the training at once, and leaves the folder free for another training.

    path       the file; its folder may be new
    settings   plain values that may not be others when the training goes on; kept in settings.json
    model      and the `averaged` model, which may be the same, and their `optimizer`
    epoch      how many are complete; `batch`: how many of the next one are; `loss`, `right`, `seconds`: their sums
    rows       one for each complete epoch, for the log
    processes  distributed.Processes, of which the first one writes
    """

    def __init__(self, path, settings, model, averaged, optimizer, processes):
        self.path, self.settings, self.processes, self._written = path, settings, processes, time.monotonic()
        self.model, self.averaged, self.optimizer = model, averaged, optimizer
        self.epoch, self.rows = 0, []
        self._lock = FileLock(path.parent / ".lock")
        self._signals, self._context = [], contextlib.ExitStack()
        self._begin_epoch()

    def __enter__(self):
        self._context.callback(self._lock.release)
        self._signals = self._context.enter_context(stop_signals())
        return self

    def __exit__(self, *error):
        return self._context.__exit__(*error)

    def _begin_epoch(self):
        self.batch, self.loss, self.right, self.seconds = 0, 0.0, 0, 0.0

    def count(self, loss, right, seconds):
        """After a step: its loss and right answers; the seconds of the epoch so far."""
        self.batch, self.loss, self.right, self.seconds = self.batch + 1, self.loss + loss, self.right + right, seconds

    def end_epoch(self, rate, clips, result):
        """After an epoch of so many clips: its last rate, and the Result of the test, None if it was not tested."""
        tested = (None, None) if result is None else (result.loss, result.top1)
        trained = (self.epoch + 1, rate, self.loss / clips, self.right / clips)
        speed = (clips / max(self.seconds, 1e-9), self.seconds)
        self.rows.append(dict(zip(LOG_COLUMNS, (*trained, *tested, *speed), strict=True)))
        self.epoch += 1
        self._begin_epoch()

    def write(self, when, pause=0):
        """Write the file, unless that was done less than `pause` seconds ago. TrainingError if what was reached `when`
        is not finite; Stopped, after it was written, if a signal came to any of the processes."""
        stopped = any_process(self._signals, self.processes)
        if not stopped and time.monotonic() - self._written < pause:
            return
        check_finite(self.model, when)
        if self.processes.first:
            entries = {
                "settings": self.settings, "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(), "place": {name: getattr(self, name) for name in _PLACE},
                "rows": self.rows,
            }  # fmt: skip
            write_checkpoint(self.path, entries)
        self._written = time.monotonic()
        if stopped:
            raise Stopped(self._signals, when)

    def begin(self, resume):
        """Go on where the file says, if there is one, and keep other trainings out of its folder.

        Raises FileExistsError for a folder that has a training, unless `resume`, and for weights without a checkpoint;
        ValueError for a folder that another training is writing into, and as `read_newest`, `check_same_settings`
        and `check_entries`.
        """
        try:
            self._begin(self.path.parent, resume)
        except BaseException:
            self._lock.release()
            raise

    def _begin(self, folder, resume):
        if self.processes.first:
            self._take(folder)
        if self.path.exists() or previous(self.path).exists():
            if not resume:
                raise FileExistsError(
                    f"{folder} has a training already: add --resume to go on with it, or name another"
                )
            entries = plain_entries(self.path, read_newest(self.path, self.model.A_hat.device))
            check_same_data(self.path, entries["settings"], self.settings)
            check_same_settings(self.path, entries["settings"], self.settings)
            check_entries(self.path, entries, self.model, self.settings["recipe"]["epochs"])
            self.model.load_state_dict(entries["model"])
            self.averaged.load_state_dict(entries["averaged"])
            # What is in its groups is the recipe's.
            self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": entries["optimizer"]["state"]})
            self.rows = entries["rows"]
            for name in _PLACE:
                setattr(self, name, entries["place"][name])
        elif (folder / "weights.safetensors").exists():
            raise FileExistsError(f"{folder} has the weights of a training, and no checkpoint to go on from")
        elif resume and self.processes.first:
            print(f"{folder} has no training to go on with: a new one begins")
        if self.processes.first:
            write_json(folder / "settings.json", self.settings)
            write_maker(folder / "made_by.json", self.processes)

    def _take(self, folder):
        """Take the folder, and remove what a training that was killed left unfinished there."""
        folder.mkdir(parents=True, exist_ok=True)
        check_file(self._lock.lock_file)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(f"another training is writing into {folder}: wait for its end, or name another") from None
        for path in folder.glob("*.unfinished"):
            if path.is_file():  # a folder is of a conversion
                path.unlink()


def previous(path):
    """Where the checkpoint before the one at `path` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def write_checkpoint(path, entries):
    """Write tensors, numbers, text and containers of them, whole, behind a digest. The file before it is kept."""
    buffer = io.BytesIO()
    torch.save(entries, buffer)
    content = buffer.getvalue()
    with whole_file(path) as unfinished:
        unfinished.write_bytes(hashlib.sha256(content).digest() + content)
        if path.exists():
            os.replace(path, previous(path))


def read_newest(path, device):
    """Read a checkpoint, or the one before it, with a line that says so, if it is damaged or missing."""
    try:
        return read_checkpoint(path, device)
    except (OSError, ValueError) as error:
        if not previous(path).exists():
            raise
        entries = read_checkpoint(previous(path), device)
        print(f"{error}: going on from {previous(path).name}, the one before it", file=sys.stderr)
        return entries


def read_checkpoint(path, device):
    """Read a checkpoint; nothing but tensors and plain values is accepted.

    Raises FileNotFoundError, and ValueError, naming the file, for one that is no such checkpoint.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    content = path.read_bytes()
    size = hashlib.sha256().digest_size
    if hashlib.sha256(content[size:]).digest() != content[:size]:
        raise ValueError(f"{path} is damaged, cut short or not a checkpoint: its digest is wrong")
    try:
        entries = torch.load(io.BytesIO(content[size:]), map_location=device, weights_only=True)
        missing = {"settings", "model", "optimizer", "place"} - set(dict(entries))
    except Exception as error:  # what the reader raises on other bytes is of every kind
        raise ValueError(f"{path} could not be read as a checkpoint of a training: {type(error).__name__}") from None
    if missing:
        raise ValueError(f"{path} is no checkpoint of a training: it has no {', '.join(sorted(missing))}")
    return dict(entries)


def check_same_data(path, saved, now):
    """Refuse to go on with another set than a training was started with; the message names what differs in it."""
    before, data = saved.get("data"), now.get("data")
    if isinstance(before, dict) and isinstance(data, dict) and before != data:
        differ = sorted(name for name in before | data if before.get(name) != data.get(name))
        raise ValueError(
            f"{path} belongs to a training on another set: it differs from this one in {', '.join(differ)}: resume with"
            " the same, or start anew in another folder"
        )


def check_same_settings(path, saved, now):
    """Refuse to go on with other settings than a training was started with; the message names the first that differs.

    path        the checkpoint's, for the message
    saved, now  nested dicts of plain values
    """
    for name in sorted(saved.keys() | now.keys()):
        if name not in saved or name not in now:
            raise ValueError(f"{path} was written by another version: it and this one differ in having {name!r}")
        if isinstance(saved[name], dict) and isinstance(now[name], dict):
            check_same_settings(path, saved[name], now[name])
        elif saved[name] != now[name]:
            raise ValueError(
                f"{path} belongs to a training with {name} {brief(saved[name])}, but now it is {brief(now[name])}:"
                " resume with the same, or start anew in another folder"
            )
