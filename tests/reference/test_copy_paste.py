"""Every core function can be copied out of its file: with the functions it calls, it needs NumPy and nothing else."""

import inspect

import numpy as np
import pytest
from copying import sources
from strategies import normal
from successor_arrays import adaptive_arrays, branch_state, channelwise_arrays

import reference
from reference import SKELETONS, init_state, normalize, partition

TOY = SKELETONS["toy_5"]
A = partition(TOY, "spatial")
A_HAT = normalize(A)
F, W, B = normal(0, 2, 3, 6, 5), normal(1, 3, 4, 3), normal(2, 4, 3)
STATE = init_state(4, 3, "toy_5", layers=((3, 4, 1), (4, 6, 2)), gamma=3, dtype=np.float64)
BLOCK = {name.removeprefix("blocks.1."): array for name, array in STATE.items() if name.startswith("blocks.1.")}
CALLS = {
    "adjacency": (TOY,),
    "hop_distance": (TOY,),
    "partition": (TOY, "spatial"),
    "degree": (A,),
    "normalize": (A, "two_sided"),
    "spatial_conv": (F, A_HAT, W, B),
    "spatial_conv_steps": (F, A, W),
    "temporal_conv": (F, W, B[:, 0], 2),
    "relu": (F,),
    "batch_norm": (F, normal(3, 3), normal(4, 3)),
    "block": (normal(5, 2, 4, 6, 5), A_HAT, BLOCK),
    "forward": (STATE, normal(6, 2, 3, 6, 5, 2)),
    "adaptive_conv": tuple(adaptive_arrays(0).values()),
    "channelwise_conv": tuple(channelwise_arrays(0).values()),
    "multi_scale_adjacency": (TOY, 3),
    "multi_branch_temporal_conv": (normal(7, 2, 5, 7, 3), branch_state(0)),
}


def flat(result):
    """The arrays of a result, whether it is one array or a generator of named steps."""
    return [array for _, _, array in result] if inspect.isgenerator(result) else [result]


@pytest.mark.parametrize("name", CALLS)
def test_a_copied_function_gives_the_same_numbers(name):
    function = getattr(reference, name)
    pasted = {}
    exec("import numpy as np\n\n" + "\n\n".join(sources(function).values()), pasted)
    assert pasted[name] is not function
    options = {"stride": 2} if name == "block" else {}
    actual, expected = flat(pasted[name](*CALLS[name], **options)), flat(function(*CALLS[name], **options))
    assert len(actual) == len(expected)
    assert all(np.array_equal(a, b) for a, b in zip(actual, expected, strict=True))
    assert np.any(expected[-1] != 0)


def test_a_copy_depends_on_few_functions():
    assert {
        name: len(sources(getattr(reference, name))) for name in ("relu", "adjacency", "degree", "hop_distance")
    } == {
        "relu": 1,
        "adjacency": 1,
        "degree": 1,
        "hop_distance": 2,
    }


def test_a_copy_of_forward_is_short():
    copied = sources(reference.forward)
    assert len(copied) <= 12
    assert sum(len(text.strip().splitlines()) for text in copied.values()) <= 203
