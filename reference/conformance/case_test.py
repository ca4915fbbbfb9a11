"""The test that `pytest --stgcn MODULE` runs for every case: see pytest_plugin.py."""

from reference.conformance.pytest_plugin import check_case


def test_case(stgcn_case):
    """One case of the kit."""
    check_case(*stgcn_case)
