"""Two mistakes in one function: what they give together.

Mistakes of blocks and networks are put together from exchanged parts, so two of them exchange both; in one layer, one
mistake is made inside the other.
"""

from functools import partial
from itertools import permutations

from . import answers

STEP_OF_PART = {
    "spatial_conv": "spatial_conv", "temporal_conv": "temporal_conv", "batch_norm": "batch_norm",
    "data_bn": "data_batch_norm", "block": "block",
}  # fmt: skip


def pairs(known):
    """Yields (mistake, mistake, function) of every two mistakes of a step that can be made together."""
    for outer, inner in permutations(known, 2):
        function = together(outer.function, inner.function, outer.step)
        in_any_order = _is_assembled(function) and not _shares_parts(outer.function, inner.function)
        if function and not (in_any_order and known.index(outer) > known.index(inner)):
            yield outer, inner, function


def together(outer, inner, step):
    """The function of a step that makes two mistakes; None where both exchange the same part, not a layer."""
    if not (_is_assembled(outer) and _is_assembled(inner) and outer.func is inner.func):
        return partial(_one_in_another, outer, inner, step)
    parts = dict(inner.keywords)
    for name, part in outer.keywords.items():
        if name in parts:
            part = name in STEP_OF_PART and together(part, parts[name], STEP_OF_PART[name])
            if not part:
                return None
        parts[name] = part
    return partial(outer.func, **parts)


def _is_assembled(function):
    """Whether a mistake is a block or a network with parts exchanged."""
    return isinstance(function, partial) and function.func.__name__.startswith("assembled_")


def _shares_parts(function, other):
    return not function.keywords.keys().isdisjoint(other.keywords)


def _one_in_another(outer, inner, step, *positional, **arguments):
    """The result of a mistake in whose place of the right function another mistake stands."""
    right = getattr(answers, step)

    def nested(*positional, **arguments):
        setattr(answers, step, right)
        return inner(*positional, **arguments)

    try:
        setattr(answers, step, nested)
        return outer(*positional, **arguments)
    finally:
        setattr(answers, step, right)
