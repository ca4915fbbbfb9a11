"""Small sequence sets for the tests of training."""

import numpy as np

import reference


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
