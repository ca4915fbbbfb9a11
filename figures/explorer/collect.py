"""What the page knows, out of reference/ and figures/, as one JSON value."""

import base64

import numpy as np

from reference import (
    LAYERS,
    NORMALIZATIONS,
    SKELETONS,
    STRATEGIES,
    layer_table,
    load_clips,
    normalize,
    partition,
    spatial_conv,
)

from ..graph.poses import rest_pose
from ..graph.subset_style import subset_styles
from ..time.views import projected
from .colours import NAMES
from .stage_maps import activations

SHOWN = ("toy_5", "mocap_15", "openpose_25")
MOCAP_CLIPS = ("walk", "kick", "jump", "cartwheel", "dance_a")
POSE, POSE_FRAMES = "yoga_upward_salute", slice(280, 340)  # every joint is seen in each of these frames
TOY_JOINTS = ("pelvis", "chest", "neck", "right_wrist", "left_wrist")  # of the walk; toy_5 calls them by other names
ALPHA = 0.001
C_OUT = 4  # output channels of the page's own graph convolution: few, so that every number can be read
UNIT = 8192  # coordinates are stored as multiples of 1/8192, which is exact for both embedded sets


def collect():
    """Everything: a dict that `json.dumps` takes."""
    clips = list(_clips())
    return {
        "alpha": ALPHA,
        "methods": NORMALIZATIONS,
        "strategies": STRATEGIES,
        "subsets": {strategy: _styles(strategy) for strategy in STRATEGIES},
        "skeletons": {name: _skeleton(SKELETONS[name]) for name in SHOWN},
        "clips": [_clip(*clip) for clip in clips],
        "W": {C: page_weights(C).tolist() for C in (2, 3)},
        "layers": LAYERS,
        "gamma": 9,
        "unit": UNIT,
        "expected": [value for skeleton in SHOWN for value in _expected(skeleton, clips)],
    }


def page_weights(C_in):
    """W (C_in, C_OUT, 3) of the page's own graph convolution: seeded, and of one decimal, so that sums can be read."""
    return np.round(np.random.default_rng(7).uniform(-1, 1, (C_in, C_OUT, 3)), 1) + 0.0


def _styles(strategy):
    K = len(partition(SKELETONS[SHOWN[0]], strategy))
    return [
        {
            "words": style.words,
            "color": NAMES[style.color],
            "marker": style.marker,
            "hollow": style.hollow,
            "dashed": style.linestyle != "solid",
        }
        for style in subset_styles(K, strategy)
    ]


def _skeleton(skeleton):
    return {
        "name": skeleton.name,
        "joints": [joint.replace("_", " ") for joint in skeleton.joints],
        "bones": skeleton.bones,
        "center": skeleton.center,
        "rest": rest_pose(skeleton).tolist(),
    }


def _clips():
    """(skeleton name, clip name, what it is, fps, clip (C, T, V)) for every clip of the page."""
    mocap, poses = load_clips("mocap_15"), load_clips("openpose_25")
    joints = [mocap.joint_names.tolist().index(joint) for joint in TOY_JOINTS]
    walk = mocap.clip("walk")[0, ..., 0]
    yield "toy_5", "walk", "Five joints of the recorded walk; metres.", mocap, walk[:, :, joints]
    for name in MOCAP_CLIPS:
        yield "mocap_15", name, "Motion capture, 30 frames per second; metres.", mocap, mocap.clip(name)[0, ..., 0]
    pose = poses.clip(POSE)[0, :2, POSE_FRAMES, :, 0]
    yield "openpose_25", POSE, "OpenPose detections of a held pose, scores left out; body heights.", poses, pose


def _clip(skeleton, name, note, sequences, clip):
    C, T, V = clip.shape
    table = layer_table(T=T, V=V, M=1, in_channels=C, num_classes=len(sequences.class_names))
    return {
        "skeleton": skeleton,
        "name": name,
        "note": note,
        "fps": float(sequences.fps),
        "channels": [str(channel) for channel in sequences.channels[:C]],
        "shape": [C, T, V],
        "values": _packed(clip),
        "drawn": _packed(_drawn(clip, SKELETONS[skeleton]).transpose(2, 0, 1)),
        "table": [row._asdict() for row in table.rows],
        "totals": {"parameters": table.parameters, "multiply_adds": table.multiply_adds},
        "rows": activations(clip, skeleton, len(sequences.class_names)),
    }


def _drawn(clip, skeleton):
    """Where a clip's joints are drawn: (T, V, 3), seen from the side, from the front, and up; 2-D clips as they are.

    Every pose is moved to the middle, as in the film strips; heights are kept.
    """
    track = clip.transpose(1, 2, 0).astype(float)
    if track.shape[2] == 2:
        return track
    present = np.ones(track.shape[:2], dtype=bool)
    side, front = (projected(track, present, skeleton, view, "explorer") for view in ("side", "front"))
    across = np.stack([side[..., 0], front[..., 0]], axis=-1)
    across -= (across.min(axis=1, keepdims=True) + across.max(axis=1, keepdims=True)) / 2
    return np.concatenate([across, side[..., 1:]], axis=-1)


def _packed(array):
    """An array as base64 of little-endian int16 multiples of 1 / UNIT."""
    steps = np.round(np.asarray(array, dtype=float) * UNIT)
    if np.abs(steps).max() > 32767:
        raise ValueError(f"explorer: a coordinate of {np.abs(array).max():.2f} does not fit 16 bits")
    return base64.b64encode(steps.astype("<i2").tobytes()).decode("ascii")


def _expected(skeleton, clips):
    """Single outputs of `spatial_conv` over strategies, normalisations, frames and roots, for the page to check."""
    clip = next(clip for name, *_, clip in clips if name == skeleton)
    W = page_weights(len(clip))
    for number, (strategy, method, alpha) in enumerate(
        (strategy, method, alpha) for strategy in STRATEGIES for method in NORMALIZATIONS for alpha in (ALPHA, 0.1)
    ):
        A_hat = normalize(partition(SKELETONS[skeleton], strategy), method, alpha)
        t, o, i = (7 * number) % clip.shape[1], number % C_OUT, (3 * number) % clip.shape[2]
        f_out = spatial_conv(clip.astype(float), A_hat, W[:, :, : len(A_hat)])
        yield [skeleton, strategy, method, alpha, t, o, i, float(f"{f_out[o, t, i]:.12g}")]
