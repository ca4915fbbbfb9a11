"""The arrows between the packages run one way, and a file stays readable in one sitting."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "reference": {"numpy"},
    "figures": {"numpy", "matplotlib", "matplotlib_inline", "reference"},
    "stgcn_torch": {"numpy", "torch", "tqdm", "safetensors", "cupy", "reference"},
}
FILES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


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
