"""Recipes: all the numbers of a training, by name or from a file.

`ntu` and `kinetics` are the published recipes, as the widely copied implementation ships them (yysijie/st-gcn,
config/st_gcn): they are meant for sets of tens of thousands of clips and for GPUs. `notes` is the table of the notes
with a recipe for small sets; `narrow` the same with a quarter of the channels, for laptops; `modern` has half of the
channels, sees bones and motion beside the joints, and loses joints at random.

The recipe for small sets was chosen on MSR-Action3D (20 classes), inside the training subjects of its usual test:
results/plan.py has every trial, the README what it gave. More than anything else counts the number of steps.

Why sequences are resampled: within the training subjects (1, 3 and 5 train, 7 and 9 test; `narrow`, 48 frames, one pass
an epoch, three seeds) resampling gave a top-1 of 72.2 ± 4.9 %, padding with zeros 64.0 ± 4.9 %, repeating 52.1 ± 2.8 %.
"""

import json
from dataclasses import dataclass, field, fields, replace
from math import cos, pi
from pathlib import Path

from reference import LAYERS, NORMALIZATIONS, STRATEGIES
from reference.input_files import check_file
from reference.input_settings import InputSettings
from reference.settings import as_object, check_settings, setting
from reference.terminal import brief

# Names of PyTorch's dtypes; not these themselves, since `train --help` needs the recipes and not PyTorch.
DTYPES = ("float32", "float64")
AUTOCAST = ("none", "bfloat16")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a training arrives at, but for the set, the protocol and the seed: see each field.

    Raises ValueError, naming the field, for a value that is not allowed.
    """

    width: int = setting(1, "what the channels of reference.LAYERS are divided by", least=1, most=64)
    strategy: str = setting(
        "spatial",
        "of the partition: uni_labeling, distance, spatial, or widely_copied: the one of yysijie/st-gcn",
        among=STRATEGIES,
    )
    normalization: str = setting(
        "two_sided", "of its matrices: two_sided, symmetric, row or joint", among=NORMALIZATIONS
    )
    edge_importance: bool = setting(True, "whether it is learnt")
    dropout: float = setting(0.2, "probability", least=0, most=0.99)
    epochs: int = setting(60, "how many", least=1, most=1e6)
    batch: int = setting(16, "clips in a step, of all processes together", least=2, most=1e6)
    least_clips: int = setting(
        256, "an epoch goes through a smaller training set as often as it takes to see about so many clips", least=0
    )
    rate: float = setting(0.05, "the peak learning rate of stochastic gradient descent", least=0)
    schedule: str = setting(
        "cosine",
        "steps: the rate is divided by 10 after each epoch of `steps`; cosine: it falls to 0",
        among=("steps", "cosine"),
    )
    steps: tuple[int, ...] = setting((), "those epochs")
    warmup: float = setting(3.0, "epochs in which the rate rises from 0, step by step", least=0, most=1e6)
    momentum: float = setting(0.9, "share of the velocity that stays", least=0, most=1)
    nesterov: bool = setting(True, "whether the step looks ahead along the velocity")
    weight_decay: float = setting(5e-4, "on all parameters", least=0, most=1e6)
    label_smoothing: float = setting(0.1, "share of the target that goes to all classes alike", least=0, most=1)
    averaging: float = setting(
        0.98,
        "evaluate and save an average of the weights over the steps, of which each step keeps this share (0.99: about"
        " the last hundred steps count); 0: the weights of the last step",
        least=0,
        most=0.99999,
    )
    dtype: str = setting("float32", "of weights and clips: float32 or float64", among=DTYPES)
    autocast: str = setting("none", "of the products on the way: bfloat16, or none", among=AUTOCAST)
    compile: bool = setting(False, "torch.compile the network")
    inputs: InputSettings = field(default_factory=InputSettings)

    def __post_init__(self):
        check_settings(self)

    @property
    def layers(self):
        """The rows of the network."""
        return tuple((max(1, C_in // self.width), C_out // self.width, stride) for C_in, C_out, stride in LAYERS)

    def changed(self, values):
        """The recipe with some fields replaced, those of `inputs` by their own names. Raises ValueError for others."""
        own, of_inputs = ({f.name for f in fields(each)} - {"inputs"} for each in (self, self.inputs))
        for name in values:
            if name not in own | of_inputs:
                raise ValueError(f"a recipe has no {brief(name)}; it has {', '.join(sorted(own | of_inputs))}")
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


def read_recipe(path, base):
    """A recipe with what a JSON file has of one, the entries of `inputs` under that name or beside the others.

    path  the file: the entries, or the settings.json of a training, of which "recipe" counts
    base  the Recipe that gives what the file lacks

    Raises FileNotFoundError, and ValueError naming file, entry, what was expected and what is there.
    """
    check_file(path)
    try:
        entries = json.loads(Path(path).read_bytes())  # which editors may have begun with a mark of its encoding
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    try:
        entries = as_object(entries, "a recipe")
        entries = as_object(entries.get("recipe", entries), "recipe")
        inputs = as_object(entries.get("inputs", {}), "inputs")
        entries = {name: value for name, value in entries.items() if name != "inputs"}
        for name in inputs:
            if name in entries:
                raise ValueError(f"{name} stands both in inputs and beside it")
        return base.changed(entries | inputs)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def rate_at(recipe, epoch):
    """The learning rate at a place in training, in epochs: 2.5 is half-way through the third."""
    if epoch < recipe.warmup:
        return recipe.rate * epoch / recipe.warmup
    if recipe.schedule == "steps":
        return recipe.rate * 0.1 ** sum(epoch >= step for step in recipe.steps)
    share = (epoch - recipe.warmup) / max(recipe.epochs - recipe.warmup, 1e-9)
    return recipe.rate * (1 + cos(pi * min(share, 1))) / 2
