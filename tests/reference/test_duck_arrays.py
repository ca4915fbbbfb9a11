"""Arrays that are no ndarrays pass through: a stand-in for CuPy everywhere, CuPy itself where there is one."""

import inspect
from functools import partial

import numpy as np
import pytest
from duck_array import FUNCTIONS, DuckArray, convert, leaves
from strategies import normal
from successor_arrays import adaptive_arrays, branch_state, channelwise_arrays

from reference import (
    NORMALIZATIONS,
    SKELETONS,
    adaptive_conv,
    batch_norm,
    batch_statistics,
    block,
    channelwise_conv,
    degree,
    forward,
    forward_in_windows,
    init_state,
    mean_distance_to_gravity_center,
    multi_branch_temporal_conv,
    normalize,
    partition,
    relu,
    spatial_conv,
    spatial_conv_steps,
    temporal_conv,
    update_running_statistics,
    weigh_edges,
)

A = partition(SKELETONS["toy_5"], "spatial")
A_HAT = normalize(A)
F, W, B = normal(0, 2, 3, 6, 5), normal(1, 3, 4, 3), normal(2, 4, 3)
STATE = init_state(4, 3, "toy_5", layers=((3, 4, 1), (4, 4, 1), (4, 6, 2)), gamma=3, dtype=np.float64)
FIRST = {name.removeprefix("blocks.2."): array for name, array in STATE.items() if name.startswith("blocks.2.")}
CLIP = normal(3, 2, 3, 6, 5, 2)
STATISTICS = normal(4, 3), np.abs(normal(5, 3))


def traced(function, *arrays, **options):
    """What a function returns, and its trace."""
    trace = {}
    return function(*arrays, trace=trace, **options), trace


def steps(*arrays):
    """All intermediates of the formula by name."""
    return {name: array for name, _, array in spatial_conv_steps(*arrays)}


CALLS = {
    "degree": (degree, A),
    **{f"normalize {method}": (partial(normalize, method=method), A) for method in NORMALIZATIONS},
    "normalize without alpha": (partial(normalize, alpha=0), A),
    "spatial_conv": (spatial_conv, F, A_HAT, W, B),
    "spatial_conv without bias": (spatial_conv, F[0], A_HAT, W),
    "spatial_conv_steps": (steps, F, A, W),
    "temporal_conv": (temporal_conv, F, W, B[:, 0]),
    "temporal_conv at stride 2": (partial(temporal_conv, stride=2), F[0], W),
    "batch_norm in training": (batch_norm, F, *STATISTICS),
    "batch_norm in inference": (batch_norm, F, *STATISTICS, *STATISTICS),
    "batch_statistics": (batch_statistics, F),
    "update_running_statistics": (update_running_statistics, F, *STATISTICS),
    "relu": (relu, F),
    "weigh_edges": (weigh_edges, A_HAT, np.ones_like(A_HAT)),
    "block": (partial(traced, block, stride=2), normal(0, 2, 4, 6, 5), A_HAT, FIRST),
    "block in training": (partial(traced, block, stride=2, training=True), normal(0, 2, 4, 6, 5), A_HAT, FIRST),
    "forward": (partial(traced, forward), STATE, CLIP),
    "forward in training": (partial(traced, forward, training=True), STATE, CLIP),
    "forward of one clip": (partial(traced, forward), STATE, CLIP[0], A_HAT),
    "forward in windows": (partial(forward_in_windows, frames=2), STATE, CLIP),
    "mean_distance_to_gravity_center": (mean_distance_to_gravity_center, CLIP),
    "adaptive_conv": (adaptive_conv, *adaptive_arrays(0).values()),
    "channelwise_conv": (channelwise_conv, *channelwise_arrays(0).values()),
    "multi_branch_temporal_conv": (partial(multi_branch_temporal_conv, stride=2), normal(0, 5, 7, 3), branch_state(0)),
}  # fmt: skip
every_call = pytest.mark.parametrize(
    ("function", "arrays"), [(call[0], call[1:]) for call in CALLS.values()], ids=CALLS
)


@every_call
def test_a_stand_in_for_cupy_gives_exactly_what_numpy_gives(function, arrays):
    actual = convert(function(*convert(arrays, DuckArray)), lambda result: result)
    expected = convert(function(*arrays), np.asarray)
    assert all(isinstance(result, DuckArray) for result in leaves(actual))
    for result, array in zip(leaves(actual), leaves(expected), strict=True):
        assert (result.shape, result.dtype) == (array.shape, array.dtype)
        assert np.array_equal(result.get(), array)


@every_call
def test_cupy_gives_what_numpy_gives(function, arrays):
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    if not cupy.is_available():
        pytest.skip("CuPy finds no GPU")
    actual = convert(function(*convert(arrays, cupy.asarray)), lambda result: result)
    expected = convert(function(*arrays), np.asarray)
    assert all(isinstance(result, cupy.ndarray) for result in leaves(actual))
    for result, array in zip(leaves(actual), leaves(expected), strict=True):
        assert (result.shape, result.dtype) == (array.shape, array.dtype)
        # another library adds in another order; float64 leaves room for it
        np.testing.assert_allclose(result.get(), array, rtol=1e-9, atol=1e-9 * np.max(np.abs(array)))


def test_what_is_called_is_in_cupy_with_these_arguments(monkeypatch):
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")  # its wheel is enough: no GPU is asked
    called, function_method, ufunc_method = [], DuckArray.__array_function__, DuckArray.__array_ufunc__

    def on_function(self, function, types, args, kwargs):
        called.append((function.__name__, args, kwargs))
        return function_method(self, function, types, args, kwargs)

    def on_ufunc(self, ufunc, method, *args, **kwargs):
        called.append((ufunc.__name__, args, kwargs))
        return ufunc_method(self, ufunc, method, *args, **kwargs)

    monkeypatch.setattr(DuckArray, "__array_function__", on_function)
    monkeypatch.setattr(DuckArray, "__array_ufunc__", on_ufunc)
    for function, *arrays in CALLS.values():
        function(*convert(arrays, DuckArray))
    for name, args, kwargs in called:
        there = getattr(cupy, name)
        if isinstance(there, cupy.ufunc):  # written in Cython, without a signature that can be asked for
            assert len(args) == there.nin and set(kwargs) <= {"out", "dtype", "casting"}, (name, len(args), *kwargs)
        else:
            inspect.signature(there).bind(*args, **kwargs)
    names = {name for name, *_ in called}
    assert names >= {"add", "matmul", "sum", "zeros_like"}
    assert names & FUNCTIONS == FUNCTIONS, "the stand-in's list holds what reference/ does not call"


def test_refusals_reach_other_arrays_too():
    with pytest.raises(ValueError, match="W has 3 input channels but f_in has 4"):
        spatial_conv(*map(DuckArray, (normal(0, 2, 4, 6, 5), A_HAT, W)))
    with pytest.raises(ValueError, match="negative entry"):
        normalize(DuckArray(-A))
    with pytest.raises(ValueError, match="joint 1 is present in no frame"):
        mean_distance_to_gravity_center(DuckArray(CLIP * np.array([1, 0, 1, 1, 1])[:, None]))


# --- the stand-in itself: as strict as CuPy --------------------------------------------------------------------------

DUCK, PLAIN = DuckArray(np.arange(3.0)), np.ones(3)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: np.asarray(DUCK),
        lambda: np.zeros(3) + DUCK,
        lambda: DUCK * PLAIN,
        lambda: np.add(DUCK, DUCK, out=np.zeros(3)),
        lambda: np.sum(DUCK, out=np.zeros(())),
        lambda: np.zeros(3).__setitem__(slice(None), DUCK),
        lambda: DUCK.__setitem__(slice(None), PLAIN),
        lambda: np.where(DUCK > 1, PLAIN, 0),
        lambda: np.linalg.norm(DUCK),  # not on the list of functions
        lambda: np.add.reduce(DUCK),
        lambda: hash(DUCK),
    ],
)
def test_the_stand_in_does_not_mix_with_ndarrays(mistake):
    with pytest.raises(TypeError):
        mistake()


def test_the_stand_in_computes():
    assert isinstance(DUCK + 1, DuckArray)
    assert (2 * DUCK - 1).get().tolist() == [-1, 1, 3]
    assert isinstance(np.sum(DUCK), DuckArray)
    assert (np.sum(DUCK).shape, float(np.sum(DUCK)), int(DUCK[2]), bool(DUCK[0])) == ((), 3, 2, False)
    part = DuckArray(np.zeros(3))
    part[1:] = DUCK[:2] + 1
    assert part.get().tolist() == [0, 1, 2]
    assert np.zeros_like(DUCK, shape=(2,)).shape == (2,)
