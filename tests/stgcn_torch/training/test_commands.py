"""The command line as a user meets it: a run from set to prediction, and what is said when something is wrong."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from sets import recipe_file, saved, saved_as_folder, small_set

import figures.__main__ as drawing
from reference import forward, load_clips, load_settings, load_state
from reference.input_settings import InputSettings
from reference.preparation import ClipMaker
from stgcn_torch.__main__ import main
from stgcn_torch.training import loop
from stgcn_torch.training.batches import ClipSet
from stgcn_torch.training.checkpoint import read_checkpoint
from stgcn_torch.training.commands import summarise
from stgcn_torch.training.distributed import Processes
from stgcn_torch.training.evaluation import Result, evaluate
from stgcn_torch.training.explanation import explain, predict
from stgcn_torch.training.failures import TrainingError, check_finite, memory_explained, not_finite, reporting
from stgcn_torch.training.progress import Progress
from stgcn_torch.training.protocols import folds
from stgcn_torch.training.trained_network import TrainedNetwork

QUICK = ["--preset", "narrow", "--frames", "12", "--batch", "4", "--no-curves"]
SUBJECTS = ["--protocol", "cross-subject", "--train-subjects", "1", "2"]


def train(source, out, *more, **recipe):
    """The exit status of a training of the narrow network with an eighth of the channels, its recipe as named."""
    given = ["--recipe", recipe_file(out.parent, **({"width": 8, "least_clips": 0} | recipe))]
    return main(["train", "--data", str(source), "--out", str(out), *QUICK, *given, *map(str, more)])


@pytest.fixture(scope="module")
def trained_run(tmp_path_factory):
    """The set, and the folder of a training on it."""
    folder = tmp_path_factory.mktemp("trained")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    source = saved(small_set(), folder)
    assert train(source, folder / "run", *SUBJECTS, "--epochs", 8, warmup=1, least_clips=48) == 0
    torch.set_num_threads(threads)
    return source, folder / "run"


def test_a_training_learns_and_leaves_its_files(trained_run):
    _, run = trained_run
    assert {path.name for path in run.iterdir()} == {
        ".lock", "best.safetensors", "checkpoint.pt", "checkpoint.previous.pt", "log.csv", "made_by.json",
        "result.json", "settings.json", "weights.safetensors",
    }  # fmt: skip
    with (run / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        "epoch", "rate", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "clips_per_second", "seconds"
    ]  # fmt: skip
    assert [row["epoch"] for row in rows] == list("12345678")
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    result = json.loads((run / "result.json").read_text())
    assert result["top1"] == float(rows[-1]["test_accuracy"]) > 0.6  # three classes, each with a motion of its own
    assert np.sum(result["confusion"]) == result["clips"] == 6
    assert result["class_names"] == ["class_0", "class_1", "class_2"]
    assert load_settings(run / "weights.safetensors")["recipe"]["width"] == 8


def test_the_best_weights_are_those_of_the_best_test_and_the_folder_says_what_made_it(trained_run):
    source, run = trained_run
    with (run / "log.csv").open() as file:
        accuracies = [float(row["test_accuracy"]) for row in csv.DictReader(file)]
    best = TrainedNetwork.load(run / "best.safetensors")
    assert best.settings["best_epoch"] == 1 + accuracies.index(max(accuracies))
    sequences = load_clips(source)
    if best.settings["best_epoch"] < len(accuracies):  # tested on whole sequences only
        best.settings["recipe"]["inputs"]["test_views"] = 1
    clips = best.clips(source, sequences, best.rows(sequences)[0])
    again = evaluate(best.model, clips, best.class_names, batch=4, processes=Processes(0, 1, torch.device("cpu")))
    assert again.top1 == max(accuracies)
    made_by = json.loads((run / "made_by.json").read_text())
    assert (made_by["threads"], made_by["processes"], made_by["device"]) == (1, 1, "cpu")
    assert made_by["torch"] == torch.__version__ and {"version", "command", "machine"} < set(made_by)
    assert "resumed_by" not in made_by


@pytest.mark.parametrize(
    "command, option, value, expected",
    [
        ("train", "--test-every", "-3", "invalid whole number from 0 to "),
        ("train", "--seed", "-1", "invalid whole number from 0 to "),
        ("train", "--workers", "-1", "invalid whole number from 0 to 1000 value: '-1'"),
        ("evaluate", "--batch", "0", "invalid whole number from 1 to 1000000 value: '0'"),
        *(("train", "--device", name, "--device must be one that PyTorch has here, cpu")
          for name in ("xyz", "meta", "cuda:99", "", "cpu:-1")),
    ],
)  # fmt: skip
def test_options_out_of_bounds_are_refused_by_name(tmp_path, capsys, command, option, value, expected):
    arguments = {"train": ["--data", "mocap_15", "--out", str(tmp_path)], "evaluate": ["w", "--data", "mocap_15"]}
    try:
        assert main([command, *arguments[command], f"{option}={value}"]) == 1
    except SystemExit as end:
        assert end.code == 2
    assert option in (said := capsys.readouterr().err)
    assert expected in said and "Traceback" not in said


def test_a_class_that_nobody_trains_is_a_warning(tmp_path, capsys):
    split = np.where(small_set().label == 1, 2, 1)[:, None].astype(np.int8)
    split[0] = 2
    source = saved(small_set(split=split), tmp_path)
    assert train(source, tmp_path / "run", "--epochs", 1, "--test-every", 0, width=64, test_views=1) == 0
    assert "warning: no clip of 1 classes trains: class_1\n" in capsys.readouterr().err
    assert not (tmp_path / "run" / "best.safetensors").exists()  # nothing was tested on the way
    assert train(source, tmp_path / "run", "--epochs", 1, "--test-every", 0, "--resume", width=64, test_views=1) == 0
    assert len(json.loads((tmp_path / "run" / "made_by.json").read_text())["resumed_by"]) == 1


def test_evaluate_repeats_the_result_and_knows_its_parts(trained_run, tmp_path, capsys):
    source, run = trained_run
    weights = run / "weights.safetensors"
    assert main(["evaluate", str(weights), "--data", str(source), "--json", str(tmp_path / "e.json")]) == 0
    again, first = json.loads((tmp_path / "e.json").read_text()), json.loads((run / "result.json").read_text())
    assert again["part"] == "the test part of cross-subject"
    assert again["confusion"] == first["confusion"]
    assert again["loss"] == pytest.approx(first["loss"], rel=1e-5)  # in batches of another size
    assert "top-1" in capsys.readouterr().out
    for part, clips in (("train", 12), ("all", 18)):
        main(["evaluate", str(weights), "--data", str(source), "--part", part, "--json", str(tmp_path / "e.json")])
        assert json.loads((tmp_path / "e.json").read_text())["clips"] == clips


def test_evaluate_on_another_set_matches_classes_by_name(trained_run, tmp_path):
    _, run = trained_run
    trained = TrainedNetwork.load(run / "weights.safetensors")
    other = small_set(per_class=2, seed=5)
    swapped = small_set(
        per_class=2, seed=5, label=2 - other.label, class_names=np.array(["class_2", "class_1", "class_0"])
    )
    results = []
    for sequences in (other, swapped):
        rows, part = trained.rows(sequences)
        assert part == "all sequences"
        clips = trained.clips(saved(sequences, tmp_path), sequences, rows)
        processes = Processes(0, 1, torch.device("cpu"))
        results.append(evaluate(trained.model, clips, trained.class_names, batch=4, processes=processes))
    np.testing.assert_array_equal(results[0].confusion, results[1].confusion)
    unknown = small_set(class_names=np.array(["class_0", "class_1", "sleep"]))
    with pytest.raises(ValueError, match="has the class 'sleep', which the network does not know"):
        trained.clips("", unknown, rows)
    with pytest.raises(ValueError, match="has the joints a, .*, but the network was trained on pelvis"):
        trained.clips("", small_set(joint_names=np.array(list("abcde"))), rows)
    with pytest.raises(ValueError, match="is not the set the weights were trained on: it has no train part"):
        trained.rows(other, "train")


def test_predictions_are_those_of_the_numpy_reference(trained_run):
    source, run = trained_run
    sequences, trained = load_clips(source), TrainedNetwork.load(run / "weights.safetensors")
    rows, _ = trained.rows(sequences, "all")
    prediction = predict(trained, trained.clips(source, sequences, rows[4:5]))
    settings = InputSettings(**trained.settings["recipe"]["inputs"])
    maker = ClipMaker(settings, sequences.channels, sequences.skeleton)
    views = maker.views(sequences.clip(4)[0])
    logits = forward(load_state(run / "weights.safetensors"), views).mean(axis=0)
    expected = np.exp(logits - logits.max())
    np.testing.assert_allclose(prediction.probabilities, expected / expected.sum(), rtol=1e-4)
    names, probabilities = zip(*prediction.best(2), strict=True)
    assert probabilities[0] >= probabilities[1]
    assert names[0] == trained.class_names[int(np.argmax(logits))]


def test_the_class_activation_adds_up_to_the_logit(trained_run):
    source, run = trained_run
    sequences, trained = load_clips(source), TrainedNetwork.load(run / "weights.safetensors")
    rows, _ = trained.rows(sequences, "all")
    clips = trained.clips(source, sequences, rows[2:3])
    explanation = explain(trained, clips)
    assert explanation.on_features.mean() + explanation.bias == pytest.approx(explanation.logit, rel=1e-4)
    assert explanation.activation.shape == (12, 5, 1)
    assert explanation.on_features.shape == (3, 5, 1)  # 12 frames, two strides of 2
    nearest = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2]  # frames 0, 4 and 8; half-way goes to the even one
    np.testing.assert_array_equal(explanation.activation, explanation.on_features[nearest])
    first, last = sequences.clip(2)[0][:, [0, -1]].swapaxes(0, 1)
    np.testing.assert_array_equal(explanation.clip[:, 0], first)  # to be drawn where it was recorded
    np.testing.assert_array_equal(explanation.clip[:, -1], last)


def test_predict_prints_the_best_and_explains(trained_run, tmp_path, capsys):
    source, run = trained_run
    arguments = ["predict", str(run / "weights.safetensors"), f"{source}#clip_3", f"{source}#5", "--explain"]
    assert main([*arguments, str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "small, sequence 3 (clip_3):" in out
    assert "small, sequence 5 (clip_5):" in out
    assert out.count("class_1") == 2
    for s in (3, 5):
        assert (tmp_path / f"small_{s}.svg").read_text().startswith("<?xml")
        with np.load(tmp_path / f"small_{s}.npz") as file:
            assert file["activation"].shape == (12, 5, 1)
    assert main([*arguments[:2], f"{source}#99"]) == 1
    assert "small has 18 sequences, so there is no sequence 99" in capsys.readouterr().err
    assert main([*arguments[:2], f"{source}#²"]) == 1  # a digit, and no number
    assert "no sequence and no class is called '²'" in capsys.readouterr().err


def test_the_files_of_a_training_are_drawn(trained_run, tmp_path, capsys):
    _, run = trained_run
    for what, source in (("curves", "log.csv"), ("confusion", "result.json")):
        assert drawing.main([what, str(run / source), str(tmp_path / f"{what}.svg")]) == 0
        assert (tmp_path / f"{what}.svg").read_text().startswith("<?xml")
    assert drawing.main(["curves", str(tmp_path / "none.csv"), str(tmp_path / "x.svg")]) == 1
    assert "none.csv" in capsys.readouterr().err
    assert not (tmp_path / "x.svg").exists()
    plt.close("all")


class Guesses(torch.nn.Module):
    """A network that says of a clip what its first number is told to: class 0 is always second."""

    def __init__(self):
        super().__init__()
        self.register_buffer("A_hat", torch.zeros(1))

    def forward(self, clip):
        told = clip[:, 0, 0, 0, 0].long()
        return 2.0 * torch.nn.functional.one_hot(told, 7) - torch.arange(7) / 10


class Listed(list):
    """Clips in a list, indexed as a ClipSet is."""

    def __getitem__(self, key):
        return super().__getitem__(key[1])


def test_the_logits_of_a_clips_views_are_averaged():
    views = [[6.0, 6.0, 3.0], [6.0, 2.0, 2.0]]  # twice the same class counts more than another one once
    clips = [(torch.tensor(told).view(3, 1, 1, 1, 1).expand(3, 3, 2, 5, 1), 0, 0) for told in views]
    names = [f"class_{k}" for k in range(7)]
    result = evaluate(Guesses(), Listed(clips), names, batch=2, processes=Processes(0, 1, torch.device("cpu")))
    assert result.confusion[0].tolist() == [0, 0, 1, 0, 0, 0, 1]


def test_an_evaluation_counts_rows_as_true_and_columns_as_predicted():
    told, true = [1, 1, 6, 3, 0, 6], [1, 5, 6, 2, 0, 3]
    clips = [(torch.full((1, 3, 2, 5, 1), float(t)), label, 0) for t, label in zip(told, true, strict=True)]
    names = [f"class_{k}" for k in range(7)]
    result = evaluate(Guesses(), Listed(clips), names, batch=4, processes=Processes(0, 1, torch.device("cpu")))
    expected = np.zeros((7, 7), dtype=int)
    np.add.at(expected, (true, told), 1)
    np.testing.assert_array_equal(result.confusion, expected)
    assert result.top1 == 3 / 6
    assert result.top5 == 5 / 6  # told 1, the first five are 1, 0, 2, 3, 4: not 5; told 6 they are 6, 0, 1, 2, 3
    logits = torch.cat([Guesses()(clip) for clip, *_ in clips])
    assert result.loss == pytest.approx(torch.nn.functional.cross_entropy(logits, torch.tensor(true)).item(), rel=1e-6)


def test_the_spread_of_folds_is_that_of_a_sample(tmp_path):
    results = {f"subject_{n}": Result(np.array([[n, 4 - n], [0, 0]]), 4, 0.0, ("a", "b")) for n in (1, 2, 3)}
    summarise(results, tmp_path / "folds.json")
    summary = json.loads((tmp_path / "folds.json").read_text())
    assert summary["mean"] == 0.5
    assert summary["standard_deviation"] == pytest.approx(0.25)  # of 1/4, 2/4 and 3/4


def test_all_folds_with_mean_and_spread(tmp_path, capsys):
    source = saved_as_folder(small_set(per_class=3), tmp_path)
    assert train(source, tmp_path / "run", "--protocol", "leave-one-subject-out", "--epochs", 1) == 0
    summary = json.loads((tmp_path / "run" / "folds.json").read_text())
    values = list(summary["top1"].values())
    assert list(summary["top1"]) == ["subject_1", "subject_2", "subject_3"]
    assert summary["mean"] == pytest.approx(np.mean(values))
    assert summary["standard_deviation"] == pytest.approx(np.std(values, ddof=1))
    assert (tmp_path / "run" / "subject_2" / "weights.safetensors").exists()
    assert "mean of 3 folds" in capsys.readouterr().out


def test_a_loss_that_is_no_number_names_step_and_rate(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    more = ["--rate", 1e30, "--epochs", 9]
    assert train(saved(small_set(), tmp_path), tmp_path / "run", *SUBJECTS, *more, warmup=0) == 1
    said = capsys.readouterr().err
    assert "the loss is nan at step 2 (epoch 1, batch 2), learning rate 9.92e+29." in said
    assert "the learning rate is too high: try a tenth of it (--rate)" in said
    model = read_checkpoint(tmp_path / "run" / "checkpoint.pt", "cpu")["model"]
    assert all(torch.isfinite(tensor).all() for tensor in model.values())


@pytest.mark.parametrize("name", ["classifier.W", "data_bn.running_var"])
def test_a_weight_or_a_statistic_that_is_no_number_is_named(trained_run, name):
    model = TrainedNetwork.load(trained_run[1] / "weights.safetensors").model
    check_finite(model, "step 1")
    model.state_dict()[name][0] = float("inf")
    with pytest.raises(TrainingError, match=f"{name} is no longer finite at step 1: the learning rate is too high"):
        check_finite(model, "step 1")


def test_the_largest_number_of_a_step_is_named(tmp_path):
    sequences = small_set()
    clips = ClipSet("", sequences, folds(sequences, "random")[0].train, InputSettings(frames=12))
    clip = torch.ones(3, 3, 12, 5, 1)
    clip[1, 2, 3, 4, 0] = -1000
    error = not_finite(float("nan"), clip, torch.tensor([5, 7, 2]), clips, "step 3 (epoch 1, batch 3), learning rate 1")
    assert str(error).startswith("the loss is nan at step 3 (epoch 1, batch 3), learning rate 1. The largest number")
    assert f"is 1e+03, in {clips.name(7)}: if that is no measurement, mend the clip" in str(error)


def test_a_number_that_no_coordinate_is_names_its_clip(tmp_path, capsys):
    sequences = small_set()
    sequences.frames[sequences.offset[4], 0, 2, 0] = 1e38
    assert train(saved(sequences, tmp_path), tmp_path / "run", *SUBJECTS) == 1
    said = capsys.readouterr().err
    assert "sequence 4 (clip_4) holds a number of the size" in said
    assert said.count("\n") == 1


def test_the_error_of_a_worker_is_one_line_as_any_other(capsys):
    def fails(options, processes):
        raise ValueError("Caught ValueError in DataLoader worker process 0.\nOriginal Traceback\nValueError: clip_4")

    assert reporting(fails)(SimpleNamespace(command="train", device="cpu")) == 1
    assert capsys.readouterr().err == "python -m stgcn_torch train: ValueError: clip_4\n"

    def interrupted(options, processes):
        raise KeyboardInterrupt

    assert reporting(interrupted)(SimpleNamespace(command="train", device="cpu")) == 130
    assert "--resume goes on from the last checkpoint" in capsys.readouterr().err


def test_a_memory_that_is_full_is_explained():
    processes = Processes(0, 2, torch.device("cpu"))
    said = "out of memory on cpu with 8 clips at once, .* try --batch 8"
    with pytest.raises(TrainingError, match=said), memory_explained((8, 3, 300, 25, 2), processes):
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 10 bytes")
    with pytest.raises(RuntimeError, match="something else"), memory_explained((8, 3, 300, 25, 2), processes):
        raise RuntimeError("something else")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--rate", "-1"], "rate must be from 0 to inf, got -1"),
        (["--rate", "inf"], "rate must be a finite number, got inf"),
        (["--frames", "0"], "frames must be from 1 to 108000, got 0"),
        (["--dropout", "nan"], "dropout must be a finite number, got nan"),
        (["--autocast", "float16"], "autocast must be one of none, bfloat16, got 'float16'"),
        (["--recipe", "nowhere.json"], "No such file or directory: 'nowhere.json'"),
        (["--protocol", "split"], "small has no split of its own"),
        (
            ["--strategy", "spatail"],
            "strategy must be one of uni_labeling, distance, spatial, widely_copied, got 'spatail'",
        ),
        (["--data", "nowhere.npz"], "there is no nowhere.npz"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, capsys, more, message):
    assert train(saved(small_set(), tmp_path), tmp_path / "run", *more) == 1
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_what_is_wrong_in_a_recipe_is_one_line(tmp_path, capsys):
    source = saved(small_set(), tmp_path)
    assert train(source, tmp_path / "run", channels=["x", "w"]) == 1
    assert train(source, tmp_path / "run", turn="30") == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first == "python -m stgcn_torch train: there is no channel 'w': the set has x, y, z"
    assert second.endswith("recipe.json: turn must be a finite number, got '30'")


def test_the_settings_of_a_training_are_a_recipe(trained_run, tmp_path):
    source, run = trained_run
    more = ["--recipe", str(run / "settings.json"), "--no-curves", *SUBJECTS, "--epochs", "1", "--streams", "motion"]
    assert main(["train", "--data", str(source), "--out", str(tmp_path / "run"), *more]) == 0
    before, now = (json.loads((folder / "settings.json").read_text()) for folder in (run, tmp_path / "run"))
    assert now["recipe"]["inputs"].pop("streams") == ["motion"]  # an argument counts more than the file
    assert before["recipe"]["inputs"].pop("streams") == []
    assert now["recipe"] == before["recipe"] | {"epochs": 1}


HELP = """
from stgcn_torch.__main__ import main

for command in ([], ["train"], ["evaluate"], ["predict"], ["convert"], ["data", "convert"], ["results"]):
    try:
        main([*command, "--help"])
    except SystemExit as done:
        print(done.code)
"""


def test_help_does_not_depend_on_docstrings(monkeypatch, capsys):
    """Under -OO there are none; and since Python 3.13 they are indented otherwise."""
    monkeypatch.setenv("COLUMNS", "100")
    without = subprocess.run([sys.executable, "-OO", "-c", HELP], capture_output=True, text=True)
    exec(HELP, {})
    usual = capsys.readouterr()
    assert (usual.out, usual.err) == (without.stdout, without.stderr)
    assert usual.out.count("\n0\n") == 7
    of_train = usual.out.split("\n0\n")[1]
    assert 20 <= len(re.findall("^  --", of_train, re.MULTILINE)) <= 24


EACH = """
import json, runpy, sys

for command in json.loads(sys.argv[1]):
    sys.argv[1:] = command
    try:
        runpy.run_module("stgcn_torch", run_name="__main__")
    except SystemExit as done:
        print("exit", done.code)
"""


def test_a_terminal_without_the_letters_of_a_class_gets_question_marks(tmp_path):
    """Each command that prints names out of files, as on a Windows console."""
    names = np.array(["Σ", "×", "ß"])
    source = saved(small_set(class_names=names), tmp_path)
    recipe = recipe_file(tmp_path, width=8, least_clips=0, epochs=2)
    run = ["train", "--data", source, "--out", tmp_path / "run", *QUICK, *SUBJECTS, "--recipe", recipe]
    run += ["--test-every", 0]
    weights = tmp_path / "run" / "weights.safetensors"
    commands = [run, ["evaluate", weights, "--data", source], ["predict", weights, f"{source}#0"]]
    commands = json.dumps([[str(word) for word in command] for command in commands])
    done = subprocess.run(
        [sys.executable, "-c", EACH, commands], capture_output=True, text=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    *said, rest = done.stdout.split("exit 0\n")
    assert rest == ""
    assert ["?" in words for words in said] == [True] * 3


def test_two_dimensions_with_a_score_in_bfloat16_with_workers(tmp_path):
    sequences = small_set(channels=np.array(["x", "y", "score"]))
    sequences.frames[..., 2] = 0.5
    more = ["--epochs", 1, "--autocast", "bfloat16", "--workers", 1]
    assert train(saved(sequences, tmp_path), tmp_path / "run", *more, moving=True, center="frame") == 0
    settings = load_settings(tmp_path / "run" / "weights.safetensors")
    assert settings["channels"] == ["x", "y", "score"]
    assert settings["protocol"]["protocol"] == "random"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError("Unable to allocate 8 GiB"), "out of memory Unable to allocate 8 GiB"),
        (OSError(28, "No space left on device", "RUN/checkpoint.pt"), "No space left on device: 'RUN/checkpoint.pt'"),
        (
            RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."),
            "a process that makes clips was killed",
        ),
    ],
)
def test_what_ends_a_training_from_outside_is_one_line(capsys, error, said):
    def command(options, processes):
        raise error

    assert reporting(command)(SimpleNamespace(device="cpu", command="train")) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert printed.count("\n") == 1


def test_counts_become_shares():
    confusion = np.array([[3, 1, 0], [0, 0, 0], [2, 0, 2]])
    result = Result(confusion, 8, 0.5, ("a", "b", "c"))
    assert (result.clips, result.top1, result.top5) == (8, 5 / 8, 1.0)
    assert result.per_class() == {"a": 0.75, "b": None, "c": 0.5}
    assert "taken for: a 2" in str(result)


MSR = os.path.join(os.path.dirname(__file__), *[".."] * 4, "shared", "data", "msr_action3d.npz")


@pytest.mark.skipif(not os.path.exists(MSR), reason="MSR-Action3D is not beside this checkout")
def test_a_real_set_starts_and_its_frames_without_a_body_do_no_harm(tmp_path):
    more = ["--protocol", "cross-subject", "--train-subjects", 1, "--epochs", 1, "--batch", 32]
    assert train(MSR, tmp_path / "run", *more, width=16) == 0
    assert np.isfinite(json.loads((tmp_path / "run" / "result.json").read_text())["loss"])


def test_the_bar_shows_what_people_look_for(tmp_path, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    now = SimpleNamespace(epoch=1, batch=0, loss=0, right=0, rows=[])
    with Progress(tmp_path, epochs=2, steps=5, batch=2, now=now, curves=False) as progress:
        progress.bar.mininterval = 0
        vars(now).update(batch=1, loss=1.024, right=1.5)
        progress.step()
        vars(now).update(batch=2, loss=2.048, right=3)
        progress.step()
        shown = sys.stderr.getvalue().split("\r")[-1]
    assert shown.startswith("epoch 2/2:  70%")
    assert re.search(r"14/20 \[\d\d:\d\d<\d\d:\d\d, .* clips/s, loss 0.512, accuracy 75.0%\]", shown)


def test_without_arguments_it_says_what_it_can_do():
    done = subprocess.run([sys.executable, "-m", "stgcn_torch", "train"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "the following arguments are required: --data, --out" in done.stderr
