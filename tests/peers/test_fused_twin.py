"""The twin in its fused form, which is for inference, behind the kit's `forward`."""

import pytest
import torch

from reference.conformance.compare import call
from reference.conformance.vectors import load_cases
from stgcn_torch import STGCN

CASES = [case for case in load_cases() if case.step == "forward" and not case.settings["training"]]


def fused(state, clip, training):
    return STGCN.from_state(state).eval().fuse()(torch.as_tensor(clip)).detach()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_fused_twin_passes(case):
    assert call(fused, case).failure is None
