"""The main job does its four parts; if one fails, the last line and the exit status say so."""

import sys

import execute
import nbformat
import pytest
import walkthrough

NAMES = ("tiny.ipynb", "tiny_too.ipynb", "solutions/tiny.ipynb")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """A walkthrough that writes to a temporary folder, over three tiny notebooks, without its two long commands."""
    notebooks = tmp_path / "notebooks"
    (notebooks / "solutions").mkdir(parents=True)
    cells = [nbformat.v4.new_markdown_cell("# A title"), nbformat.v4.new_code_cell("print(6 * 7)")]
    for name in NAMES:
        (notebooks / name).write_text(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), encoding="utf-8")
    (notebooks / "README.md").write_text("# The course\n\n[first](tiny.ipynb#A-title)", encoding="utf-8")
    (tmp_path / walkthrough.README).write_text("# A text\n\n[the course](notebooks/README.md)", encoding="utf-8")
    (tmp_path / walkthrough.KIT).parent.mkdir(parents=True)
    (tmp_path / walkthrough.KIT).write_text("# The kit", encoding="utf-8")
    monkeypatch.setattr(walkthrough, "ROOT", tmp_path)
    monkeypatch.setattr(walkthrough, "BUILD", tmp_path / "build")
    monkeypatch.setattr(walkthrough, "all_notebooks", lambda: [notebooks / name for name in NAMES])
    return tmp_path / "build"


def test_it_leaves_pages_figures_and_an_index(build, monkeypatch, capsys):
    monkeypatch.setattr(walkthrough, "run_and_keep", lambda module, path: None)
    assert walkthrough.main() == 0
    page, index = ((build / name).read_text(encoding="utf-8") for name in ("tiny.html", "index.html"))
    assert "42" in page
    for link in ('href="tiny.html">A title', 'href="formula.txt"', 'href="check.txt"', 'src="figures/overview.svg"'):
        assert link in index
    assert 'href="solutions/tiny.html">solutions' in index
    assert 'href="files/reference/conformance/README.md.html"><b>Re-implement it</b>' in index
    assert (build / "files" / "reference" / "conformance" / "README.md.html").exists()
    assert 'href="../course.html"' in (build / "files" / "README.md.html").read_text(encoding="utf-8")
    assert 'href="course.html"' in index
    assert 'href="tiny.html#A-title"' in (build / "course.html").read_text(encoding="utf-8")
    assert 'rel="next" href="tiny_too.html"' in page
    assert 'rel="prev"' not in page
    solutions = (build / "solutions" / "tiny.html").read_text(encoding="utf-8")
    assert 'rel="prev" href="../tiny.html"' in solutions
    assert 'rel="next"' not in solutions
    assert (build / "figures" / "layer_table.svg").exists()
    printed = capsys.readouterr().out
    for words in ("1 of 4", "2 of 4", "3 of 4", "4 of 4", "code cell 1 of 1", "Open"):
        assert words in printed


def test_a_part_that_fails_is_named_in_the_last_line_and_the_others_are_done(build, monkeypatch, capsys):
    def run(module, path):
        if module[0] == "stgcn_torch":
            raise RuntimeError("exit status 3")

    monkeypatch.setattr(walkthrough, "run_and_keep", run)
    monkeypatch.setattr(walkthrough, "write_notebook_pages", lambda: 1 / 0)
    assert walkthrough.main() == 1
    assert (build / "index.html").exists()
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(
        "FAILED: part 2 (The same network in PyTorch): RuntimeError: exit status 3; part 3 (The note"
    )
    assert "ZeroDivisionError" in last


def test_commands_are_kept_and_their_failure_is_seen(build, capsys):
    build.mkdir()
    walkthrough.run_and_keep(["platform"], build / "said.txt")
    said = (build / "said.txt").read_text(encoding="utf-8")
    assert said
    assert said == capsys.readouterr().out
    with pytest.raises(RuntimeError, match="`python -m no_such_module_at_all` ended with exit status 1"):
        walkthrough.run_and_keep(["no_such_module_at_all"], build / "said.txt")


def test_executing_in_place_writes_what_changed_and_only_that(build, capsys):
    path = build.parent / "notebooks" / "tiny.ipynb"
    execute.main([path])
    assert "42" in path.read_text(encoding="utf-8")
    written = path.read_bytes()
    execute.main([path])
    assert path.read_bytes() == written
    printed = capsys.readouterr().out
    assert "tiny.ipynb: changed" in printed
    assert "tiny.ipynb: run, not a byte changed" in printed
    assert sys.executable not in printed
