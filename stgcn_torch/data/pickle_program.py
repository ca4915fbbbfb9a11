"""Looking through a pickle's program before it is run: what would fill the memory, hang or crash the unpickler.

A pickle needs no function for that. A memo number of four billion makes the unpickler's table as long; a tuple of a
tuple of ..., used as a key, is hashed without end where its parts are shared, and overflows the stack where it is deep.
Nothing is built here: of every object on the stack only whether it is a tuple is followed.
"""

import pickle
import pickletools

_MARK = "mark"
_TUPLE = True
_PUT = ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE")
_GET = ("GET", "BINGET", "LONG_BINGET")
_TUPLES = ("EMPTY_TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "TUPLE")
_LARGEST_INTEGER = 2048  # bits


class Refused(pickle.UnpicklingError):
    """The pickle asks for what is not admitted."""


def check_program(content):
    """Go through the operations of a pickle, a binary file.

    Raises Refused, and UnpicklingError or what pickletools raises for a file that is no pickle.
    """
    stack, memo, stored = [], {}, 0
    for operation, argument, _ in pickletools.genops(content):
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
    if not stack or stack[-1] is _MARK:
        raise pickle.UnpicklingError("its stack is empty where an object should be")
    return stack[-1]


def _follow(operation, stack):
    """Take from the stack what an operation takes, and put there what it leaves."""
    name, before = operation.name, operation.stack_before
    popped = []
    if name == "POP" and stack and stack[-1] is _MARK:
        stack.pop()
        return
    if pickletools.markobject in before:
        while stack and stack[-1] is not _MARK:
            popped.append(stack.pop())
        if not stack:
            raise pickle.UnpicklingError("it misses a mark")
        stack.pop()
        before = before[: before.index(pickletools.markobject)]
        popped.reverse()
    if len(before) > len(stack):
        raise pickle.UnpicklingError("its stack is empty where an object should be")
    own = stack[len(stack) - len(before) :]
    del stack[len(stack) - len(before) :]
    keys = {
        "SETITEM": own[1:2],
        "SETITEMS": popped[::2],
        "DICT": popped[::2],
        "ADDITEMS": popped,
        "FROZENSET": popped,
    }.get(name, ())
    if _TUPLE in keys:
        raise Refused("it uses a tuple as a key, which is not admitted")
    for left in operation.stack_after:
        stack.append(_MARK if left is pickletools.markobject else name in _TUPLES)
