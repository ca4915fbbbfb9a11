"""What the known mistakes give, as vectors: so that a runner in any language can name them.

Of each case some entries are stored: those that tell the mistakes of its step apart, and a few more. All outputs of a
case are laid one after another, in the manifest's order, each in C order; an entry is a position there.
mistakes.safetensors holds, for each case and under its name, an array (2 + mistakes of the step, E). Its rows are

    entries    their positions
    limits     how far a number may be off, besides 1e-8 of it
    and what each mistake gives there; NaN for what is not finite or not there (a result of another shape), infinite for
    a mistake that cannot compute the case

and mistakes.json holds the mistakes by step, in that order, with name and advice.
"""

import json

import numpy as np

from . import mistakes, tensors
from .compare import tolerance
from .hints import results
from .precision import GRID, NOISE
from .steps import STEPS

EXACT = 24  # binary digits behind the point
SHARE = 1e-8  # of a mistake's number, by which a result may be off besides
FEWEST = 2  # entries of a case, where it has so many
ABOUT = (
    "mistakes.safetensors holds a matrix for each case: positions in its results (all outputs one after another, in "
    "the manifest's order, of `rows` those that are kept), limits, and a row for each mistake of the step, in the "
    "order of `mistakes`. A mistake fits if, in every case of its step, the result at each position (what is not there"
    " or not finite counts as NaN) is within limit + 1e-8 |number| of the number in its row; NaN fits NaN alone, and "
    "an infinite number nothing."
)


def write_mistakes(cases, folder):
    """Write mistakes.json and mistakes.safetensors into a folder, for all cases (with their outputs and limits)."""
    arrays = {}
    for case in cases:
        rows = [flat(case, results(mistake.function, case)) for mistake in mistakes.of_step(case.step)]
        arrays[case.name] = np.vstack(_chosen(case, rows))
    tensors.write(arrays, folder / "mistakes.safetensors")
    told = {
        step: [{"name": mistake.name, "advice": mistake.advice} for mistake in mistakes.of_step(step)] for step in STEPS
    }
    text = json.dumps({"about": ABOUT, "mistakes": told}, ensure_ascii=False, indent=1)
    (folder / "mistakes.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def flat(case, outputs):
    """All outputs one after another, what is not finite as NaN; None for None."""
    if outputs is None:
        return None
    numbers = np.concatenate([np.ravel(outputs[name]) for name in case.outputs])
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _chosen(case, rows):
    """The entries of a case, their limits, and what each row has there."""
    right = flat(case, case.outputs)
    scales = np.concatenate([np.full(array.size, case.scale[name]) for name, array in case.outputs.items()])
    longest = max(len(row) for row in [right, *rows] if row is not None)
    table = np.full((len(rows) + 1, longest), np.nan)
    for place, row in enumerate([right, *rows]):
        table[place, : len(row) if row is not None else None] = np.inf if row is None else row
    scales = np.append(scales, np.full(longest - len(scales), scales[-1]))
    # Numbers of few binary digits are what they are everywhere. Others are rounded, as the outputs are, where no noise
    # could decide which way.
    there = np.where(np.isfinite(table), table, 0)
    sizes = np.maximum(scales, np.abs(there))
    step = 2.0 ** (np.floor(np.log2(sizes)) - GRID)
    multiples = there / step
    from_middle = np.abs(np.abs(multiples - np.round(multiples)) - 0.5) * step
    exact = there * 2.0**EXACT == np.round(there * 2.0**EXACT)
    steady = np.all(exact | (from_middle > NOISE * np.max(sizes, axis=1, keepdims=True)), axis=0)
    table = np.where(np.isfinite(table) & ~exact, np.round(multiples) * step + 0.0, table)
    limits = (tolerance(case, right) + 2.0**-GRID) * scales
    candidates = np.flatnonzero(steady)
    chosen = candidates[_telling(table[:, candidates], limits[candidates])]
    return chosen, limits[chosen], table[1:, chosen]


def _telling(table, limits):
    """Positions that tell all rows apart which differ anywhere, and some more."""
    there = np.nan_to_num(table, nan=0, posinf=0)
    apart = np.abs(there[:, None] - there[None]) > 2 * (limits + SHARE * np.abs(there))
    finite = np.isfinite(table)
    same_kind = (finite[:, None] == finite[None]) & (np.isnan(table)[:, None] == np.isnan(table)[None])
    different = (apart | ~same_kind).reshape(-1, len(limits))
    chosen = []
    while different.any():
        chosen.append(int(np.argmax(different.sum(axis=0))))
        different = different[~different[:, chosen[-1]]]
    for place in np.linspace(0, len(limits) - 1, num=min(FEWEST, len(limits))).astype(int):
        if len(chosen) < FEWEST and place not in chosen:
            chosen.append(int(place))
    return np.sort(chosen)
