"""Many clips at once: the answers of one clip alone, in the order of the arguments, for folders, and into files."""

import csv
import json
from functools import partial

import movies
import numpy as np
import pytest
import torch
from movies import movie, walk
from raw_files import body, text
from sets import saved, saved_as_folder, small_set, weights

from reference import load_clips
from stgcn_torch.__main__ import main
from stgcn_torch.data import parallel
from stgcn_torch.data.formats import open_recordings, recordings_below
from stgcn_torch.training.explanation import predict, predict_together
from stgcn_torch.training.trained_network import TrainedNetwork


def skeleton_file(path, seed, T=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    one = body(seed, T)
    path.write_text(text([[(5, one[t])] for t in range(T)]))
    return path


def run(capsys, *arguments):
    """The exit status of predict, what it printed, and the lines of its complaints."""
    status = main(["predict", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err.splitlines()


def test_together_and_alone_clips_of_any_shape_get_one_answer(tmp_path):
    network = TrainedNetwork.load(weights(tmp_path, "toy_5", ["x", "y", "z"], persons=0))
    views, alone = [], []
    for T, M in ((12, 1), (2, 2), (40, 2), (1, 1), (12, 1)):  # the first and the last are the same clip
        frames = np.random.default_rng(T).normal(size=(T, M, 5, 3)).astype(np.float32)
        one = {"offset": np.array([0, T]), "label": np.array([0]), "subject": None, "name": None}
        clips = network.clips("", small_set(frames=frames, **one), np.array([[0, 0, T]]), labelled=False)
        views.append(clips[0, 0][0])
        alone.append(predict(network, clips).probabilities)
    looked_at = []

    class Counting(torch.nn.Module):
        def forward(self, clip):
            looked_at.append(tuple(clip.shape[::4]))
            return network.model(clip)

    for model in (Counting(), network.model.fuse()):
        together = [prediction.probabilities for prediction in predict_together(network, model, views)]
        np.testing.assert_allclose(together, alone, rtol=1e-5)
        np.testing.assert_array_equal(together[0], together[4])
    # Of the persons in 25 views those that differ, by hand: of 12 frames 4, since stretches of 10 begin at 0, 1, 1 and
    # 2; of two frames 2 persons; of 40 frames 2 persons in 5 views; of one frame 1. All clips become 16 frames.
    assert looked_at == [(17, 1)]


@pytest.fixture
def mixed(tmp_path):
    """A folder in folders of what predict takes, with one file that is no good, and what is no recording."""
    folder = tmp_path / "in"
    skeleton_file(folder / "b" / "deep" / "one.skeleton", 1)
    skeleton_file(folder / "a" / "two.skeleton", 2)
    skeleton_file(folder / ".hidden" / "three.skeleton", 3)
    (folder / "a" / "notes.txt").write_text("seen on Monday")
    (folder / "b" / "bad.skeleton").write_text("1\n")
    (folder / "z").symlink_to(folder)
    return folder


def test_of_a_folder_every_recording_below_it_is_predicted(tmp_path, capsys, mixed):
    path = weights(tmp_path, "ntu_25", ["x", "y", "z"])
    status, printed, complaints = run(capsys, path, mixed)
    assert [line for line in printed.splitlines() if line.endswith(":")] == ["two, sequence 0:", "one, sequence 0:"]
    assert (status, len(complaints)) == (1, 1)
    assert complaints[0].startswith(f"python -m stgcn_torch predict: {mixed / 'b' / 'bad.skeleton'}: the file ends")
    assert run(capsys, path, mixed / "a" / "two.skeleton", mixed / "b" / "deep")[1] == printed


def test_below_a_folder_sets_and_clips_of_several_tools_are_found(tmp_path, mixed):
    saved(small_set(), mixed)
    saved_as_folder(small_set(), mixed / "a")
    movies.write("alphapose", mixed / "c" / "clip", movie(walk(17, 5)))
    movies.write("openpose", mixed / "d" / "clip", movie(walk(25, 5)))
    below = [path.relative_to(mixed).as_posix() for path in recordings_below(mixed)]
    assert below == ["a/small", "a/two.skeleton", "b/bad.skeleton", "b/deep/one.skeleton", "c", "d", "small.npz"]
    assert recordings_below(mixed / "a" / "small") == [mixed / "a" / "small"]


def test_answers_go_to_a_file(tmp_path, capsys, mixed):
    path = weights(tmp_path, "ntu_25", ["x", "y", "z"])
    printed = run(capsys, path, mixed)[1]
    for suffix in ("csv", "jsonl", "txt"):
        out = tmp_path / f"answers.{suffix}"
        status, said, complaints = run(capsys, path, mixed, "--out", out)
        assert (status, said, len(complaints)) == (1, f"wrote {out}: 2 clips\n", 1)
    rows = list(csv.DictReader((tmp_path / "answers.csv").read_text("utf-8").splitlines()))
    entries = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    lines = (tmp_path / "answers.txt").read_text("utf-8").splitlines()
    files = [str(mixed / "a" / "two.skeleton"), str(mixed / "b" / "deep" / "one.skeleton")]
    assert [row["recording"] for row in rows] == [entry["recording"] for entry in entries] == files
    for row, entry, line, block in zip(rows, entries, lines, printed.split("sequence 0:\n")[1:], strict=True):
        assert row["sequence"] == "0"
        assert (row["name"], entry["sequence"], entry["name"]) == ("sequence 0", 0, "sequence 0")
        shown = block.splitlines()[:5]
        assert [f"  {each['probability']:6.1%}  {each['class']}" for each in entry["best"]] == shown
        assert [f"  {float(row[f'probability_{k}']):6.1%}  {row[f'class_{k}']}" for k in range(1, 6)] == shown
        assert f"  {line}".startswith(shown[0])
        assert line.endswith(f"{row['recording']}, sequence 0")


@pytest.mark.parametrize("bad", [1e20, np.nan], ids=["when it is made", "when it is read"])
def test_of_a_set_the_sequences_that_are_no_good_are_named_and_the_others_answered(tmp_path, capsys, bad):
    path, good = weights(tmp_path, "toy_5", ["x", "y", "z"]), small_set()
    run(capsys, path, saved(good, tmp_path), "--out", tmp_path / "good.csv")
    for s in (2, 5):
        good.frames[good.offset[s], 0, 0, 0] = bad
    status, _, complaints = run(capsys, path, saved_as_folder(good, tmp_path), "--out", tmp_path / "bad.csv")
    answers = [list(csv.reader((tmp_path / name).read_text("utf-8").splitlines())) for name in ("good.csv", "bad.csv")]
    answers = [[row[1:] for row in rows] for rows in answers]  # all but the path
    assert status == 1
    assert [line.count(f"sequence {s} (clip_{s})") for line, s in zip(complaints, (2, 5), strict=True)] == [1, 1]
    assert answers[1] == [row for row in answers[0] if row[0] not in ("2", "5")]


def test_a_file_of_another_kind_is_refused_and_nothing_is_written(tmp_path, capsys, mixed):
    path = weights(tmp_path, "ntu_25", ["x", "y", "z"])
    status, printed, complaints = run(capsys, path, mixed, "--out", tmp_path / "answers.xls")
    assert (status, printed, len(complaints)) == (1, "", 1)
    assert "--out must end in .csv, .jsonl, .txt, got" in complaints[0]
    assert not (tmp_path / "answers.xls").exists()


def test_in_a_table_a_name_of_two_lines_is_one_line(tmp_path, capsys):
    path = weights(tmp_path, "ntu_25", ["x", "y", "z"])
    file = skeleton_file(tmp_path / "in" / "one\n\x1b[2Jtwo.skeleton", 1)
    assert run(capsys, path, file, "--out", tmp_path / "answers.txt")[0] == 0
    (line,) = (tmp_path / "answers.txt").read_text("utf-8").splitlines()
    assert line.endswith("one\\n\\x1b[2Jtwo.skeleton, sequence 0")


def refuse():
    raise ValueError("no good")


def test_other_processes_read_the_same_in_the_same_order(tmp_path, monkeypatch):
    monkeypatch.setattr(parallel, "FEWEST", 3)
    files = [skeleton_file(tmp_path / f"{seed}.skeleton", seed) for seed in range(40)]
    files[7].write_text("1\n")
    loads = [load for file in files for _, load in open_recordings(file)]
    loads[20:20] = [partial(load_clips, "mocap_15"), refuse]
    found = []
    for load in parallel.read_ahead(loads, processes=2):
        try:
            found.append(load())
        except ValueError as error:
            found.append(str(error))
    assert found[7] == "the file ends after line 1, where the number of bodies in frame 0 should follow"
    assert found[21] == "no good"
    assert [each.title for each in found if not isinstance(each, str)] == [
        *(f"{n}" for n in range(7)), *(f"{n}" for n in range(8, 20)), "mocap_15", *(f"{n}" for n in range(20, 40))
    ]  # fmt: skip
    for n, load in ((0, loads[0]), (19, loads[19]), (41, loads[41])):
        np.testing.assert_array_equal(found[n].frames, load().frames)


def test_where_no_process_can_be_started_they_are_read_here(tmp_path, monkeypatch):
    class Broken:
        def __init__(self, *_):
            pass

        def submit(self, _):
            return self

        def result(self):
            raise parallel.BrokenProcessPool

        def shutdown(self, **_):
            pass

    monkeypatch.setattr(parallel, "FEWEST", 1)
    monkeypatch.setattr(parallel, "ProcessPoolExecutor", Broken)
    ((_, load),) = open_recordings(skeleton_file(tmp_path / "one.skeleton", 1))
    assert [each().title for each in parallel.read_ahead([load] * 20, processes=2)] == ["one"] * 20
