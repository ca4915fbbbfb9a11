"""A film strip for each class of a sequence set: `python -m figures strips SET OUTDIR`."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from reference.terminal import file_name

from ..page.style import save_svg
from .film import film_strip

_HIGH, _LOW = ("head", "nose", "neck"), ("hip", "knee", "ankle", "foot", "waist", "pelvis", "spine")


def class_strips(sequences, folder):
    """Draw the first sequence of every class of Sequences into `folder`, which is made if need be: yield each path.

    A class without sequences has no file. Bodies in space whose joints are named left_... and right_... are seen from
    the side, standing on the ground; all others as their x and y lie, the head up.

    Of memory-mapped frames (a set that is a folder) one sequence at a time is read, and only what is drawn. A set that
    is an .npz is in memory as a whole: load_clips has unpacked it.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for label in np.unique(sequences.label):
        s = int(np.flatnonzero(sequences.label == label)[0])
        name = str(sequences.class_names[label])
        figure = _strip(sequences.clip(s)[0], sequences, name)
        path = folder / f"{label:03}_{file_name(name)}.svg"
        save_svg(figure, path)
        plt.close(figure)
        yield path


def _strip(clip, sequences, title):
    skeleton = sequences.skeleton
    sides = {joint.split("_")[0] for joint in skeleton.joints}
    if sequences.channels.tolist() == ["x", "y", "z"] and {"left", "right"} <= sides:
        return film_strip(_on_the_ground(clip), skeleton, title=title)
    return film_strip(clip, skeleton, view=(0, 1), y_down=_upside_down(clip, skeleton), title=title)


def _on_the_ground(clip):
    """The clip (C, T, V, M) with y counted from its lowest joint: depth cameras count from themselves."""
    present = clip.any(axis=0)  # (T, V, M)
    lowest = clip[1][present].min(initial=np.inf)
    return np.where(present, clip - np.array([0, lowest, 0], dtype=clip.dtype)[:, None, None, None], 0)


def _upside_down(clip, skeleton):
    """Whether y grows downwards, as in a picture: the head then has a smaller y than the legs."""
    means = []
    for words in (_HIGH, _LOW):
        joints = [v for v, joint in enumerate(skeleton.joints) if any(word in joint for word in words)]
        values = clip[1][:, joints][clip[:, :, joints].any(axis=0)]
        means.append(values.mean() if len(values) else np.nan)
    return bool(means[0] < means[1])
