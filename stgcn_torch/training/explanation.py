"""What a network says of one clip, and which joints and frames it says it for: class activation.

The logits are linear in the last feature map: pooling is a mean, and the classifier a matrix. So the logit of a class
is the mean over persons, frames and joints of

    activation[m, t, v] = Σ_c f[m, c, t, v] · W[c, class],

plus the class's bias: exactly. The activation (Zhou et al. 2016, arXiv 1512.04150, "class activation mapping") says
which places of the *last feature map* raised the logit (above 0) or lowered it (below). It does not say which numbers
of the input did: every place there has seen joints up to ten hops and frames up to 76 away (153 in all).
"""

from dataclasses import replace
from itertools import chain
from math import prod
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from reference.whole_files import whole_file

from .batches import ClipSet

_AT_ONCE = 2048  # frames: more of them spill out of the caches


class Prediction(NamedTuple):
    """class_names and their probabilities (classes,)."""

    class_names: list
    probabilities: np.ndarray

    def best(self, count):
        """The likeliest classes: pairs of name and probability, at most `count`."""
        order = np.argsort(-self.probabilities, kind="stable")[:count]
        return [(self.class_names[k], float(self.probabilities[k])) for k in order]


class Explanation(NamedTuple):
    """One clip, its winning class, and what each joint contributed when.

    probability  of the class, from all views of the clip that evaluation looks at; what follows is about the first of
                 them, the whole clip
    logit        of the class
    bias         of the class in the classifier
    clip         (C, T, V, M) as the network saw it, but where it was recorded: neither centred nor scaled, to be drawn
    activation   (T, V, M): of the last feature map's frame that lies nearest to each frame of the clip
    on_features  (T', V, M): as it is, for the T' frames of the last feature map; its mean plus the bias is the logit
    """

    class_name: str
    probability: float
    logit: float
    bias: float
    clip: np.ndarray
    activation: np.ndarray
    on_features: np.ndarray


@torch.inference_mode()
def predict(network, clips):
    """The Prediction for the first clip of a ClipSet, from all its views. network: trained_network.TrainedNetwork."""
    logits = network.model(_views(network, clips)).double().mean(dim=0)
    return Prediction(network.class_names, logits.softmax(dim=0).cpu().numpy())


@torch.inference_mode()
def predict_together(network, model, views):
    """The Predictions for several clips, each given by all its views (views, C, T, V, M), in their order.

    model  the network's, or its fused one

    Persons go through the model one by one: it averages over them, and its logits are linear in that mean. Those of
    one shape go together, as many as fit into the caches, and those that are equal to the last bit once: absent ones
    are, and all views of a clip of two frames.
    """
    clips = [[person for view in clip for person in view.unbind(-1)] for clip in views]  # of (C, T, V)
    keys = [[(person.shape, person.numpy().tobytes()) for person in clip] for clip in clips]
    distinct = {}  # {shape: {key: person}}
    for key, person in zip(chain(*keys), chain(*clips), strict=True):
        distinct.setdefault(person.shape, {}).setdefault(key, person)
    A_hat, logits = network.model.A_hat, {}
    for shape, persons in distinct.items():
        items, together = list(persons.items()), max(1, _AT_ONCE // shape[1])
        for some in (items[at : at + together] for at in range(0, len(items), together)):
            batch = torch.stack([person for _, person in some])[..., None].to(A_hat.device, A_hat.dtype)
            logits |= zip((key for key, _ in some), model(batch).double(), strict=True)
    for own in keys:
        probabilities = torch.stack([logits[key] for key in own]).mean(dim=0).softmax(dim=0)
        yield Prediction(network.class_names, probabilities.cpu().numpy())


@torch.inference_mode()
def explain(network, clips):
    """The Explanation for the first clip of a ClipSet."""
    as_recorded = replace(clips.make.settings, center="none", scale="none", streams=(), test_views=1)
    recorded = ClipSet(
        clips.source, clips.sequences, clips.rows, as_recorded, labels=clips.labels, skeleton=clips.skeleton
    )
    model, clip = network.model, _views(network, clips)[:1]
    probabilities = predict(network, clips).probabilities
    winner = int(probabilities.argmax())
    f = model.feature_map(clip)  # (M, C, T', V), since there is one clip
    on_features = torch.einsum("mctv,c->tvm", f, model.classifier.W[:, winner]).double().cpu().numpy()
    # A stride of 2 keeps every other frame, from the first: frame t' lies on frame t' · (product of strides).
    nearest = np.round(np.arange(clip.shape[2]) / prod(model.strides.tolist())).astype(int)
    return Explanation(
        class_name=network.class_names[winner],
        probability=float(probabilities[winner]),
        logit=float(model(clip)[0, winner]),
        bias=float(model.classifier.b[winner]),
        clip=recorded[0, 0][0][0].numpy(),
        activation=on_features[np.minimum(nearest, len(on_features) - 1)],
        on_features=on_features,
    )


def write_explanation(path, explanation, sequences, channels):
    """Write an Explanation as .npz, with joint_names, bones, center and channels (of its clip) to draw it with."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = {name: getattr(sequences, name) for name in ("joint_names", "bones", "center")}
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, **explanation._asdict(), **body, channels=np.array(channels))


def _views(network, clips):
    """All views of the first clip: (views, C, T, V, M)."""
    A_hat = network.model.A_hat
    return clips[0, 0][0].to(A_hat.device, A_hat.dtype)
