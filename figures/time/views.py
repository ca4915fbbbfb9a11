"""From which side a moving body is seen."""

import numpy as np

from ..graph.body import side_of
from ..page.checks import check_index


def projected(track, present, skeleton, view, who):
    """A person's track (T, V, C) as seen from one side: (T, V, 2), to the viewer's right and up.

    present (T, V) says which joints are there; for `view` see `film_strip`; errors begin with `who`. Raises ValueError
    for another view, and for "side" or "front" where the track is not 3-D or no joint names tell left from right.
    """
    C = track.shape[2]
    if not isinstance(view, str):
        if len(view) != 2:
            raise ValueError(f"{who}: view must name two channels (h, v), got {view!r}")
        h, v = (check_index(channel, C, who, "a channel of view") for channel in view)
        return track[..., [h, v]]
    if view not in ("side", "front"):
        raise ValueError(f'{who}: view must be "side", "front" or two channels (h, v), got {view!r}')
    if C != 3:
        raise ValueError(f"{who}: view {view!r} needs 3 coordinates, the clip has {C} channels; say view=(0, 1)")
    to_the_right = _viewers_right(track, present, skeleton, view, who)
    across = track[..., 0] * to_the_right[0] + track[..., 2] * to_the_right[1]
    return np.stack([across, track[..., 1]], axis=-1)


def _viewers_right(track, present, skeleton, view, who):
    """The direction (x, z), of length 1, that the viewer of a 3-D body sees pointing to the right."""
    sides = np.array([side_of(joint) for joint in skeleton.joints])
    if not {"left", "right"} <= set(sides):
        raise ValueError(f"{who}: {skeleton} names no left_... and right_... joints; say view=(h, v) instead")
    on_left, on_right = present & (sides == "left"), present & (sides == "right")  # (T, V)
    tellable = np.flatnonzero(on_left.any(axis=1) & on_right.any(axis=1))
    if not len(tellable):
        return np.array([1.0, 0.0])  # nobody is there, or never with both sides
    t = tellable[0]
    x, _, z = track[t][on_right[t]].mean(axis=0) - track[t][on_left[t]].mean(axis=0)  # to the person's right
    length = max(float(np.hypot(x, z)), 1e-9)
    # Straight ahead is up × right; who looks at the viewer has their right on the viewer's left.
    return np.array([z, -x]) / length if view == "side" else np.array([-x, -z]) / length
