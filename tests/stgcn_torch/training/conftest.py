import pytest
import torch


@pytest.fixture(autouse=True)
def _one_thread():
    """Networks this small are computed faster than threads agree; and sums come in the same order everywhere."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
