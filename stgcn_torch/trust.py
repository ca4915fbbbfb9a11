"""What the networks in reference/networks/ can be trusted with: measured on variations of their recordings.

Every class is varied so many times, by numbers drawn independently of those of the training, and classified by
`reference.classify`. There is one recording of each class, so this says nothing about another person.
"""

import json
from functools import reduce
from typing import NamedTuple

import numpy as np

import reference
from reference import variations

DRAWS, SEED = 20, 0
NOTHING, MIRRORED, ALL = "nothing", "mirrored, left for right", "all of these at once"
LAST = "only a second of the last 30 %"
WITHOUT = "the same, by a network that was trained on the first 70 %"


class Bounds(NamedTuple):
    """Between which bounds a network's variations are drawn.

    turn   (first channel, second channel, degrees either way, in words)
    noise  standard deviation in the set's unit, from and to, and in words
    x      which channel a mirror negates
    part   the smallest share of the frames
    """

    turn: tuple
    noise: tuple
    x: int
    part: float


BOUNDS = {
    "mocap_15": Bounds(
        (2, 0, 180, "turned by any angle about the vertical"), (0.01, 0.05, "noise of 1 to 5 cm"), 2, 0.5
    ),
    "openpose_25": Bounds(
        (0, 1, 20, "turned by up to 20 degrees in the picture"),
        (0.006, 0.03, "noise of 0.6 to 3 % of the height (1 to 5 cm of 1.7 m)"),
        0,
        0.05,
    ),
}


def variations_of(name, rng):
    """{what is changed, in words: a function of a clip (C, T, V, M)}; each call draws anew from the generator."""
    (a, b, degrees, turn), (least, most, noise), x, share = BOUNDS[name]
    skeleton, planar = reference.SKELETONS[name], name == "openpose_25"
    partner, coordinates = variations.partners(skeleton.joints), [0, 1] if planar else [0, 1, 2]

    def lost(count, largest):
        return rng.permutation(count)[: rng.integers(1, largest + 1)]

    changes = {
        NOTHING: lambda clip: clip,
        f"cut to a part, {share:.0%} to 90 % of the frames": lambda clip: variations.part(
            clip, rng.random(), rng.uniform(share, 0.9)
        ),
        "0.7 to 1.4 times as fast": lambda clip: variations.at_tempo(clip, rng.uniform(0.7, 1.4)),
        "up to half of the frames dropped": lambda clip: variations.without_frames(
            clip, lost(clip.shape[1], clip.shape[1] // 2)
        ),
        turn: lambda clip: variations.turned(clip, a, b, rng.uniform(-degrees, degrees)),
        MIRRORED: lambda clip: variations.mirrored(clip, x, partner),
        noise: lambda clip: variations.noisy(clip, coordinates, rng.uniform(least, most), rng),
        "one to five joints lost": lambda clip: variations.without_joints(clip, lost(clip.shape[2], 5)),
    }
    every = tuple(changes.values())
    changes[ALL] = lambda clip: reduce(lambda so_far, change: change(so_far), every, clip)
    if planar:
        changes[LAST] = lambda clip: variations.part(variations.part(clip, 1, 0.3), rng.random(), 0.2)
    return changes


def measure(name, network, draws=DRAWS, *, only=None):
    """{what is changed: {"clips", "right", "worst": [class, its share]}} of a reference.Network of that set.

    only  one of the changes, in words; unless given, all of them
    """
    sequences, results = reference.load_clips(name), {}
    for number, what in enumerate(variations_of(name, None)):
        if only in (None, what):
            change = variations_of(name, np.random.default_rng([SEED, number]))[what]
            times = 1 if what in (NOTHING, MIRRORED) else draws
            right = {}
            for class_name in sequences.class_names.tolist():
                expected = variations.other_side(class_name) if what in (MIRRORED, ALL) else class_name
                clip = sequences.clip(class_name)[0]
                said = [reference.classify(network, change(clip))[0][0] for _ in range(times)]
                right[class_name] = said.count(expected)
            worst = min(right, key=right.get)
            results[what] = {
                "clips": times * len(right), "right": sum(right.values()), "worst": [worst, right[worst] / times],
            }  # fmt: skip
    return results


def measured(folder, held_out):
    """{"draws", "seed", "networks": {name: what `measure` gives}} of the networks in a folder.

    held_out  weights that saw the first 70 % of openpose_25 only. Where there are none, what was measured before stays
    """
    networks = {name: measure(name, reference.load_network(folder / f"{name}.safetensors"), DRAWS) for name in BOUNDS}
    if held_out.exists():
        other = measure("openpose_25", reference.load_network(held_out), DRAWS, only=LAST)[LAST]
    else:
        other = json.loads((folder / "measured.json").read_text("utf-8"))["networks"]["openpose_25"][WITHOUT]
    networks["openpose_25"][WITHOUT] = other
    return {"draws": DRAWS, "seed": SEED, "networks": networks}


def table(results):
    """What `measured` gives, in Markdown."""
    rows = ["| network | what is changed | clips | right | the class that suffers most |", "|---|---|---:|---:|---|"]
    for name, changes in results["networks"].items():
        for what, (clips, right, (worst, share)) in ((what, change.values()) for what, change in changes.items()):
            suffers = "" if share == 1 else f"{worst}: {share:.0%}"
            rows.append(f"| {name} | {what} | {clips} | {right / clips:.1%} | {suffers} |")
    return "\n".join(rows)
