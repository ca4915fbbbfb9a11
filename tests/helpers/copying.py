"""What a reader copies: a function's text with all of the project that it refers to."""

import inspect
from types import CodeType, FunctionType, ModuleType


def names_in(code):
    """All names a piece of code refers to, those of the functions inside it included."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names_in(constant)


def sources(function, found=None):
    """The text of a function and, before it, of all the project's functions and constants that it refers to."""
    found = {} if found is None else found
    if function.__name__ not in found:
        found[function.__name__] = inspect.getsource(function)
        for name in names_in(function.__code__):
            value = function.__globals__.get(name)
            if isinstance(value, FunctionType):
                sources(value, found)
            elif name in function.__globals__ and not isinstance(value, ModuleType | type):
                found[name] = f"{name} = {value!r}\n"
    return found
