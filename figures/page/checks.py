"""Checks that the drawing functions share: each says what was expected and what came."""

import numpy as np


def check_skeleton(skeleton, who):
    """Refuse what is no Skeleton: a layout's name, say."""
    if not hasattr(skeleton, "bones") or not hasattr(skeleton, "joints"):
        raise TypeError(f"{who}: expected a Skeleton, got {skeleton!r}")


def check_layer_table(table, who):
    """Refuse what is no layer table."""
    if not hasattr(table, "rows") or not hasattr(table, "input_shape"):
        raise TypeError(f"{who}: expected what reference.layer_table(...) returns, got {table!r}")


def check_stacks(A, skeleton, who, name="A"):
    """{heading: (K, V, V)} from that, or from one such array, which has the heading ""."""
    stacks = A if isinstance(A, dict) else {"": A}
    return {heading: check_stack(stack, skeleton, who, name) for heading, stack in stacks.items()}


def check_stack(A, skeleton, who, name="A"):
    """A as an array (K, V, V) that fits the skeleton (or any V, if `skeleton` is None)."""
    A = np.asarray(A)
    if A.ndim != 3 or A.shape[1] != A.shape[2] or 0 in A.shape:
        raise ValueError(f"{who}: {name} must be (K, V, V), got {A.shape}")
    if skeleton is not None and A.shape[1] != skeleton.num_joints:
        raise ValueError(f"{who}: {name} has {A.shape[1]} joints but {skeleton} has {skeleton.num_joints}")
    if not np.all(np.isfinite(A)):
        k, i, j = np.argwhere(~np.isfinite(A))[0]
        raise ValueError(f"{who}: {name}[{k}, {i}, {j}] is {A[k, i, j]}")
    return A


def check_index(index, size, who, what):
    """`index` as an int from 0 to size - 1; negative numbers do not count from the end."""
    if not isinstance(index, (int, np.integer)) or isinstance(index, bool) or not 0 <= index < size:
        raise ValueError(f"{who}: {what} must be an integer from 0 to {size - 1}, got {index!r}")
    return int(index)


def check_pose(pose, skeleton, who):
    """`pose` as an array (V, 2), which must be finite."""
    pose = np.asarray(pose, dtype=float)
    if pose.shape != (skeleton.num_joints, 2):
        raise ValueError(f"{who}: pose must be ({skeleton.num_joints}, 2) for {skeleton}, got {pose.shape}")
    if not np.all(np.isfinite(pose)):
        raise ValueError(
            f"{who}: pose has {pose[~np.isfinite(pose)][0]} at joint {np.argwhere(~np.isfinite(pose))[0][0]}"
        )
    return pose


def check_clip(clip, skeleton, who):
    """The clip as an array (C, T, V, M) that fits the skeleton."""
    check_skeleton(skeleton, who)
    clip = np.asarray(clip)
    if clip.ndim == 5 and clip.shape[0] == 1:
        clip = clip[0]
    if clip.ndim != 4:
        raise ValueError(f"{who}: clip must be (C, T, V, M) or (1, C, T, V, M), got {clip.shape}")
    if clip.shape[2] != skeleton.num_joints:
        raise ValueError(
            f"{who}: clip {clip.shape} has {clip.shape[2]} joints but {skeleton} has {skeleton.num_joints}"
        )
    if clip.shape[0] < 2 or clip.shape[1] < 1 or clip.shape[3] < 1:
        raise ValueError(f"{who}: clip must have at least 2 channels, 1 frame and 1 person, got {clip.shape}")
    if not np.all(np.isfinite(clip)):
        c, t, v, m = np.argwhere(~np.isfinite(clip))[0]
        raise ValueError(f"{who}: clip has {clip[c, t, v, m]} in channel {c}, frame {t}, joint {v}, person {m}")
    return clip
