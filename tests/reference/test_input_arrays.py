"""What is no array of numbers is refused by name; whole numbers have gradients like all others."""

import numpy as np
import pytest

import reference

RNG = np.random.default_rng(0)
STATE = reference.init_state(2, 3, "toy_5", layers=((3, 4, 1),), seed=0)
F, G, C = RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(2, 4, 6, 5)), np.ones(3)
A, W, W_time = np.ones((3, 5, 5)), RNG.normal(size=(3, 4, 3)), RNG.normal(size=(3, 4, 9))
CLIP = RNG.normal(size=(2, 3, 6, 5, 1))
CALLS = {
    "relu": {"f_in": F},
    "batch_norm": {"f_in": F, "weight": C, "bias": C, "running_mean": C, "running_var": C},
    "batch_statistics": {"f_in": F},
    "update_running_statistics": {"f_in": F, "running_mean": C, "running_var": C},
    "weigh_edges": {"A_hat": A, "edge_importance": A},
    "fold_persons": {"clip": CLIP},
    "pooling": {"f_in": F},
    "classifier": {"features": RNG.normal(size=(2, 4)), "W": RNG.normal(size=(4, 2)), "b": np.ones(2)},
    "degree": {"A": A},
    "spatial_conv": {"f_in": F, "W": W, "b": np.ones((4, 3))},
    "temporal_conv": {"f_in": F, "W": W_time, "b": np.ones(4)},
    "forward": {"clip": CLIP},
    "forward_in_windows": {"clip": CLIP},
    "softmax_cross_entropy": {"logits": np.ones((2, 3))},
    "spatial_conv_gradients": {"g": G},
    "temporal_conv_gradients": {"g": G},
}
OTHERS = {
    "spatial_conv": {"A_hat": A}, "forward": {"state": STATE}, "forward_in_windows": {"state": STATE},
    "softmax_cross_entropy": {"labels": np.array([0, 1])},
    "spatial_conv_gradients": {"f_in": F, "A_hat": A, "W": W}, "temporal_conv_gradients": {"f_in": F, "W": W_time},
}  # fmt: skip


class Tensor:
    """As PyTorch's: it has a shape and a dtype, but no NumPy dtype."""

    shape, ndim, dtype = (2, 3, 6, 5), 4, "torch.float32"


@pytest.mark.parametrize("function", CALLS)
def test_what_is_no_array_of_numbers_is_named(function):
    sound = CALLS[function] | OTHERS.get(function, {})
    getattr(reference, function)(**sound)
    for name, array in CALLS[function].items():
        masked = np.ma.masked_greater(array, 0)
        for odd, message in (
            (array.tolist(), f"{name} is a list; expected an array of numbers, NumPy's or CuPy's"),
            (Tensor(), f"{name} is a Tensor; expected"),
            (array.astype(str), f"{name} is a ndarray of <U32; expected"),
            (array.astype(object), f"{name} is a ndarray of object; expected"),
            (masked, rf"{name} is a masked array; fill it, with \.filled\(0\) for example"),
        ):
            with pytest.raises(TypeError, match=f"^{function}: {message}"):
                getattr(reference, function)(**sound | {name: odd})


def test_none_is_no_array():
    with pytest.raises(TypeError, match="^temporal_conv: W is a NoneType; expected"):
        reference.temporal_conv(F, None)


@pytest.mark.parametrize("kind", [int, np.int8, np.uint8])
def test_gradients_of_whole_numbers_are_not_cut_off(kind):
    whole = {name: np.abs(RNG.integers(-3, 4, array.shape)).astype(kind) for name, array in (("A_hat", A), ("f_in", F))}
    for function, weights in ((reference.spatial_conv_gradients, W), (reference.temporal_conv_gradients, W_time)):
        given = whole | {"W": RNG.integers(0, 4, weights.shape).astype(kind)}
        given = {name: given[name] for name in OTHERS[function.__name__]}
        expected = function(G, **{name: array.astype(float) for name, array in given.items()})
        for name, gradient in function(G, **given).items():
            np.testing.assert_allclose(gradient, expected[name], rtol=1e-12, atol=1e-12)  # sums in another order


def test_logits_without_a_sign_are_refused():
    for kind in (bool, np.uint8):
        with pytest.raises(ValueError, match="logits must be numbers with a sign, got (bool|uint8)"):
            reference.softmax_cross_entropy(np.ones((2, 3), dtype=kind), np.array([0, 1]))
