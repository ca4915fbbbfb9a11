"""Where to draw the joints of a skeleton that nobody has placed by hand: around its centre, hop by hop."""

import numpy as np


def tree_layout(skeleton):
    """A pose (V, 2) for any Skeleton, about 2 high, the same on every run.

    The centre is in the middle and each joint as far from it as it has hops. The ends of the limbs (joints from which
    no bone leads further) share the circle evenly, in the order in which they are found; every other joint lies in
    the middle of the ends that hang on it. Loops are cut where they close, so a bone may cross others there.
    """
    children, order, hops = _tree(skeleton)
    ends = [joint for joint in _depth_first(children, skeleton.center) if not children[joint]]
    angle = {}
    # The first end is straight up; a limb that is the only one points up, two point up and down.
    for place, joint in enumerate(ends):
        angle[joint] = np.pi / 2 - 2 * np.pi * place / len(ends)
    for joint in reversed(order):
        if children[joint]:
            angle[joint] = float(np.mean([angle[child] for child in children[joint]]))
    pose = np.array([(hops[v] * np.cos(angle[v]), hops[v] * np.sin(angle[v])) for v in range(skeleton.num_joints)])
    return pose / max(1, max(hops.values()))


def _tree(skeleton):
    """Every joint's children, all joints from the centre outwards, and every joint's hops from the centre."""
    neighbours = {v: set() for v in range(skeleton.num_joints)}
    for i, j in skeleton.bones:
        neighbours[i].add(j)
        neighbours[j].add(i)
    hops, order = {skeleton.center: 0}, [skeleton.center]
    children = {v: [] for v in range(skeleton.num_joints)}
    for joint in order:  # grows while it is walked through
        for other in sorted(neighbours[joint]):
            if other not in hops:
                hops[other] = hops[joint] + 1
                children[joint].append(other)
                order.append(other)
    return children, order, hops


def _depth_first(children, start):
    """All joints, each limb to its ends before the next one begins."""
    stack, found = [start], []
    while stack:
        joint = stack.pop()
        found.append(joint)
        stack.extend(reversed(children[joint]))
    return found
