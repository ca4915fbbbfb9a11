"""Several processes as one: who they are, and batch norms over the whole global batch.

`torchrun` starts the processes and tells each its rank; DistributedDataParallel averages the gradients. What is left is
batch norm: its statistics must be those of the global batch, or two processes would train another network than one.
PyTorch's SyncBatchNorm does that on CUDA only; SynchronisedBatchNorm below does it on any device.
"""

import os
from typing import NamedTuple

import torch
from torch import distributed

from ..layers import BatchNorm


class Processes(NamedTuple):
    """This process among the others, and its device."""

    rank: int
    world: int
    device: torch.device

    @property
    def first(self):
        """Whether this is the one that writes."""
        return self.rank == 0


def start(device=None):
    """Join the other processes, if `torchrun` started this one with others: Processes.

    device  "cpu", "cuda", ...; unless given, CUDA where PyTorch sees it (each process its own GPU), else the CPU

    Raises ValueError for a device that PyTorch does not have here.
    """
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    device = _device(str(device))
    if device.type == "cuda":
        if device.index is None:
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)))
        torch.cuda.set_device(device)
    if world > 1 and not distributed.is_initialized():
        distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Processes(rank, world, device)


def _device(name):
    here = ["cpu", *(f"cuda:{number}" for number in range(torch.cuda.device_count()))]
    here += ["mps"] * torch.backends.mps.is_available()
    if name not in here and (name != "cuda" or len(here) == 1):
        raise ValueError(f"--device must be one that PyTorch has here, {', '.join(here)}, got {name!r}")
    return torch.device(name)


def stop():
    """Leave the other processes."""
    if distributed.is_initialized():
        distributed.destroy_process_group()


def sum_over_processes(tensor):
    """The sum of a tensor over all processes, in each of them; gradients are summed likewise."""
    return _Sum.apply(tensor) if distributed.is_initialized() else tensor


def any_process(condition, processes):
    """Whether a condition holds in any of the processes; every one must ask."""
    if processes.world == 1:
        return bool(condition)
    return bool(sum_over_processes(torch.tensor(float(bool(condition)), device=processes.device)))


def synchronise_batch_norms(model):
    """Replace every batch norm of a model by a SynchronisedBatchNorm with the same parameters and statistics."""
    for name, module in model.named_children():
        if isinstance(module, BatchNorm):
            synchronised = SynchronisedBatchNorm(len(module.weight), module.eps, module.momentum)
            synchronised.to(module.weight)
            synchronised.load_state_dict(module.state_dict())
            setattr(model, name, synchronised)
        else:
            synchronise_batch_norms(module)


class SynchronisedBatchNorm(BatchNorm):
    """Batch norm whose statistics in training are those of all processes together. Names and shapes stay."""

    def forward(self, f_in):
        """(N, C, ...) -> the same shape; every process must call it, with any N >= 1."""
        if not self.training:
            return super().forward(f_in)
        f = f_in.to(self.weight.dtype)  # autocast hands over bfloat16, too short for sums
        axes = [axis for axis in range(f.ndim) if axis != 1]
        shape = [1, -1, *[1] * (f.ndim - 2)]
        count = f.new_tensor([f.numel() // f.shape[1]])
        total = sum_over_processes(torch.cat([f.sum(axes), count]))
        n, mean = total[-1].detach(), total[:-1] / total[-1]
        centred = f - mean.view(shape)
        # The sum of squares about the common mean: the mean of squares less the squared mean would cancel digits.
        var = sum_over_processes(centred.square().sum(axes)) / n
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(var * n / (n - 1), self.momentum)
        scale = self.weight * torch.rsqrt(var + self.eps)
        return (centred * scale.view(shape) + self.bias.view(shape)).to(f_in.dtype)


class _Sum(torch.autograd.Function):
    # PyTorch's own torch.distributed.nn.functional.all_reduce does the same, but is deprecated since 2.13, and what
    # replaces it, torch.distributed._functional_collectives, is private and has no gradient of this sum in 2.4.
    @staticmethod
    def forward(ctx, tensor):
        tensor = tensor.clone()
        distributed.all_reduce(tensor)
        return tensor

    @staticmethod
    def backward(ctx, gradient):
        # The loss of every process depends on the sum, so what each term contributes is the sum of their gradients.
        gradient = gradient.clone()
        distributed.all_reduce(gradient)
        return gradient
