"""What comes back out of weights and checkpoints, checked: a file may hold anything, whoever wrote it.

The descriptions are dataclasses of reference/settings.py, as recipes are: a library for this would be one more thing to
install, and would say everything a second time.
"""

import json
from dataclasses import dataclass

import torch

from reference.settings import as_object, check_settings, described, setting
from reference.terminal import brief

from .protocols import PROTOCOLS

_LARGEST, _DEEPEST = 1_000_000, 20  # of what a checkpoint holds beside tensors
LOG_COLUMNS = (
    "epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "clips_per_second", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Protocol:
    """How the folds of a set were made: what `protocols.folds` takes."""

    protocol: str = setting("split", "its name", among=PROTOCOLS)
    column: int = setting(0, "of the set's split", least=0)
    subjects: tuple[int, ...] = setting((), "those who train, or take part")
    groups: int = setting(3, "how many", least=0, most=1e6)
    share: float = setting(0.3, "that tests", least=0, most=1)
    seed: int = setting(0, "of the draw", least=0)
    window: int = setting(32, "its frames", least=1)

    def __post_init__(self):
        check_settings(self)


@dataclass(frozen=True)
class Place:
    """Where a training stands: what of a Checkpoint is numbers."""

    epoch: int = setting(0, "complete ones", least=0, most=1e6)
    batch: int = setting(0, "complete ones of the next epoch", least=0, most=1e9)
    loss: float = setting(0.0, "their sum")
    right: int = setting(0, "their right answers", least=0)
    seconds: float = setting(0.0, "they took", least=0)

    def __post_init__(self):
        check_settings(self)


def check_protocol(settings):
    """Raise ValueError, naming the entry, for settings of weights that do not say which part of a set tested.

    settings  a dict, as JSON gives it; converted checkpoints have no protocol and no data
    """
    given = as_object(settings.get("protocol", {}), "protocol")
    described(Protocol, given and {"protocol": None} | given, "protocol")  # its name has to be there; {} is none
    if not isinstance(settings.get("fold", ""), str):
        raise ValueError(f"fold must be a text, got {brief(settings['fold'])}")
    if settings.get("data") is not None:
        as_object(settings["data"], "data")


def plain_entries(path, entries):
    """The entries of a checkpoint with plain settings, place and rows: as JSON gives them, without a behaviour of their
    own. Raises ValueError, naming the file, for what JSON does not have, or does not end."""
    try:
        plain = {name: entries.get(name) for name in ("settings", "place", "rows")}
        _check_size(plain)
        plain = json.loads(json.dumps(plain))
        as_object(plain["settings"], "settings")
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} cannot be gone on from: {error}") from None
    return entries | plain


def check_entries(path, entries, model, epochs):
    """Raise ValueError, naming file, entry, what was expected and what is there, for what a training cannot take over.

    entries  of a checkpoint, plain
    model    the network that goes on; epochs: those of its recipe
    """
    try:
        every = dict.fromkeys(Place.__dataclass_fields__)  # None, where one is missing
        place = described(Place, every | as_object(entries["place"], "place"), "place")
        if place.epoch > epochs:
            raise ValueError(f"place.epoch must be up to the {epochs} of the recipe, got {place.epoch}")
        _check_rows(entries["rows"], place.epoch)
        expected = model.state_dict()
        for name in ("model", "averaged"):
            if list(as_object(entries.get(name), name)) != list(expected):
                raise ValueError(f"{name} must have the entries of the network, got {brief(list(entries[name]))}")
            for entry, tensor in expected.items():
                _check_tensor(f"{name}.{entry}", entries[name][entry], tensor)
        state = as_object(as_object(entries["optimizer"], "optimizer").get("state"), "optimizer.state")
        parameters = dict(enumerate(model.parameters()))
        for key, held in state.items():
            if key not in parameters or set(as_object(held, "an entry of optimizer.state")) != {"momentum_buffer"}:
                raise ValueError(f"optimizer.state must have a momentum_buffer for each parameter, got {brief(key)}")
            if held["momentum_buffer"] is not None:
                _check_tensor(f"optimizer.state[{key}].momentum_buffer", held["momentum_buffer"], parameters[key])
    except ValueError as error:
        raise ValueError(f"{path} cannot be gone on from: {error}") from None


def _check_rows(rows, epochs):
    if not isinstance(rows, list) or len(rows) != epochs:
        raise ValueError(f"rows must be a list of {epochs}, one for each complete epoch, got {brief(rows)}")
    for row in rows:
        if list(as_object(row, "rows")) != list(LOG_COLUMNS):
            raise ValueError(f"rows must have the columns {', '.join(LOG_COLUMNS)}, got {brief(list(row))}")
        for name, value in row.items():
            absent = value is None and name.startswith("test_")
            if not absent and type(value) not in (int, float):
                raise ValueError(f"rows: {name} must be a number, got {brief(value)}")


def _check_tensor(name, tensor, expected):
    if not isinstance(tensor, torch.Tensor) or tensor.is_meta or tensor.layout != torch.strided:
        what = f"one on {tensor.device}" if isinstance(tensor, torch.Tensor) else brief(tensor)
        raise ValueError(f"{name} must be a tensor with all its numbers, got {what}")
    if tensor.shape != expected.shape or tensor.dtype != expected.dtype:
        wanted, found = (f"{t.dtype} {tuple(t.shape)}" for t in (expected, tensor))
        raise ValueError(f"{name} must be {wanted}, got {found}")
    if not torch.isfinite(tensor).all():
        raise ValueError(f"{name} must be finite numbers")


def _check_size(value):
    """Refuse what is nested deeply, or refers to itself or to the same parts again and again: small, and endless."""
    left, size = [(value, 0)], 0
    while left:
        one, level = left.pop()
        size += len(one) if isinstance(one, (dict, list, tuple, str, bytes)) else 1
        if size > _LARGEST or level > _DEEPEST:
            raise ValueError(f"it must hold up to {_LARGEST} values and letters, in up to {_DEEPEST} levels")
        if isinstance(one, (dict, list, tuple)):
            left += [(item, level + 1) for item in (one.values() if isinstance(one, dict) else one)]
