"""Reading pickles from the internet: plain containers, strings, numbers and NumPy arrays, and nothing else.

A pickle is a program: it may name any function of any installed module and call it. Here every name it may ask for is
in one table, and what it gets is a stand-in of this file, never the thing of that name; any other name is refused
before it is looked up. The stand-ins check their arguments, so that a pickle cannot misuse NumPy either: no objects in
arrays, no structured types, no more bytes than the file holds. They have no attributes that a pickle could set. What
needs no function to do harm is looked for before: the program is gone through without building anything.
"""

import math
import mmap
import pickle
import re
from pathlib import Path
from pickletools import genops, markobject, pytuple

import numpy as np

from reference.input_files import check_file

# Booleans, integers, floats, bytes and text; "O", objects, and "V", structures, are what could hide something.
_DTYPE = re.compile("[<>=|]?(?:b1|[iu][1248]|f[248]|[SU][1-9][0-9]{0,5}|[?bBhHiIlLqQefd])")
_LARGEST_EMPTY = 2**20  # rows, say, of an array without columns
_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
_BUILTINS = ("builtins", "__builtin__")


class Refused(pickle.UnpicklingError):
    """The pickle asks for what is not admitted."""


def read_pickle(path):
    """What a pickle file holds; arrays come as PlainArray, a kind of np.ndarray.

    Raises ValueError, naming it, for a pickle that asks for anything but plain containers, strings, numbers and NumPy
    arrays, and for a file that is not a whole pickle; OSError as `open` does. Nothing of the pickle's choice is run.
    """
    check_file(path)
    try:
        with (
            Path(path).open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,  # read(n) takes no more than there is
        ):
            check_program(content)
            content.seek(0)
            # latin1: what NumPy asks for to read arrays that Python 2 wrote.
            return _PlainUnpickler(content, encoding="latin1").load()
    except OSError:
        raise
    except Refused as error:
        raise ValueError(f"{path}: {error}") from None
    # A damaged pickle can fail in any operation of the unpickler: whatever that raises, it is not a whole pickle.
    except Exception as error:
        raise ValueError(f"{path} is not a whole pickle: {type(error).__name__}: {str(error)[:100]}") from None


class PlainArray(np.ndarray):
    """An array that can be filled only with what its checked state says."""

    def __setstate__(self, state):
        _, shape, dtype, fortran, content = state
        dtype, content = _checked(dtype, shape, content)
        super().__setstate__((1, shape, dtype, bool(fortran), bytes(content)))


class _Dtype:
    """Stands for a np.dtype while its state (byte order) is being read."""

    __slots__ = ("_dtype",)

    def __init__(self, dtype):
        object.__setattr__(self, "_dtype", dtype)

    def __setattr__(self, name, value):
        raise Refused(f"it sets the attribute {str(name)[:40]!r} of a dtype")

    def __setstate__(self, state):
        _, order, subarray, names, fields, *_ = state
        if (subarray, names, fields) != (None, None, None) or order not in ("<", ">", "=", "|"):
            raise Refused("it holds a structured array, which is not admitted")
        object.__setattr__(self, "_dtype", self._dtype.newbyteorder(order))


class _Admitted:
    """Stands for a function or class that pickles of plain data name. It can be called, and nothing else."""

    __slots__ = ("_call", "_name")

    def __init__(self, name, call):
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_call", call)

    def __call__(self, *arguments):
        return self._call(*arguments)

    def __setattr__(self, name, value):
        raise Refused(f"it sets the attribute {str(name)[:40]!r} of {self._name}")

    def __setstate__(self, state):
        raise Refused(f"it changes {self._name}")


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in _ADMITTED:
            raise Refused(
                f"it asks for {str(module)[:60]}.{str(name)[:60]}, which is refused: only plain containers, strings,"
                " numbers and NumPy arrays are read; nothing of it was run"
            )
        return _ADMITTED[module, name]

    def persistent_load(self, pid):
        raise Refused("it refers to something outside of the file, which is refused")


def _checked(dtype, shape, content):
    """The np.dtype and the bytes of an array. Refuses a shape that does not take exactly the bytes that are there."""
    if not isinstance(dtype, _Dtype):
        raise Refused("it makes an array with something that is no dtype")
    if isinstance(content, str):  # from Python 2
        content = content.encode("latin1")
    whole = isinstance(shape, tuple) and all(type(size) is int and size >= 0 for size in shape) and len(shape) <= 32
    if not whole or not isinstance(content, (bytes, bytearray)):
        raise Refused("it makes an array out of something that is not a shape and bytes")
    if math.prod(size or 1 for size in shape) > len(content) + _LARGEST_EMPTY:
        raise Refused(f"it makes an array of shape {shape} out of {len(content)} bytes")
    if math.prod(shape) * dtype._dtype.itemsize != len(content):
        raise Refused(f"it makes an array of shape {shape} and type {dtype._dtype} out of {len(content)} bytes")
    return dtype._dtype, content


def _dtype(kind, align=False, copy=True):
    if isinstance(kind, _Admitted):  # a scalar type, as in dtype(numpy.float32)
        raise Refused("it makes a dtype of a class")
    if not isinstance(kind, str) or not _DTYPE.fullmatch(kind):
        raise Refused(f"it holds an array of type {str(kind)[:20]!r}; only numbers, bytes and text are admitted")
    return _Dtype(np.dtype(kind))


def _reconstruct(kind, shape, typecode):
    if kind is not _NDARRAY:
        raise Refused("it makes an array of another class than numpy.ndarray")
    return np.ndarray.__new__(PlainArray, (0,), np.int8)  # its state follows


def _frombuffer(content, dtype, shape, order, axis_order=None):
    dtype, content = _checked(dtype, shape, content)
    array = np.frombuffer(content, dtype).view(PlainArray)
    if order == "K" and isinstance(axis_order, tuple):  # newer NumPy, of an array whose axes were rearranged
        return array.reshape(shape).transpose(axis_order)
    if order not in ("C", "F"):
        raise Refused("it makes an array in an order that is neither C nor F, nor K with an order of axes")
    return array.reshape(shape, order=order)


def _scalar(dtype, content=None):
    dtype, content = _checked(dtype, (), content)
    return np.frombuffer(content, dtype)[0]


def _encode(text, encoding="latin1"):
    """How protocol 2 writes bytes."""
    if not isinstance(text, str) or encoding != "latin1":
        raise Refused("it calls _codecs.encode on something else than latin1 text")
    return text.encode("latin1")


def _bytes(content=b"", encoding="latin1"):
    if isinstance(content, str):
        return _encode(content, encoding)
    if not isinstance(content, (bytes, bytearray)):
        raise Refused("it makes bytes out of something else than bytes")
    return bytes(content)


def _mapping(*arguments):
    if arguments:
        raise Refused("it makes a mapping in a way that pickles of plain data do not")
    return {}


def _set(items=()):
    if not isinstance(items, list):
        raise Refused("it makes a set out of something else than a list")
    if any(isinstance(item, tuple) for item in items):
        raise Refused("it uses a tuple as a key, which is not admitted")
    return set(items)


def _no_call(*arguments):
    raise Refused("it calls numpy.ndarray, which pickles of arrays only name")


_NDARRAY = _Admitted("numpy.ndarray", _no_call)
_ADMITTED = {
    ("numpy", "ndarray"): _NDARRAY,
    ("numpy", "dtype"): _Admitted("numpy.dtype", _dtype),
    **{(module, "_reconstruct"): _Admitted(f"{module}._reconstruct", _reconstruct) for module in _MULTIARRAY},
    **{(module, "scalar"): _Admitted(f"{module}.scalar", _scalar) for module in _MULTIARRAY},
    **{(module, "_frombuffer"): _Admitted(f"{module}._frombuffer", _frombuffer) for module in _NUMERIC},
    ("_codecs", "encode"): _Admitted("_codecs.encode", _encode),
    ("collections", "OrderedDict"): _Admitted("collections.OrderedDict", _mapping),
    **{(module, "set"): _Admitted("set", _set) for module in _BUILTINS},
    **{(module, "frozenset"): _Admitted("frozenset", lambda items=(): frozenset(_set(items))) for module in _BUILTINS},
    **{(module, "bytes"): _Admitted("bytes", _bytes) for module in _BUILTINS},
    **{(module, "bytearray"): _Admitted("bytearray", _bytes) for module in _BUILTINS},
}


# --- Looking through the program before it is run -------------------------------------------------------------------

# A pickle needs no function to do harm. A memo number of four billion makes the unpickler's table as long; a tuple of a
# tuple of ..., used as a key, is hashed without end where its parts are shared, and overflows the stack where it is
# deep. Of every object on the stack only its kind is followed, as pickletools calls it: pytuple for a tuple.
_PUT = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")
_GET = ("GET", "BINGET", "LONG_BINGET")
_LARGEST_INTEGER = 2048  # bits


def check_program(content):
    """Go through a pickle in a binary file, and build nothing; whom it calls is not looked at.

    Raises Refused for one that fills the memory or never ends, and what pickletools raises for a file of another kind.
    """
    stack, memo, stored = [], {}, 0
    for operation, argument, _ in genops(content):
        name = operation.name
        if isinstance(argument, int) and argument.bit_length() > _LARGEST_INTEGER:
            raise Refused("it holds an integer of more than 600 digits")
        if name in _PUT:
            stored += 1
            number = len(memo) if name == "MEMOIZE" else argument
            if number > 2 * stored + 1000:
                raise Refused(f"it numbers object {stored} as {number}, which would fill the memory")
            memo[number] = _top(stack)
        elif name in _GET:
            if argument not in memo:
                raise pickle.UnpicklingError(f"it uses object {argument} before there is one")
            stack.append(memo[argument])
        elif name == "DUP":
            stack.append(_top(stack))
        else:
            _follow(operation, stack)


def _top(stack):
    if not stack or stack[-1] is markobject:
        raise pickle.UnpicklingError("its stack is empty where an object should be")
    return stack[-1]


def _follow(operation, stack):
    """Take from the stack what an operation takes, and put there what it leaves."""
    name, before = operation.name, operation.stack_before
    popped = []
    if name == "POP" and stack and stack[-1] is markobject:
        stack.pop()
        return
    if markobject in before:
        while stack and stack[-1] is not markobject:
            popped.append(stack.pop())
        if not stack:
            raise pickle.UnpicklingError("it misses a mark")
        stack.pop()
        before = before[: before.index(markobject)]
        popped.reverse()
    first = len(stack) - len(before)
    if first < 0:
        raise pickle.UnpicklingError("its stack is empty where an object should be")
    own = stack[first:]
    del stack[first:]
    of_pairs = popped[::2]
    keys = {"SETITEM": own[1:2], "SETITEMS": of_pairs, "DICT": of_pairs, "ADDITEMS": popped, "FROZENSET": popped}
    if pytuple in keys.get(name, ()):
        raise Refused("it uses a tuple as a key, which is not admitted")
    stack.extend(operation.stack_after)
