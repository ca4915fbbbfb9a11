"""For projects that test with pytest: `pytest --stgcn my_stgcn.py` runs every case of the kit as a test of its own."""

from functools import partial
from pathlib import Path

from .compare import call
from .hints import hints_for
from .locate import where
from .precision import PRECISIONS
from .runner import functions_of, selected


def pytest_addoption(parser):
    """The option: a module, by dotted name or path."""
    parser.addoption("--stgcn", metavar="MODULE", help="test the ST-GCN of this module, a test for each case")
    profile = "what it computes in: its inputs are in float32 then, and the limits those of that precision"
    parser.addoption("--stgcn-profile", choices=PRECISIONS, default="float64", help=profile)


def pytest_configure(config):
    """With the option, one file more to collect: that of the test below."""
    if config.getoption("--stgcn"):
        config.args.append(str(Path(__file__).with_name("case_test.py")))


def pytest_generate_tests(metafunc):
    """Every case of the steps that the module defines."""
    if "stgcn_case" in metafunc.fixturenames and metafunc.config.getoption("--stgcn"):
        functions = functions_of(metafunc.config.getoption("--stgcn"))
        cases = selected(steps=tuple(functions), precision=metafunc.config.getoption("--stgcn-profile"))
        given = [partial(check_case, functions[case.step], case) for case in cases]
        metafunc.parametrize("stgcn_case", given, ids=[case.name for case in cases])


def check_case(function, case):
    """Raises AssertionError, with what is wrong, where, and what it looks like, unless the function passes."""
    outcome = call(function, case)
    if outcome.failure:
        looks_like = [f"Looks like: {hint}" for hint in hints_for([case], [outcome])]
        raise AssertionError("\n".join([outcome.failure, *where([case], [outcome]), *looks_like]))
