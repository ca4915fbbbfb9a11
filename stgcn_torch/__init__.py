"""The PyTorch twin of `reference`: the same network on CPU and GPU. It takes every graph from there."""

from .model import STGCN, forward_in_windows
from .official import load_official

__all__ = ["STGCN", "forward_in_windows", "load_official"]
