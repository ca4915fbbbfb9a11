"""Small sequence sets, and a network of nobody's, for the tests of training."""

import json

import numpy as np
import torch

import reference
from stgcn_torch import STGCN


def small_set(per_class=6, classes=3, T=12, subjects=3, seed=0, **members):
    """Bodies of five joints, each class with a wave of its own in one joint: a set that can be learnt."""
    rng = np.random.default_rng(seed)
    body = reference.SKELETONS["toy_5"]
    labels = np.tile(np.arange(classes), per_class)
    lengths = T + rng.integers(-3, 4, len(labels))
    frames = []
    for label, length in zip(labels, lengths, strict=True):
        clip = rng.normal(1, 0.05, (length, 1, 5, 3))
        clip[:, 0, label + 1, label % 3] += np.sin(np.linspace(0, 6, length))
        frames.append(clip.astype(np.float32))
    settings = {
        "title": "small", "frames": np.concatenate(frames), "offset": np.r_[0, np.cumsum(lengths)], "label": labels,
        "class_names": np.array([f"class_{label}" for label in range(classes)]),
        "joint_names": np.array(body.joints), "bones": np.array(body.bones), "center": np.array(body.center),
        "channels": np.array(["x", "y", "z"]), "fps": np.array(30, dtype=np.float32),
        "subject": np.arange(len(labels)) // classes % subjects + 1,
        "name": np.array([f"clip_{s}" for s in range(len(labels))]),
    }  # fmt: skip
    return reference.Sequences(**(settings | members))


def recipe_file(folder, **entries):
    """The path of a recipe file, as text."""
    path = folder / "recipe.json"
    path.write_text(json.dumps(entries), "utf-8")
    return str(path)


def saved(sequences, folder):
    """The path of the set, written to a folder."""
    path = folder / "small.npz"
    reference.save_clips(sequences, path)
    return path


def saved_as_folder(sequences, folder):
    """The set as a folder of .npy files."""
    path = folder / "small"
    path.mkdir()
    for member in reference.sequences.MEMBERS:
        if getattr(sequences, member) is not None:
            np.save(path / f"{member}.npy", getattr(sequences, member))
    return path


def weights(folder, skeleton, channels, **inputs):
    """The path of weights as a training with two persons writes them, of a small network that nobody trained."""
    torch.manual_seed(0)
    body = reference.SKELETONS[skeleton]
    model = STGCN(7, len(channels), skeleton, layers=((len(channels), 8, 1), (8, 16, 2)))
    model.classifier.W.data *= 30  # so that clips differ in what is printed of them
    settings = {
        "recipe": {"inputs": {"frames": 16, "persons": 2} | inputs}, "data": {}, "channels": channels,
        "joint_names": list(body.joints), "bones": body.bones, "center": body.center,
        "class_names": [f"class_{k}" for k in range(7)],
    }  # fmt: skip
    path = folder / f"{skeleton}.safetensors"
    reference.save_state({name: tensor.numpy() for name, tensor in model.state_dict().items()}, path, settings)
    return path
