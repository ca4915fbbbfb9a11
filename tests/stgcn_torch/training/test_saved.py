"""What stands in weights and checkpoints is input: whatever it is, what is wrong is said by file and entry."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save
from sets import saved, small_set, weights

import reference
from stgcn_torch.training import checkpoint, loop
from stgcn_torch.training.distributed import Processes
from stgcn_torch.training.protocols import folds
from stgcn_torch.training.recipes import PRESETS
from stgcn_torch.training.trained_network import TrainedNetwork, describe

ALONE = Processes(0, 1, torch.device("cpu"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A state, and settings that fit it."""
    path = weights(tmp_path_factory.mktemp("weights"), "toy_5", ["x", "y", "z"])
    settings = reference.load_settings(path) | {"protocol": {"protocol": "random"}, "fold": "random"}
    return reference.load_state(path), settings


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "entry, value, message",
    [
        ("recipe", 5, "recipe must be an object .*got 5"),
        ("recipe", {}, "recipe.inputs must be an object .*got None"),
        *(
            ("recipe", {"inputs": {"frames": frames}}, f"recipe.inputs: frames must be {expected}")
            for frames, expected in [(2.5, "an integer"), ("x", "an integer"), (10**12, "from 1 to 108000")]
        ),
        ("recipe", {"inputs": {"frames": 10**5, "persons": 900}}, "a clip would be .* take fewer frames"),
        ("recipe", {"inputs": {"size": 1}}, "recipe.inputs has an entry 'size'"),
        (
            "recipe",
            {"inputs": {"streams": ["bone"]}},
            "6 channels, .* \\(x, y, z, bone x, .*arrays are for 3",
        ),
        ("protocol", ["random"], "protocol must be an object .*got"),
        ("protocol", {"protocol": "x"}, "protocol: protocol must be one of split, "),
        ("protocol", {"protocol": "time", "share": 10**400}, "protocol: share must be from 0 to 1, got 1000"),
        ("protocol", {"share": 0.5}, "protocol: protocol must be a text, got None"),
        ("fold", 7, "fold must be a text, got 7"),
        ("data", [], "data must be an object"),
        ("class_names", 5, "class_names must be a list, each entry a text, got 5"),
        ("class_names", ["a"] * 7, "class_names has a name twice"),
        ("class_names", list("abcdefgh"), "the settings have 8 class_names .*arrays are for 7"),
        ("class_names", deep(300), "class_names must be a list"),
        ("joint_names", ["a"], "names joint 1"),
        ("bones", [[0, 1], 3], "bones must be a list of pairs"),
        ("bones", [[0, 9]], "names joint 9"),
        ("center", 77, "center 77"),
    ],
)
def test_settings_of_weights_are_checked(sound, tmp_path, entry, value, message):
    state, settings = sound
    path = tmp_path / "w.safetensors"
    reference.save_state(state, path, settings)
    TrainedNetwork.load(path)
    reference.save_state(state, path, settings | {entry: value})
    with pytest.raises(ValueError, match=message) as error:
        TrainedNetwork.load(path)
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize("text, message", [("[1]", "an object of JSON"), ("{", "JSON: "), ("[" * 90_000, "JSON: ")])
def test_settings_of_weights_are_an_object_of_json(sound, tmp_path, text, message):
    path = tmp_path / "w.safetensors"
    path.write_bytes(save(sound[0], {"stgcn": f" {text}"}))  # without a digest, as files from elsewhere are
    with pytest.raises(ValueError, match=f"w.safetensors: its settings must be {message}"):
        reference.load_settings(path)


def test_an_unknown_fold_is_named(sound):
    sequences = small_set()
    settings = sound[1] | {"data": describe(sequences), "fold": "subject_9"}
    network = TrainedNetwork(None, settings)
    with pytest.raises(ValueError, match="of the fold 'subject_9', but their protocol has random"):
        network.rows(sequences)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A function that resumes a training of one epoch from a checkpoint, and the entries of its checkpoint."""
    folder = tmp_path_factory.mktemp("stopped")
    source = saved(small_set(), folder)
    sequences = reference.load_clips(source)
    (fold,) = folds(sequences, "cross-subject", subjects=[1, 2])
    recipe = PRESETS["narrow"].changed(
        {"width": 64, "epochs": 1, "batch": 12, "least_clips": 0, "frames": 4, "test_views": 1}
    )

    def started():
        loop.train(recipe, source, sequences, fold, {}, folder / "run", ALONE, resume=True, curves=False)

    started()
    path = folder / "run" / "checkpoint.pt"
    return path, checkpoint.read_checkpoint(path, "cpu"), started


WEIGHT = "classifier.b"
PLACE = {"epoch": 1, "batch": 0, "loss": 0.0, "right": 0, "seconds": 0.0}
HOSTILE = [
    ("optimizer", {}, "optimizer.state must be an object .*got None"),
    ("optimizer", {"state": {0: {"momentum_buffer": torch.ones(2, 2)}}}, r"optimizer.state\[0\].momentum_buffer"),
    ("optimizer", {"state": {"x": {}}}, "optimizer.state must have a momentum_buffer for each parameter, got 'x'"),
    ("optimizer", [], "optimizer must be an object"),
    ("rows", None, "rows must be a list of 1, one for each complete epoch, got None"),
    ("rows", [{"epoch": 1}], "rows must have the columns epoch, rate, .* got"),
    ("place", {"epoch": "two"}, "place: epoch must be an integer, got 'two'"),
    ("place", {"epoch": 10**9}, "place: epoch must be from 0 to 1e"),
    ("place", PLACE | {"epoch": 7}, "place.epoch must be up to the 1 of the recipe, got 7"),
    ("place", PLACE | {"loss": float("nan")}, "place: loss must be a finite number"),
    *(("place", {k: v for k, v in PLACE.items() if k != name}, f"place: {name} must be .*got None") for name in PLACE),
    ("place", 5, "place must be an object .*got 5"),
    ("settings", 5, "settings must be an object .*got 5"),
    ("settings", {"recipe": torch.ones(3)}, "cannot be gone on from: Object of type Tensor"),
    ("rows", deep(200), "in up to 20 levels"),
    ("model", {}, "model must have the entries of the network"),
    ("averaged", 3, "averaged must be an object"),
]  # fmt: skip


@pytest.mark.parametrize("entry, value, message", HOSTILE)
def test_entries_of_checkpoints_are_checked(stopped, entry, value, message):
    path, entries, started = stopped
    checkpoint.write_checkpoint(path, entries | {entry: value})
    with pytest.raises(ValueError, match=message) as error:
        started()
    assert str(error.value).startswith(str(path))


@pytest.mark.parametrize(
    "tensor, message",
    [
        (torch.ones(3, device="meta"), "must be a tensor with all its numbers, got one on meta"),
        (torch.ones(1).expand(10**11), r"must be torch.float32 \(3,\), got torch.float32 \(100000000000,\)"),
        (torch.ones(3, dtype=torch.float64), "must be torch.float32"),
        (torch.full((3,), torch.nan), "must be finite numbers"),
        (torch.ones(3).to_sparse(), "must be a tensor with all its numbers"),
        ("text", "must be a tensor with all its numbers, got 'text'"),
    ],
)
def test_tensors_of_checkpoints_are_checked(stopped, tensor, message):
    path, entries, started = stopped
    checkpoint.write_checkpoint(path, entries | {"model": entries["model"] | {WEIGHT: tensor}})
    with pytest.raises(ValueError, match=f"model.{WEIGHT} {message}"):
        started()


def test_what_refers_to_itself_or_doubles_is_refused_at_once(stopped):
    path, entries, started = stopped
    itself, doubled = [], []
    itself.append(itself)
    for _ in range(18):
        doubled = [doubled] * 40
    for rows in (itself, doubled, ["x" * 10**4] * 10**4):
        checkpoint.write_checkpoint(path, entries | {"rows": rows})
        with pytest.raises(ValueError, match="it must hold up to"):
            started()


def test_a_sound_checkpoint_goes_on(stopped):
    path, entries, started = stopped
    checkpoint.write_checkpoint(path, entries)
    started()
    assert np.isfinite(reference.load_state(path.with_name("weights.safetensors"))[WEIGHT]).all()
