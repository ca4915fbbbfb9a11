"""Random bodies and features for the property tests. Hypothesis draws the shape, a seed draws the numbers."""

import numpy as np
from hypothesis import strategies as st

from reference import NORMALIZATIONS, STRATEGIES, Skeleton


@st.composite
def skeletons(draw, *, max_joints=8, trees_only=False):
    """A random tree, numbered in random order with a random centre, and, unless trees_only, up to three cycles."""
    V = draw(st.integers(1, max_joints))
    order = draw(st.permutations(range(V)))
    bones = [(order[i], order[draw(st.integers(0, i - 1))]) for i in range(1, V)]
    free = [(i, j) for i in range(V) for j in range(i) if (i, j) not in bones and (j, i) not in bones]
    if free and not trees_only:
        bones += draw(st.lists(st.sampled_from(free), max_size=3, unique=True))
    return Skeleton("random", [f"joint_{v}" for v in range(V)], bones, draw(st.integers(0, V - 1)))


seeds = st.integers(0, 2**32 - 1)
partition_names = st.sampled_from(STRATEGIES)
methods = st.sampled_from(NORMALIZATIONS)


def normal(seed, *shape):
    """Normally distributed float64 numbers."""
    return np.random.default_rng(seed).normal(size=shape)


def relabelled(skeleton, new):
    """The same body with other numbers: joint v becomes joint new[v]."""
    joints = [skeleton.joints[v] for v in np.argsort(new)]
    return Skeleton("relabelled", joints, [(new[i], new[j]) for i, j in skeleton.bones], new[skeleton.center])


def norm_entries(seed, name, C):
    """weight, bias and positive running statistics of a batch norm."""
    values = {"weight": normal(seed, C), "bias": normal(seed + 1, C), "running_mean": normal(seed + 2, C)}
    values["running_var"] = np.abs(normal(seed + 3, C)) + 0.1
    return {f"{name}.{entry}": value for entry, value in values.items()}
