"""Does the kit notice? python tests/conformance/mutants.py (or: make mutants; some minutes).

Changes one thing at a time in the functions of `reference` that the kit tests, and in the plain loops of tests/helpers:
a number by one, an operator, a comparison, a condition, a default, an axis, a statement left out. Each change is a
mutant; the kit must fail it. Prints every mutant that passes and is not listed in equivalent_mutants.txt, with its
reason, and the figure. Exit status 1 if one passes.
"""

import ast
import signal
import sys
import warnings
from fnmatch import fnmatchcase
from math import prod
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "helpers"))

import loops  # noqa: E402
import oracle  # noqa: E402

from reference.conformance import answers  # noqa: E402
from reference.conformance.compare import call  # noqa: E402
from reference.conformance.vectors import load_cases  # noqa: E402

# By module: the functions that the kit says something about. Those left out take what the kit never gives.
TESTED = {
    "skeleton": ("adjacency", "hop_distance"),
    "partitions": ("partition", "_labelling"),
    "normalization": ("degree", "normalize", "_power"),
    "spatial_convolution": ("spatial_conv",),
    "temporal_convolution": ("temporal_conv",),
    "layers": ("relu", "batch_norm", "batch_statistics", "update_running_statistics", "weigh_edges", "fold_persons",
               "pooling", "classifier"),
    "block": ("block", "layers_of"),
    "network": ("forward",),
    "layer_table": ("layer_table", "needs_residual_conv", "checked_layers"),
    "state": ("entries_under", "trained_names"),
    "gradients": ("spatial_conv_gradients", "temporal_conv_gradients", "weigh_edges_gradients", "batch_norm_gradients",
                  "relu_gradient", "fold_persons_gradient", "pooling_gradient", "classifier_gradients",
                  "softmax_cross_entropy", "channel_rows"),
    "backward": ("loss_and_gradients", "network_gradients", "block_gradients", "norm_gradients", "data_bn_gradients"),
}  # fmt: skip
NOT_LOOPS = ("assert_close", "graph_convolution", "widely_copied_partition")
GRAPHS = ("adjacency", "hop_distance", "partition", "normalize")  # steps that only the first three modules compute
SECONDS = 20  # of the processor: a mutant that runs longer is in an endless loop, and fails

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Lt: ast.LtE,
    ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
NAMES = {"max": "min", "min": "max", "sum": "mean", "mean": "sum", "var": "mean", "exp": "sqrt", "sqrt": "abs"}


def changes(tree):
    """Yields (node, what, field, value): what is changed where; field may be (another node, its field)."""
    for node in ast.walk(tree):
        if _is_refusal(node):
            continue
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            for step in (1, -1):
                yield node, f"{node.value} -> {node.value + step}", "value", node.value + step
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
            yield node, f"{node.value} -> {not node.value}", "value", not node.value
        elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in SWAPS:
            swap = SWAPS[type(node.op)]
            yield node, f"{type(node.op).__name__} -> {swap.__name__}", "op", swap()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            swap = SWAPS[type(node.ops[0])]
            yield node, f"{type(node.ops[0]).__name__} -> {swap.__name__}", "ops", [swap(), *node.ops[1:]]
        elif isinstance(node, ast.UnaryOp):
            yield node, f"{type(node.op).__name__} left out", "op", ast.UAdd()
        elif isinstance(node, (ast.IfExp, ast.If)):
            for value in (True, False):
                yield node, f"condition -> {value}", "test", ast.Constant(value)
        elif isinstance(node, ast.Attribute) and node.attr in NAMES and isinstance(node.ctx, ast.Load):
            yield node, f"{node.attr} -> {NAMES[node.attr]}", "attr", NAMES[node.attr]
        elif isinstance(node, ast.Attribute) and node.attr == "T":
            yield node, "T left out", "attr", "real"
        for field in ("body", "orelse"):
            statements = getattr(node, field, None)
            if isinstance(statements, list):
                for n, statement in enumerate(statements):
                    if isinstance(statement, (ast.AugAssign, ast.Assign, ast.Expr)) and not _is_refusal(statement):
                        kept = [*statements[:n], ast.Pass(), *statements[n + 1 :]]
                        yield statement, "left out", (node, field), kept


def _is_refusal(node):
    """Statements that only raise, and docstrings: the kit gives legal inputs, so what is refused shows nowhere."""
    if isinstance(node, ast.If):
        return isinstance(node.body[-1], ast.Raise)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def mutants(module):
    """Yields (name, function, tree) of every mutant of a module: the tree is that of the function, changed."""
    path = Path(module.__file__)
    wanted = TESTED.get(path.stem)
    for top in ast.parse(path.read_text(encoding="utf-8")).body:
        skipped = top.name not in wanted if wanted and isinstance(top, ast.FunctionDef) else False
        if not isinstance(top, ast.FunctionDef) or skipped or top.name in NOT_LOOPS:
            continue
        for child in [top, *ast.walk(top)]:  # what only refuses is taken out: it is not mutated
            for field in ("body", "orelse"):
                statements = getattr(child, field, None)
                if isinstance(statements, list):
                    kept = [s for s in statements if not (_is_refusal(s) or _only_checks(s))]
                    setattr(child, field, kept or ([ast.Pass()] if field == "body" else []))
        within = dict.fromkeys(ast.walk(top.args), top)  # by node: the innermost statement that holds it
        for statement in ast.walk(top):
            if isinstance(statement, ast.stmt) and statement is not top:
                within |= dict.fromkeys(ast.walk(statement), statement)
        for node, what, field, value in list(changes(top)):
            owner, field = field if isinstance(field, tuple) else (node, field)
            before = getattr(owner, field)
            statement = ast.unparse(within[node]).splitlines()[0]
            name = f"{path.stem}.{top.name}: {ast.unparse(node).splitlines()[0]} [{what}] in {statement}"
            setattr(owner, field, value)
            yield name, top.name, top
            setattr(owner, field, before)


def _only_checks(node):
    """A call that refuses, such as check_gradient(...), or a loop that does nothing else."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return "check" in ast.unparse(node.value.func)
    return isinstance(node, (ast.For, ast.Try)) and all(_is_refusal(inner) for inner in getattr(node, "body", []))


class Outlived(BaseException):
    """A mutant took longer than SECONDS. (No Exception: the kit would take it for one of the function's.)"""


def _stop(*_):
    raise Outlived


def survives(name, tree, home, everywhere, functions, cases):
    """Whether the kit passes an implementation in which the function `name` of the module `home` is `tree`.

    everywhere  all modules that may have imported it
    """
    original = getattr(home, name)
    places = [(module, n) for module in everywhere for n, value in vars(module).items() if value is original]
    exec(compile(ast.fix_missing_locations(ast.Module([tree], [])), home.__name__, "exec"), vars(home))
    mutant = getattr(home, name)
    signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        for module, n in places:
            setattr(module, n, mutant)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return not any(call(functions(case.step), case).failure for case in cases)
    except Outlived:
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        for module, n in places:
            setattr(module, n, original)


def suites():
    """(modules that are mutated, all that may hold their names, a step's function, cases): `reference`, the loops."""
    held = [sys.modules[f"reference.{name}"] for name in TESTED]
    everywhere = [module for name, module in sys.modules.items() if name.startswith("reference")]
    cases = sorted(load_cases(), key=_cost)
    yield held, everywhere, lambda step: getattr(answers, step), cases
    cases = [case for case in cases if hasattr(loops, case.step) and _cost(case) < 5000]
    yield [oracle, loops], [oracle, loops], lambda step: getattr(loops, step), cases


def _cost(case):
    """About how long a case takes in plain loops: graphs first, then small arrays."""
    arrays = [a for value in case.inputs.values() for a in (value.values() if isinstance(value, dict) else [value])]
    return sum(a.size for a in arrays) + sum(prod(case.whole(name)) for name in case.outputs)


def listed():
    """The mutants that are no mistakes, as patterns of their names: {pattern: reason}."""
    lines = (HERE / "equivalent_mutants.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.rsplit(" => ", 1) for line in lines if " => " in line)


def main():
    """Try every mutant of `reference` and of the loops; 1 if one passes that is not listed."""
    known, tried, passed, unlisted = listed(), 0, [], 0
    for held, everywhere, functions, cases in suites():
        for module in held:
            makes_graphs = module not in held[3:]
            its = [case for case in cases if makes_graphs or case.step not in GRAPHS]
            for name, function, tree in mutants(module):
                tried += 1
                if survives(function, tree, module, everywhere, functions, its):
                    passed.append(name)
                    if not any(fnmatchcase(name, pattern) for pattern in known):
                        unlisted += 1
                        print("passes:", name, flush=True)
    print(f"{tried - len(passed)} of {tried} mutants fail, {len(passed) - unlisted} of the others are no mistakes")
    idle = [pattern for pattern in known if not any(fnmatchcase(name, pattern) for name in passed)]
    for pattern in idle:
        print("listed, but no mutant that passes is called so:", pattern)
    return int(unlisted > 0 or bool(idle))


if __name__ == "__main__":
    sys.exit(main())
