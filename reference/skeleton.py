"""A skeleton is a graph: joints are nodes, bones are undirected edges, and one joint is the centre."""

import operator
from dataclasses import dataclass

import numpy as np

_MOST_JOINTS = 1000  # matrices of joints times joints: beyond it is no body


@dataclass(frozen=True)
class Skeleton:
    """Joints and bones of one body layout.

    name    what the layout is called
    joints  V joint names; joint i is the i-th of them, counted from 0
    bones   E pairs (i, j) of joint indices, undirected, each bone once
    center  index of the joint from which the spatial strategy counts hops

    Raises ValueError, naming the culprit, for an index that is no joint, a self-connection, a repeated bone (in either
    direction), a joint name used twice, a joint that no path of bones reaches, and a centre that is no joint.

    >>> Skeleton("arrow", ("tail", "head"), ((0, 1),), center=0)
    Skeleton(name='arrow', joints=('tail', 'head'), bones=((0, 1),), center=0)
    """

    name: str
    joints: tuple[str, ...]
    bones: tuple[tuple[int, int], ...]
    center: int

    def __post_init__(self):
        # Lists and NumPy integers are welcome; what is stored is plain, so that equal skeletons compare and hash equal.
        object.__setattr__(self, "joints", tuple(str(joint) for joint in self.joints))
        object.__setattr__(self, "bones", tuple(self._pair(bone) for bone in self.bones))
        object.__setattr__(self, "center", self._index(self.center, "center"))
        self._refuse_repeated_names()
        self._refuse_bad_bones()
        if not 0 <= self.center < self.num_joints:
            raise ValueError(f"{self}: center {self.center} is no joint; joints are 0 to {self.num_joints - 1}")
        self._refuse_unreachable_joints()

    @property
    def num_joints(self):
        """V, the number of joints."""
        return len(self.joints)

    def __str__(self):
        return f"skeleton {self.name!r}"

    def _index(self, value, what):
        try:
            return operator.index(value)
        except TypeError:
            raise ValueError(f"{self}: {what} must be a joint's index (an integer), got {value!r}") from None

    def _pair(self, bone):
        try:
            i, j = bone
        except (TypeError, ValueError):
            raise ValueError(f"{self}: a bone is a pair (i, j) of joint indices, got {bone!r}") from None
        return self._index(i, f"bone {bone!r}"), self._index(j, f"bone {bone!r}")

    def _refuse_repeated_names(self):
        if not self.joints:
            raise ValueError(f"{self}: has no joints")
        if self.num_joints > _MOST_JOINTS:
            raise ValueError(f"{self}: has {self.num_joints} joints, but the most is {_MOST_JOINTS}")
        first = {}
        for i, joint in enumerate(self.joints):
            if first.setdefault(joint, i) != i:
                raise ValueError(f"{self}: joints {first[joint]} and {i} are both named {joint!r}")

    def _refuse_bad_bones(self):
        seen = set()
        for i, j in self.bones:
            for index in (i, j):
                if not 0 <= index < self.num_joints:
                    raise ValueError(
                        f"{self}: bone ({i}, {j}) names joint {index}, but joints are 0 to {self.num_joints - 1}"
                        " (bone lists counted from 1 must be shifted by one)"
                    )
            if i == j:
                raise ValueError(
                    f"{self}: bone ({i}, {j}) connects joint {i} ({self.joints[i]}) with itself;"
                    " self-connections are added by the formula, not listed as bones"
                )
            if (i, j) in seen or (j, i) in seen:
                raise ValueError(
                    f"{self}: bone ({i}, {j}) is listed twice; bones are undirected, ({j}, {i}) is the same"
                )
            seen.add((i, j))

    def _refuse_unreachable_joints(self):
        reached = {self.center}
        frontier = [self.center]
        while frontier:
            joint = frontier.pop()
            neighbours = {b if a == joint else a for a, b in self.bones if joint in (a, b)} - reached
            reached |= neighbours
            frontier.extend(neighbours)
        lost = [f"{i} ({self.joints[i]})" for i in range(self.num_joints) if i not in reached]
        if lost:
            raise ValueError(f"{self}: no path of bones leads from the centre to joint {', '.join(lost)}")


def adjacency(skeleton):
    """The adjacency matrix A (V, V) of a Skeleton: A[i, j] = 1 where a bone joins i and j. (Notes, line 4.)

    A is symmetric, and its diagonal is zero: self-connections enter the formula as the separate matrix I.
    Raises TypeError if `skeleton` is not a Skeleton (a layout's name, say).
    """
    if not hasattr(skeleton, "bones") or not hasattr(skeleton, "joints"):
        raise TypeError(
            f"expected a Skeleton, got {skeleton!r:.60}; the built-in layouts are SKELETONS['toy_5'] and so on"
        )
    V = len(skeleton.joints)
    A = np.zeros((V, V))
    for i, j in skeleton.bones:
        A[i, j] = A[j, i] = 1
    return A


def hop_distance(skeleton):
    """Hops (V, V), integers: hops[i, j] is the number of bones on the shortest path from joint i to joint j.

    These are true shortest paths, over the whole body: the widely copied code (yysijie/st-gcn) stops counting after
    `max_hop` and takes everything beyond for equally far, which changes its spatial partition.
    """
    A = adjacency(skeleton)
    V = len(A)
    hops = np.zeros((V, V), dtype=np.int64)
    reached = np.eye(V, dtype=bool)
    for distance in range(1, V):
        frontier = (reached @ A > 0) & ~reached  # (V, V) x (V, V): one bone further than what was reached before
        hops[frontier] = distance
        reached |= frontier
    return hops
