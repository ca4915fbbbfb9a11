"""The numbers that cases are made of: multiples of 1/64 from a stream that is frozen for good.

Numbers come from NumPy's RandomState. With so few binary digits the convolutions are exact in float64 in whatever order
they are summed, and casting inputs to float32 loses nothing.
"""

import numpy as np

from .. import SKELETONS, state_shapes
from . import answers


class Numbers:
    """A source of multiples of 1/64."""

    def __init__(self, seed):
        self.stream = np.random.RandomState(seed)

    def signed(self, *shape):
        """Between -1 and 1."""
        return self.stream.randint(-64, 65, shape) / 64

    def positive(self, *shape):
        """Between 1/2 and 2."""
        return self.stream.randint(32, 129, shape) / 64


def far(r, N, C, T, V):
    """(N, C, T, V), each channel within 1 of a number above 2^17, where N T V is a power of two.

    Mean and variance need at most 40 binary digits, so they are exact in whatever order they are summed, but for a
    variance in one pass, the mean of the squares less the square of the mean: the squares need 60.
    """
    return r.signed(N, C, T, V) * (1 + 2.0**-8) + far_means(C)[:, None, None]


def far_means(channels):
    """A number above 2^17 for each channel."""
    return 2.0**17 + np.arange(1, channels + 1)


def graph(skeleton="toy_5", method="two_sided"):
    """A_hat (K, V, V) of the spatial partition, rounded to multiples of 1/256 so that sums with it are exact."""
    skeleton = SKELETONS[skeleton]
    A = answers.partition(skeleton.num_joints, skeleton.bones, skeleton.center, "spatial")
    return np.round(answers.normalize(A, method) * 256) / 256


def edges(r, K, V):
    """A_hat (K, V, V) of zeros and ones, a third of them ones: of many joints it takes little room."""
    return (r.stream.randint(0, 3, (K, V, V)) == 0).astype(np.float64)


def with_absent_person(clip):
    """The clip (N, C, T, V, M) with zeros for the second person of the second clip."""
    clip[1, ..., 1] = 0
    return clip


def random_state(r, layers, in_channels, *, A_hat=None, classes=4, gamma=9, edge_importance=True):
    """A network's state, every entry drawn so that leaving it out shows; on the toy skeleton unless A_hat is given."""
    A_hat = graph() if A_hat is None else A_hat
    K, V, _ = A_hat.shape
    state = {"A_hat": A_hat, "strides": np.array([stride for _, _, stride in layers], dtype=np.int64)}
    for name, shape in state_shapes(classes, in_channels, V, K, layers, gamma, edge_importance).items():
        if name not in state:
            positive = name.endswith((".weight", ".running_var", ".edge_importance"))
            state[name] = (r.positive if positive else r.signed)(*shape)
    return state


def block_state(state, i):
    """The entries of block i of a network's state, by the rest of their names."""
    prefix = f"blocks.{i}."
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}


def single(inputs):
    """The inputs in float32, with more digits than half precision has; sums of products of three are still exact."""
    return {
        name: single(value) if isinstance(value, dict) else _single(value) if value.dtype == np.float64 else value
        for name, value in inputs.items()
    }


def _single(array):
    return (array + np.reshape(np.roll(array, 1), array.shape) / 64).astype(np.float32)
