"""A training that is killed, and goes on, ends where the uninterrupted one does: to the last bit."""

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from sets import recipe_file, saved, small_set

from figures.training.training_files import draw_curves
from reference import load_clips, load_state
from stgcn_torch.__main__ import main
from stgcn_torch.training import checkpoint, loop
from stgcn_torch.training.distributed import Processes
from stgcn_torch.training.protocols import folds
from stgcn_torch.training.recipes import PRESETS

ALONE = Processes(0, 1, torch.device("cpu"))


class Killed(BaseException):
    """The end of a process, as a test plays it."""


@pytest.fixture(autouse=True)
def _checkpoint_after_every_step(monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A function that starts the same training in a folder, or resumes it, and returns the weights at its end."""
    source = saved(small_set(), tmp_path_factory.mktemp("set"))
    sequences = load_clips(source)
    (fold,) = folds(sequences, "cross-subject", subjects=[1, 2])
    recipe = PRESETS["narrow"].changed(
        {"width": 16, "epochs": 2, "batch": 4, "least_clips": 20, "frames": 12, "joint_dropout": 0.1,
         "averaging": 0.7, "streams": ("bone", "motion")}
    )  # fmt: skip

    def started(out, seed=0, resume=True):
        loop.train(recipe, source, sequences, fold, {}, out, ALONE, seed=seed, resume=resume, curves=False)
        return load_state(out / "weights.safetensors")

    return started


@pytest.fixture
def whole(start, tmp_path):
    """The folder of the uninterrupted training, and its weights."""
    return tmp_path / "whole", start(tmp_path / "whole")


def log_without_times(out):
    with (out / "log.csv").open() as file:
        return [[row[column] for column in row if "second" not in column] for row in csv.DictReader(file)]


def assert_same(one, other):
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_the_same_seed_gives_the_same_weights_and_another_one_others(start, whole, tmp_path):
    again, other = start(tmp_path / "again"), start(tmp_path / "other", seed=1)
    assert_same(whole[1], again)
    assert not np.array_equal(again["classifier.W"], other["classifier.W"])


def test_what_is_saved_is_the_average_of_the_weights(start, tmp_path, monkeypatch):
    average, states = loop.average, []

    def noted(averaged, model, *arguments):
        states.append({name: tensor.double().numpy().copy() for name, tensor in model.state_dict().items()})
        average(averaged, model, *arguments)

    monkeypatch.setattr(loop, "average", noted)
    weights = start(tmp_path / "noted")
    for name in ("blocks.3.spatial_conv.W", "blocks.9.temporal_bn.running_var"):
        mean = states[0][name]
        for number, state in enumerate(states[1:], start=2):
            share = max(0.3, 1 / number)
            mean = (1 - share) * mean + share * state[name]
        np.testing.assert_allclose(weights[name], mean, rtol=1e-5, atol=1e-7)  # summed in float32
        assert not np.allclose(weights[name], states[-1][name], rtol=1e-3)
    assert weights["strides"].tolist() == [1, 1, 1, 1, 2, 1, 1, 2, 1, 1]


def test_how_often_a_training_is_tested_and_with_which_views(tmp_path, monkeypatch):
    source = saved(small_set(), tmp_path)
    sequences, evaluate, seen = load_clips(source), loop.evaluate, []

    def noted(model, clips, *arguments, **settings):
        seen.append(clips.make.settings.test_views)
        return evaluate(model, clips, *arguments, **settings)

    monkeypatch.setattr(loop, "evaluate", noted)
    (fold,) = folds(sequences, "cross-subject", subjects=[1, 2])
    recipe = PRESETS["narrow"].changed({"width": 16, "epochs": 5, "frames": 12, "least_clips": 0, "test_views": 3})
    how = {"resume": True, "curves": False, "test_every": 2}
    for _ in range(2):  # the second time it is resumed after its end
        loop.train(recipe, source, sequences, fold, {}, tmp_path / "out", ALONE, **how)
    assert seen == [1, 1, 3, 3]  # after the epochs 2, 4 and 5, and again after the end
    with (tmp_path / "out" / "log.csv").open() as file:
        tested = [(bool(row["test_loss"]), bool(row["test_accuracy"])) for row in csv.DictReader(file)]
    assert tested == [(False, False), (True, True), (False, False), (True, True), (True, True)]
    draw_curves(tmp_path / "out" / "log.csv")  # with gaps


def test_a_small_set_is_gone_through_several_times_an_epoch(start, tmp_path, monkeypatch):
    descend, steps = loop.descend, []
    monkeypatch.setattr(loop, "descend", lambda *arguments: steps.append(1) or descend(*arguments))
    start(tmp_path / "counted")
    assert len(steps) == 12  # two epochs of two passes through 12 clips, in batches of 4: about 20 clips an epoch


def test_killed_at_every_place_in_turn(start, whole, tmp_path, monkeypatch):
    """After each step, before and after its checkpoint: 12 steps in two epochs of two passes, two steps a life."""
    write, descend = checkpoint.write_checkpoint, loop.descend
    lives = steps_of_this_life = 0

    def twice_at_most(*arguments):
        nonlocal steps_of_this_life
        if steps_of_this_life == 2:
            raise Killed
        steps_of_this_life += 1
        return descend(*arguments)

    def written_or_not(path, entries):
        if lives % 2 and path.exists():
            raise Killed  # with the step done and its checkpoint not written
        write(path, entries)

    monkeypatch.setattr(loop, "descend", twice_at_most)
    monkeypatch.setattr(checkpoint, "write_checkpoint", written_or_not)
    weights = None
    while weights is None:
        lives, steps_of_this_life = lives + 1, 0
        assert lives < 50
        try:
            weights = start(tmp_path / "killed")
        except Killed:
            continue
    assert lives > 5
    assert_same(weights, whole[1])
    assert log_without_times(tmp_path / "killed") == log_without_times(whole[0])


def test_a_process_that_is_killed_at_random(tmp_path):
    """The real thing, kill -9 and all; one kill, since every start of a process costs seconds."""
    source = saved(small_set(), tmp_path)
    kills, rng = int(os.environ.get("STGCN_KILLS", 1)), np.random.default_rng(0)

    def arguments(out):
        return [
            "train", "--data", str(source), "--out", str(tmp_path / out), "--preset", "narrow",
            "--protocol", "cross-subject", "--train-subjects", "1", "2", "--epochs", str(4 + 3 * kills), "--batch", "4",
            "--recipe", recipe_file(tmp_path, width=8, least_clips=0), "--no-curves", "--resume",
        ]  # fmt: skip

    often = "import sys; from stgcn_torch import __main__; from stgcn_torch.training import loop;"
    often += " loop.CHECKPOINT_SECONDS = 0; sys.exit(__main__.main(sys.argv[1:]))"
    command = [sys.executable, "-c", often, *arguments("killed")]
    threads = os.environ | {"OMP_NUM_THREADS": "1"}  # as many as here: the same sums
    done = 0
    while done < kills:
        process = subprocess.Popen(command, env=threads, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        before = _age(tmp_path / "killed" / "checkpoint.pt")
        while process.poll() is None and _age(tmp_path / "killed" / "checkpoint.pt") == before:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        _, said = process.communicate()
        assert process.returncode == (1 if os.name == "nt" else -9), f"it ended by itself after {done} kills: {said}"
        done += 1
    assert main(arguments("killed")) == 0
    assert main(arguments("whole")) == 0
    assert_same(*(load_state(tmp_path / out / "weights.safetensors") for out in ("killed", "whole")))
    assert log_without_times(tmp_path / "killed") == log_without_times(tmp_path / "whole")


def _age(path):
    return path.stat().st_mtime_ns if path.exists() else None


def test_a_training_is_not_overwritten_and_not_resumed_with_other_settings(start, whole):
    folder, weights = whole
    with pytest.raises(FileExistsError, match="has a training already: add --resume"):
        start(folder, resume=False)
    with pytest.raises(ValueError, match="belongs to a training with seed 0, but now it is 5"):
        start(folder, seed=5)
    assert_same(start(folder), weights)  # resumed after its end


def test_a_checkpoint_is_whole_or_that_before_it_is(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.pt"
    checkpoint.write_checkpoint(path, ENTRIES)
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        checkpoint.write_checkpoint(path, ENTRIES | {"place": {"epoch": 2}})
    assert checkpoint.read_newest(path, "cpu")["place"] == {"epoch": 1}


ENTRIES = {"settings": {}, "model": {"W": torch.ones(3)}, "optimizer": {}, "place": {"epoch": 1}}


def test_every_flipped_bit_of_a_checkpoint_is_noticed(tmp_path):
    path = tmp_path / "checkpoint.pt"
    checkpoint.write_checkpoint(path, ENTRIES)
    whole = path.read_bytes()
    for place in np.random.default_rng(0).integers(0, 8 * len(whole), 300).tolist():
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << place % 8
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="is damaged, cut short or not a checkpoint: its digest is wrong"):
            checkpoint.read_checkpoint(path, "cpu")


@pytest.mark.parametrize("damage", ["flipped", "cut short", "gone"])
def test_after_a_damaged_checkpoint_it_goes_on_from_the_one_before(start, whole, tmp_path, monkeypatch, capsys, damage):
    descend, steps = loop.descend, []

    def killed_at_the_ninth(*arguments):
        steps.append(1)
        if len(steps) == 9:
            raise Killed
        return descend(*arguments)

    monkeypatch.setattr(loop, "descend", killed_at_the_ninth)
    with pytest.raises(Killed):
        start(tmp_path / "damaged")
    path = tmp_path / "damaged" / "checkpoint.pt"
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(content[:-200] if damage == "cut short" else content[:999] + b"?" + content[1000:])
    assert_same(start(tmp_path / "damaged"), whole[1])
    assert "going on from checkpoint.previous.pt, the one before it" in capsys.readouterr().err
    assert len(steps) == 9 + 5  # the eighth step is done again


def test_another_set_is_refused_by_what_differs_in_it(tmp_path):
    split = np.tile([1, 2, 1, 1, 2, 2], 3)[:, None].astype(np.int8)
    sequences = small_set(split=split)
    recipe = PRESETS["narrow"].changed({"width": 16, "epochs": 1, "frames": 8, "least_clips": 0})

    def begin(sequences):
        source = saved(sequences, tmp_path)
        (fold,) = folds(load_clips(source), "split")
        loop.train(recipe, source, load_clips(source), fold, {}, tmp_path / "run", ALONE, resume=True, curves=False)

    begin(sequences)
    frames = sequences.frames.copy()
    frames[3, 0, 2, 1] += 0.001
    changes = {
        "frames": frames, "split": 3 - split, "subject": sequences.subject[::-1].copy(), "center": np.array(1),
        "bones": np.array([[1, 0], [2, 0], [3, 0], [4, 3]]), "class_names": np.array(["a", "b", "c"]),
    }  # fmt: skip
    for name, member in changes.items():
        with pytest.raises(ValueError, match=f"another set: it differs from this one in {name}: resume with the same"):
            begin(replace(sequences, **{name: member}))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
@pytest.mark.parametrize("name", [".lock", "made_by.json", "settings.json"])
def test_a_fifo_in_the_folder_is_not_waited_for(start, tmp_path, name):
    (tmp_path / "run").mkdir()
    os.mkfifo(tmp_path / "run" / name)
    with pytest.raises((ValueError, OSError), match=f"{name} is a .*FIFO"):
        start(tmp_path / "run")


def test_two_trainings_do_not_write_into_one_folder(start, tmp_path, monkeypatch):
    descend, folder = loop.descend, tmp_path / "run"
    folder.mkdir()
    (folder / "log.csv.0.unfinished").write_text("of a training that was killed")
    (folder / "set.unfinished").mkdir()  # of a conversion that may be running

    def with_another_beside(*arguments):
        monkeypatch.setattr(loop, "descend", descend)
        with pytest.raises(ValueError, match="another training is writing into .*run: wait for its end, or name anot"):
            start(folder)
        return descend(*arguments)

    monkeypatch.setattr(loop, "descend", with_another_beside)
    start(folder)
    assert [path.name for path in folder.glob("*.unfinished")] == ["set.unfinished"]
    start(folder)  # free again
    for name in ("checkpoint.pt", "checkpoint.previous.pt"):
        (folder / name).unlink()
    with pytest.raises(FileExistsError, match="has the weights of a training, and no checkpoint to go on from"):
        start(folder)


def test_an_epoch_is_saved_before_it_is_tested(start, whole, tmp_path, monkeypatch):
    evaluate, descend, steps = loop.evaluate, loop.descend, []
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 1e9)
    monkeypatch.setattr(loop, "evaluate", lambda *_, **__: (_ for _ in ()).throw(Killed))
    monkeypatch.setattr(loop, "descend", lambda *arguments: steps.append(1) or descend(*arguments))
    with pytest.raises(Killed):
        start(tmp_path / "tested")
    monkeypatch.setattr(loop, "evaluate", evaluate)
    assert_same(start(tmp_path / "tested"), whole[1])
    assert len(steps) == 12


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGUSR1"])
def test_a_scheduler_s_signal_saves_a_checkpoint(tmp_path, monkeypatch, capsys, name):
    source, descend, steps = saved(small_set(), tmp_path), loop.descend, []
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 1e9)

    def signalled_at_the_third(*arguments):
        steps.append(1)
        if len(steps) == 3:
            os.kill(os.getpid(), getattr(signal, name))
        return descend(*arguments)

    def run(out):
        recipe = recipe_file(tmp_path, width=16, least_clips=0)
        words = (
            f"train --data {source} --out {tmp_path / out} --preset narrow --protocol cross-subject --train-subjects"
        )
        return main(f"{words} 1 2 --epochs 2 --batch 4 --recipe {recipe} --no-curves --resume".split())

    monkeypatch.setattr(loop, "descend", signalled_at_the_third)
    assert run("stopped") == 75
    said = capsys.readouterr()
    assert f"stopped by {name} at step 3 (epoch 1, batch 3), learning rate" in said.err
    assert said.err.endswith("the checkpoint is written; --resume goes on from it\n")
    assert "has no training to go on with: a new one begins" in said.out
    assert run("stopped") == 0
    assert len(steps) == 6  # none was lost
    assert run("whole") == 0
    assert_same(*(load_state(tmp_path / out / "weights.safetensors") for out in ("stopped", "whole")))
    weights = [(tmp_path / out / "weights.safetensors").read_bytes() for out in ("stopped", "whole")]
    assert weights[0] == weights[1]


def test_nothing_in_a_checkpoint_is_run(tmp_path):
    path = tmp_path / "checkpoint.pt"
    checkpoint.write_checkpoint(path, ENTRIES | {"optimizer": Processes(0, 1, print)})
    with pytest.raises(ValueError, match="could not be read as a checkpoint of a training"):
        checkpoint.read_checkpoint(path, "cpu")
    path.write_bytes(b"PK")
    with pytest.raises(ValueError, match="is damaged, cut short or not a checkpoint"):
        checkpoint.read_checkpoint(path, "cpu")
    checkpoint.write_checkpoint(path, {"model": {}})
    with pytest.raises(ValueError, match="is no checkpoint of a training: it has no optimizer, place, settings"):
        checkpoint.read_checkpoint(path, "cpu")
    with pytest.raises(FileNotFoundError, match="there is no checkpoint"):
        checkpoint.read_checkpoint(tmp_path / "none.pt", "cpu")
