"""A moving skeleton as a film strip."""

from typing import NamedTuple

import numpy as np
from matplotlib.lines import Line2D

from ..graph.body import SIDES, draw_figure_of_body, fit, side_of
from ..page.checks import check_clip, check_index
from ..page.style import GREY, LIGHT, add_panel, new_figure, panel_inches, styled, write_title
from .views import projected

_PAD = 0.3  # inches around the poses; the frame numbers stand in it


@styled
def film_strip(clip, skeleton, *, frames=8, view="side", person=0, y_down=False, title=None, counted="frame"):
    """Poses of one person side by side, each with the number of its frame below: a Figure.

    clip      (C, T, V, M) or (1, C, T, V, M); C >= 2
    skeleton  the Skeleton of its V joints
    frames    how many poses, evenly spaced from the first frame to the last; or the frame numbers themselves
    view      "side"   3-D clips: the person looks to the viewer's right
              "front"  3-D clips: the person looks at the viewer
              (h, v)   the channels to draw to the right and upwards: (0, 1) for x and y of an image
    person    which of the M persons
    y_down    True for image data whose y grows downwards (pixels), which then is drawn the right way up
    counted   what the numbers below the poses count

    "side" and "front" need three coordinates, y up and right-handed (Kinect's, for one), and find out which way the
    person faces from the joints named left_... and right_...; they draw the ground, y = 0. Every pose is moved to the
    middle of its place in the strip; heights are kept. Left limbs are dashed and light, right limbs solid and dark. A
    joint whose channels are all zero is absent and not drawn; where a whole person is absent, the strip says so. A
    skeleton without a head gets a grey disc where it would be, which is no joint.

    Raises ValueError, naming it, for a clip of another shape, a frame, channel or person that it does not have, and
    for a view that it does not allow.
    """
    strip = lay_out_strip(clip, skeleton, frames, view, person, y_down)
    width, body_height = strip_inches(strip, 9.6)
    figure = new_figure(
        width, round(body_height + (0.2 if title is None else 0.65), 2)
    )  # the legend, above it the title
    ax = add_panel(figure, 0, 0, width, body_height)
    draw_strip(ax, strip, skeleton, counted=counted)
    write_sides(figure, skeleton, width - 0.15, body_height + 0.08)
    write_title(figure, title)
    return figure


def draw_film_strip(ax, clip, skeleton, *, frames=8, view="side", person=0, y_down=False):
    """The film strip on axes, without a legend: see `film_strip`."""
    draw_strip(ax, lay_out_strip(clip, skeleton, frames, view, person, y_down), skeleton)


class Strip(NamedTuple):
    """Where every pose of a film strip goes."""

    flat: np.ndarray  # (T, V, 2), to the right and up
    present: np.ndarray  # (T, V) booleans
    numbers: list  # of the frames to draw
    slot: float  # the width of one place in the strip
    low: float
    high: float
    ground: float | None
    bone: float  # the length of the longest one
    person: int


def strip_inches(strip, widest):
    """Width and height of the axes that suit a Strip, no more than `widest` inches wide."""
    scale = min(2.3 / (strip.high - strip.low), 2.4 / strip.slot)  # inches to one unit, if the width allows it
    width = round(min(widest, max(4.0, len(strip.numbers) * strip.slot * scale + 2 * _PAD)), 2)
    scale = min(scale, (width - 2 * _PAD) / (len(strip.numbers) * strip.slot))
    return width, (strip.high - strip.low) * scale + 2 * _PAD


def lay_out_strip(clip, skeleton, frames, view, person, y_down):
    """Check everything, and find out where the poses go."""
    clip = check_clip(clip, skeleton, "film_strip")
    person = check_index(person, clip.shape[3], "film_strip", "person")
    numbers = _frame_numbers(frames, clip.shape[1])
    track = clip[..., person].transpose(1, 2, 0).astype(float)  # (T, V, C)
    present = track.any(axis=2)  # (T, V)
    flat = np.round(
        projected(track, present, skeleton, view, "film_strip"), 4
    )  # the last bits of a product must not reach a file
    if y_down:
        flat = flat * (1, -1)
    ground = 0.0 if isinstance(view, str) else None
    shown = [flat[t][present[t]] for t in numbers if present[t].any()] or [np.zeros((1, 2))]
    heights = np.concatenate(shown)[:, 1]
    low = heights.min() if ground is None else min(heights.min(), ground)
    bone = _longest_bone(flat[numbers], present[numbers], skeleton)
    widest = max(np.ptp(pose[:, 0]) for pose in shown)
    high = max(heights.max() + 0.5 * bone * _headless(skeleton), low + 0.1 * widest, low + 1e-6)
    slot = max(1.1 * widest, 0.45 * (high - low))
    return Strip(flat, present, numbers, float(slot), float(low), float(high), ground, bone, person)


def _longest_bone(flat, present, skeleton):
    """The length of the longest bone that is seen in any of the poses (T, V, 2); 0 if none is."""
    i, j = np.array(skeleton.bones, dtype=int).reshape(-1, 2).T
    lengths = np.hypot(*np.moveaxis(flat[:, i] - flat[:, j], -1, 0)) * (present[:, i] & present[:, j])  # (T, bones)
    return float(np.round(lengths.max(initial=0), 4))


def draw_strip(ax, strip, skeleton, mark=None, counted="frame"):
    """Every chosen pose in its place, the frame numbers below, and the ground.

    mark     called with (frame number, pose (V, 2) on the axes, present (V,)) for every pose that is drawn
    counted  what the numbers below the poses count
    """
    if not strip.present.any():
        words = f"person {strip.person} is absent in all {len(strip.present)} frames"
        ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes)
        return
    width, height = panel_inches(ax)
    # Where the height of the axes limits the scale, the places are wider than they need to be, to fill the width.
    scale = max(height - 2 * _PAD, 0.1) / (strip.high - strip.low)
    slot = max(strip.slot, (width - 2 * _PAD) / scale / len(strip.numbers))
    ends = np.array([-slot / 2, (len(strip.numbers) - 0.5) * slot])
    scale = fit(ax, np.stack([ends, (strip.low, strip.high)], axis=1), pad=_PAD)
    for place, t in enumerate(strip.numbers):
        if strip.present[t].any():
            across = strip.flat[t][strip.present[t], 0]
            pose = strip.flat[t] - (np.round((across.min() + across.max()) / 2, 4) - place * slot, 0)
            _draw_head(ax, pose, strip.present[t], skeleton, strip.bone)
            draw_figure_of_body(ax, pose, strip.present[t], skeleton)
            if mark is not None:
                mark(t, pose, strip.present[t])
        else:
            ax.text(place * slot, (strip.low + strip.high) / 2, "absent", ha="center", va="center", color=GREY)
        words = f"{counted} {t}" if place == 0 else str(t)
        ax.text(place * slot, strip.low - 6 / scale, words, ha="center", va="top")
    if strip.ground is not None:
        ax.plot(ends, (strip.ground, strip.ground), color=LIGHT, linewidth=1.5, zorder=0, clip_on=False)


def _headless(skeleton):
    """Whether a head is sketched: the skeleton has none, but a neck to put it on."""
    return "neck" in skeleton.joints and not {"head", "nose"} & set(skeleton.joints)


def _draw_head(ax, pose, present, skeleton, bone):
    """A grey disc above the neck of a skeleton that has no head: easier to read, and no part of the data."""
    if not _headless(skeleton):
        return
    neck = skeleton.joints.index("neck")
    below = [i + j - neck for i, j in skeleton.bones if neck in (i, j)]
    if not present[neck] or not present[below].all():
        return
    up = pose[neck] - pose[below].mean(axis=0)
    center = pose[neck] + np.round(0.32 * bone * up / max(float(np.hypot(*up)), 1e-9), 4)
    angle = np.linspace(0, 2 * np.pi, 33)
    outline = center + 0.23 * bone * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    ax.fill(*outline.T, color=LIGHT, linewidth=0, clip_on=False, zorder=1)


def write_sides(figure, skeleton, right, top):
    """What dark and solid, light and dashed mean, with its upper right corner at a place in inches."""
    if not {side_of(joint) for joint in skeleton.joints} >= {"left", "right"}:
        return
    handles = [Line2D([], [], color=SIDES[s][0], linestyle=SIDES[s][1], linewidth=2.2) for s in ("right", "left")]
    width, height = figure.get_size_inches()
    figure.legend(handles, ("right side", "left side"), loc="upper right", ncols=2, borderaxespad=0, handlelength=1.9,
                  bbox_to_anchor=(right / width, top / height), columnspacing=1.2, borderpad=0)  # fmt: skip


def _frame_numbers(frames, T):
    """The numbers of the frames to draw, from a count or from the numbers themselves."""
    if isinstance(frames, (int, np.integer)):
        if frames < 1:
            raise ValueError(f"film_strip: frames must be at least 1, got {frames}")
        count = min(int(frames), T)
        return [place * (T - 1) // max(count - 1, 1) for place in range(count)]
    numbers = [check_index(t, T, "film_strip", "a frame number") for t in frames]
    if not numbers:
        raise ValueError("film_strip: frames names no frame")
    return numbers
