"""Read the vectors back: the cases with their arrays."""

import json
from functools import cache
from pathlib import Path

import numpy as np

from . import tensors
from .cases import Case

VECTORS = Path(__file__).parent / "vectors"


@cache
def load_cases(folder=VECTORS):
    """All cases, in the order of the computation: a tuple of Case."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    arrays = {step: _read(folder / f"{step}.npz") for step in manifest["steps"]}
    stages = tensors.read(folder / "stages.safetensors")
    cases = []
    for entry in manifest["cases"]:
        of_step = arrays[entry["step"]]
        inputs = nested({name: of_step[described["key"]] for name, described in entry["inputs"].items()})
        outputs = {name: of_step[described["key"]] for name, described in entry["outputs"].items()}
        of_stages = {name: stages[key] for name, key in entry.get("stages", {}).items()}
        scale = {name: described["scale"] for name, described in entry["outputs"].items()}
        rows = {name: described["rows"] for name, described in entry["outputs"].items() if "rows" in described}
        name, step, settings, aim, limits = (entry[n] for n in ("name", "step", "settings", "aim", "tolerance"))
        cases.append(Case(name, step, settings, inputs, outputs, scale, aim, of_stages, limits, rows=rows))
    return tuple(cases)


def _read(path):
    """The arrays of a step; matrices of zeros and ones, stored as bytes, become float64 like everything else."""
    return {key: a.astype(np.float64) if a.dtype == np.uint8 else a for key, a in tensors.read(path).items()}


def nested(arrays):
    """{"f_in": …, "state/W": …} -> {"f_in": …, "state": {"W": …}}"""
    result = {}
    for name, array in arrays.items():
        argument, _, entry = name.partition("/")
        if entry:
            result.setdefault(argument, {})[entry] = array
        else:
            result[argument] = array
    return result
