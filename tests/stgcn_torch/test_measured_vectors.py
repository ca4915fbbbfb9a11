"""The widely copied implementation as measured: logits, blocks and one training step, for generated weights.

The vectors lie beside the project, not in it; how weights and input are generated: see make_entry and make_clip.
"""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

import reference
from stgcn_torch import load_official
from stgcn_torch.official import expected_entries, official_state
from stgcn_torch.official_layouts import recognise

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not (DATA / "official_openpose_spatial.npz").exists(), reason="the measured vectors are not beside this checkout"
)
SETTINGS = "openpose_spatial_400"


@pytest.fixture(scope="module")
def measured():
    with np.load(DATA / "official_openpose_spatial.npz", allow_pickle=False) as vectors:
        return dict(vectors)


@pytest.fixture(scope="module")
def entries(measured):
    shapes = json.loads((DATA / "official_state_keys.json").read_text())[SETTINGS]
    entries = {name: make_entry(name, tuple(entry["shape"])) for name, entry in shapes.items()}
    return entries | {"A": measured["A"]}


def make_entry(name, shape):
    """One entry of the checkpoint, float32: drawn with its name as the seed."""
    z = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if name.startswith("edge_importance"):
        value = 1 + 0.1 * z
    elif name.endswith("running_var"):
        value = 1 + 0.25 * np.abs(z)
    elif name.endswith(("running_mean", "bias")):
        value = 0.1 * z
    elif name.endswith("num_batches_tracked"):
        return np.zeros((), np.int64)
    elif len(shape) == 4:
        value = z / np.sqrt(np.prod(shape[1:]))
    else:
        value = 1 + 0.1 * z
    return value.astype(np.float32)


def make_clip(shape):
    seed = zlib.crc32(f"input:{','.join(str(size) for size in shape)}".encode())
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def cast(entries, dtype):
    return {name: array.astype(dtype) if array.dtype.kind == "f" else array for name, array in entries.items()}


def relative_error(expected, got):
    return np.max(np.abs(got - expected)) / np.max(np.abs(expected))


def summary(array):
    """As measured: mean, standard deviation, first eight values."""
    return np.concatenate([[array.mean(), array.std()], array.ravel()[:8]])


@pytest.mark.parametrize(("dtype", "suffix", "tolerance"), [("float64", "f64", 1e-12), ("float32", "f32", 5e-6)])
def test_logits_and_every_block(measured, entries, dtype, suffix, tolerance):
    entries = cast(entries, dtype)
    clip = make_clip(tuple(measured["shape"])).astype(dtype)
    model = load_official(entries)
    blocks = []
    for block in model.blocks:
        block.register_forward_hook(lambda _module, _inputs, output: blocks.append(output.numpy()))
    with torch.no_grad():
        logits = model(torch.from_numpy(clip)).numpy()
    trace = {}
    in_numpy = reference.forward(official_state(entries), clip, trace=trace)
    assert relative_error(measured[f"logits_{suffix}"], logits) < tolerance
    assert relative_error(measured[f"logits_{suffix}"], in_numpy) < tolerance
    for i, expected in enumerate(measured[f"blocks_{suffix}"]):
        assert relative_error(expected, summary(blocks[i])) < tolerance, i
        assert relative_error(expected, summary(trace[f"blocks.{i}"])) < tolerance, i
        convolved = summary(trace[f"blocks.{i}.spatial_conv"])
        assert relative_error(measured[f"gcn_{suffix}"][i], convolved) < tolerance, i


@pytest.mark.parametrize("settings", ["ntu_spatial_60", "openpose_spatial_400"])
def test_the_published_names_and_shapes_are_all_known(settings):
    shapes = json.loads((DATA / "official_state_keys.json").read_text())[settings]
    entries = {name: np.zeros(entry["shape"], np.float32) for name, entry in shapes.items()}
    expected = expected_entries(recognise(entries), entries)
    assert {name: shape for name, (shape, _, _) in expected.items()} == {
        name: array.shape for name, array in entries.items() if not name.endswith("num_batches_tracked")
    }


def in_published_layout(name, array, entries):
    """The inverse of the translation, found by translating the numbers of the elements."""
    shape, _, transform = expected_entries(recognise(entries), entries)[name]
    place = transform(np.arange(np.prod(shape)).reshape(shape))
    published = np.empty(np.prod(shape))
    published[place.ravel()] = array.ravel()
    return published.reshape(shape)


def test_one_training_step(measured, entries):
    entries = cast(entries, "float64")
    N = int(measured["shape"][0])
    labels = torch.arange(N) * 7 % int(measured["num_class"])
    model = load_official(entries).train()
    for block in model.blocks:
        block.dropout.p = 0
    clip = torch.from_numpy(make_clip(tuple(measured["shape"])).astype("float64")).requires_grad_()
    logits = model(clip)
    loss = torch.nn.functional.cross_entropy(logits, labels)
    loss.backward()
    assert relative_error(measured["train_logits_f64"], logits.detach().numpy()) < 1e-9
    assert relative_error(measured["train_loss_f64"], loss.item()) < 1e-9
    assert relative_error(measured["train_input_grad"], summary(clip.grad.numpy())) < 1e-9
    names = expected_entries(recognise(entries), entries)
    largest = measured["grad_norm_first8"][:, 0].max()
    for name, expected in zip(measured["grad_names"], measured["grad_norm_first8"], strict=True):
        gradient = model.get_parameter(names[name][1]).grad.numpy()
        norm_first8 = np.concatenate(
            [[np.linalg.norm(gradient)], in_published_layout(name, gradient, entries).ravel()[:8]]
        )
        # A bias before a batch norm has no gradient but rounding; there the scale is that of the other gradients.
        scale = expected[0] if expected[0] > 1e-9 * largest else largest
        assert np.max(np.abs(norm_first8 - expected[: len(norm_first8)])) < 1e-9 * scale, name
    state = model.state_dict()
    for name, expected in zip(measured["running_names"], measured["running_after"], strict=True):
        running = state[names[name][1]].numpy()
        got = np.concatenate([[np.linalg.norm(running)], running[:8]])
        assert relative_error(expected, got) < 1e-9, name
