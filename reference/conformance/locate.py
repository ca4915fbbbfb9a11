"""Where does a wrong result go wrong? The first wrong stage forwards, the first wrong block backwards, the wrong kinds.

A function that takes an argument `trace`, a dict, may put its intermediate results there, under the names of
`reference.forward`; a file of results holds them as `stages/NAME`. Whatever is handed out is compared.
"""

import re

import numpy as np

from .compare import first_index, place, some, tolerance

STAGE_LIMITS = {np.dtype(np.float64): 1e-5, np.dtype(np.float32): 1e-3}  # stages are stored in float32


def where(cases, outcomes):
    """Sentences about where the wrong results of a step go wrong, from the case that tells most."""
    told = [
        (
            bool(outcome.stages),
            len(case.stages if outcome.stages else case.outputs),
            [*_stages(case, outcome), *_entries(case, outcome)],
        )
        for case, outcome in zip(cases, outcomes, strict=True)
        if outcome.problem and outcome.outputs
    ]
    return max(told, key=lambda found: (len(found[2]), *found[:2]), default=(0, 0, []))[2]


def _stages(case, outcome):
    given = {name: outcome.stages[name] for name in case.stages if name in outcome.stages}
    if not given:
        names = some([*case.stages], 3)
        return [f"Where? Take an argument trace, a dict, and put your stages there: {names}."] if case.stages else []
    right = None
    for name, array in given.items():
        told = _wrong_stage(name, np.asarray(array), case.stages[name])
        if told:
            return [f"First wrong stage: {told}" + (f"; {right}, before it, is right." if right else ".")]
        right = name
    return [f"All {len(given)} stages that were handed out are right: the mistake comes after {right}."]


def _wrong_stage(name, got, expected):
    if got.shape != expected.shape:
        return f"{name} has the shape {got.shape}, expected {expected.shape}"
    scale = float(np.max(np.abs(expected))) or 1.0
    wrong = ~(np.abs(got - expected) <= STAGE_LIMITS.get(got.dtype, 1e-5) * scale)
    if not np.any(wrong):
        return None
    index = first_index(wrong)
    return f"{place(name, index)} is {got[index]:.6g}, expected {expected[index]:.6g}"


def _entries(case, outcome):
    """Of a dict of gradients: which kinds are wrong, and the first wrong block on the way back."""
    names = [name for name in case.outputs if name.startswith("gradients/")]
    wrong = [name for name in names if is_wrong(case, outcome, name)]
    if not wrong:
        return []
    others = [name for name in case.outputs if name not in names and is_wrong(case, outcome, name)]
    kinds = {}
    for name in names:
        counts = kinds.setdefault(re.sub(r"^gradients/(blocks\.\d+\.)?", "", name), [0, 0])
        counts[0] += name in wrong
        counts[1] += 1
    told = [
        kind if every == 1 else f"{'all' if bad == every else bad} {f'of {every}' if bad < every else every} of {kind}"
        for kind, (bad, every) in kinds.items()
        if bad
    ]
    if len(wrong) == len(names):
        told = [f"all {len(names)} gradients"]
    elif len(told) > 6:
        told = [f"{len(wrong)} of {len(names)} gradients, of {len(told)} of {len(kinds)} kinds"]
    sentences = [f"Wrong: {', '.join([*told, *others])}; none else."]
    blocks = {int(number) for name in names for number in re.findall(r"blocks\.(\d+)\.", name)}
    bad = {int(number) for name in wrong for number in re.findall(r"blocks\.(\d+)\.", name)}
    if len(blocks) > 1 and bad:
        first, after = max(bad), sorted(blocks - bad)
        right = [number for number in after if number > first]
        sentences.append(
            f"Backwards, the first wrong block is blocks.{first}"
            + (f"; blocks.{', '.join(map(str, right))} behind it are right." if right else ", the last one.")
        )
    return sentences


def is_wrong(case, outcome, name):
    """Whether one output of a result is not what was expected."""
    got = outcome.outputs[name]
    if got.shape != case.outputs[name].shape:
        return True
    error = np.abs(got - case.outputs[name]) / case.scale[name]
    return not np.max(error, initial=0) <= tolerance(case, got)
