"""What all tests share: Hypothesis draws the same examples every time, and no deadline hurries a slow machine."""

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=40)
settings.load_profile("repeatable")


@pytest.fixture
def one_thread():
    """PyTorch on one thread: its idle threads spin, and small sums come in the same order everywhere."""
    import torch  # here, since reference/ and its tests get by without it

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
