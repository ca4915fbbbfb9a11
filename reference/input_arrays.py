"""Arrays that come in: what is none is said by name, before some attribute of it is missed."""

import numpy as np


def check_arrays(function, **arrays):
    """Raise TypeError, naming function and argument, for what is no array of numbers, NumPy's or CuPy's.

    Such are a list, a tensor of PyTorch, an array of text or of objects, and None. A masked array is refused, too: what
    is masked would count in some functions and not in others.
    """
    for name, array in arrays.items():
        dtype = getattr(array, "dtype", None)
        if getattr(dtype, "kind", "") not in tuple("biufc"):
            what = f"{type(array).__name__} of {dtype}" if isinstance(array, np.ndarray) else type(array).__name__
            raise TypeError(f"{function}: {name} is a {what}; expected an array of numbers, NumPy's or CuPy's")
        if isinstance(array, np.ma.MaskedArray):
            raise TypeError(f"{function}: {name} is a masked array; fill it, with .filled(0) for example")
