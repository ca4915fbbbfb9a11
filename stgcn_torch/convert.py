"""A published checkpoint as a file of this project: python -m stgcn_torch convert IN OUT.safetensors."""

import numpy as np

from reference import SKELETONS, adjacency, partition, save_state

from .official import official_state, read_checkpoint, recognise


def convert(source, destination):
    """Write a checkpoint as the project's own `.safetensors`, and print what it is.

    Raises FileNotFoundError and ValueError as `load_official` does, and ValueError if `destination` does not end in
    `.safetensors`; then nothing is written.
    """
    if not str(destination).endswith(".safetensors"):
        raise ValueError(f"convert: the file to write must end in .safetensors, got {destination}")
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
    K, V, _ = edges.shape
    sizes = _listed(edges)
    strategy = {1: "uni_labeling", 2: "distance", 3: "spatial"}.get(K)
    neighbourhood = edges.any(axis=0)
    for skeleton in SKELETONS.values():
        if strategy and skeleton.num_joints == V and np.array_equal(adjacency(skeleton) + np.eye(V) > 0, neighbourhood):
            exact = partition(skeleton, strategy) != 0
            same = {subset.tobytes() for subset in edges} == {subset.tobytes() for subset in exact}
            verdict = "the same" if same else "another"
            return (
                f"Partition: subsets of {sizes} entries; the exact {strategy} partition of {skeleton.name} has"
                f" {_listed(exact)}: {verdict}. The checkpoint keeps its own."
            )
    return (
        f"Partition: subsets of {sizes} entries; no built-in skeleton has this neighbourhood with K = {K}, so there is"
        " no exact partition to compare with. The checkpoint keeps its own."
    )


def _listed(subsets):
    return "/".join(str(int(subset.sum())) for subset in subsets)
