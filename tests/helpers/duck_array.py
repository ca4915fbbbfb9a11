"""An array that is no ndarray and answers NumPy as CuPy does, so that code for CuPy can be tested without a GPU."""

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

# NumPy functions that CuPy has under the same name and with the same arguments. A function that is missing here may be
# added once CuPy's documentation lists it.
FUNCTIONS = {
    "all", "any", "concatenate", "copy", "max", "mean", "moveaxis", "ones_like", "reshape", "stack", "sum", "swapaxes",
    "transpose", "var", "where", "zeros_like",
}  # fmt: skip


class DuckArray(NDArrayOperatorsMixin):
    """Wraps an ndarray and hides it.

    As with CuPy: it does not turn into an ndarray by itself, it does not mix with ndarrays, reductions to one number
    give an array without axes, and `if`, `int` and `float` take its number out.
    """

    def __init__(self, array):
        self._array = np.array(array)

    shape = property(lambda self: self._array.shape)
    ndim = property(lambda self: self._array.ndim)
    size = property(lambda self: self._array.size)
    dtype = property(lambda self: self._array.dtype)
    T = property(lambda self: _wrap(self._array.T))

    def get(self):
        """A copy on the host, as an ndarray."""
        return self._array.copy()

    def __array__(self, *_, **__):
        raise TypeError("implicit conversion to a NumPy array is not allowed; use .get()")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return _call(ufunc, inputs, kwargs) if method == "__call__" else NotImplemented

    def __array_function__(self, function, types, args, kwargs):
        return _call(function, args, kwargs) if function.__name__ in FUNCTIONS else NotImplemented

    def __getitem__(self, index):
        return _wrap(self._array[_unwrap(index)])

    def __setitem__(self, index, value):
        self._array[_unwrap(index)] = _unwrap(value)

    def __len__(self):
        return len(self._array)

    def __bool__(self):
        return bool(self._array)

    def __int__(self):
        return int(self._array)

    def __float__(self):
        return float(self._array)

    __hash__ = None


def _call(function, args, kwargs):
    if isinstance(kwargs.get("out"), np.ndarray):
        raise TypeError("out must be an array of the same kind, got a numpy.ndarray")
    return _wrap(function(*_unwrap(args), **{name: _unwrap(value) for name, value in kwargs.items()}))


def _wrap(result):
    """A DuckArray around the array itself, so that a view stays a view."""
    duck = DuckArray.__new__(DuckArray)
    duck._array = np.asanyarray(result)
    return duck


def _unwrap(value):
    if isinstance(value, DuckArray):
        return value._array
    if isinstance(value, tuple | list):
        return type(value)(_unwrap(item) for item in value)
    if isinstance(value, np.ndarray) and value.ndim > 0:
        raise TypeError("unsupported type <class 'numpy.ndarray'>: arrays of two kinds do not mix")
    return value


def convert(value, change):
    """A value with every array in it changed; dicts, lists and tuples keep their form."""
    if isinstance(value, dict):
        return {name: convert(item, change) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [convert(item, change) for item in value]
    return change(value)


def leaves(value):
    """The arrays in a value, one after another."""
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from leaves(item)
    else:
        yield value
