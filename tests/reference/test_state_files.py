"""Networks as `.safetensors` files: whole or refused."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest
import safetensors
from safetensors.numpy import save_file

from reference import init_state, load_settings, load_state, save_state

SMALL = ((2, 2, 1), (2, 3, 2))
STATE = init_state(2, skeleton="toy_5", layers=SMALL, gamma=1)
SETTINGS = {"skeleton": "toy_5", "class_names": ["walk", "run"], "gamma": 1, "dropout": 0.5, "edge_importance": True}


@pytest.fixture
def path(tmp_path):
    """A saved network."""
    save_state(STATE, tmp_path / "network.safetensors", SETTINGS)
    return tmp_path / "network.safetensors"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_what_is_saved_is_loaded(tmp_path, dtype, kind):
    state = init_state(2, skeleton="toy_5", layers=SMALL, gamma=1, dtype=dtype)
    path = kind(tmp_path / "network.safetensors")
    save_state(state, path)
    loaded = load_state(path)
    assert set(loaded) == set(state)
    for name, array in state.items():
        assert loaded[name].dtype == array.dtype
        assert np.array_equal(loaded[name], array)
    assert load_settings(path) == {}


def test_settings_travel_with_the_network(path):
    assert load_settings(path) == SETTINGS


def test_an_array_in_any_memory_order_is_saved_by_its_values(tmp_path):
    name = "blocks.1.temporal_conv.W"
    state = STATE | {name: np.asfortranarray(STATE[name]), "A_hat": STATE["A_hat"][::-1]}
    save_state(state, tmp_path / "network.safetensors")
    loaded = load_state(tmp_path / "network.safetensors")
    assert np.array_equal(loaded[name], STATE[name])
    assert np.array_equal(loaded["A_hat"], STATE["A_hat"][::-1])


# --- what is refused when saving -------------------------------------------------------------------------------------

BROKEN_STATES = [
    ({"classifier.b": None}, "no entry 'classifier.b'"),
    ({"A_hat": None}, "no entry 'A_hat'"),
    ({"strides": None}, "no entry 'strides'"),
    ({"blocks.1.residual_bn.running_var": None}, "no entry 'blocks.1.residual_bn.running_var'"),
    ({"blocks.1.edge_importance": None}, "no entry 'blocks.1.edge_importance'"),
    ({"blocks.0.spatial_conv.W": None}, "no entry 'blocks.0.spatial_conv.W'"),
    ({"blocks.0.temporal_conv.W": None}, "no entry 'blocks.0.temporal_conv.W'"),
    ({"blocks.2.spatial_conv.W": np.ones((3, 3, 3))}, "'blocks.2.spatial_conv.W' that its network does not use"),
    ({"blocks.0.residual_conv.b": np.ones(2)}, "'blocks.0.residual_conv.b' that its network does not use"),
    ({"momentum": np.ones(2)}, "'momentum' that its network does not use"),
    ({"data_bn.weight": np.ones(9)}, r"data_bn.weight must be \(10,\), got \(9,\)"),
    ({"classifier.b": np.ones((2, 1))}, r"classifier.b must have 1 axes, got shape \(2, 1\)"),
    ({"A_hat": np.ones((5, 5))}, r"A_hat must have 3 axes, got shape \(5, 5\)"),
    ({"A_hat": np.ones((3, 5, 4))}, r"A_hat must be \(3, 5, 5\), got \(3, 5, 4\)"),
    ({"blocks.1.temporal_conv.W": np.ones((3, 3, 5))}, r"blocks.1.temporal_conv.W must be \(3, 3, 1\)"),
    ({"blocks.0.temporal_conv.W": np.ones((2, 2, 2))}, "gamma must be odd"),
    ({"blocks.1.spatial_conv.W": np.ones((4, 3, 3))}, "row 2 takes 4 channels, but row 1 gives 2"),
    ({"strides": np.array([1, 0])}, r"row 2 must be .* got \(2, 3, 0\)"),
    ({"strides": np.array([1, 2, 1])}, "no entry 'blocks.2.spatial_conv.W'"),
    ({"strides": np.array([1])}, r"classifier.W must be \(2, 2\), got \(3, 2\)"),
    ({"strides": np.array([], dtype=np.int64)}, "strides|rows"),
    ({"strides": np.array([1.0, 1.5])}, "strides"),
]


def broken(change):
    """STATE with entries changed, or left out where the change is None."""
    return {name: array for name, array in (STATE | change).items() if array is not None}


@pytest.mark.parametrize(("change", "message"), BROKEN_STATES)
def test_a_state_that_no_network_has_is_not_saved(tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        save_state(broken(change), tmp_path / "network.safetensors")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("change", "message"), BROKEN_STATES)
def test_a_file_that_holds_no_network_is_not_loaded(tmp_path, change, message):
    path = tmp_path / "network.safetensors"
    save_file(broken(change), path)
    with pytest.raises(ValueError, match=message) as refusal:
        load_state(path)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("entry", [[1.0, 2.0], 3.0, None])
def test_only_numpy_arrays_are_saved(tmp_path, entry):
    with pytest.raises(TypeError, match=rf"entry 'classifier.b' is a {type(entry).__name__}, expected a numpy.ndarray"):
        save_state(STATE | {"classifier.b": entry}, tmp_path / "network.safetensors")
    assert not list(tmp_path.iterdir())


def half_written(path, _):
    """A disk that fills up."""
    path.write_text("half a file")
    raise OSError("no space left on device")


@pytest.mark.parametrize("fault", ["disk", "settings"])
def test_a_failing_save_leaves_the_old_file_and_nothing_else(path, monkeypatch, fault):
    before = path.read_bytes()
    if fault == "disk":
        monkeypatch.setattr("pathlib.Path.write_bytes", half_written)
    settings = {"strategy": lambda i, j: 0} if fault == "settings" else None
    with pytest.raises((OSError, TypeError), match="no space left|JSON"):
        save_state(STATE | {"classifier.b": np.ones(2, STATE["A_hat"].dtype)}, path, settings)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_save_replaces_the_old_file(path):
    save_state(STATE | {"classifier.b": np.ones(2, STATE["A_hat"].dtype)}, path)
    assert load_state(path)["classifier.b"].tolist() == [1, 1]
    assert list(path.parent.iterdir()) == [path]


# --- what is refused when loading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [load_state, load_settings])
def test_a_file_cut_anywhere_is_refused(path, function):
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 7), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"network.safetensors is not a whole .safetensors file"):
            function(path)


@pytest.mark.parametrize("function", [load_state, load_settings])
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 8, b"\xff" * 100, b"PK\3\4 is a zip", b"\x93NUMPY", b"text " * 100, b"\x80\4K\1."]
)
def test_a_file_of_another_kind_is_refused(tmp_path, function, content):
    path = tmp_path / "network.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"network.safetensors is not a whole .safetensors file"):
        function(path)


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ValueError, match="network.safetensors is not a whole"):
        load_state(path)


@pytest.mark.parametrize(("dtype", "size"), [("F32", 4), ("BF16", 2), ("F8_E4M3", 1)])
def test_somebody_elses_weights_are_refused(tmp_path, dtype, size):
    # a file is the length of its header, the header, the data; NumPy has no type for some kinds of number
    header = json.dumps({"A_hat": {"dtype": dtype, "shape": [1], "data_offsets": [0, size]}}).encode()
    path = tmp_path / "network.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(size))
    with pytest.raises(ValueError, match=r"network.safetensors"):
        load_state(path)


def test_weights_that_pytorch_wrote_have_no_settings(tmp_path):
    path = tmp_path / "network.safetensors"
    save_file(STATE, path, metadata={"format": "pt"})
    assert load_settings(path) == {}
    assert list(load_state(path)) == sorted(STATE)


def test_every_flipped_bit_is_noticed(path):
    """In the length and the header, where settings and digest are, and in the weights."""
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(0)
    places = [*range(64), *rng.integers(64, 8 * header, 200), *rng.integers(8 * header, 8 * len(whole), 100)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        for function in (load_state, load_settings):
            with pytest.raises(ValueError, match="is damaged|not a whole|NumPy does not have"):
                function(path)


def test_weights_that_are_not_finite_are_refused_by_name(tmp_path):
    path = tmp_path / "network.safetensors"
    for value in (np.nan, -np.inf):
        bad = STATE["classifier.W"].copy()
        bad[1, 0] = value
        save_state(STATE | {"classifier.W": bad}, path)
        with pytest.raises(ValueError, match=f"network.safetensors: classifier.W holds {value}"):
            load_state(path)


def test_equal_networks_give_equal_bytes_in_every_process(path):
    again = [sys.executable, "-c", AGAIN, str(path), str(path.with_name("again.safetensors"))]
    for seed in ("1", "2"):
        subprocess.run(again, check=True, env=os.environ | {"PYTHONHASHSEED": seed})
        assert path.with_name("again.safetensors").read_bytes() == path.read_bytes()


AGAIN = """
import sys
from reference import load_settings, load_state, save_state

save_state(load_state(sys.argv[1]), sys.argv[2], load_settings(sys.argv[1]))
"""


@pytest.mark.parametrize("function", [load_state, load_settings])
def test_no_file_is_a_file_not_found(tmp_path, function):
    for path in (tmp_path / "absent.safetensors", tmp_path):
        with pytest.raises(FileNotFoundError, match=path.name):
            function(path)


def test_metadata_is_plain_json_behind_its_digest(path):
    with safetensors.safe_open(path, framework="np") as file:
        (entry,) = file.metadata().values()
    digest, _, text = entry.partition(" ")
    assert json.loads(text) == SETTINGS
    sha256 = hashlib.sha256(text.encode())
    for name in sorted(STATE):
        array = STATE[name]
        sha256.update(f"{name} {array.dtype.str} {array.shape} ".encode() + array.tobytes())
    assert digest == sha256.hexdigest()
