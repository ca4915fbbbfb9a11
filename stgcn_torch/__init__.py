"""The PyTorch twin of `reference`: the same network on CPU and GPU. It takes every graph from there."""

from .model import STGCN

__all__ = ["STGCN"]
