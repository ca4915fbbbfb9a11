"""The PyTorch twin behind the kit's signatures: layers of stgcn_torch, gradients by autograd, float64."""

import torch
from torch.nn import functional

from stgcn_torch import STGCN
from stgcn_torch.layers import BatchNorm, Block, SpatialConv, TemporalConv, pool


def double(array):
    tensor = torch.as_tensor(array)
    return tensor.double() if tensor.is_floating_point() else tensor


def tensors(arrays):
    return {name: double(array) for name, array in arrays.items() if array is not None}


def loaded(layer, entries):
    layer.double().load_state_dict(tensors(entries))
    return layer.eval()


def spatial_layer(W, b, A_hat, edge_importance=None):
    layer = SpatialConv(*W.shape)
    if b is None:
        torch.nn.init.zeros_(layer.b)
    layer.double().load_state_dict(tensors({"W": W, "b": b}), strict=b is not None)
    A_hat = double(A_hat)
    return layer, A_hat if edge_importance is None else A_hat * double(edge_importance)


def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
    layer, weighed = spatial_layer(W, b, A_hat, edge_importance)
    return layer(double(f_in), weighed).detach()


def temporal_layer(W, b, stride):
    layer = TemporalConv(*W.shape, stride)
    if b is None:
        torch.nn.init.zeros_(layer.b)
    layer.double().load_state_dict(tensors({"W": W, "b": b}), strict=b is not None)
    return layer


def temporal_conv(f_in, W, b=None, stride=1):
    return temporal_layer(W, b, stride)(double(f_in)).detach()


def norm_layer(weight, bias, running_mean=None, running_var=None):
    layer = BatchNorm(len(weight)).double()
    entries = {"weight": weight, "bias": bias, "running_mean": running_mean, "running_var": running_var}
    layer.load_state_dict(tensors(entries), strict=False)
    return layer.train(running_mean is None)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None):
    return norm_layer(weight, bias, running_mean, running_var)(double(f_in)).detach()


def update_running_statistics(f_in, running_mean, running_var):
    layer = norm_layer(running_mean, running_mean, running_mean, running_var).train()
    layer(double(f_in))
    return layer.running_mean, layer.running_var


def network(state):
    return STGCN.from_state(state).double().eval()


def data_batch_norm(clip, weight, bias, running_mean=None, running_var=None):
    N, C, T, V, M = clip.shape
    f = double(clip).permute(0, 4, 3, 1, 2).reshape(N * M, V * C, T)
    f = norm_layer(weight, bias, running_mean, running_var)(f)
    return f.view(N * M, V, C, T).permute(0, 2, 3, 1).detach()


def block_layer(A_hat, state, stride, residual, training):
    C_in, C_out, _ = state["spatial_conv.W"].shape
    kind = "none" if not residual else "conv" if "residual_conv.W" in state else "identity"
    gamma, importance = state["temporal_conv.W"].shape[2], "edge_importance" in state
    layer = Block(C_in, C_out, stride, kind, A_hat.shape, gamma, importance, 0)
    return loaded(layer, state).train(training)


def block(f_in, A_hat, state, stride, residual, training):
    return block_layer(A_hat, state, stride, residual, training)(double(f_in), double(A_hat)).detach()


def without_dropout(model):
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0
    return model


def forward(state, clip, training):
    return without_dropout(network(state)).train(training)(double(clip)).detach()


def pooling(f_in, M):
    return pool(double(f_in), len(f_in) // M, M)


def with_grad(array):
    return double(array).requires_grad_()


def spatial_conv_gradients(g, f_in, A_hat, W, b):
    layer, _ = spatial_layer(W, b, A_hat)
    f_in, A_hat = with_grad(f_in), with_grad(A_hat)
    layer(f_in, A_hat).backward(double(g))
    return f_in.grad, A_hat.grad, layer.W.grad, layer.b.grad


def temporal_conv_gradients(g, f_in, W, b, stride):
    layer, f_in = temporal_layer(W, b, stride), with_grad(f_in)
    layer(f_in).backward(double(g))
    return {"f_in": f_in.grad, "W": layer.W.grad, "b": layer.b.grad}


def batch_norm_gradients(g, f_in, weight, running_mean=None, running_var=None):
    layer, f_in = norm_layer(weight, weight, running_mean, running_var), with_grad(f_in)
    layer(f_in).backward(double(g))
    return f_in.grad, layer.weight.grad, layer.bias.grad


def block_gradients(g, f_in, A_hat, state, stride, residual, training):
    layer, f_in, A_hat = block_layer(A_hat, state, stride, residual, training), with_grad(f_in), with_grad(A_hat)
    layer(f_in, A_hat).backward(double(g))
    return f_in.grad, A_hat.grad, {name: parameter.grad for name, parameter in layer.named_parameters()}


def cross_entropy(logits, labels):
    logits = with_grad(logits)
    loss = functional.cross_entropy(logits, double(labels))
    loss.backward()
    return loss.item(), logits.grad


def loss_and_gradients(state, clip, labels):
    model = without_dropout(network(state)).train()
    loss = functional.cross_entropy(model(double(clip)), double(labels))
    loss.backward()
    return loss.item(), {name: parameter.grad for name, parameter in model.named_parameters()}
