"""The PyTorch twin of `reference`: the same network on CPU and GPU. It takes every graph from there."""

from .model import STGCN
from .official import load_official

__all__ = ["STGCN", "load_official"]
