"""Time `predict` on many short clips against one clip at a time: python tests/benchmarks/many_clips.py [CLIPS FILES].

CLIPS of 2 frames (10,000 unless given) through the shipped mocap_15, and FILES of NTU RGB+D (2,000) through an
untrained network of the same ten rows. One at a time, 100 of each go through the network as it is, all views of them.
What is timed is the whole command, without the imports; reading by other processes counts once they have ended.
"""

import os
import sys
import tempfile
from pathlib import Path

# Read by the BLAS libraries when they are loaded, so before NumPy is imported.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")
sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

import numpy as np
import torch
from machine import describe
from raw_files import body, text

import reference
from stgcn_torch import STGCN
from stgcn_torch.__main__ import main as command
from stgcn_torch.data.formats import open_recordings, recordings_below
from stgcn_torch.training.explanation import predict
from stgcn_torch.training.trained_network import TrainedNetwork

ALONE = 100  # clips


def main(clips=10_000, files=2_000):
    """Print CPU and wall seconds, and milliseconds a clip, for each way."""
    torch.set_num_threads(1)
    shipped = Path(reference.__file__).parent / "networks" / "mocap_15.safetensors"
    print(f"{describe()['processor']}, one thread; PyTorch {torch.__version__}")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        compare("clips of 2 frames", shipped, short_clips(folder, clips), clips)
        compare(".skeleton files of 2 frames", untrained(folder, shipped), skeleton_files(folder, files), files)


def compare(what, weights, source, count):
    """Time both ways, one at a time before and after."""
    out = str(source.parent / "answers.csv")
    before = timed(lambda: one_at_a_time(weights, source))
    together = timed(lambda: command(["predict", str(weights), str(source), "--out", out]))
    after = timed(lambda: one_at_a_time(weights, source))
    for way, (cpu, wall), n in (("alone", before, ALONE), ("together", together, count), ("alone", after, ALONE)):
        print(f"{n:6} {what}, {way:8}: {cpu:.1f} s CPU, {wall:.1f} s wall, {1000 * cpu / n:.2f} ms CPU a clip")


def timed(work):
    """CPU seconds, those of other processes included, and wall seconds."""
    before = os.times()
    work()
    after = os.times()
    return sum(after[:4]) - sum(before[:4]), after.elapsed - before.elapsed


def one_at_a_time(weights, source):
    """The first clips, each read, prepared and answered before the next, through the network as it is."""
    network, left = TrainedNetwork.load(weights), ALONE
    for path in recordings_below(source) if source.is_dir() else [source]:
        for _, load in open_recordings(str(path)):
            sequences = load()
            for s, frames in enumerate(np.diff(sequences.offset)[:left]):
                row = np.array([[s, 0, frames]])
                predict(network, network.clips(str(path), sequences, row, labelled=False)).best(5)
                left -= 1
        if not left:
            return


def short_clips(folder, count):
    """A set of `count` clips of two frames of the embedded movements, each moved a little."""
    mocap, rng = reference.load_clips("mocap_15"), np.random.default_rng(0)
    starts = rng.integers(len(mocap.frames) - 1, size=count)
    frames = mocap.frames[(starts[:, None] + [0, 1]).ravel()]
    frames = frames + rng.normal(0, 0.003, frames.shape).astype(np.float32)
    same = {name: getattr(mocap, name) for name in ("class_names", "joint_names", "bones", "center", "channels", "fps")}
    label = np.zeros(count, np.int64)
    np.savez(folder / "short.npz", frames=frames, offset=np.arange(0, 2 * count + 1, 2), label=label, **same)
    return folder / "short.npz"


def skeleton_files(folder, count):
    """A folder of `count` files of NTU RGB+D, each one body in two frames."""
    (folder / "files").mkdir()
    for seed in range(count):
        recording = text([[(1, joints)] for joints in body(seed, 2)])
        (folder / "files" / f"{seed:05}.skeleton").write_text(recording)
    return folder / "files"


def untrained(folder, shipped):
    """Weights of the shipped network's rows for the body of NTU RGB+D and two persons."""
    torch.manual_seed(0)
    body, rows = reference.SKELETONS["ntu_25"], TrainedNetwork.load(shipped).model.blocks
    layers = [(*block.spatial_conv.W.shape[:2], block.temporal_conv.stride) for block in rows]
    state = {name: tensor.numpy() for name, tensor in STGCN(15, 3, body, layers=layers).state_dict().items()}
    settings = {
        "recipe": {"inputs": {"persons": 2}}, "data": {}, "channels": ["x", "y", "z"],
        "joint_names": list(body.joints), "bones": body.bones, "center": body.center,
        "class_names": [f"class {k}" for k in range(15)],
    }  # fmt: skip
    reference.save_state(state, folder / "ntu_25.safetensors", settings)
    return folder / "ntu_25.safetensors"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
