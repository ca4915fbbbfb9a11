"""Write the vectors: one `.npz` and one `.safetensors` for each step, and one manifest for all.

Byte for byte the same on every machine. Whole numbers and exact sums (see cases.py) are what they are everywhere. What
goes through a root or a mean differs in its last digits from one BLAS to the next; it is stored rounded to 1e-9 of the
output's largest entry. Rounding alone would only make a difference rare, so the build also refuses a number that lies
so close to the middle between two multiples that noise could decide: then that case needs another seed in cases.py.
"""

import json
from pathlib import Path

import numpy as np

from . import tensors
from .cases import all_cases, solved
from .steps import STEPS, SUMS, WHOLE, axes

VECTORS = Path(__file__).parent / "vectors"
GRID = 30  # binary digits kept of the largest entry: a rounding of at most 1e-9 of it
NOISE = 3e-13  # what another machine may differ by, of the largest entry; against PyTorch: 4e-14 in the network
NOTHING = 1e-12  # of the largest entry of all outputs of a case: a sum that is zero but for rounding
ABOUT = (
    "ST-GCN, step by step. Each case: call the step's function with `settings` and `inputs`, compare with `outputs`. "
    "Arrays lie in vectors/<step>.npz and vectors/<step>.safetensors under their `key`. The error of an output is its "
    "largest absolute difference divided by its `scale`. All numbers are float64, but for indices (int64) and "
    "matrices of zeros and ones (uint8). Axes: N batch, C channels, T frames, V joints, M persons, K partitions, "
    "Γ frames of the filter; row = root, column = neighbour; all indices count from 0; arrays are in C "
    "order (the last axis varies fastest)."
)


def build(folder=VECTORS):
    """Write everything into `folder`; the number of bytes. Raises ValueError where a case needs another seed."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files, cases = {step: {} for step in STEPS}, []
    for case in (rounded(solved(*case)) for case in all_cases()):
        cases.append(_described(case, files[case.step]))
    for step, arrays in files.items():
        for suffix in ("npz", "safetensors"):
            tensors.write(arrays, folder / f"{step}.{suffix}")
    steps = {name: _step(step) for name, step in STEPS.items()}
    (folder / "manifest.json").write_text(_manifest(steps, cases), encoding="utf-8", newline="\n")
    return sum(path.stat().st_size for path in folder.iterdir())


def rounded(case):
    """The case with outputs that do not depend on the machine, and their scales."""
    largest = {name: float(np.max(np.abs(array))) for name, array in case.outputs.items()}
    overall = max(largest.values()) or 1.0  # all zero: errors count as they are
    scale = {name: value if value > NOTHING * overall else overall for name, value in largest.items()}
    exact = STEPS[case.step].tolerance in (WHOLE, SUMS)
    outputs = {
        name: array if exact else on_grid(array, scale[name], f"{case.name}: {name}")
        for name, array in case.outputs.items()
    }
    # The scale itself is a power of two: nothing in it can depend on the last digit.
    return case._replace(outputs=outputs, scale={name: 2.0 ** round(np.log2(value)) for name, value in scale.items()})


def on_grid(array, scale, what):
    """Every entry rounded to a multiple of 2^-30 of the scale's power of two."""
    step = 2.0 ** (np.floor(np.log2(scale)) - GRID)
    multiples = array / step
    from_middle = np.abs(np.abs(multiples - np.round(multiples)) - 0.5) * step
    if np.min(from_middle) < NOISE * scale:
        raise ValueError(f"{what}: a number lies between two multiples of {step:.0e}; draw this case from another seed")
    return np.round(multiples) * step + 0.0  # + 0.0: no minus zero


def _manifest(steps, cases):
    """The JSON, with one line for each step and each case."""

    def text(value):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    step_lines = ",\n".join(f"{text(name)}: {text(step)}" for name, step in steps.items())
    case_lines = ",\n".join(text(case) for case in cases)
    return f'{{"about": {text(ABOUT)},\n"steps": {{\n{step_lines}\n}},\n"cases": [\n{case_lines}\n]}}\n'


def _step(step):
    return {"formula": step.formula, "outputs": step.outputs, "tolerance": step.tolerance._asdict()}


def _described(case, arrays):
    """The manifest's entry for a case; puts the case's arrays into `arrays`, each only once."""

    def described(kind, name, array):
        small = array.astype(np.uint8) if array.dtype == np.float64 and name in ("A", "hops") else array
        array = small if np.array_equal(small, array) else array  # whole numbers take a byte
        same = [key for key, other in arrays.items() if _same(array, other)]
        key = same[0] if same else f"{case.name.split('.')[1]}/{kind}/{name}"  # short: there are thousands
        arrays[key] = array
        return {"key": key, "dtype": str(array.dtype), "shape": list(array.shape), "axes": axes(case.step, name)}

    inputs = {
        name: described("in", name, array)
        for argument, value in case.inputs.items()
        for name, array in (
            {f"{argument}/{entry}": array for entry, array in value.items()}
            if isinstance(value, dict)
            else {argument: value}
        ).items()
    }
    declared = STEPS[case.step].outputs
    outputs = {}
    for name, array in case.outputs.items():
        outputs[name] = described("out", name, array) | {"scale": case.scale[name]}
        outputs[name]["axes"] = declared.get(name, outputs[name]["axes"])
    described = {"name": case.name, "step": case.step, "aim": case.aim, "settings": case.settings}
    return described | {"inputs": inputs, "outputs": outputs}


def _same(array, other):
    return array.shape == other.shape and array.dtype == other.dtype and array.tobytes() == other.tobytes()
