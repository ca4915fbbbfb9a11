"""The formats that can be converted, by name."""

from collections.abc import Callable
from typing import NamedTuple

from .kinetics import open_kinetics
from .ntu import open_ntu
from .pyskl import open_pyskl
from .stgcn_npy import open_stgcn_npy
from .ui_prmd import open_ui_prmd


class Format(NamedTuple):
    """What IN has to be, how it is opened, and which options its opener takes."""

    what: str
    open: Callable
    options: tuple[str, ...] = ()


FORMATS = {
    "ntu": Format("a folder of raw .skeleton files", open_ntu, ("bad_samples",)),
    "kinetics": Format("a folder of Kinetics-skeleton .json", open_kinetics, ("labels",)),
    "ui-prmd": Format("the folder that holds Positions and Angles", open_ui_prmd),
    "stgcn-npy": Format("a folder of *_data.npy with *_label.pkl, or one such .npy", open_stgcn_npy, ("skeleton",)),
    "pyskl": Format("an annotation .pkl of pyskl or mmaction2", open_pyskl, ("skeleton",)),
}


def open_source(options):
    """The Source that parsed command-line options name. Raises ValueError for an option that the format has not."""
    chosen = FORMATS[options.format]
    given = {name for other in FORMATS.values() for name in other.options if getattr(options, name) is not None}
    foreign = sorted(given - set(chosen.options))
    if foreign:
        raise ValueError(f"--format {options.format} has no --{foreign[0].replace('_', '-')}")
    return chosen.open(options.source, **{name: getattr(options, name) for name in given})
