"""A published checkpoint as a file of this project: python -m stgcn_torch convert IN OUT.safetensors."""

import itertools
from pathlib import Path

import numpy as np

from reference import SKELETONS, partition, save_state

from .official import official_state, read_checkpoint, recognise


def convert(source, destination):
    """Write a checkpoint as the project's own `.safetensors`, and print what it is.

    Raises FileNotFoundError and ValueError as `load_official` does, and ValueError if `destination` does not end in
    `.safetensors`; then nothing is written.
    """
    if not str(destination).endswith(".safetensors"):
        raise ValueError(f"the file to write must end in .safetensors, got {destination}")
    if Path(source).resolve() == Path(destination).resolve():
        raise ValueError(f"the file to write must be another than the one to read, {source}")
    state = official_state(source)
    title = recognise(read_checkpoint(source)).title
    save_state(state, destination, {"converted_from": title})
    K, V, _ = state["A_hat"].shape
    C, classes = len(state["data_bn.weight"]) // V, len(state["classifier.b"])
    print(f"{source}: a checkpoint of {title}: {C} channels, {V} joints, K = {K}, {classes} classes.")
    print(describe_partition(state["A_hat"]))
    print(f"wrote {destination}")


def describe_partition(A_hat):
    """One line on how a checkpoint's partition differs from the exact one of this project, by the subsets' sizes."""
    edges = A_hat != 0
    K = len(edges)
    sizes = _listed(edges)
    neighbourhood = edges.any(axis=0)
    for skeleton in SKELETONS.values():
        for strategy, max_hop in itertools.product(("uni_labeling", "distance", "spatial"), (1, 2)):
            exact = partition(skeleton, strategy, max_hop=max_hop) != 0
            if len(exact) == K and np.array_equal(exact.any(axis=0), neighbourhood):
                same = {subset.tobytes() for subset in edges} == {subset.tobytes() for subset in exact}
                return (
                    f"Partition: subsets of {sizes} entries; the exact {strategy} partition of {skeleton.name} (max_hop"
                    f" {max_hop}) has {_listed(exact)}: {'the same' if same else 'another'}. The checkpoint's is kept."
                )
    return (
        f"Partition: subsets of {sizes} entries, K = {K}: not compared, since no built-in skeleton has an exact"
        " partition of this neighbourhood into as many subsets. The checkpoint's is kept."
    )


def _listed(subsets):
    return "/".join(str(int(subset.sum())) for subset in subsets)
