"""The layers' savings change nothing: the order of A and W, the memory layout, dropout's cheap mask, a training run."""

import itertools

import pytest
import torch
from plain import PlainSTGCN
from torch.nn import functional as F  # noqa: N812 - its usual name

from reference import LAYERS
from stgcn_torch import STGCN
from stgcn_torch.layers import Dropout, SpatialConv

NARROW = tuple((C_in // 8 or 3, C_out // 8, stride) for C_in, C_out, stride in LAYERS)
SHRINKING = ((3, 16, 1), (16, 8, 2), (8, 4, 1))  # W before A in rows 2 and 3


def narrow(dropout=0.5, layers=NARROW):
    torch.manual_seed(0)
    return STGCN(7, 3, "toy_5", layers=layers, dropout=dropout)


def clips(N=2, T=21):
    return torch.randn(N, 3, T, 5, 2, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("channels", [(3, 8), (8, 8), (8, 3)])
@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("training", [True, False])
def test_either_order_of_the_two_products_is_the_formula_and_its_gradients(channels, memory_format, training):
    torch.manual_seed(0)
    conv = SpatialConv(*channels, 3).double().train(training)
    A_hat = torch.rand(3, 5, 5, dtype=torch.float64, requires_grad=True)
    f_in = torch.randn(2, channels[0], 4, 5, dtype=torch.float64).to(memory_format=memory_format).requires_grad_()
    expected = torch.einsum("kij,ncotkj->noti", A_hat, torch.einsum("nctj,cok->ncotkj", f_in, conv.W))
    expected = expected + torch.einsum("kij,ok->oi", A_hat, conv.b)[None, :, None]
    got = conv(f_in, A_hat)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)
    leaves = [f_in, A_hat, conv.W, conv.b]
    slope = torch.randn_like(expected)
    for a, b in zip(torch.autograd.grad(got, leaves, slope), torch.autograd.grad(expected, leaves, slope), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


@torch.no_grad()
@pytest.mark.parametrize("channels", [(3, 2), (2, 3)])
def test_input_may_lie_in_any_order_in_memory(channels):
    layer = SpatialConv(*channels, 3).double()
    A_hat = torch.rand(3, 5, 5, dtype=torch.float64)
    f_in = torch.rand(2, channels[0], 4, 5, dtype=torch.float64)
    expected = layer(f_in, A_hat)
    for order in itertools.permutations(range(4)):
        back = [order.index(axis) for axis in range(4)]
        torch.testing.assert_close(layer(f_in.permute(order).contiguous().permute(back), A_hat), expected)


def test_feature_maps_lie_channels_last_from_block_to_block():
    outputs = []
    model = narrow().train()
    for block in model.blocks:
        block.register_forward_hook(lambda _m, _i, f: outputs.append(f))
        block.dropout.register_forward_hook(lambda _m, _i, f: outputs.append(f))
    model(clips())
    assert len(outputs) == 20
    assert all(f.is_contiguous(memory_format=torch.channels_last) for f in outputs)


@pytest.mark.parametrize("p", [0.5, 0.3, 0.9, 1 / 256])
def test_dropout_drops_so_many_keeps_the_mean_and_drops_anywhere(p):
    torch.manual_seed(0)
    f = Dropout(p)(torch.ones(4, 16, 250, 50))  # 800,000 numbers
    dropped = round(256 * p) / 256
    assert set(f.unique().tolist()) == {0.0, torch.tensor(1 / (1 - dropped)).item()}
    # In their order in memory, so that each of the eight bytes of a random integer is looked at on its own.
    zeros = (f.permute(0, 2, 3, 1).reshape(-1, 8) == 0).double()
    for share, n in [(zeros.mean(), 800_000), *((share, 100_000) for share in zeros.mean(dim=0))]:
        assert abs(share - dropped) < 5 * (dropped * (1 - dropped) / n) ** 0.5  # five standard deviations
    together = (zeros[:, :-1] * zeros[:, 1:]).mean()  # neighbours are independent
    assert abs(together - dropped**2) < 5 * (dropped**2 / 700_000) ** 0.5


def test_dropout_lets_gradients_through_where_it_lets_numbers_through():
    f_in = torch.ones(2, 3, 5, 7, requires_grad=True)  # 210 numbers: not a multiple of eight
    f = Dropout(0.25)(f_in)
    assert f.shape == f_in.shape
    f.sum().backward()
    assert torch.equal(f_in.grad, f)
    assert len(f.unique()) == 2


def test_dropout_follows_the_seed_and_the_mode():
    f_in, dropout = torch.ones(2, 3, 5, 7), Dropout(0.5)
    torch.manual_seed(1)
    first = dropout(f_in)
    assert not torch.equal(dropout(f_in), first)
    torch.manual_seed(1)
    assert torch.equal(dropout(f_in), first)
    assert torch.equal(dropout.eval()(f_in), f_in)


@pytest.mark.parametrize(("p", "kept"), [(0, 1), (0.0001, 1), (0.9999, 0), (1, 0)])
def test_probabilities_that_eight_bits_cannot_hold(p, kept):
    f = Dropout(p)(torch.ones(1, 10, 10, 10))
    # PyTorch's own mask: of 1000 numbers, ten others than expected would be a chance of 1e-10.
    assert (f != 0).sum().sub(1000 * kept).abs() < 10


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_dropout_keeps_the_dtype_and_takes_nothing(dtype):
    assert Dropout(0.3)(torch.ones(2, 3, 4, 5, dtype=dtype)).dtype == dtype
    assert Dropout(0.3)(torch.ones(0, 3, 4, 5, dtype=dtype)).shape == (0, 3, 4, 5)
    assert Dropout(0.3)(torch.ones(2, 3, 4, 5, dtype=dtype, device="meta")).device.type == "meta"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")
def test_dropout_on_cuda():
    f = Dropout(0.3)(torch.ones(4, 16, 250, 50, device="cuda"))
    assert abs((f == 0).double().mean() - 0.3) < 0.003
    assert abs(f.mean() - 1) < 0.005


@pytest.mark.parametrize("layers", [NARROW, SHRINKING])
def test_ten_steps_of_training_are_those_of_the_plain_network(layers):
    model = narrow(dropout=0, layers=layers).double().train()
    plain = PlainSTGCN(model).double().train()
    clip, labels = clips(6).double(), torch.arange(6)
    losses = []
    for network in (model, plain):
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
        for _ in range(10):
            optimizer.zero_grad()
            loss = F.cross_entropy(network(clip), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[9] < 0.8 * losses[0]
    # Rounding of 1e-16 grows with every step, through batch norms and momentum.
    torch.testing.assert_close(torch.tensor(losses[:10]), torch.tensor(losses[10:]), rtol=1e-9, atol=0)


@pytest.mark.parametrize("layers", [NARROW, SHRINKING])
def test_autocast_trains_with_dropout_and_its_gradients_are_close(layers):
    def gradients(enabled):
        model = narrow(layers=layers).train()
        torch.manual_seed(3)  # the same masks
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            loss = F.cross_entropy(model(clips(8)), torch.arange(8) % 7)
        loss.backward()
        assert all(parameter.grad.dtype == torch.float32 for parameter in model.parameters())
        return loss.item(), model.classifier.W.grad

    (loss, slope), (rough_loss, rough_slope) = gradients(False), gradients(True)
    # bfloat16 has eight bits: 0.4 % a rounding, through all layers.
    assert abs(rough_loss - loss) < 0.05 * loss
    assert (rough_slope - slope).norm() < 0.2 * slope.norm()


def test_a_compiled_training_step_gives_the_same_loss():
    model = narrow(dropout=0, layers=SHRINKING).train()
    compiled = torch.compile(model, backend="aot_eager")  # traces everything; needs no C++ compiler on the machine
    torch.testing.assert_close(compiled(clips()), model(clips()), rtol=1e-5, atol=1e-6)
    dropping = torch.compile(narrow(layers=SHRINKING).train(), backend="aot_eager")
    dropping(clips()).sum().backward()
    assert not torch.equal(dropping(clips()), dropping(clips()))
