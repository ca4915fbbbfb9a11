"""PyTorch Geometric's layers behind the kit's signatures, where they compute a step of ST-GCN; gradients by autograd.

Nodes are rows there: f (N, C, T, V) is N·T graphs of V nodes with C features, and A_hat one set of weighed edges for
each subset.
"""

import torch
from torch_geometric import nn, utils


def adjacency(num_joints, bones):
    """A (V, V): `to_undirected` and `to_dense_adj`."""
    if not len(bones):
        return torch.zeros(num_joints, num_joints, dtype=torch.float64)
    return utils.to_dense_adj(utils.to_undirected(torch.as_tensor(bones).T), max_num_nodes=num_joints)[0].double()


def normalize(A, method):
    """A_hat by `gcn_norm`, the normalisation of GCNConv: symmetric, and without α."""
    if method != "symmetric":
        raise NotImplementedError(f"GCNConv has no {method}")
    return torch.stack([_normalized(torch.as_tensor(A_k)) for A_k in A])


def _normalized(A_k):
    index, weight = utils.dense_to_sparse(A_k.T)  # source, target: its layout has row = neighbour
    index, weight = nn.conv.gcn_conv.gcn_norm(index, weight, len(A_k), add_self_loops=False)
    dense = torch.zeros_like(A_k)
    dense[index[1], index[0]] = weight
    return dense


def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
    """f_out: a linear layer and `SimpleConv`, which sums over weighed edges, for each subset."""
    f = torch.as_tensor(f_in)
    return _spatial(f, torch.as_tensor(A_hat), torch.as_tensor(W), b, edge_importance).detach()


def _spatial(f, A_hat, W, b=None, edge_importance=None):
    if edge_importance is not None:
        A_hat = A_hat * torch.as_tensor(edge_importance)
    K, V, _ = A_hat.shape
    everywhere = torch.cartesian_prod(torch.arange(V), torch.arange(V)).T  # all (root, neighbour)
    gather = nn.SimpleConv(aggr="sum")
    f_out = 0
    for k in range(K):
        h = f.movedim(1, -1) @ W[:, :, k] + (0 if b is None else torch.as_tensor(b)[:, k])  # (N, T, V, C_out)
        f_out = f_out + gather(h, everywhere.flip(0), A_hat[k].reshape(-1))
    return f_out.movedim(-1, 1)


def spatial_conv_gradients(g, f_in, A_hat, W, b):
    """By autograd: f_in, A_hat, W and b."""
    inputs = [torch.as_tensor(array).requires_grad_() for array in (f_in, A_hat, W, b)]
    return torch.autograd.grad(_spatial(*inputs), inputs, torch.as_tensor(g))


def _norm(weight, bias, running_mean, running_var):
    norm = nn.BatchNorm(len(weight)).double()
    given = {"weight": weight, "bias": bias, "running_mean": running_mean, "running_var": running_var}
    norm.module.load_state_dict({n: torch.as_tensor(a) for n, a in given.items() if a is not None}, strict=False)
    return norm.train(running_mean is None)


def _rows(f):
    return f.movedim(1, -1).reshape(-1, f.shape[1])


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None):
    """f_out by `BatchNorm`, over the nodes of all graphs."""
    f = torch.as_tensor(f_in).double()
    rows = _norm(weight, bias, running_mean, running_var)(_rows(f))
    return rows.reshape(f.movedim(1, -1).shape).movedim(-1, 1).detach()


def update_running_statistics(f_in, running_mean, running_var):
    """running_mean and running_var after a call of `BatchNorm` in training."""
    norm = _norm(running_mean, running_mean, running_mean, running_var).train()
    norm(_rows(torch.as_tensor(f_in)))
    return norm.module.running_mean, norm.module.running_var


def batch_norm_gradients(g, f_in, weight, running_mean=None, running_var=None):
    """By autograd: f_in, weight and bias."""
    norm, f = _norm(weight, weight, running_mean, running_var), torch.as_tensor(f_in).requires_grad_()
    inputs = [f, norm.module.weight, norm.module.bias]
    return torch.autograd.grad(norm(_rows(f)), inputs, _rows(torch.as_tensor(g)))


def pooling(f_in, M):
    """features (N, C) by `global_mean_pool`: all frames, joints and persons of a clip are one graph."""
    f = torch.as_tensor(f_in)
    clips = torch.arange(len(f) // M).repeat_interleave(f[0, 0].numel() * M)
    return nn.global_mean_pool(_rows(f), clips)
