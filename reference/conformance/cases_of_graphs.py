"""Inputs of the steps that make the graph: bodies with limbs, cycles and single joints, and what they cost."""

from itertools import pairwise

import numpy as np

from .. import LAYERS, NORMALIZATIONS, PAPER_STRATEGIES, SKELETONS
from . import answers
from .drawn_inputs import Numbers, single

NORMALISED = ("toy_5", "ntu_25")

# Bodies that no built-in skeleton is like: (joints, bones, centre, what they aim at).
BODIES = {
    "single": (1, [], 0, "one joint, no bones"),
    "pair": (2, [(1, 0)], 1, "two joints, the centre is the last one"),
    "three": (3, [(2, 0), (1, 2)], 2, "three joints, the centre in the middle is the last"),
    "limb": (14, [(v, v + 1) for v in range(13)], 0, "a limb of 13 hops: hops above ten count as well"),
    "ring_6": (6, [(0, 3), (3, 1), (1, 4), (4, 2), (2, 5), (5, 0)], 4, "an even cycle: two shortest paths to a joint"),
    "ring_7": (7, [(v, (v + 1) % 7) for v in range(7)], 2, "an odd cycle: two neighbours are equally far"),
    "star": (8, [(5, v) for v in (7, 0, 6, 1, 4, 2, 3)], 6, "seven bones at one joint, the centre at a tip"),
    "mesh": (
        9,
        [(8, 0), (0, 4), (4, 8), (4, 2), (2, 6), (6, 0), (6, 1), (1, 3), (3, 6), (3, 5), (7, 5)],
        8,
        "cycles of three and four joints, and a tail",
    ),
    "mirrored": (5, [(4, 3), (3, 2), (2, 1), (0, 3)], 4, "joints counted from the far end, bones from either"),
    "ring_6_other": (
        6,
        [(v, (v + 1) % 6) for v in range(6)],
        4,
        "as many joints and bones as ring_6, other neighbours",
    ),
    "tree_67": (
        67,
        [(v * 41 % 67, (v - 1) // 2 * 41 % 67) for v in range(1, 67)],
        66,
        "more joints than a word has bits",
    ),
    "star_inside": (8, [(5, v) for v in (7, 0, 6, 1, 4, 2, 3)], 5, "the same bones as star, another centre"),
}


def all_cases():
    """Yields (name, aim, settings, inputs)."""
    bodies = {
        name: (skeleton.num_joints, skeleton.bones, skeleton.center, "a built-in skeleton")
        for name, skeleton in SKELETONS.items()
    } | BODIES
    for step in ("adjacency", "hop_distance"):
        for name, (V, bones, _, aim) in bodies.items():
            yield f"{step}.{name}", aim, {"num_joints": V}, {"bones": as_array(bones)}
    for name, (V, bones, center, aim) in bodies.items():
        for strategy in PAPER_STRATEGIES:
            settings = {"num_joints": V, "center": center, "strategy": strategy}
            yield f"partition.{name}_{strategy}", aim, settings, {"bones": as_array(bones)}
    aim = "257 hops: more than a byte holds"
    places = [(v * 65 + 1) % 258 for v in range(258)]  # the rows that are kept: 0, 123, 127, 250, 254, 256 hops on
    limb = {"bones": as_array(list(pairwise(places)))}
    yield "hop_distance.limb_258", aim, {"num_joints": 258}, limb
    settings = {"num_joints": 258, "center": places[0], "strategy": "spatial"}
    yield "partition.limb_258_spatial", aim, settings, limb
    for name, aim, A in _adjacencies():
        for method in NORMALIZATIONS:
            yield f"normalize.{name}_{method}", aim, {"method": method}, {"A": A}
            if name == "weighted":
                yield f"normalize.{method}_float32", "inputs in float32", {"method": method}, single({"A": A})
    yield from _tables()


def as_array(bones):
    """Bones (E, 2) as the functions take them; no bones are (0, 2)."""
    return np.array(bones, dtype=np.int64).reshape(-1, 2)


def _adjacencies():
    """By name: what it aims at, and A (K, V, V)."""
    for name in NORMALISED:
        skeleton = SKELETONS[name]
        yield name, "directed subsets, some rows empty", _split(skeleton.num_joints, skeleton.bones, skeleton.center)
    for name in ("single", "ring_7", "star"):
        V, bones, center, aim = BODIES[name]
        yield name, aim, _split(V, bones, center)
    for strategy in ("uni_labeling", "distance"):
        V, bones, center, aim = BODIES["mesh"]
        K = {"uni_labeling": 1, "distance": 2}[strategy]
        yield f"mesh_{strategy}", f"K = {K}; {aim}", answers.partition(V, bones, center, strategy)
    V, bones, center, aim = BODIES["tree_67"]
    A = _split(V, bones, center)
    yield "tree_67", f"K = 1, directed; {aim}", A[:1] + A[1:2]
    r = Numbers(30)
    A = r.positive(4, 3, 3) * (r.stream.randint(0, 3, (4, 3, 3)) > 0)
    A[0] += np.eye(3)
    A[3, :, 1] = A[2, 0] = 0
    yield "weighted", "edges that weigh other than 1, K = 4 with V = 3, an empty row and an empty column", A
    other = _split(7, [(v, (v + 2) % 7) for v in range(7)], 2)
    yield "ring_7_other", "as many joints and edges as ring_7, other neighbours", other
    r = Numbers(35)
    yield "light", "K = 9, rows that sum to less than α", r.positive(9, 3, 3) / 2**13
    A = r.positive(5, 3, 3) * 16
    A[:, 0, :2] /= 2**21
    A[:, 2, 2] = 0
    yield "heavy", "K = 5, edges that weigh 30 beside some that weigh a millionth", A


def _split(V, bones, center):
    return answers.partition(V, bones, center, "spatial")


def _tables():
    sizes = {"T": 300, "V": 25, "M": 2, "in_channels": 2, "num_classes": 60, "K": 3, "gamma": 9}
    ten = np.array(LAYERS, dtype=np.int64)
    odd = np.array([(5, 7, 2), (7, 6, 1), (6, 6, 3), (6, 4, 1), (4, 4, 2)], dtype=np.int64)
    for name, aim, layers, others in (
        ("ten_rows", "the paper's network", ten, {"edge_importance": True}),
        ("odd_sizes", "odd T, strides 2 and 3, channels that change without a stride, a first row with one", odd,
         {"T": 37, "V": 7, "M": 3, "in_channels": 3, "num_classes": 11, "K": 4, "gamma": 5, "edge_importance": False}),
        ("ones", "every size is one", np.ones((1, 3), dtype=np.int64),
         dict.fromkeys(sizes, 1) | {"edge_importance": True}),
        ("same_rows", "the paper's rows with all else changed, K = 1", ten,
         {"T": 151, "V": 18, "M": 1, "in_channels": 3, "num_classes": 400, "K": 1, "gamma": 3,
          "edge_importance": False}),
        ("huge", "counts that 32 bits do not hold", ten * [4, 4, 1],
         {"T": 3000, "V": 133, "M": 5, "in_channels": 4, "K": 8, "gamma": 15, "edge_importance": True}),
        ("small", "strides above T, Γ = 1, twelve rows, down to one channel",
         np.array([(3, 2, 8), (2, 2, 7), (2, 1, 1), *[(1, 1, 1)] * 7, (1, 2, 2), (2, 3, 1)], dtype=np.int64),
         {"T": 5, "V": 2, "M": 4, "in_channels": 5, "num_classes": 2, "K": 2, "gamma": 1, "edge_importance": True}),
        ("equal", "every size is three", np.array([(3, 3, 1), (3, 3, 3), (3, 3, 1)], dtype=np.int64),
         dict.fromkeys(sizes, 3) | {"edge_importance": False}),
        ("short", "T below Γ, more subsets than joints, M = 9", np.array([(9, 40, 1), (40, 40, 2)], dtype=np.int64),
         {"T": 2, "V": 3, "M": 9, "in_channels": 20, "num_classes": 3, "K": 11, "gamma": 11, "edge_importance": True}),
    ):  # fmt: skip
        yield f"layer_table.{name}", aim, sizes | others, {"layers": layers}
        if name == "odd_sizes":
            changed = {"T": 36, "V": 8, "M": 2, "in_channels": 4, "num_classes": 10, "K": 3, "gamma": 3}
            for argument, value in (changed | {"edge_importance": True}).items():
                told = f"as odd_sizes but for {argument}: nothing may stay from there"
                settings = sizes | others | {argument: value}
                yield f"layer_table.other_{argument.lower()}", told, settings, {"layers": layers}
            for what, before, after in (("stride", 3, 4), ("channels", 7, 8)):
                told = f"as odd_sizes but for {what} of a row: nothing may stay from there"
                yield (
                    f"layer_table.other_{what}",
                    told,
                    sizes | others,
                    {"layers": np.where(layers == before, after, layers)},
                )
