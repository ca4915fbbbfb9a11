"""The PyTorch twin of `reference`: the same network on CPU and GPU. It takes every graph from there."""

from importlib import import_module

_HOMES = {"STGCN": "model", "Stream": "stream", "forward_in_windows": "model", "load_official": "official"}
__all__ = list(_HOMES)


def __getattr__(name):
    """Import PyTorch when it is asked for: it takes seconds, and help, refusals and readers of data do without."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
