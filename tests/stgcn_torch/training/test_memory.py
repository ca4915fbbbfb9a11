"""A set that is a folder stays on the disk, whatever is done with it: memory holds one sequence of it, or a batch."""

import tracemalloc

import numpy as np
import pytest
from sets import weights

from reference import SKELETONS
from stgcn_torch.__main__ import main

LENGTH, SEQUENCES = 2000, 50  # 2.4 MB each, 120 MB in all


@pytest.fixture(scope="module")
def large_set(tmp_path_factory):
    """The path of a folder whose frames are zeros but for a few: on most disks it takes next to no room."""
    folder = tmp_path_factory.mktemp("large")
    body = SKELETONS["ntu_25"]
    shape = (LENGTH * SEQUENCES, 4, 25, 3)
    frames = np.lib.format.open_memmap(folder / "frames.npy", mode="w+", dtype=np.float32, shape=shape)
    frames[::LENGTH, 0] = 1
    frames.flush()
    members = {
        "offset": np.arange(SEQUENCES + 1) * LENGTH, "label": np.arange(SEQUENCES) % 7,
        "class_names": np.array([f"class_{k}" for k in range(7)]), "joint_names": np.array(body.joints),
        "bones": np.array(body.bones), "center": np.array(body.center), "channels": np.array(["x", "y", "z"]),
        "fps": np.array(30, dtype=np.float32),
    }  # fmt: skip
    for member, array in members.items():
        np.save(folder / f"{member}.npy", array)
    return folder


@pytest.mark.parametrize("command", ["predict #49", "predict #class_3", "evaluate", "data info"])
def test_memory_does_not_hold_the_set(tmp_path, large_set, command):
    path = weights(tmp_path, "ntu_25", ["x", "y", "z"])
    name, _, which = command.partition(" ")
    arguments = {
        "predict": ["predict", path, f"{large_set}{which}"],
        "evaluate": ["evaluate", path, "--data", large_set, "--batch", 4],
        "data": ["data", "info", large_set],
    }[name]
    tracemalloc.start()
    try:
        assert main([str(argument) for argument in arguments]) == 0
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()
