"""What weights say of the training that they are from, checked: a file may hold anything, whoever wrote it."""

from dataclasses import dataclass

from .input_settings import InputSettings
from .layouts import SKELETONS
from .settings import as_object, check_settings, described, setting
from .skeleton import Skeleton
from .state_files import load_settings
from .terminal import brief


@dataclass(frozen=True)
class Names:
    """What weights call their classes, joints and channels, and which joint is the centre."""

    class_names: tuple[str, ...] = setting((), "in the order of the logits")
    joint_names: tuple[str, ...] = setting((), "V of them")
    channels: tuple[str, ...] = setting((), "of the set, before streams")
    center: int = setting(0, "a joint", least=0)

    def __post_init__(self):
        check_settings(self)
        if len(set(self.class_names)) < len(self.class_names):
            raise ValueError("class_names has a name twice")


def trained_settings(path):
    """The settings that a training saved with weights: a dict; what only people read in it may be anything.

    Raises FileNotFoundError, and ValueError, naming file and entry, for files that do not say how clips are made.
    """
    settings = load_settings(path)
    missing = {"recipe", "class_names", "joint_names", "bones", "center", "channels"} - set(settings)
    if missing:
        raise ValueError(
            f"{path} is not the weights of a training: it lacks {', '.join(sorted(missing))}, and so how clips are"
            " prepared for it and what its classes are called. Take weights that `python -m stgcn_torch train`"
            " wrote; a published checkpoint has to be converted with `python -m stgcn_torch convert IN OUT"
            " --preparation ntu` or `kinetics`"
        )
    try:
        described(Names, {name: settings[name] for name in Names.__dataclass_fields__}, "settings")
        trained_inputs(settings)
        trained_skeleton(settings)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return settings


def trained_inputs(settings):
    """The InputSettings of a training. Raises ValueError for an entry that this version does not know."""
    inputs = as_object(as_object(settings["recipe"], "recipe").get("inputs"), "recipe.inputs")
    return described(InputSettings, inputs | {"channels": settings["channels"]}, "recipe.inputs")


def trained_skeleton(settings):
    """The Skeleton of a training. Raises ValueError for bones that are not pairs of joints, and as Skeleton does."""
    joints, bones = tuple(settings["joint_names"]), settings["bones"]
    if not isinstance(bones, list) or not all(_is_pair(bone) for bone in bones):
        raise ValueError(f"bones must be a list of pairs [i, j] of joints, got {brief(bones)}")
    names = (name for name, skeleton in SKELETONS.items() if skeleton.joints == joints)
    return Skeleton(next(names, "the body of the training"), joints, tuple(map(tuple, bones)), settings["center"])


def _is_pair(bone):
    return isinstance(bone, list) and list(map(type, bone)) == [int, int]
