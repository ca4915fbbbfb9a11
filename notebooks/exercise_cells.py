"""The cells of a notebook's exercises, and which other cells they need."""

import ast
import dis
import re
from types import CodeType


def marked(source):
    """("Exercise", "3") for a cell whose first line is the comment `# Exercise 3`; (None, None) for any other cell."""
    found = re.match(r"# (Exercise|Check|Mistake) (\d+)\b", source)
    return found.groups() if found else (None, None)


def cells_that_begin(notebook, word):
    """{number: cell} of the code cells whose first line is the comment `# word number`. ValueError if two are alike."""
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and marked(cell.source)[0] == word:
            number = marked(cell.source)[1]
            if number in found:
                raise ValueError(f"two cells begin with # {word} {number}")
            found[number] = cell
    return found


def names_in(source):
    """What a cell does with names: those it assigns, those it changes in place, those it reads from earlier cells."""
    code, assigned, read = compile(source, "cell", "exec"), set(), set()
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME":
            assigned.add(step.argval)
        elif step.opname == "LOAD_NAME" and step.argval not in assigned:
            read.add(step.argval)
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    for function in inner:  # grows while it is read
        inner += [constant for constant in function.co_consts if isinstance(constant, CodeType)]
        read |= set(function.co_names) - assigned
    parts = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute | ast.Subscript)]
    stores = [name for node in parts if not isinstance(node.ctx, ast.Load) for name in ast.walk(node.value)]
    return assigned, {name.id for name in stores if isinstance(name, ast.Name)}, read


def needed(sources, is_kept):
    """The positions of those that `is_kept(position)` says, and of the cells before that they depend on.

    The others are left out, since some train for a minute.
    """
    wanted, positions = set(), []
    for position in reversed(range(len(sources))):
        try:
            assigned, changed, read = names_in(sources[position])
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # a reader's; running it will say what is wrong
            assigned = changed = read = set()
        if is_kept(position) or (assigned | changed) & wanted:
            wanted = wanted - assigned | read
            positions.append(position)
    return positions[::-1]
