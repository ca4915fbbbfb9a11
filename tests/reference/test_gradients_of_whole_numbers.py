"""Whole numbers, as one types them by hand, have gradients like all others."""

import numpy as np
import pytest

import reference

RNG = np.random.default_rng(0)
F, G, A = RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(2, 4, 6, 5)), np.ones((3, 5, 5))
W, W_time = RNG.normal(size=(3, 4, 3)), RNG.normal(size=(3, 4, 9))


@pytest.mark.parametrize("kind", [int, np.int8, np.uint8])
def test_gradients_of_whole_numbers_are_not_cut_off(kind):
    whole = {name: np.abs(RNG.integers(-3, 4, array.shape)).astype(kind) for name, array in (("A_hat", A), ("f_in", F))}
    for function, weights, names in (
        (reference.spatial_conv_gradients, W, ("f_in", "A_hat", "W")),
        (reference.temporal_conv_gradients, W_time, ("f_in", "W")),
    ):
        given = whole | {"W": RNG.integers(0, 4, weights.shape).astype(kind)}
        given = {name: given[name] for name in names}
        expected = function(G, **{name: array.astype(float) for name, array in given.items()})
        for name, gradient in function(G, **given).items():
            np.testing.assert_allclose(gradient, expected[name], rtol=1e-12, atol=1e-12)  # sums in another order


def test_logits_without_a_sign_are_refused():
    for kind in (bool, np.uint8):
        with pytest.raises(ValueError, match="logits must be numbers with a sign, got (bool|uint8)"):
            reference.softmax_cross_entropy(np.ones((2, 3), dtype=kind), np.array([0, 1]))
