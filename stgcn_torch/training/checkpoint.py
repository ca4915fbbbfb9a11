"""The checkpoints of a training: written whole, read without trust."""

import io
import json
from pathlib import Path

import torch

from reference.whole_files import write_whole


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
