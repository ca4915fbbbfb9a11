"""The test that `pytest --stgcn MODULE` runs for every case: see pytest_plugin.py."""


def test_case(stgcn_case):
    """One case of the kit."""
    stgcn_case()
