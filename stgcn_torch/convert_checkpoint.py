"""A published checkpoint as a file of this project: python -m stgcn_torch convert IN OUT.safetensors."""

import itertools
from pathlib import Path

import numpy as np

from reference import PAPER_STRATEGIES, SKELETONS, Skeleton, partition, save_state

from .official import official_state
from .official_files import read_checkpoint
from .official_layouts import LAYOUTS, recognise
from .preparations import settings_for


def convert(source, destination, preparation=None, classes=None):
    """Write a checkpoint as the project's own `.safetensors`, and print what it is.

    preparation  "ntu" or "kinetics": how clips are prepared for it, so that `evaluate` and `predict` take it
    classes      what its classes are called, as `settings_for` takes it

    Raises FileNotFoundError and ValueError as `load_official` and `settings_for` do, and ValueError if `destination`
    does not end in `.safetensors` and for classes without a preparation; then nothing is written.
    """
    if not str(destination).endswith(".safetensors"):
        raise ValueError(f"the file to write must end in .safetensors, got {destination}")
    if Path(source).resolve() == Path(destination).resolve():
        raise ValueError(f"the file to write must be another than the one to read, {source}")
    if classes and not preparation:
        raise ValueError("--classes needs --preparation, which says how clips are prepared: ntu or kinetics")
    state = official_state(source)
    title = recognise(read_checkpoint(source)).title
    settings, about = settings_for(state, preparation, classes) if preparation else ({}, None)
    save_state(state, destination, {"converted_from": title} | settings)
    K, V, _ = state["A_hat"].shape
    C, count = len(state["data_bn.weight"]) // V, len(state["classifier.b"])
    print(f"{source}: a checkpoint of {title}: {C} channels, {V} joints, K = {K}, {count} classes.")
    print(describe_partition(state["A_hat"]))
    if preparation:
        print(f"Clips are prepared as yysijie/st-gcn does for {preparation}; {about}.")
        if title != LAYOUTS[0].title:
            print(f"note: checkpoints of {title} may have been trained on clips that were prepared otherwise")
    else:
        print("For evaluate and predict, convert it with --preparation: ntu or kinetics.")
    print(f"wrote {destination}")


def describe_partition(A_hat):
    """One line on how a checkpoint's partition differs from the exact one of this project, by the subsets' sizes."""
    edges = A_hat != 0
    K = len(edges)
    found = list(_exact_partitions(edges.any(axis=0), SKELETONS.values()))
    found = found or list(_exact_partitions(edges.any(axis=0), _trees(edges.any(axis=0))))
    if not found:
        return (
            f"Partition: subsets of {_listed(edges)} entries, K = {K}: not compared, since no built-in skeleton has"
            " this neighbourhood. The checkpoint's is kept."
        )
    # More subsets than any exact partition has come of splitting "closer" and "farther" by hops: K = 2 max_hop + 1.
    of_size_K = [(title, exact) for title, exact in found if len(exact) == K]
    candidates = of_size_K or [(title, exact) for title, exact in found if title.startswith("spatial")]
    own = {subset.tobytes() for subset in edges}
    same = [own == {subset.tobytes() for subset in exact} for _, exact in candidates]
    title, exact = candidates[same.index(True) if True in same else 0]
    return (
        f"Partition: subsets of {_listed(edges)} entries; the exact {title} has {_listed(exact)}:"
        f" {'the same' if True in same else 'another'}. The checkpoint's is kept."
    )


def _exact_partitions(neighbourhood, skeletons):
    """The exact partitions of a neighbourhood (V, V): pairs of a title and whether there are edges (K, V, V)."""
    for skeleton, max_hop in itertools.product(skeletons, (1, 2)):
        if np.array_equal(partition(skeleton, "uni_labeling", max_hop=max_hop)[0] != 0, neighbourhood):
            for strategy in PAPER_STRATEGIES:
                title = f"{strategy} partition of {skeleton.name} (max_hop {max_hop})"
                yield title, partition(skeleton, strategy, max_hop=max_hop) != 0


def _trees(neighbourhood):
    """The skeletons whose bones are this neighbourhood (V, V), if it is a tree: one for every joint as the centre.

    On a tree the sizes of the exact subsets, V / V-1 / V-1, are the same for every centre.
    """
    V = len(neighbourhood)
    bones = np.argwhere(np.triu(neighbourhood, 1)).tolist()
    if len(bones) != V - 1 or not np.array_equal(neighbourhood, neighbourhood.T):
        return []
    try:
        return [Skeleton(f"these {V} joints", [str(v) for v in range(V)], bones, center) for center in range(V)]
    except ValueError:  # a joint apart, and a cycle elsewhere
        return []


def _listed(subsets):
    return "/".join(str(int(subset.sum())) for subset in subsets)
