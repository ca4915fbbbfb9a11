"""Bones and joints on axes: what every picture of a body is made of."""

import numpy as np
from matplotlib.collections import LineCollection

from ..page.style import INK, panel_inches

RIGHT, LEFT, TRUNK = "#2B1F54", "#8C78BE", "#2B1F54"
# side of the body: (colour, line style). The far side in a side view is the left one: lighter, and dashed.
SIDES = {"middle": (TRUNK, "solid"), "left": (LEFT, (0, (1.7, 0.9))), "right": (RIGHT, "solid")}


def side_of(joint):
    """The side of the body that a joint's name tells: "left", "right" or "middle"."""
    for side in ("left", "right"):
        if joint.startswith(f"{side}_") or joint.endswith(f"_{side}"):
            return side
    return "middle"


def fit(ax, points, *, pad=0.0):
    """Equal scales on both axes, and room for all `points` (n, 2) with `pad` inches around them.

    Returns the scale: points (1/72 inch) to one unit of the data.
    """
    width, height = (max(size - 2 * pad, 0.1) for size in panel_inches(ax))
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.maximum(high - low, 1e-6)
    scale = min(width / span[0], height / span[1])  # inches to one unit
    middle = (low + high) / 2
    half = np.array(panel_inches(ax)) / scale / 2
    ax.set_xlim(middle[0] - half[0], middle[0] + half[0])
    ax.set_ylim(middle[1] - half[1], middle[1] + half[1])
    ax.set_aspect("equal")
    return 72 * scale


def draw_bones(ax, pose, bones, *, color, width=2.0, linestyle="solid", zorder=1):
    """Straight lines for `bones`, pairs of joints of `pose` (V, 2)."""
    lines = [(pose[i], pose[j]) for i, j in bones]
    cap = "round" if linestyle == "solid" else "butt"
    ax.add_collection(
        LineCollection(
            lines, colors=color, linewidths=width, linestyles=[linestyle], capstyle=cap, zorder=zorder, clip_on=False
        ),
        autolim=False,
    )


def draw_figure_of_body(ax, pose, present, skeleton, *, width=2.2):
    """A body as a stick figure: left limbs dashed and light, right limbs solid and dark; absent joints left out.

    pose (V, 2), present (V,) booleans
    """
    # A bone is on the side on which its outer end is: from neck to left shoulder, the left.
    for zorder, side in enumerate(("left", "middle", "right"), start=2):
        color, linestyle = SIDES[side]
        bones = [bone for bone in skeleton.bones if side_of_bone(bone, skeleton) == side and present[list(bone)].all()]
        if bones:
            draw_bones(ax, pose, bones, color=color, width=width, linestyle=linestyle, zorder=zorder)
        joints = [v for v in range(skeleton.num_joints) if side_of(skeleton.joints[v]) == side and present[v]]
        ax.plot(
            *pose[joints].T, "o", color=color, markersize=width * 1.5, markeredgewidth=0, clip_on=False, zorder=zorder
        )


def side_of_bone(bone, skeleton):
    """The side a bone is on: that of its outer end; "middle" for the trunk and between the sides."""
    sides = {side_of(skeleton.joints[v]) for v in bone} - {"middle"}
    return sides.pop() if len(sides) == 1 else "middle"


def panel_height(pose, width, pad, *, largest):
    """The height, in inches, of a panel `width` inches wide that a pose with `pad` around it fills; or the largest."""
    span = np.maximum(np.ptp(pose, axis=0), 1e-6)
    return round(float(min(largest, (width - 2 * pad) * span[1] / span[0] + 2 * pad)), 2)


def label_joints(ax, skeleton, pose, labels, *, white=()):
    """Joint numbers inside the joints (white in those of `white`), or names beside them, or none."""
    if labels == "none":
        return
    middle = (pose[:, 0].min() + pose[:, 0].max()) / 2
    for v, name in enumerate(skeleton.joints):
        if labels == "numbers":
            ax.text(*pose[v], str(v), ha="center", va="center_baseline", color="white" if v in white else INK, zorder=7)
            continue
        # Joints of the trunk have their name to the right, where the limbs leave room; limbs have it below.
        on_trunk = abs(pose[v, 0] - middle) < 0.05 * np.ptp(pose[:, 0])
        place = {"xytext": (17, 0), "ha": "left", "va": "center"} if on_trunk else {
            "xytext": (0, -17), "ha": "center", "va": "top"}  # fmt: skip
        words = f"{v} {name.replace('_', ' ')}"
        ax.annotate(words, pose[v], textcoords="offset points", annotation_clip=False, zorder=7, **place)
