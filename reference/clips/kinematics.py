"""From joint rotations to joint positions: the character, quaternions, resampling, forward kinematics.

Quaternions are (..., 4), ordered w, x, y, z, and of unit length: the rotation by the angle a about the unit axis u is
(cos a/2, u sin a/2). Lengths are metres, angles radians, times seconds. T counts frames, V joints.
"""

import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

import numpy as np

FREEDOM = {"spherical": 4, "revolute": 1, "fixed": 0}  # numbers per frame that a joint of this kind takes in a clip
TIME_TOLERANCE = 0.01  # of a frame: durations are written with six digits, so 38/30 s is found as 1.266616 s


class Joint(NamedTuple):
    """One joint: its name, its parent's index (-1 for the first), the offset from the parent, kind and hinge axis."""

    name: str
    parent: int
    offset: np.ndarray  # (3,) metres, in the parent's frame
    kind: str  # a key of FREEDOM
    axis: np.ndarray  # (3,) unit vector; zeros unless the joint is a hinge ("revolute")


def read_character(urdf, scale):
    """Joints of a URDF file (bytes), every parent before its children; offsets times `scale` are metres."""
    robot = ElementTree.fromstring(urdf.rstrip(b"\0"))  # the file in the wheel ends in a NUL byte
    joints = []
    for element in robot.findall("joint"):
        index = {joint.name: i for i, joint in enumerate(joints)}
        origin, axis = element.find("origin"), element.find("axis")
        if any(numbers(origin.get("rpy"))):
            raise ValueError(
                f"read_character: {element.get('name')} is turned at rest (rpy {origin.get('rpy')}); "
                "only joints with parallel rest frames are supported"
            )
        joints.append(
            Joint(
                name=element.find("child").get("link"),
                parent=index.get(element.find("parent").get("link"), -1),
                offset=scale * numbers(origin.get("xyz")),
                kind=element.get("type"),
                axis=np.zeros(3) if axis is None else numbers(axis.get("xyz")),
            )
        )
    if [joint.parent for joint in joints].count(-1) != 1:
        raise ValueError("read_character: expected one joint without a parent, and every parent before its children")
    return joints


def numbers(text):
    """The float64 array in a string such as "0 0.5 1"."""
    return np.array(text.split(), dtype=np.float64)


def multiply(a, b):
    """Quaternion product (..., 4): the rotation b, seen from the frame that a has turned."""
    w, u, z, v = a[..., :1], a[..., 1:], b[..., :1], b[..., 1:]
    scalar = w * z - np.sum(u * v, axis=-1, keepdims=True)
    return np.concatenate([scalar, w * v + z * u + np.cross(u, v)], axis=-1)


def rotate(q, vector):
    """The vectors (..., 3) turned by the unit quaternions q (..., 4)."""
    w, u = q[..., :1], q[..., 1:]
    turn = np.cross(u, vector)
    return vector + 2 * (w * turn + np.cross(u, turn))


def hinge(axis, angle):
    """Quaternions (..., 4) of the rotations by `angle` (...) about one unit axis (3,)."""
    half = np.asarray(angle)[..., np.newaxis] / 2
    return np.concatenate([np.cos(half), np.sin(half) * axis], axis=-1)


def unit(q):
    """Quaternions (..., 4) scaled to length 1."""
    return q / np.linalg.norm(q, axis=-1, keepdims=True)


def slerp(a, b, fraction):
    """Spherical interpolation: a (..., 4) at fraction 0, b at 1, at constant speed along the shorter arc between."""
    cosine = np.sum(a * b, axis=-1, keepdims=True)
    b = np.where(cosine < 0, -b, b)  # b and -b are the same rotation, and the files switch between the two
    angle = np.arccos(np.clip(np.abs(cosine), 0, 1))
    return unit(slerp_weight(1 - fraction, angle) * a + slerp_weight(fraction, angle) * b)


def slerp_weight(share, angle):
    """sin(share * angle) / sin(angle), written with sinc so that it is `share` where the angle is 0."""
    return share * np.sinc(share * angle / np.pi) / np.sinc(angle / np.pi)


def local_rotations(columns, joints):
    """Clip columns (T, sum of FREEDOM) -> rotations relative to the parent (T, V, 4), as unit quaternions.

    The joints' columns follow each other in the character's order; the first joint always has four."""
    rotations, column = np.zeros((len(columns), len(joints), 4)), 0
    for j, joint in enumerate(joints):
        width = 4 if joint.parent < 0 else FREEDOM[joint.kind]
        value, column = columns[:, column : column + width], column + width
        if width == 4:
            rotations[:, j] = unit(value)  # the files hold lengths from 0.58 to 1.12
        else:
            rotations[:, j] = hinge(joint.axis, value[:, 0] if width else np.zeros(len(columns)))
    if column != columns.shape[1]:
        raise ValueError(f"local_rotations: the joints take {column} columns, the clip has {columns.shape[1]}")
    return rotations


def at_rate(times, position, rotations, fps):
    """Samples at 0, 1/fps, 2/fps, ... up to the last time: position (T, 3) linearly, rotations (T, V, 4) by slerp.

    Rotations, not positions: a straight line between two positions of an elbow cuts the arc it moved on, which makes
    the arm shorter between two key frames than at either of them."""
    if np.any(np.diff(times) <= 0):
        raise ValueError("at_rate: times must increase from frame to frame")
    count = int((times[-1] - times[0]) * fps + TIME_TOLERANCE) + 1
    wanted = np.minimum(times[0] + np.arange(count) / fps, times[-1])
    left = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, len(times) - 2)
    fraction = (wanted - times[left]) / (times[left + 1] - times[left])
    position = position[left] + fraction[:, np.newaxis] * (position[left + 1] - position[left])
    return position, slerp(rotations[left], rotations[left + 1], fraction[:, np.newaxis, np.newaxis])


def forward_kinematics(position, rotations, joints):
    """World positions (T, V, 3) from the first joint's position (T, 3) and the local rotations (T, V, 4)."""
    world = np.zeros((*rotations.shape[:2], 3))
    turned = np.zeros_like(rotations)
    for j, joint in enumerate(joints):
        if joint.parent < 0:
            world[:, j], turned[:, j] = position, rotations[:, j]
        else:
            parent = joint.parent
            world[:, j] = world[:, parent] + rotate(turned[:, parent], joint.offset)
            turned[:, j] = multiply(turned[:, parent], rotations[:, j])
    return world
