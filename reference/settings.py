"""Settings as dataclasses whose fields say everything about themselves: default, meaning, type and what is allowed."""

from dataclasses import field, fields
from math import inf, isfinite
from numbers import Integral, Real
from typing import get_args, get_origin

from .terminal import brief

_WORDS = {bool: "true or false", int: "an integer", float: "a finite number", str: "a text"}


def setting(default, about, *, least=-inf, most=inf, among=()):
    """A field of a dataclass of settings: its default, what it means, and which values are allowed.

    least, most  of a number; of a tuple, of each
    among        the texts that are known; of a tuple, each entry must be one of them, and named once
    """
    return field(default=default, metadata={"about": about, "least": least, "most": most, "among": among})


def whole(least, most=2**63 - 1):
    """What argparse takes as the `type` of an argument that is a whole number within bounds."""

    def number(text):
        value = int(text)
        if not least <= value <= most:
            raise ValueError
        return value

    number.__name__ = f"whole number from {least} to {most}"  # argparse says: invalid ... value: '-3'
    return number


def described(kind, entries, name):
    """The dataclass of settings that an entry of a file, called `name`, describes. Raises ValueError, naming the entry,
    if it is not an object, has what the dataclass does not know, or a value that is not allowed."""
    known = {field.name for field in fields(kind)}
    for entry in as_object(entries, name):
        if entry not in known:
            raise ValueError(f"{name} has an entry {brief(entry)}; known are {', '.join(sorted(known))}")
    try:
        return kind(**entries)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def as_object(value, name):
    """A dict out of a file. Raises ValueError, with the name of the entry, for anything else."""
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object {{...}}, got {brief(value)}")
    return value


def check_settings(settings):
    """Bring the fields made by `setting` into their form (a list becomes a tuple), or raise ValueError.

    The message names the first field whose value has another type (an integer is also a number, true is none) or is not
    allowed, what was expected, and the value.
    """
    for entry in fields(settings):
        if "about" not in entry.metadata:
            continue
        name, value, allowed = entry.name, getattr(settings, entry.name), entry.metadata
        if get_origin(entry.type) is tuple:
            kind = get_args(entry.type)[0]
            if not isinstance(value, (list, tuple)) or not all(_is(item, kind) for item in value):
                raise ValueError(f"{name} must be a list, each entry {_WORDS[kind]}, got {brief(value)}")
            object.__setattr__(settings, name, tuple(value))  # the dataclass is frozen
            for item in value:
                if allowed["among"] and item not in allowed["among"]:
                    raise ValueError(f"{name} must be among {', '.join(allowed['among'])}, got {brief(item)}")
                if allowed["among"] and value.count(item) > 1:
                    raise ValueError(f"{name} names {item!r} twice: {', '.join(value)}")
                _check_bounds(name, item, kind, allowed)
        elif not _is(value, entry.type):
            raise ValueError(f"{name} must be {_WORDS[entry.type]}, got {brief(value)}")
        elif allowed["among"] and value not in allowed["among"]:
            raise ValueError(f"{name} must be one of {', '.join(allowed['among'])}, got {brief(value)}")
        else:
            _check_bounds(name, value, entry.type, allowed)


def _check_bounds(name, value, kind, allowed):
    if kind in (int, float) and not allowed["least"] <= value <= allowed["most"]:
        raise ValueError(f"{name} must be from {allowed['least']:g} to {allowed['most']:g}, got {brief(value)}")


def _is(value, kind):
    if kind is int:
        return isinstance(value, Integral) and not isinstance(value, bool)
    if kind is float:
        return isinstance(value, Real) and not isinstance(value, bool) and (_is(value, int) or isfinite(value))
    return isinstance(value, kind)
