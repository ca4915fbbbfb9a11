"""Write the vectors: one `.npz` and one `.safetensors` for each step, and one manifest for all.

Byte for byte the same on every machine. Whole numbers and exact sums (see cases.py) are what they are everywhere. What
goes through a root or a mean differs in its last digits from one BLAS to the next; it is stored rounded to 1e-9 of the
output's largest entry. Rounding alone would only make a difference rare, so the build also refuses a number that lies
so close to the middle between two multiples that noise could decide: then that case needs another seed in cases.py.
"""

import inspect
import json
import shutil
from pathlib import Path

import numpy as np

from . import answers, tensors
from .cases import all_cases, as_stored, computed, solved
from .mistake_vectors import write_mistakes
from .precision import GRID, NOISE, limits
from .steps import STEPS, SUMS, WHOLE, axes
from .vectors import VECTORS

VERSION = "3.0"  # of the manifest: another first number, and a runner must be changed
NOTHING = 1e-12  # of the largest entry of all outputs of a case: a sum that is zero but for rounding
ABOUT = (
    "ST-GCN, step by step. Each case: call the step's function with `settings` and `inputs`, compare with `outputs`. "
    "Arrays lie in vectors/<step>.npz and vectors/<step>.safetensors under their `key`. The error of an output is its "
    "largest absolute difference divided by its `scale`; how large it may be, by precision: `tolerance` (left out "
    "where it would be above 0.25: the case tells nothing then). All numbers are float64, but for indices (int64), "
    "graphs of whole numbers (uint8) and inputs in float32, whose `dtype` is told. Of a large output only some rows "
    "are stored, along the last axis but one: `rows` tells which (`kept`), and `of` how many; `shape` is that of what "
    "is stored. Axes: N batch, C channels, T frames, V joints, M persons, K partitions, Γ frames of the filter; row = "
    "root, column = neighbour; all indices count from 0; arrays are in C order (the last axis varies fastest). A name "
    "with a slash, state/classifier.W, is an entry of a dict; `states` tells the axes of a state's entries. `stages` "
    "names intermediate results in stages.safetensors (float32)."
)
BATCH_NORM = "weight, bias, running_mean, running_var"
STATES = {
    "about": "A network's state is one dict; a block's has the entries of blocks.0. without that prefix. Blocks count "
    "from 0. Optional: edge_importance; residual_conv and residual_bn, only where channels or frames change, never in "
    f"the first block. * stands for {BATCH_NORM}.",
    "entries": {
        "A_hat": "K, V (root), V (neighbour)",
        "strides": "block",
        "data_bn.*": "V·C (channel v·C + c)",
        "blocks.0.edge_importance": "K, V (root), V (neighbour)",
        "blocks.0.spatial_conv.W": "C_in, C_out, K",
        "blocks.0.spatial_conv.b": "C_out, K",
        "blocks.0.spatial_bn.*": "C_out",
        "blocks.0.temporal_conv.W": "C_out, C_out, Γ",
        "blocks.0.temporal_conv.b": "C_out",
        "blocks.0.temporal_bn.*": "C_out",
        "blocks.0.residual_conv.W": "C_in, C_out, 1",
        "blocks.0.residual_conv.b": "C_out",
        "blocks.0.residual_bn.*": "C_out",
        "classifier.W": "C, classes",
        "classifier.b": "classes",
    },
}


def build(folder=VECTORS):
    """Write everything into `folder`; the number of bytes. Raises ValueError where a case needs another seed."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files, stages, cases = {step: {} for step in STEPS}, {}, []
    solutions = [rounded(solved(*case)) for case in all_cases()]
    solutions = [case._replace(limits=limits(case, computed)) for case in solutions]
    for case in solutions:
        cases.append(_described(case, files[case.step], stages))
    for step, arrays in files.items():
        for suffix in ("npz", "safetensors"):
            tensors.write(arrays, folder / f"{step}.{suffix}")
    tensors.write(stages, folder / "stages.safetensors")
    write_mistakes(solutions, folder)
    steps = {name: _step(name, step, cases) for name, step in STEPS.items()}
    (folder / "manifest.json").write_text(_manifest(steps, cases), encoding="utf-8", newline="\n")
    if folder != VECTORS:
        shutil.copyfile(VECTORS / "manifest.schema.json", folder / "manifest.schema.json")
    return sum(path.stat().st_size for path in folder.iterdir())


def export(folder):
    """Write what somebody needs who does not use Python: vectors (no .npz), manifest, schema, licence and README.

    Returns the number of bytes. Raises ValueError for a folder that holds something already. Where the disk fills,
    nothing of it stays.
    """
    folder, here = Path(folder), Path(__file__).parent
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(f"export: {folder} holds something already; name a new folder")
    (folder / "vectors").mkdir(parents=True)
    try:
        for path in sorted(VECTORS.iterdir()):
            if path.suffix != ".npz":
                shutil.copyfile(path, folder / "vectors" / path.name)
        for name in ("README.md", "LICENSE"):
            shutil.copyfile(here / name, folder / name)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


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
    stages = {name: coarse(array) for name, array in case.stages.items()}
    return case._replace(
        outputs=outputs, stages=stages, scale={name: 2.0 ** round(np.log2(value)) for name, value in scale.items()}
    )


def coarse(array):
    """An array in float32, on a grid of 2^-20 of its largest entry, where no sum of a few binary digits is a limit."""
    step = 2.0 ** (np.floor(np.log2(float(np.max(np.abs(array))) or 1.0)) - 20)
    multiples = array / step + 0.371
    if np.min(np.abs(multiples - np.round(multiples))) < NOISE * 2.0**20:
        raise ValueError("a stage lies at the limit of two multiples; draw this case from another seed")
    return (np.floor(multiples) * step + 0.0).astype(np.float32)


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
    head = f'"$schema": "manifest.schema.json",\n"version": {text(VERSION)},\n"about": {text(ABOUT)},\n'
    head += f'"states": {text(STATES)},\n'
    return f'{{{head}"steps": {{\n{step_lines}\n}},\n"cases": [\n{case_lines}\n]}}\n'


def _step(step_name, step, cases):
    """The manifest's entry for a step: an optional argument that a case does not give takes its default."""
    parameters = inspect.signature(getattr(answers, step_name)).parameters.values()
    arguments = {
        p.name: {"required": True} if p.default is p.empty else {"required": False, "default": p.default}
        for p in parameters
        if p.name != "trace"
    }
    told = {"formula": step.formula, "arguments": arguments, "outputs": step.outputs}
    single = max(case["tolerance"].get("float32", 0) for case in cases if case["step"] == step_name)
    tolerance = {"float64": step.tolerance.float64, "float32": single, "reason": step.tolerance.reason}
    return told | {"tolerance": tolerance}


def _described(case, arrays, stages):
    """The manifest's entry for a case; puts its arrays into `arrays` and its stages into `stages`, each only once."""

    def entry(name, array, arrays=arrays):
        array = as_stored(name, array)
        same = [key for key, other in arrays.items() if _same(array, other)]
        key = same[0] if same else str(len(arrays))  # there are thousands: names would take more room than the numbers
        arrays[key] = array
        dtype = {} if array.dtype == np.float64 else {"dtype": str(array.dtype)}
        told = {"key": key} | dtype | {"shape": list(array.shape)}
        return told if name.startswith("state/") else told | {"axes": axes(case.step, name)}  # of states: see "states"

    inputs = {
        name: entry(name, array)
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
        outputs[name] = entry(name, array) | {"scale": case.scale[name]}
        outputs[name]["axes"] = declared.get(name, outputs[name].get("axes"))
        outputs[name] |= {"rows": case.rows[name]} if name in case.rows else {}
    described = {"name": case.name, "step": case.step, "aim": case.aim, "settings": case.settings}
    of_stages = {name: entry(name, array, stages)["key"] for name, array in case.stages.items()}
    described |= {"inputs": inputs, "outputs": outputs}
    return described | ({"stages": of_stages} if of_stages else {}) | {"tolerance": case.limits}


def _same(array, other):
    return array.shape == other.shape and array.dtype == other.dtype and array.tobytes() == other.tobytes()
