"""What the benchmark measures: for every case, the same computation by everything that can do it.

All start from the same weights. NumPy, ONNX Runtime and OpenVINO only take part on the CPU: see engines.py.
"""

import copy
import itertools
import shutil
from typing import NamedTuple

import numpy as np
import torch
from engines import ABSENT, engines
from machine import multiplies_bfloat16
from plain import PlainSTGCN
from torch.nn import functional as F  # noqa: N812 - its usual name

import reference
from reference.train import train
from stgcn_torch import STGCN

SKELETON, CLASSES, C, V, M = "ntu_25", 60, 3, 25, 2
TWIN, PLAIN = "twin", "plain layer by layer"
NUMPY, FUSED = "NumPy reference", "twin, fused"
IN_BFLOAT16 = ", bfloat16"


class Case(NamedTuple):
    """One column of the table."""

    task: str  # "forward" or "training"
    N: int
    T: int

    def __str__(self):
        return f"{self.task}, N {self.N}, T {self.T}"

    @property
    def multiply_adds(self):
        """By `reference.layer_table`; a training step is counted as three forwards (its backward pass as two)."""
        table = reference.layer_table(T=self.T, V=V, M=M, in_channels=C, num_classes=CLASSES)
        return self.N * table.multiply_adds * (3 if self.task == "training" else 1)

    @property
    def clip(self):
        """(N, C, T, V, M), the same on every call."""
        return np.random.default_rng(0).standard_normal((self.N, C, self.T, V, M)).astype(np.float32)


def new_model():
    """The network, the same on every call."""
    torch.manual_seed(0)
    return STGCN(CLASSES, C, SKELETON)


def contestants(case, device, threads, compiled):
    """{name: a function without arguments}; in PyTorch, bfloat16 only where it is fast."""
    halved = multiplies_bfloat16(device)
    if not halved:
        ABSENT["PyTorch, bfloat16"] = "it has no fast kernels for it on this processor"
    if case.task == "training":
        return _training(case, device, compiled, halved)
    model = new_model().to(device).eval()
    fused, array = model.fuse(), case.clip
    clip = torch.from_numpy(array).to(device)
    half = clip.bfloat16()
    models = {PLAIN: PlainSTGCN(model).to(device).eval(), TWIN: model, FUSED: fused}
    calls = {name: _inference(network, clip) for name, network in models.items()}
    for name in (TWIN, FUSED) if halved else ():
        calls[name + IN_BFLOAT16] = _inference(copy.deepcopy(models[name]).bfloat16(), half)
    if device == "cpu":
        state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        calls = {NUMPY: lambda: reference.forward(state, array), **calls}
        calls |= engines({"fused": fused, "plain": models[PLAIN]}, array, threads)
    return calls


def _inference(network, clip):
    return torch.inference_mode()(lambda: network(clip))


def _training(case, device, compiled, halved):
    clip, labels = torch.from_numpy(case.clip).to(device), torch.arange(case.N, device=device)
    calls = {}
    if device == "cpu":
        state = {name: tensor.numpy().copy() for name, tensor in new_model().state_dict().items()}
        steps = train(state, itertools.repeat((case.clip, np.arange(case.N))), rate=0.01, weight_decay=1e-4)
        calls["NumPy reference, no dropout"] = lambda: next(steps)
    calls[PLAIN] = training_step(PlainSTGCN(new_model()).to(device), clip, labels)
    calls[TWIN] = training_step(new_model().to(device), clip, labels)
    if halved:
        calls["twin, bfloat16 autocast"] = training_step(new_model().to(device), clip, labels, autocast=True)
    if compiled and (device != "cpu" or shutil.which("c++")):
        calls["twin, torch.compile"] = training_step(new_model().to(device), clip, labels, compiled=True)
        if halved:
            both = training_step(new_model().to(device), clip, labels, autocast=True, compiled=True)
            calls["twin, torch.compile + bfloat16 autocast"] = both
    return calls


def training_step(network, clip, labels, autocast=False, compiled=False):
    """Forward, backward and a step of gradient descent with momentum."""
    optimizer = torch.optim.SGD(network.train().parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    forward = torch.compile(network) if compiled else network

    def step():
        optimizer.zero_grad()
        with torch.autocast(clip.device.type, torch.bfloat16, enabled=autocast):
            loss = F.cross_entropy(forward(clip), labels)
        loss.backward()
        optimizer.step()

    return step
