"""Batch norms over all processes: in one process they are PyTorch's; two processes train as one does."""

import csv
import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch
from sets import recipe_file, saved, small_set

from reference import load_state
from stgcn_torch.__main__ import main
from stgcn_torch.layers import BatchNorm
from stgcn_torch.training.distributed import SynchronisedBatchNorm, synchronise_batch_norms


def test_alone_it_is_the_ordinary_batch_norm():
    torch.manual_seed(0)
    plain, synchronised = BatchNorm(4).double(), SynchronisedBatchNorm(4).double()
    for module in (plain, synchronised):
        with torch.no_grad():
            module.weight.copy_(torch.tensor([1.0, -2.0, 0.5, 3.0]))
            module.bias.copy_(torch.tensor([0.0, 1.0, 2.0, -1.0]))
    weights = torch.randn(5, 4, 6, 3, dtype=torch.float64)
    gradients = []
    for module in (plain, synchronised):
        f = (torch.arange(360.0, dtype=torch.float64).view(5, 4, 6, 3).cos() * 3 + 10).requires_grad_()
        out = module(f)
        (out * weights).sum().backward()
        gradients.append((out.detach(), f.grad, module.weight.grad, module.bias.grad))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(synchronised.state_dict()[name], value, rtol=1e-12, atol=0)
    torch.testing.assert_close(synchronised.eval()(f), plain.eval()(f), rtol=1e-12, atol=0)


def test_every_batch_norm_is_replaced_and_keeps_its_parameters():
    model = torch.nn.Sequential(BatchNorm(3), torch.nn.Sequential(BatchNorm(2))).double()
    model[0].weight.data.fill_(7)
    names = list(model.state_dict())
    synchronise_batch_norms(model)
    assert isinstance(model[0], SynchronisedBatchNorm)
    assert isinstance(model[1][0], SynchronisedBatchNorm)
    assert list(model.state_dict()) == names
    assert model[0].weight.dtype == torch.float64
    assert model[0].weight[0] == 7


def arguments(source, out):
    """A short training that has to come out the same however it is shared: float64, no dropout."""
    return [
        "train", "--data", str(source), "--out", str(out), "--preset", "narrow",
        "--protocol", "cross-subject", "--train-subjects", "2", "3", "--epochs", "2", "--batch", "6", "--frames", "12",
        "--dropout", "0", "--no-curves",
        "--recipe", recipe_file(source.parent, width=16, least_clips=20, dtype="float64"),
    ]  # fmt: skip


def under_torchrun(processes, arguments):
    """What it printed, after torchrun has run the command line in several processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes), "--master-port", str(port)]
    command = [sys.executable, *launcher, "-m", "stgcn_torch", *arguments]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not torch.distributed.is_available(), reason="PyTorch was built without torch.distributed")
def test_two_processes_train_and_evaluate_as_one_does(tmp_path):
    source = saved(small_set(per_class=7), tmp_path)  # 12 clips train, and 9 test: an odd number for two
    assert main(arguments(source, tmp_path / "one")) == 0
    printed = under_torchrun(2, arguments(source, tmp_path / "two"))
    assert printed.count("epoch 2/2") == 1  # only one process speaks
    logs = []
    for out in (tmp_path / "one", tmp_path / "two"):
        with (out / "log.csv").open() as file:
            logs.append(list(csv.DictReader(file)))
    assert len(logs[0]) == len(logs[1]) == 2
    for one, two in zip(*logs, strict=True):
        for column in ("train_loss", "test_loss", "train_accuracy", "test_accuracy", "rate"):
            assert float(one[column]) == pytest.approx(float(two[column]), rel=1e-9)  # sums in another order
    weights, weights_of_two = (load_state(tmp_path / out / "weights.safetensors") for out in ("one", "two"))
    for name, array in weights.items():
        np.testing.assert_allclose(weights_of_two[name], array, rtol=1e-6, atol=1e-9)
    results = [json.loads((tmp_path / out / "result.json").read_text()) for out in ("one", "two")]
    assert results[0]["clips"] == results[1]["clips"] == 9
    assert results[0]["confusion"] == results[1]["confusion"]
    assert {path.name for path in (tmp_path / "one").iterdir()} == {path.name for path in (tmp_path / "two").iterdir()}
