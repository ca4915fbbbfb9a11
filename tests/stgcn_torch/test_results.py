"""The plans of the results run, go on, say what failed; and the tables of the README are those of the plans."""

import csv
import json
from pathlib import Path

import pytest
from sets import saved, small_set

from stgcn_torch.__main__ import main
from stgcn_torch.results import table
from stgcn_torch.results.plan import PLANS, Line, Plan

ROOT = Path(__file__).parents[2]
MEASURED = ROOT / "stgcn_torch" / "results" / "measured"
TINY = {"width": 16, "epochs": 2, "frames": 12, "batch": 4, "least_clips": 0}


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A function that runs a plan of two lines and two seeds on a small set: the exit status."""
    saved(small_set(), tmp_path)
    lines = {
        "one": Line("small.npz", "--preset narrow --protocol cross-subject --train-subjects 1 2", TINY, "one fold"),
        "each": Line("small.npz", "--preset narrow --protocol leave-one-subject-out", TINY, "a fold for each subject"),
    }
    monkeypatch.setitem(PLANS, "tiny", Plan(lines, (0, 1)))

    def run(*more):
        return main(["results", "tiny", "--sets", str(tmp_path), "--out", str(tmp_path / "out"), "--jobs", "2", *more])

    return run


def test_a_plan_is_run_collected_and_not_run_again(results, tmp_path, capsys):
    assert results() == 0
    said = capsys.readouterr().out
    assert "4/4  each, seed 1: top-1 " in said
    out = tmp_path / "out"
    kept = json.loads((out / "tiny.json").read_text())
    assert list(kept["lines"]) == ["one", "each"]
    assert kept["lines"]["one"]["recipe"] == TINY
    settings = json.loads((out / "tiny" / "one" / "seed_1" / "settings.json").read_text())
    assert settings["recipe"]["width"] == 16
    seed = kept["lines"]["each"]["seeds"]["1"]
    assert list(seed["folds"]) == ["subject_1", "subject_2", "subject_3"]
    assert seed["clips"] == 18
    assert seed["top1"] == pytest.approx(sum(seed["folds"].values()) / 3, abs=1e-4)  # folds of one size
    for name in ("subject_1", "subject_2"):
        result = json.loads((out / "tiny" / "each" / "seed_1" / name / "result.json").read_text())
        assert seed["folds"][name] == pytest.approx(result["top1"], abs=1e-4)
    with (out / "tiny.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2 * 2 + 2 * 3 * 2  # epochs of one fold with two seeds, and of three
    assert {row["fold"] for row in rows if row["line"] == "one"} == {""}
    assert "| one fold | " in said
    before = {path: path.stat().st_mtime_ns for path in out.rglob("weights.safetensors")}
    assert results() == 0
    assert {path: path.stat().st_mtime_ns for path in out.rglob("weights.safetensors")} == before


def test_what_failed_is_said_and_the_rest_is_kept(results, tmp_path, monkeypatch, capsys):
    lines = PLANS["tiny"].lines
    monkeypatch.setitem(PLANS, "tiny", Plan(lines, (0,)))
    assert results("--only", "one") == 0
    monkeypatch.setitem(lines, "one", lines["one"]._replace(recipe=TINY | {"rate": 1}))
    monkeypatch.setitem(lines, "each", Line("missing.npz", "", TINY, "of nothing"))
    capsys.readouterr()
    assert results() == 1
    said = capsys.readouterr().out
    assert "one, seed 0: FAILED: " in said
    assert "holds a training with other arguments" in said
    assert "each, seed 0: FAILED: python -m stgcn_torch train: " in said
    assert "missing.npz" in said
    kept = json.loads((tmp_path / "out" / "tiny.json").read_text())
    assert kept["lines"] == {}  # what had other arguments is not told as if it had these
    assert (tmp_path / "out" / "tiny.csv").read_text().count("\n") == 1
    assert results("--only", "three") == 1
    assert "tiny has no line three; it has one, each" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name, content, why",
    [
        ("done.json", "{", "JSONDecodeError"),
        ("done.json", "[]", "TypeError"),
        ("done.json", "{}", "KeyError: 'seconds'"),
        ("result.json", '{"clips": 3}', "KeyError: 'top1'"),
        ("result.json", '{"clips": "x", "top1": 1}', "ValueError"),
        ("result.json", '{"clips": 0, "top1": 1}', "has no result.json with tested clips"),
        ("log.csv", "a,b\n1,2\n", "is no log of a training: 'epoch'"),
    ],
)
def test_what_a_training_left_and_somebody_changed_is_named(results, tmp_path, monkeypatch, capsys, name, content, why):
    plan = PLANS["tiny"]
    monkeypatch.setitem(PLANS, "tiny", Plan({"one": plan.lines["one"]}, (0,)))
    folder = tmp_path / "out" / "tiny" / "one" / "seed_0"
    folder.mkdir(parents=True)
    left = {
        "done.json": json.dumps({"arguments": plan.lines["one"].arguments, "recipe": TINY, "seconds": 3.5}),
        "result.json": '{"clips": 3, "top1": 1}',
        "log.csv": "epoch,rate,train_loss,train_accuracy,test_loss,test_accuracy\n1,0.1,1,0.5,,\n",
    }
    for file, text in left.items():
        (folder / file).write_text(text)
    assert results() == 0
    (folder / name).write_text(content)
    capsys.readouterr()
    assert results() == 1
    said = capsys.readouterr().err
    assert said.startswith(f"python -m stgcn_torch results: {folder}") and why in said


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"lines": 3}', '{"lines": {"one": {"seeds": 5}}}', '{"lines": {"x": {}}}']
)
def test_a_table_of_other_content_names_its_file_and_leaves_the_page(results, tmp_path, capsys, content):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "tiny.json").write_text(content)
    page = tmp_path / "page.md"
    page.write_text("<!-- tiny: begin -->\n<!-- tiny: end -->")
    assert results("--readme", str(page)) == 1
    assert f"results: {tmp_path / 'out' / 'tiny.json'} does not hold what trainings leave" in capsys.readouterr().err
    assert page.read_text() == "<!-- tiny: begin -->\n<!-- tiny: end -->"


def test_means_and_deviations_by_hand(monkeypatch):
    seeds = {str(n): {"top1": share, "clips": 10, "seconds": 60 * n} for n, share in enumerate((0.5, 0.6, 0.7), 1)}
    monkeypatch.setitem(PLANS, "tiny", Plan({"a": Line("", "", {}, "this")}, (1, 2, 3)))
    assert table.text("tiny", {"lines": {"a": {"seeds": seeds}}}).splitlines()[2:] == [
        "| this | 60.0 ± 10.0 | 3 | 10 | 2.0 |"
    ]
    ablation = {"lines": {"spatial_joint_off": {"seeds": seeds}}}
    (row,) = [row for row in table.text("ablation", ablation).splitlines() if row[0:1] == "|" and "60.0" in row]
    assert row == "| spatial | off |  |  |  | 60.0 ± 10.0 |"
    ablation["lines"] |= {"spatial_symmetric_off": {"seeds": {"1": {"top1": 0.0}}}, "distance_row_on": {"seeds": seeds}}
    pooled = table.text("ablation", ablation).splitlines()[-1]
    for words in (
        "spatial 60.0 ± 5.8",
        "on 60.0 ± 5.8",
        "off 60.0 ± 5.8",
        "joint 60.0 ± 5.8",
        "widely_copied not measured",
    ):
        assert words in pooled  # 10 / sqrt(3)


@pytest.mark.parametrize("plan", PLANS)
def test_the_readme_shows_what_was_measured_with_todays_plan(plan):
    results = json.loads((MEASURED / f"{plan}.json").read_text("utf-8"))
    for name, line in PLANS[plan].lines.items():
        assert results["lines"][name]["arguments"] == line.arguments
        assert results["lines"][name]["recipe"] == line.recipe
        assert list(results["lines"][name]["seeds"]) == [str(seed) for seed in PLANS[plan].seeds]
    assert table.text(plan, results) in (ROOT / "stgcn_torch" / "results" / "README.md").read_text("utf-8")
    if plan != "choices":  # of whose trials only the ends were kept
        with (MEASURED / f"{plan}.csv").open(newline="") as file:
            logged = {(row["line"], row["seed"]) for row in csv.DictReader(file)}
        assert logged == {(name, str(seed)) for name in PLANS[plan].lines for seed in PLANS[plan].seeds}


def test_no_training_at_a_time_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["results", "--jobs", "0"])
    assert "argument --jobs: invalid whole number from 1 to 1000 value: '0'" in capsys.readouterr().err


def test_a_file_without_marks_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="has no lines <!-- ablation: begin --> and"):
        table.put_between_marks(page, "ablation", "a table")
