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
from .colours import NAMES
from .trained import trained_network

SHOWN = ("toy_5", "mocap_15", "openpose_25")
MOCAP_CLIPS = ("walk", "kick", "jump", "cartwheel", "dance_a")
POSE, POSE_FRAMES = "yoga_upward_salute", slice(280, 340)  # every joint is seen in each of these frames
TOY_JOINTS = ("pelvis", "chest", "neck", "right_wrist", "left_wrist")  # of the walk; toy_5 calls them by other names
ALPHA = 0.001
C_OUT = 4  # output channels of the page's own graph convolution: few, so that every number can be read
UNIT = 8192  # coordinates are stored as multiples of 1/8192, which is exact for both embedded sets


def collect():
    """Everything: a dict that `json.dumps` takes."""
    clips, network = list(_clips()), trained_network()
    return {
        "alpha": ALPHA,
        "methods": NORMALIZATIONS,
        "strategies": STRATEGIES,
        "subsets": {strategy: _styles(strategy) for strategy in STRATEGIES},
        "skeletons": {name: _skeleton(skeleton) for name, skeleton in SKELETONS.items()},
        "clips": [_clip(*clip, network) for clip in clips],
        "network": network,
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


def _clip(skeleton, name, note, sequences, clip, network):
    C, T, V = clip.shape
    trained = skeleton == network["skeleton"]["name"]
    frames, layers = (network["inputs"]["frames"], network["layers"]) if trained else (T, LAYERS)
    classes = len(sequences.class_names)
    table = layer_table(T=frames, V=V, M=1, in_channels=C, num_classes=classes, layers=layers)
    return {
        "skeleton": skeleton,
        "name": name,
        "note": note,
        "fps": float(sequences.fps),
        "channels": [str(channel) for channel in sequences.channels[:C]],
        "shape": [C, T, V],
        "values": _packed(clip),
        "frames": frames,  # that its table is for
        "table": [row._asdict() for row in table.rows],
        "totals": {"parameters": table.parameters, "multiply_adds": table.multiply_adds},
    }


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
