"""A moving skeleton to play, pause and step through in a notebook, beside a film strip that says the same in print."""

import hashlib
import html
import json
from pathlib import Path

import numpy as np

from ..graph.body import SIDES, side_of_bone
from ..page.checks import check_clip, check_index
from ..page.style import INK, LIGHT
from .views import projected

_SCRIPT = Path(__file__).with_name("move_skeleton.js")
_HEIGHT, _PAD = 240, 12  # of the picture, in pixels, and the room around the poses
_WIDEST, _NARROWEST = 640, 320  # the controls need some width


class Player:
    """What `player` returns: a notebook shows it with `display(...)`."""

    def __init__(self, markup):
        self._markup = markup

    def _repr_html_(self):
        return self._markup

    def __repr__(self):
        return "<a player: the film strip shows the same>"


def player(clip, skeleton, *, fps=30, view="side", person=0, y_down=False):
    """A clip that plays in a notebook or an HTML page: display(player(...)).

    clip      (C, T, V, M) or (1, C, T, V, M); C >= 2
    skeleton  the Skeleton of its V joints
    fps       frames a second
    view, person, y_down  as in `film_strip`

    It stands still until somebody presses play; a slider and the arrow keys step through the frames. Left limbs are
    light and dashed, right limbs dark, as in the film strip. The picture keeps still while the person moves through
    it. Without JavaScript (on GitHub, in print) it shows the first frame in which the person is present.

    Raises ValueError, naming it, for what `film_strip` refuses, for fps that is not above 0, and for a clip in which
    the person is absent throughout.
    """
    clip = check_clip(clip, skeleton, "player")
    person = check_index(person, clip.shape[3], "player", "person")
    if not fps > 0:
        raise ValueError(f"player: fps must be above 0, got {fps!r}")
    track = clip[..., person].transpose(1, 2, 0).astype(float)  # (T, V, C)
    present = track.any(axis=2)  # (T, V)
    if not present.any():
        raise ValueError(f"player: person {person} is absent in all {len(present)} frames")
    flat = projected(track, present, skeleton, view, "player") * (1, -1 if y_down else 1)  # (T, V, 2)
    places, width, ground = _to_pixels(flat, present, standing=isinstance(view, str))
    sides = [side_of_bone(bone, skeleton) for bone in skeleton.bones]
    film = {
        "fps": float(fps),
        "bones": [list(bone) for bone in skeleton.bones],
        # Every frame: x and y of joint after joint, whole pixels; null for an absent joint.
        "frames": [[[int(x), int(y)] if there else None for (x, y), there in zip(pose, seen, strict=True)]
                   for pose, seen in zip(places, present, strict=True)],
    }  # fmt: skip
    return Player(_markup(film, sides, width, ground))


def _to_pixels(flat, present, *, standing):
    """Poses (T, V, 2) in pixels, y down; the picture's width; and the ground's y, or None."""
    seen = np.concatenate([flat[present], [[flat[present][0, 0], 0.0]]]) if standing else flat[present]
    low, high = seen.min(axis=0), seen.max(axis=0)
    span = np.maximum(high - low, 1e-6)
    scale = min((_HEIGHT - 2 * _PAD) / span[1], (_WIDEST - 2 * _PAD) / span[0])
    width = max(int(np.ceil(span[0] * scale)) + 2 * _PAD, _NARROWEST)
    x = width / 2 + (flat[..., 0] - (low[0] + high[0]) / 2) * scale
    y = _HEIGHT - _PAD - (flat[..., 1] - low[1]) * scale
    ground = round(float(_HEIGHT - _PAD + low[1] * scale), 1) if standing else None
    # A third decimal first, so that noise in the last bits does not decide how a half is rounded.
    return np.rint(np.round(np.stack([x, y], axis=-1), 3)).astype(int), width, ground


def _markup(film, sides, width, ground):
    """The HTML: a picture of one frame, and the script that makes it move."""
    data = json.dumps(film, separators=(",", ":"))
    name = f"player-{hashlib.sha256(data.encode()).hexdigest()[:10]}"
    first = next(t for t, pose in enumerate(film["frames"]) if any(pose))
    lines = []
    if ground is not None:
        lines.append(f'<line x1="0" x2="{width}" y1="{ground}" y2="{ground}" stroke="{LIGHT}" stroke-width="1.5"/>')
    for bone, side in zip(film["bones"], sides, strict=True):
        color, style = SIDES[side]
        dash = "none" if style == "solid" else "6 3"
        ends = [film["frames"][first][v] for v in bone]
        (x1, y1), (x2, y2) = ends if all(ends) else ([0, 0], [0, 0])
        hidden = "" if all(ends) else ' visibility="hidden"'
        lines.append(
            f'<line class="bone" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{hidden} stroke="{color}" stroke-width="3"'
            f' stroke-dasharray="{dash}" stroke-linecap="{"round" if style == "solid" else "butt"}"/>'
        )
    label = html.escape(f"A moving skeleton, {len(film['frames'])} frames")
    return (
        f'<div id="{name}" style="max-width:{width}px;color:{INK};background:white;font:14px sans-serif">\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" style="width:100%;display:block"'
        f' role="img" aria-label="{label}">\n' + "\n".join(lines) + "\n</svg>\n"
        f"<script>\n{_SCRIPT.read_text('utf-8').strip()}\n"
        f'moveSkeleton(document.getElementById("{name}"), {data});\n</script>\n</div>'
    )
