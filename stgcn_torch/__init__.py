"""The PyTorch twin of `reference`: the same network on CPU and GPU. It takes every graph from there."""

from .model import STGCN
from .official import load_official
from .windows import forward_in_windows

__all__ = ["STGCN", "forward_in_windows", "load_official"]
