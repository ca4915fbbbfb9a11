import pytest


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """Networks this small are computed faster than threads agree."""
