"""Where a training stands, kept in a file: written whole, read without trust."""

import io
import json
import time
from pathlib import Path

import torch

from reference.whole_files import write_whole

from .failures import check_finite

_PLACE = ("epoch", "batch", "loss", "right", "seconds")


class Checkpoint:
    """Everything that changes in a training, as it is now; `write` keeps it, `begin` brings it back.

    path       the file; its folder may be new
    settings   plain values that may not be others when the training goes on; kept in settings.json
    model      and the `averaged` model, which may be the same, and their `optimizer`
    epoch      how many are complete; `batch`: how many of the next one are; `loss`, `right`, `seconds`: their sums
    rows       one for each complete epoch, for the log
    first      whether this process is the one that writes
    """

    def __init__(self, path, settings, model, averaged, optimizer, first=True):
        self.path, self.settings, self.first, self._written = path, settings, first, time.monotonic()
        self.model, self.averaged, self.optimizer = model, averaged, optimizer
        self.epoch, self.rows = 0, []
        self._begin_epoch()

    def _begin_epoch(self):
        self.batch, self.loss, self.right, self.seconds = 0, 0.0, 0, 0.0

    def count(self, loss, right, seconds):
        """After a step: its loss and right answers; the seconds of the epoch so far."""
        self.batch, self.loss, self.right, self.seconds = self.batch + 1, self.loss + loss, self.right + right, seconds

    def end_epoch(self, rate, clips, result):
        """After an epoch of so many clips: its last rate, and the Result of the test, None if it was not tested."""
        row = {
            "epoch": self.epoch + 1, "rate": rate,
            "train_loss": self.loss / clips, "train_accuracy": self.right / clips,
            "test_loss": None if result is None else result.loss,
            "test_accuracy": None if result is None else result.top1,
            "clips_per_second": clips / max(self.seconds, 1e-9), "seconds": self.seconds,
        }  # fmt: skip
        self.rows.append(row)
        self.epoch += 1
        self._begin_epoch()

    def write(self, when, pause=0):
        """Write the file, unless that was done less than `pause` seconds ago. TrainingError if what was reached `when`
        is not finite."""
        if time.monotonic() - self._written < pause:
            return
        check_finite(self.model, when)
        if self.first:
            entries = {
                "settings": self.settings, "model": self.model.state_dict(), "averaged": self.averaged.state_dict(),
                "optimizer": self.optimizer.state_dict(), "place": {name: getattr(self, name) for name in _PLACE},
                "rows": self.rows,
            }  # fmt: skip
            write_checkpoint(self.path, entries)
        self._written = time.monotonic()

    def begin(self, resume):
        """Go on where the file says, if there is one. FileExistsError unless `resume`; ValueError as below."""
        folder = self.path.parent
        if self.path.exists():
            if not resume:
                raise FileExistsError(
                    f"{folder} has a training already: add --resume to go on with it, or name another"
                )
            entries = read_checkpoint(self.path, self.model.A_hat.device)
            check_same_settings(self.path, entries["settings"], self.settings)
            for name in ("model", "averaged", "optimizer"):
                getattr(self, name).load_state_dict(entries[name])
            self.rows = entries["rows"]
            for name in _PLACE:
                setattr(self, name, entries["place"][name])
        if self.first:
            folder.mkdir(parents=True, exist_ok=True)
            write_json(folder / "settings.json", self.settings)


def write_json(path, entries):
    """Write what JSON can hold, whole."""
    write_whole(path, json.dumps(entries, indent=1) + "\n")


def write_checkpoint(path, entries):
    """Write tensors, numbers, text and containers of them, whole."""
    buffer = io.BytesIO()
    torch.save(entries, buffer)
    write_whole(path, buffer.getvalue())


def read_checkpoint(path, device):
    """Read a checkpoint; nothing but tensors and plain values is accepted.

    Raises FileNotFoundError, and ValueError, naming the file, for one that is no such checkpoint.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        entries = torch.load(path, map_location=device, weights_only=True)
        missing = {"settings", "model", "optimizer", "place"} - set(entries)
    except Exception as error:  # what the reader raises on other bytes is of every kind
        raise ValueError(f"{path} could not be read as a checkpoint of a training: {type(error).__name__}") from None
    if missing:
        raise ValueError(f"{path} is no checkpoint of a training: it has no {', '.join(sorted(missing))}")
    return entries


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
                f"{path} belongs to a training with {name} {saved[name]!r}, but now it is {now[name]!r}: resume with"
                " the same, or start anew in another folder"
            )
