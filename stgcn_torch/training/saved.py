"""What comes back out of weights and checkpoints, checked: a file may hold anything, whoever wrote it.

The descriptions are dataclasses of reference/settings.py, as recipes are: a library for this would be one more thing to
install, and would say everything a second time.
"""

import json
from dataclasses import dataclass

import torch

from reference import Skeleton
from reference.preparation import ClipMaker, InputSettings
from reference.settings import check_settings, setting
from reference.terminal import brief

from .protocols import PROTOCOLS

_LARGEST, _DEEPEST = 1_000_000, 20  # of what a checkpoint holds beside tensors
LOG_COLUMNS = (
    "epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "clips_per_second", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """What weights call their classes, joints and channels, and which joint is the centre."""

    class_names: tuple[str, ...] = setting((), "in the order of the logits")
    joint_names: tuple[str, ...] = setting((), "V of them")
    channels: tuple[str, ...] = setting((), "of the set, before streams")
    center: int = setting(0, "a joint", least=0)
    fold: str = setting("", "which fold of the protocol")

    def __post_init__(self):
        check_settings(self)


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


def check_network_settings(settings, state):
    """Raise ValueError, naming the entry, for settings of weights that do not say how a state's clips are made.

    settings  a dict, as JSON gives it, with recipe, class_names, joint_names and channels; what weights of older
              versions lack may be absent, and what only people read may be anything
    state     the named arrays of the network
    """
    names = _of(Names, {name: settings[name] for name in Names.__dataclass_fields__ if name in settings}, "settings")
    if len(set(names.class_names)) < len(names.class_names):
        raise ValueError("class_names has a name twice")
    sizes = {"class_names": len(state["classifier.b"]), "joint_names": state["A_hat"].shape[1]}
    for name, size in sizes.items():
        if len(settings[name]) != size:
            raise ValueError(f"{name} must be {size} names, as the network's arrays have it, got {len(settings[name])}")
    inputs = _object("recipe", settings["recipe"]).get("inputs")
    inputs = _of(InputSettings, _object("recipe.inputs", inputs) | {"channels": list(names.channels)}, "recipe.inputs")
    _of(Protocol, settings.get("protocol", {}), "protocol")
    if settings.get("data") is not None:
        _object("data", settings["data"])
    if "bones" in settings:
        bones = settings["bones"]
        if not isinstance(bones, list) or not all(
            isinstance(b, list) and list(map(type, b)) == [int] * 2 for b in bones
        ):
            raise ValueError(f"bones must be a list of pairs [i, j] of joints, got {brief(bones)}")
        if "center" not in settings:
            raise ValueError("it has bones, but no center")
        body = Skeleton("the body of the training", names.joint_names, tuple(map(tuple, bones)), names.center)
        channels, C = ClipMaker(inputs, names.channels, body).clip_channels, state["blocks.0.spatial_conv.W"].shape[0]
        if len(channels) != C:
            raise ValueError(f"channels and streams give {', '.join(channels)}, but the network takes {C} channels")


def plain_entries(path, entries):
    """The entries of a checkpoint with plain settings, place and rows: as JSON gives them, without a behaviour of their
    own. Raises ValueError, naming the file, for what JSON does not have, or does not end."""
    try:
        plain = {name: entries.get(name) for name in ("settings", "place", "rows")}
        _check_size(plain)
        plain = json.loads(json.dumps(plain))
        _object("settings", plain["settings"])
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path} cannot be gone on from: {error}") from None
    return entries | plain


def check_entries(path, entries, model, epochs):
    """Raise ValueError, naming file, entry, what was expected and what is there, for what a training cannot take over.

    entries  of a checkpoint, plain
    model    the network that goes on; epochs: those of its recipe
    """
    try:
        place = _of(Place, entries["place"], "place")
        if place.epoch > epochs:
            raise ValueError(f"place.epoch must be up to the {epochs} of the recipe, got {place.epoch}")
        _check_rows(entries["rows"], place.epoch)
        expected = model.state_dict()
        for name in ("model", "averaged"):
            if list(_object(name, entries.get(name))) != list(expected):
                raise ValueError(f"{name} must have the entries of the network, got {brief(list(entries[name]))}")
            for entry, tensor in expected.items():
                _check_tensor(f"{name}.{entry}", entries[name][entry], tensor)
        state = _object("optimizer.state", _object("optimizer", entries["optimizer"]).get("state"))
        parameters = dict(enumerate(model.parameters()))
        for key, held in state.items():
            if key not in parameters or set(_object("an entry of optimizer.state", held)) != {"momentum_buffer"}:
                raise ValueError(f"optimizer.state must have a momentum_buffer for each parameter, got {brief(key)}")
            if held["momentum_buffer"] is not None:
                _check_tensor(f"optimizer.state[{key}].momentum_buffer", held["momentum_buffer"], parameters[key])
    except ValueError as error:
        raise ValueError(f"{path} cannot be gone on from: {error}") from None


def _check_rows(rows, epochs):
    if not isinstance(rows, list) or len(rows) != epochs:
        raise ValueError(f"rows must be a list of {epochs}, one for each complete epoch, got {brief(rows)}")
    for row in rows:
        if list(_object("rows", row)) != list(LOG_COLUMNS):
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


def _is_pair(bone):
    return isinstance(bone, list) and list(map(type, bone)) == [int, int]


def _of(kind, entries, name):
    """The dataclass of settings that an entry describes."""
    known = kind.__dataclass_fields__
    for entry in _object(name, entries):
        if entry not in known:
            raise ValueError(f"{name} has an entry {brief(entry)}; known are {', '.join(known)}")
    try:
        return kind(**entries)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _object(name, value):
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object, got {brief(value)}")
    return value
