"""The network that a training arrives at, with everything that is needed to use it on other clips."""

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np

from reference import SKELETONS, load_network, save_state
from reference.sequences import MEMBERS
from reference.trained_settings import trained_inputs, trained_skeleton

from ..model import STGCN
from .batches import ClipSet
from .protocols import folds
from .saved import check_protocol


@dataclass(frozen=True)
class TrainedNetwork:
    """A network in evaluation mode, and the settings it was trained with."""

    model: STGCN
    settings: dict

    @classmethod
    def load(cls, path, device="cpu"):
        """Read weights that a training wrote. Raises FileNotFoundError, and ValueError for other files."""
        network = load_network(path)
        try:
            check_protocol(network.settings)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        return cls(STGCN.from_state(network.state).eval().to(device), network.settings)

    def save(self, path):
        """Write weights and settings."""
        state = {name: tensor.detach().cpu().numpy() for name, tensor in self.model.state_dict().items()}
        save_state(state, path, self.settings)

    @property
    def published(self):
        """Whether it is a published checkpoint, for which raw recordings are read as --published reads them."""
        return "preparation" in self.settings

    @property
    def class_names(self):
        """In the order of the logits."""
        return self.settings["class_names"]

    def clips(self, source, sequences, rows, *, labelled=True):
        """The ClipSet of some rows of a set, made as the network knows them; labels in the order of its logits.

        Bones, centre and persons are those of the training, whatever the set has: a clip gets the same answer in any
        set. Raises ValueError if joints, channels or classes are not those of the training.
        """
        joints = sequences.joint_names.tolist()
        if joints != self.settings["joint_names"]:
            raise ValueError(f"{sequences.title} has {_two_bodies(joints, self.settings['joint_names'])}")
        labels = self._labels(sequences)[rows[:, 0]] if labelled else np.full(len(rows), -1)
        return ClipSet(source, sequences, rows, trained_inputs(self.settings), labels=labels, skeleton=self.skeleton)

    @property
    def persons(self):
        """M of the clips that it was trained on; 0 if the weights do not say it."""
        return self.settings["recipe"]["inputs"].get("persons", 0)

    @property
    def skeleton(self):
        """The Skeleton that it was trained with."""
        return trained_skeleton(self.settings)

    def note(self, M):
        """What to say beside answers for clips of a set with M persons; None where there is nothing to say."""
        if 0 < self.persons < M:
            return (
                f"note: the set has M = {M}, but the network was trained with {self.persons}: of more persons in a clip"
                " those that move most are kept"
            )
        return None

    def _labels(self, sequences):
        number = {name: label for label, name in enumerate(self.class_names)}
        if self.published:  # what has only numbers counts classes as the published data sets do
            number = {f"class {label}": label for label in range(len(self.class_names))} | number
        names = sequences.class_names[sequences.label].tolist()
        for name in names:
            if name not in number:
                way = "; name its classes when it is converted, with --classes" if self.published else ""
                raise ValueError(f"{sequences.title} has the class {name!r}, which the network does not know{way}")
        return np.array([number[name] for name in names], dtype=np.int64)

    def rows(self, sequences, part=None):
        """Which rows of a set to evaluate on: (rows, in words).

        part  "test" or "train": of the set that the weights were trained on; "all"; None: "test" there, else "all"
        """
        settings = self.settings
        known = settings.get("protocol") and "fold" in settings and describe(sequences) == settings.get("data")
        if part == "all" or (part is None and not known):
            lengths = np.diff(sequences.offset)
            return np.stack([np.arange(len(lengths)), np.zeros_like(lengths), lengths], axis=1), "all sequences"
        if not known:
            raise ValueError(f"{sequences.title} is not the set the weights were trained on: it has no {part} part")
        every = {fold.name: fold for fold in folds(sequences, **self.settings["protocol"])}
        name, part = self.settings["fold"], part or "test"
        if name not in every:
            raise ValueError(f"the weights are of the fold {name!r}, but their protocol has {', '.join(every)}")
        return getattr(every[name], part), f"the {part} part of {name}"


def settings_of(recipe, protocol, fold, seed, sequences, channels):
    """What is kept with the weights, in the form that it has when it comes back from JSON.

    recipe, protocol, fold, seed  as `train` takes them
    channels                      the names of those that were used, before streams
    """
    entries = {
        "recipe": asdict(recipe), "protocol": protocol, "fold": fold.name, "seed": seed,
        "data": describe(sequences), "class_names": sequences.class_names.tolist(),
        "joint_names": sequences.joint_names.tolist(), "bones": sequences.bones.tolist(),
        "center": int(sequences.center), "channels": channels,
    }  # fmt: skip
    return json.loads(json.dumps(entries))


def describe(sequences):
    """What tells one set from another: {member: its size and a digest of all it holds}, whatever the kind of file."""
    return {
        name: digest(array) for name in MEMBERS if (array := getattr(sequences, name)) is not None and name != "fps"
    }


def digest(array):
    """The shape of an array, and the first half of the SHA-256 of its numbers or texts, whatever their type's size."""
    sha256, kind = hashlib.sha256(), {"f": "<f8", "i": "<i8"}.get(array.dtype.kind)
    rows = np.atleast_1d(array)
    for start in range(0, len(rows), 4096):  # frames may be larger than memory
        part = rows[start : start + 4096]
        sha256.update(part.astype(kind).tobytes() if kind else "\0".join(part.tolist()).encode(errors="surrogatepass"))
    return f"{array.shape} {sha256.hexdigest()[:32]}"


def _two_bodies(joints, trained_on):
    """In words: by what the two layouts are called, or by their joints if one has no name."""
    names = {skeleton.joints: name for name, skeleton in SKELETONS.items()}
    own, other = names.get(tuple(joints)), names.get(tuple(trained_on))
    if own and other:
        return f"the joints of {own}, but the network was trained on those of {other}"
    return f"the joints {', '.join(joints)}, but the network was trained on {', '.join(trained_on)}"
