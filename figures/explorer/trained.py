"""The trained network of the page: its weights as float16, and what it was measured with."""

import base64
import json
from pathlib import Path

import reference
from reference import load_network
from reference.input_settings import InputSettings
from reference.variations import partners

NAME = "mocap_15"
_TAKEN = InputSettings(persons=1, scale="body")  # what clip_views.js does; frames, views and crop are free


def trained_network():
    """What inference.js and clip_views.js compute with, and what the page says of it: a dict that `json.dumps` takes.

    Raises ValueError for a network whose clips are prepared in a way that clip_views.js does not know.
    """
    network = load_network(NAME)
    inputs = network.inputs
    for field in ("streams", "persons", "test_frames", "fit", "drop_empty", "center", "scale"):
        known, given = getattr(_TAKEN, field), getattr(inputs, field)
        if known != given:
            raise ValueError(f"explorer: clip_views.js knows {field} = {known!r}, {network.title} has {given!r}")
    arrays = {name: array for name, array in network.state.items() if name != "strides"}
    half = [array.astype("<f2").tobytes() for array in arrays.values()]
    return {
        "skeleton": {
            "name": NAME,
            "joints": [joint.replace("_", " ") for joint in network.skeleton.joints],
            "bones": network.skeleton.bones,
            "center": network.skeleton.center,
        },
        "classes": [name.replace("_", " ") for name in network.class_names],
        "inputs": {"frames": inputs.frames, "views": inputs.test_views, "crop": inputs.crop},
        "layers": [
            [*network.state[f"blocks.{i}.spatial_conv.W"].shape[:2], int(stride)]
            for i, stride in enumerate(network.state["strides"])
        ],
        "strides": network.state["strides"].tolist(),
        "partners": partners(network.skeleton.joints).tolist(),
        "arrays": [[name, array.shape] for name, array in arrays.items()],
        "weights": base64.b64encode(b"".join(half)).decode("ascii"),
        "measured": measured(),
    }


def measured():
    """[[what was changed, clips, how many were right], ...], as reference/networks/ has it."""
    text = (Path(reference.__file__).parent / "networks" / "measured.json").read_text(encoding="utf-8")
    lines = json.loads(text)["networks"][NAME]
    return [[what, line["clips"], line["right"]] for what, line in lines.items()]
