"""What a known mistake is: a wrong function with the signature of the right one, a name, and a sentence of advice."""

from collections.abc import Callable
from typing import NamedTuple


class Mistake(NamedTuple):
    """One way to get a step wrong. `function` gives the wrong result on purpose."""

    step: str
    name: str
    advice: str
    function: Callable

    @property
    def sentence(self):
        """What the report says."""
        return f"{self.name}. {self.advice}"


def collector():
    """A decorator that keeps what it decorates, and the list it fills: (mistake, list of Mistake)."""
    found = []

    def mistake(step, name, advice):
        def keep(function):
            found.append(Mistake(step, name, advice, function))
            return function

        return keep

    return mistake, found
