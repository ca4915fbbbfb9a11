"""Partition strategies: which weight matrix W_k each neighbour of a root joint is multiplied with.

The paper writes a partition as a labelling map: seen from the root i, its neighbour j has the label k. Here the map
becomes K matrices: A[k, i, j] = 1 where j is a neighbour of root i and has the label k. Row = root, column = neighbour.
(Notes, lines 3 to 6.)
"""

import numpy as np

from .skeleton import hop_distance

PAPER_STRATEGIES = ("uni_labeling", "distance", "spatial")
STRATEGIES = (*PAPER_STRATEGIES, "widely_copied")


def partition(skeleton, strategy, *, max_hop=1, distance_to_center=None):
    """Split the neighbourhood of every root into K subsets: A (K, V, V), where Σ_k A[k] = A + I if max_hop is 1.

    skeleton            a Skeleton
    strategy            "uni_labeling"  K = 1: every neighbour has the label 0
                        "distance"      K = max_hop + 1: the label is the number of hops from root to neighbour
                        "spatial"       K = 3: 0 for a neighbour as far from the centre as the root (the root itself is
                                        one), 1 for a closer one (centripetal), 2 for a farther one (centrifugal)
                        "widely_copied" K = 2 max_hop + 1: what yysijie/st-gcn (net/utils/graph.py, v0.2) makes of
                                        "spatial", as row = root (there the columns are roots: compare with A_k^T).
                                        Distances to the centre are truncated: all joints more than max_hop hops from
                                        it count as equally far. 0 is the root alone; among the neighbours h hops away
                                        the label is 2h - 1 for those that are farther than the root or equally far,
                                        and 2h for closer ones: 25, 40 and 8 entries on ntu_25 (exact: 25, 24, 24)
                        or a function label(i, j) -> k of your own, called for every neighbour j of every root i, the
                        root itself included; K is then the largest label + 1
    max_hop             a neighbour is a joint at most so many hops away; 1 in the paper
    distance_to_center  (V,) for "spatial" only: the distance of each joint to the centre. Unless given, the hops to
                        `skeleton.center`; the paper describes what `mean_distance_to_gravity_center(clips)` measures

    Raises ValueError for an unknown strategy, for a max_hop that is not an integer >= 1, for a distance_to_center that
    is not V finite numbers or comes with another strategy, and for a label that is not an integer >= 0.
    """
    hops = hop_distance(skeleton)
    V = len(hops)
    if not (isinstance(max_hop, (int, np.integer)) and max_hop >= 1):
        raise ValueError(f"partition: max_hop must be an integer >= 1, got {max_hop!r}")
    K, label = _labelling(strategy, hops, skeleton.center, max_hop, distance_to_center)

    labels = {(i, j): label(i, j) for i in range(V) for j in range(V) if hops[i, j] <= max_hop}
    for (i, j), k in labels.items():
        if not (isinstance(k, (int, np.integer)) and k >= 0):
            raise ValueError(f"partition: the label of neighbour {j} of root {i} must be an integer >= 0, got {k!r}")
    A = np.zeros((K or max(labels.values()) + 1, V, V))
    for (i, j), k in labels.items():
        A[int(k), i, j] = 1  # a label True or False would be taken for a mask
    return A


def _labelling(strategy, hops, center, max_hop, distance_to_center):
    """The number of subsets K (None: as many as there are labels) and the labelling map of a strategy."""
    if distance_to_center is not None and strategy != "spatial":
        raise ValueError(f'partition: distance_to_center belongs to the strategy "spatial", not to {strategy!r}')
    distance = hops[center] if distance_to_center is None else np.asarray(distance_to_center)
    if distance.shape != (len(hops),) or not np.all(np.isfinite(distance)):
        raise ValueError(f"partition: distance_to_center must be ({len(hops)},) finite numbers, got {distance!r}")

    def spatial_label(i, j):
        if distance[j] == distance[i]:
            return 0
        return 1 if distance[j] < distance[i] else 2

    truncated = np.minimum(distance, max_hop + 1)

    def widely_copied_label(i, j):
        return 2 * hops[i, j] - (hops[i, j] > 0 and not truncated[j] < truncated[i])

    if callable(strategy):
        return None, strategy
    if strategy == "uni_labeling":
        return 1, lambda i, j: 0
    if strategy == "distance":
        return max_hop + 1, lambda i, j: hops[i, j]
    if strategy == "spatial":
        return 3, spatial_label
    if strategy == "widely_copied":
        return 2 * max_hop + 1, widely_copied_label
    known = ", ".join(f'"{name}"' for name in STRATEGIES)
    raise ValueError(
        f"partition: there is no strategy {strategy!r}; there are {known}, or pass a function label(i, j) -> k"
    )


def mean_distance_to_gravity_center(clips):
    """How far each joint is from the centre of gravity of its body, (V,), averaged over all frames of `clips`.

    The gravity centre of a frame is the mean position of the joints in it. This is the distance that the paper
    describes for the spatial strategy; pass it to `partition(..., distance_to_center=...)`.

    clips  (N, C, T, V, M), all C channels coordinates (leave a score channel out: clip[:, :2]), or Sequences, of which
           the channels x, y and z are taken. Joints whose coordinates are all zero are absent and do not count

    Raises ValueError if an array has not five axes, if `clips` holds a NaN, and for a joint that is never present.
    """
    if hasattr(clips, "frames"):
        position = clips.frames[..., [c in ("x", "y", "z") for c in clips.channels]]  # (ΣT, M, V, C)
    elif clips.ndim == 5:
        position = np.moveaxis(clips, 1, -1)  # (N, T, V, M, C)
        position = np.swapaxes(position, -3, -2)  # (N, T, M, V, C)
    else:
        raise ValueError(f"mean_distance_to_gravity_center: clips must be (N, C, T, V, M), got {clips.shape}")
    if not np.all(np.isfinite(position)):
        raise ValueError("mean_distance_to_gravity_center: clips hold NaN or infinity")
    present = np.any(position != 0, axis=-1)  # (..., V)
    joints_in_frame = np.maximum(np.sum(present, axis=-1), 1)[..., None]  # (..., 1)
    gravity_center = np.sum(position, axis=-2) / joints_in_frame  # (..., C); absent joints add zero
    distance = np.sqrt(np.sum((position - gravity_center[..., None, :]) ** 2, axis=-1)) * present  # (..., V)

    frames = tuple(range(distance.ndim - 1))
    times_present = np.sum(present, axis=frames)  # (V,)
    if np.any(times_present == 0):
        never = ", ".join(str(v) for v in range(len(times_present)) if times_present[v] == 0)
        raise ValueError(f"mean_distance_to_gravity_center: joint {never} is present in no frame")
    return np.sum(distance, axis=frames) / times_present
