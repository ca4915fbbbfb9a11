"""The twin under torch.compile, in float64, behind the kit's `forward`: with the code that its compiler writes in C++.

Compiling takes seconds to minutes, so the smallest network is tested here, in both modes.
"""

import shutil

import pytest
import torch
import twin

from reference.conformance.compare import call
from reference.conformance.vectors import load_cases

SMALL = ("forward.equal_inference", "forward.equal_training")
CASES = [case for case in load_cases() if case.name in SMALL]


def compiled(state, clip, training):
    torch.compiler.reset()  # a network of another shape is no reason to compile for every shape
    model = torch.compile(twin.without_dropout(twin.network(state)).train(training))
    return model(twin.double(clip)).detach()


@pytest.mark.filterwarnings("ignore")  # of the compiler about itself
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_compiled_twin_passes(case):
    if not any(map(shutil.which, ("g++", "clang++", "c++", "cl"))):
        pytest.skip("torch.compile needs a C++ compiler on the PATH, for example g++")
    assert call(compiled, case).failure is None
