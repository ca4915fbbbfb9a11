"""Recipes by name. Every number of one can be replaced on the command line.

`ntu` and `kinetics` are the published recipes, as the widely copied implementation ships them (yysijie/st-gcn,
config/st_gcn): they are meant for sets of tens of thousands of clips and for GPUs. `notes` is the table of the notes
with a recipe for small sets; `narrow` the same with a quarter of the channels, for laptops; `modern` has half of the
channels, sees bones and motion beside the joints, and loses joints at random.

The recipe for small sets was chosen on MSR-Action3D (20 classes), inside the training subjects of its usual test:
results/plan.py has every trial, the README what it gave. More than anything else counts the number of steps.

Why sequences are resampled: within the training subjects (1, 3 and 5 train, 7 and 9 test; `narrow`, 48 frames, one pass
an epoch, three seeds) resampling gave a top-1 of 72.2 ± 4.9 %, padding with zeros 64.0 ± 4.9 %, repeating 52.1 ± 2.8 %.
"""

from dataclasses import dataclass, field, fields, replace
from math import cos, inf, pi

from reference import LAYERS

from .inputs import InputSettings

SCHEDULES = ("steps", "cosine")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training arrives at, but for the set, the protocol and the seed.

    width            what the channels of reference.LAYERS are divided by
    strategy         of the partition: uni_labeling, distance, spatial, or widely_copied: the one of yysijie/st-gcn
    normalization    of its matrices: two_sided, symmetric, row or joint
    edge_importance  whether it is learnt
    dropout          probability
    epochs           how many
    batch            clips in a step, of all processes together
    least_clips      an epoch goes through a smaller training set as often as it takes to see about so many clips
    rate             the peak learning rate of stochastic gradient descent
    schedule         "steps": the rate is divided by 10 after each epoch of `steps`; "cosine": it falls to 0
    steps            those epochs
    warmup           epochs in which the rate rises from 0, step by step
    momentum         share of the velocity that stays
    nesterov         whether the step looks ahead along the velocity
    weight_decay     on all parameters
    label_smoothing  share of the target that goes to all classes alike
    averaging        evaluate and save an average of the weights over the steps, of which each step keeps this share
                     (0.99: about the last hundred steps count); 0: the weights of the last step
    inputs           InputSettings
    """

    width: int = 1
    strategy: str = "spatial"
    normalization: str = "two_sided"
    edge_importance: bool = True
    dropout: float = 0.2
    epochs: int = 60
    batch: int = 16
    least_clips: int = 256
    rate: float = 0.05
    schedule: str = "cosine"
    steps: tuple[int, ...] = ()
    warmup: float = 3.0
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    averaging: float = 0.98
    inputs: InputSettings = field(default_factory=InputSettings)

    def __post_init__(self):
        if self.schedule not in SCHEDULES:
            raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, got {self.schedule!r}")
        bounds = {"width": (1, 64), "dropout": (0, 0.99), "epochs": (1, 1e6), "batch": (2, 1e6),
                  "least_clips": (0, inf), "rate": (0, inf), "warmup": (0, 1e6), "momentum": (0, 1),
                  "weight_decay": (0, 1e6), "label_smoothing": (0, 1), "averaging": (0, 0.99999)}  # fmt: skip
        for name, (low, high) in bounds.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be from {low:g} to {high:g}, got {getattr(self, name)}")

    @property
    def layers(self):
        """The rows of the network."""
        return tuple((max(1, C_in // self.width), C_out // self.width, stride) for C_in, C_out, stride in LAYERS)

    def changed(self, values):
        """The recipe with some fields replaced, those of `inputs` by their own names. Raises ValueError for others."""
        own = {f.name for f in fields(self)} - {"inputs"}
        of_inputs = {f.name for f in fields(self.inputs)}
        unknown = set(values) - own - of_inputs
        if unknown:
            raise ValueError(f"a recipe has no {', '.join(sorted(unknown))}")
        inputs = replace(self.inputs, **{name: value for name, value in values.items() if name in of_inputs})
        return replace(self, inputs=inputs, **{name: value for name, value in values.items() if name in own})


# Zeros after the clip up to 300 frames, places as recorded, nothing varied.
_NTU_INPUTS = InputSettings(
    frames=300, test_views=1, fit="pad", drop_empty=False, center="none", crop=1, turn=0, zoom=0
)  # fmt: skip
# Stretches of 150 frames in training, whole clips in evaluation; the picture's middle is the origin.
_KINETICS_INPUTS = replace(_NTU_INPUTS, frames=150, test_frames=300, center="image", moving=True)
_PUBLISHED = {
    "least_clips": 0, "rate": 0.1, "schedule": "steps", "warmup": 0, "weight_decay": 1e-4, "label_smoothing": 0,
    "averaging": 0,
}  # fmt: skip

PRESETS = {
    "notes": Recipe(),
    "narrow": Recipe(width=4, epochs=80, dropout=0),
    "modern": Recipe(
        width=2, epochs=100, dropout=0.1, inputs=InputSettings(streams=("bone", "motion"), joint_dropout=0.1)
    ),
    "ntu": Recipe(epochs=80, batch=64, steps=(10, 50), dropout=0.5, inputs=_NTU_INPUTS, **_PUBLISHED),
    "kinetics": Recipe(epochs=50, batch=256, steps=(20, 30, 40, 50), dropout=0, inputs=_KINETICS_INPUTS, **_PUBLISHED),
}


def rate_at(recipe, epoch):
    """The learning rate at a place in training, in epochs: 2.5 is half-way through the third."""
    if epoch < recipe.warmup:
        return recipe.rate * epoch / recipe.warmup
    if recipe.schedule == "steps":
        return recipe.rate * 0.1 ** sum(epoch >= step for step in recipe.steps)
    share = (epoch - recipe.warmup) / max(recipe.epochs - recipe.warmup, 1e-9)
    return recipe.rate * (1 + cos(pi * min(share, 1))) / 2
