"""What a trained network says of a clip, without PyTorch: load_network, classify. (How it was trained: networks/.)"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .input_settings import InputSettings
from .network import forward
from .preparation import LARGEST, ClipMaker
from .skeleton import Skeleton
from .state_files import load_state
from .trained_settings import trained_inputs, trained_settings, trained_skeleton

_SHIPPED = Path(__file__).parent / "networks"


@dataclass(frozen=True)
class Network:
    """A trained network, with all that is needed to use it.

    title        what messages call it
    state        its named arrays, for `forward`
    class_names  in the order of the logits
    skeleton     the Skeleton whose joints a clip has
    channels     the names of a clip's channels, in their order
    inputs       InputSettings: how a clip is prepared
    settings     all that was saved with it

    Raises ValueError if the arrays do not have so many classes, joints and channels.
    """

    title: str
    state: dict
    class_names: tuple[str, ...]
    skeleton: Skeleton
    channels: tuple[str, ...]
    inputs: InputSettings
    settings: dict

    def __post_init__(self):
        sizes = {
            "class_names": (self.class_names, self.state["classifier.W"].shape[1]),
            "joint_names": (self.skeleton.joints, self.state["A_hat"].shape[2]),
            "channels, streams included": (self.maker.clip_channels, len(self.state["blocks.0.spatial_conv.W"])),
        }
        for what, (names, size) in sizes.items():
            if len(names) != size:
                own = f"{len(names)} {what} ({', '.join(names)[:80]})"
                raise ValueError(f"the settings have {own}, but the network's arrays are for {size}")

    @property
    def maker(self):
        """The ClipMaker of its clips."""
        return ClipMaker(self.inputs, self.channels, self.skeleton)


def load_network(name_or_path):
    """A trained Network: "mocap_15" or "openpose_25", which ship with this package, or a file that `train` wrote.

    Raises FileNotFoundError if there is none, and ValueError for a file that is not the weights of a training.
    """
    shipped = {path.stem: path for path in sorted(_SHIPPED.glob("*.safetensors"))}
    path = shipped.get(str(name_or_path), Path(name_or_path))
    if not path.is_file():
        raise FileNotFoundError(
            f"load_network: there is no {path}; {', '.join(shipped)} ship with this package, other networks are the"
            " path of a .safetensors file that `python -m stgcn_torch train` wrote"
        )
    settings, state = trained_settings(path), load_state(path)
    try:
        return Network(
            title=path.stem,
            state=state,
            class_names=tuple(settings["class_names"]),
            skeleton=trained_skeleton(settings),
            channels=tuple(settings["channels"]),
            inputs=trained_inputs(settings),
            settings=settings,
        )
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def classify(network, clip):
    """The classes of a Network with their probabilities, the most probable first: [(name, probability), ...].

    clip  (C, T, V, M) or (1, C, T, V, M), in any real numbers: the network's channels and joints, any number of frames
          and persons, as recorded; zeros are joints that are not seen and persons who are not there. Of more persons
          than the network was trained with, those that move most count

    The logits are averaged over the views of `ClipMaker.views`, as `python -m stgcn_torch predict` does it.
    Raises ValueError for a clip of another shape, a NaN or an infinity, and a clip with nobody in it.
    """
    views = network.maker.views(_checked(network, np.asarray(clip)))
    if not np.abs(views).max() < LARGEST:
        raise ValueError(f"classify: the clip holds {np.abs(views).max():.3g}: no coordinate is that large")
    logits = forward(network.state, views.astype(network.state["A_hat"].dtype)).astype(np.float64).mean(axis=0)
    odds = np.exp(logits - logits.max())
    probabilities = odds / odds.sum()
    order = np.argsort(-probabilities, kind="stable")
    return [(network.class_names[k], float(probabilities[k])) for k in order]


def _checked(network, clip):
    """The clip as (C, T, V, M), or a ValueError that says what is wrong with it."""
    if clip.dtype.kind not in "fiu":
        raise ValueError(f"classify: a clip holds real numbers, got the dtype {clip.dtype}")
    takes = f"(C, T, V, M) or (1, C, T, V, M) with C = {len(network.channels)}, V = {len(network.skeleton.joints)}"
    if clip.ndim not in (4, 5) or (clip.ndim == 5 and len(clip) != 1) or 0 in clip.shape:
        raise ValueError(f"classify: {network.title} takes one clip {takes}, a frame and a person, got {clip.shape}")
    clip = clip.reshape(clip.shape[-4:])
    for what, size, names in (
        ("channels", len(clip), network.channels),
        ("joints", clip.shape[2], network.skeleton.joints),
    ):
        if size != len(names):
            raise ValueError(
                f"classify: {network.title} takes {len(names)} {what}, {', '.join(names)}; the clip has {size}:"
                f" it must be {takes}, got {clip.shape}"
            )
    bad = np.argwhere(~np.isfinite(clip))
    if len(bad):
        c, t, v, m = bad[0]
        raise ValueError(
            f"classify: the clip has {clip[c, t, v, m]} in channel {network.channels[c]}, frame {t}, joint {v}"
            f" ({network.skeleton.joints[v]}), person {m}; a joint that is not seen is 0 in all channels"
        )
    if not clip.any():
        raise ValueError("classify: nobody is in the clip: all its numbers are 0")
    return clip
