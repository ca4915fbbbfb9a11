"""The cross-check: `reference` and the PyTorch twin on the same weights and a real clip, compared stage by stage."""

from typing import NamedTuple

import numpy as np
import torch

from reference import NORMALIZATIONS, PAPER_STRATEGIES, SKELETONS, forward, init_state, load_clips

from .model import STGCN
from .official import load_official
from .official_layouts import LAYOUTS, Layout

# The largest max |difference| / max |reference| allowed at any stage. Ten layers that sum in another order differ by a
# few tens of roundings (of 1.1e-16 and 6e-8 each): both limits leave room above that, none for another formula.
TOLERANCES = {"float64": 1e-12, "float32": 5e-6}
NUM_CLASSES = 10
FRAMES = 21  # so that both strides of 2 meet an odd T: 21 -> 11 -> 6


class Case(NamedTuple):
    """One combination: the settings of a network, and a clip for it."""

    skeleton: str
    strategy: str
    normalization: str
    variant: str
    clip: np.ndarray  # (N, C, T, V, M) or (C, T, V, M), float32
    training: bool = False
    layout: Layout | None = None  # the weights go through a published checkpoint of this layout


class Agreement(NamedTuple):
    """How far one implementation is from the reference: max |difference| / max |reference| by stage."""

    case: Case
    backend: str
    dtype: str
    error: dict[str, float]

    @property
    def worst_stage(self):
        """The stage with the largest error."""
        return max(self.error, key=self.error.get)

    @property
    def worst(self):
        """The error of that stage."""
        return self.error[self.worst_stage]

    @property
    def passed(self):
        """Whether every stage is within the tolerance of the dtype."""
        return self.worst <= TOLERANCES[self.dtype]


def cases():
    """Every strategy of the paper x normalisation x a few skeletons, then what is easily got wrong."""
    clips = {skeleton: real_clip(skeleton) for skeleton in ("mocap_15", "openpose_25", "openpose_18", "toy_5")}
    walk, kick = clips["mocap_15"], real_clip("mocap_15", "kick")
    every = np.concatenate([real_clip("mocap_15", index)[:, :, :13] for index in range(15)])
    spatial = ("mocap_15", "spatial", "two_sided")
    return [
        *(
            Case(skeleton, strategy, normalization, f"T {FRAMES}", clip)
            for skeleton, clip in clips.items()
            for strategy in PAPER_STRATEGIES
            for normalization in NORMALIZATIONS
        ),
        Case(*spatial, "T 20, even", walk[:, :, :20]),
        Case(*spatial, "T 5, shorter than gamma", walk[:, :, :5]),
        Case(*spatial, "one video, no batch axis", walk[0]),
        Case(*spatial, "two clips", np.concatenate([walk, kick])),
        Case(*spatial, "two persons", np.concatenate([walk, kick], axis=-1)),
        Case(*spatial, "second person absent", np.concatenate([walk, np.zeros_like(walk)], axis=-1)),
        Case(*spatial, "training statistics", every, training=True),
        Case("mocap_15", "widely_copied", "joint", "checkpoint, widely copied", walk, layout=LAYOUTS[0]),
        Case(*spatial, "checkpoint, mmaction2", walk, layout=LAYOUTS[1]),
        Case(*spatial, "checkpoint, pyskl", walk, layout=LAYOUTS[2]),
    ]


def real_clip(skeleton, which=0):
    """The first FRAMES frames of an embedded recording, (1, C, T, V, 1), its joints picked for `skeleton` by name."""
    sequences = load_clips("openpose_25" if skeleton.startswith("openpose") else "mocap_15")
    joint_of = {name: joint for joint, name in enumerate(sequences.skeleton.joints)}
    toy = {"head": "neck", "right_hand": "right_wrist", "left_hand": "left_wrist"}
    joints = [joint_of[toy.get(name, name)] for name in SKELETONS[skeleton].joints]
    return sequences.clip(which)[:, :, :FRAMES, joints]


def random_state(case):
    """Weights for a case in float64, with no part of a batch norm and no edge importance left at its neutral start."""
    C = case.clip.shape[-4]
    rng = np.random.default_rng(0)
    state = init_state(NUM_CLASSES, C, case.skeleton, case.strategy, case.normalization, seed=rng, dtype=np.float64)
    for name, array in state.items():
        if name.endswith(("weight", "running_var", "edge_importance")):
            array += 0.2 * rng.uniform(-1, 1, array.shape)
        elif name.endswith(("bias", "running_mean")):
            array += 0.2 * rng.standard_normal(array.shape)
    return state


def compare(case, dtype, backend="PyTorch", device="cpu"):
    """Run one case through the reference and another implementation of it: an Agreement.

    dtype    "float64" or "float32"; both implementations start from the same numbers rounded to it
    backend  "PyTorch" on `device`, or "CuPy": the reference itself on CuPy arrays
    """
    state = {name: array if name == "strides" else array.astype(dtype) for name, array in random_state(case).items()}
    clip = case.clip.astype(dtype)
    expected = reference_stages(state, clip, case.training)
    if backend == "CuPy":
        import cupy

        on_gpu = {name: cupy.asarray(array) for name, array in state.items()}
        stages = reference_stages(on_gpu, cupy.asarray(clip), case.training)
        got = {stage: cupy.asnumpy(array) for stage, array in stages.items()}
    else:
        model = twin(case, state).to(device).train(case.training)
        got = {**twin_stages(model, torch.from_numpy(clip).to(device)), "graph": model.A_hat.cpu().numpy()}
    return Agreement(case, backend, dtype, {stage: relative_error(expected[stage], got[stage]) for stage in expected})


def twin(case, state):
    """The twin with the weights of `state`: passed across as they are, or through a published checkpoint."""
    if case.layout is not None:
        return load_official(as_published(state, case.layout))
    model = STGCN(NUM_CLASSES, case.clip.shape[-4], case.skeleton, case.strategy, case.normalization, dropout=0)
    model.to(torch.from_numpy(state["A_hat"]).dtype)
    graph = model.A_hat.clone()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    model.A_hat.copy_(graph)  # the model's own, so that the stage "graph" compares something
    return model


def as_published(state, layout):
    """A state under the names and in the shapes of a published checkpoint: what `load_official` has to undo."""
    inverse = {
        "spatial_conv.W": lambda W: W.transpose(2, 1, 0).reshape(-1, W.shape[0], 1, 1),
        "spatial_conv.b": lambda b: b.T.reshape(-1),
        "temporal_conv.W": lambda W: W.transpose(1, 0, 2)[..., np.newaxis],
        "residual_conv.W": lambda W: W.transpose(1, 0, 2)[..., np.newaxis],
        "classifier.W": lambda W: W.T.reshape(*W.T.shape, *(1,) * (layout.classifier_axes - 2)),
        "edge_importance": lambda M: M.transpose(0, 2, 1),
    }
    entries = {layout.A.format(i=i): state["A_hat"].transpose(0, 2, 1) for i in range(len(state["strides"]))}
    for name, array in state.items():
        if name in ("A_hat", "strides"):
            continue
        _, i, name = name.split(".", 2) if name.startswith("blocks.") else ("", 0, name)
        role, _, entry = name.partition(".")
        published = getattr(layout, role).format(i=i)
        entry = {"W": ".weight", "b": ".bias", "": ""}.get(entry, f".{entry}")
        entries[published + entry] = inverse.get(name, lambda array: array)(array)
    return entries


def reference_stages(state, clip, training):
    """The output of every stage of `reference.forward` that the twin has as a module, by name, and the graph."""
    stages = {"graph": state["A_hat"]}
    logits = forward(state, clip, training=training, trace=stages)
    stages |= {"logits": logits}  # of one video alone they have no batch axis, as the twin's
    return {name: output for name, output in stages.items() if not name.endswith((".edge_importance", ".sum"))}


@torch.no_grad()
def twin_stages(model, clip):
    """The output of the same stages of the twin, caught by forward hooks."""
    stages = {}

    def keep(stage):
        return lambda _module, _inputs, output: stages.__setitem__(stage, output)

    def keep_input(stage):
        return lambda _module, inputs: stages.__setitem__(stage, inputs[0])

    hooks = [model.blocks[0].register_forward_pre_hook(keep_input("data_bn"))]
    for name, module in model.named_modules():
        if name.startswith("blocks.") and name.endswith(("_conv", "_bn", *"0123456789")):
            hooks.append(module.register_forward_hook(keep(name)))
        if name.endswith(".temporal_conv"):
            hooks.append(module.register_forward_pre_hook(keep_input(name.replace("temporal_conv", "relu"))))
    hooks.append(model.classifier.register_forward_pre_hook(keep_input("pooled")))
    stages["logits"] = model(clip)
    for hook in hooks:
        hook.remove()
    return {stage: output.cpu().numpy() for stage, output in stages.items()}


def relative_error(expected, got):
    """max |difference| / max |expected|; infinite where the shapes differ or a number on either side is not finite."""
    if expected.shape != got.shape or not (np.all(np.isfinite(expected)) and np.all(np.isfinite(got))):
        return float("inf")
    difference, scale = float(np.max(np.abs(got - expected))), float(np.max(np.abs(expected)))
    if scale == 0:
        return 0.0 if difference == 0 else float("inf")
    return difference / scale


def backends():
    """What can be compared on this machine: (backend, device), the CPU first; and, in words, what cannot."""
    available, absent = [("PyTorch", "cpu")], []
    if torch.cuda.is_available():
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        available.append(("PyTorch", "cuda"))
    else:
        absent.append("PyTorch sees no CUDA device")
    try:
        import cupy

        if cupy.is_available():
            available.append(("CuPy", "cuda"))
        else:
            absent.append("CuPy sees no CUDA device")
    except ImportError:
        absent.append("CuPy is not installed")
    return available, absent
