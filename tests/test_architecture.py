"""The arrows between the packages run one way, a file stays readable in one sitting, and a name says one thing."""

import ast
import sys
import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "reference": {"numpy"},
    "figures": {"numpy", "matplotlib", "matplotlib_inline", "reference"},
    "stgcn_torch": {"numpy", "scipy", "torch", "tqdm", "filelock", "safetensors", "cupy", "reference"},
}
FILES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]
SCRIPTS = sorted((ROOT / "figures").rglob("*.js"))
LINE = 120  # letters; ruff sees to it in Python
OF_THE_WEB = [
    path
    for folder in ("figures", "notebooks", "reference", "stgcn_torch", "tests")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".js", ".css")
]
TWINS = {"layers"}  # reference/layers.py and stgcn_torch/layers.py: the same layers twice, in NumPy and in PyTorch


def imported(path):
    """The top-level names of what a file imports, but for the standard library and its own package."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_follow_the_arrows(path):
    package = path.relative_to(ROOT).parts[0]
    allowed = ALLOWED[package] | sys.stdlib_module_names
    if path.name == "state_files.py":
        allowed |= {"safetensors"}
    assert set(imported(path)) - allowed == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_are_short_and_documented(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 300
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a file says what it is about"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            docstring = ast.get_docstring(node)
            lines = node.end_lineno - node.lineno + 1 - (len(docstring.splitlines()) if docstring else 0)
            assert lines <= 42, f"{node.name} has {lines} lines"
            if not node.name.startswith("_") and node in tree.body:
                assert docstring, f"{node.name} has no docstring"


def test_lines_of_scripts_and_style_sheets_are_short():
    assert {path.suffix for path in OF_THE_WEB} == {".js", ".css"}
    long = [
        f"{path.relative_to(ROOT).as_posix()}:{number} has {len(line)} letters"
        for path in OF_THE_WEB
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LINE
    ]
    assert long == []


def test_no_two_source_files_have_one_name():
    stems = Counter(path.stem for path in chain(FILES, SCRIPTS, sorted((ROOT / "notebooks").glob("*.py"))))
    several = {stem for stem, count in stems.items() if count > 1} - {"__init__", "__main__"}
    assert several == TWINS


def test_private_names_are_not_imported_across_files():
    private = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                private |= {alias.name for alias in node.names if alias.name.startswith("_")}
    assert not private


def test_every_package_and_every_file_of_data_is_installed():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {path.parent for path in FILES}
    assert {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders} == set(setuptools["packages"])
    found = {
        path
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in ROOT.joinpath(*package.split(".")).glob(pattern)
    }
    assert {*SCRIPTS, *(ROOT / "figures" / "explorer").glob("*.css"), *(ROOT / "figures").glob("*/*.html")} <= found
    assert set((ROOT / "figures" / "measurements").iterdir()) <= found
