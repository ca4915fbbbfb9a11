"""The plain loops of oracle.py behind the kit's signatures."""

import numpy as np
import oracle
from oracle import forward, temporal_conv  # noqa: F401 - found by the kit under their names

from reference import Skeleton


def skeleton(num_joints, bones, center=0):
    return Skeleton("loops", [str(v) for v in range(num_joints)], bones.tolist(), center)


def adjacency(num_joints, bones):
    around = [oracle.neighbours(skeleton(num_joints, bones), i) for i in range(num_joints)]
    return np.array([[float(j in around[i]) for j in range(num_joints)] for i in range(num_joints)])


def partition(num_joints, bones, center, strategy):
    body = skeleton(num_joints, bones, center)
    hops = oracle.hops(body, center)
    K = {"uni_labeling": 1, "distance": 2, "spatial": 3}[strategy]
    A = np.zeros((K, num_joints, num_joints))
    for i in range(num_joints):
        for j in (i, *oracle.neighbours(body, i)):
            nearer, farther = hops[j] < hops[i], hops[j] > hops[i]
            label = {"uni_labeling": 0, "distance": int(i != j), "spatial": 1 if nearer else 2 if farther else 0}
            A[label[strategy], i, j] = 1
    return A


def normalize(A, method):
    return oracle.normalize(A, method, 0.001)


def spatial_conv(f_in, A_hat, W, b=None, edge_importance=None):
    return oracle.spatial_conv(f_in, A_hat if edge_importance is None else A_hat * edge_importance, W, b)


def batch_norm(f_in, weight, bias, running_mean=None, running_var=None):
    return oracle.batch_norm(f_in, weight, bias, running_mean, running_var)


def block(f_in, A_hat, state, stride, residual, training):
    return oracle.block(f_in, A_hat, state, stride, residual, training)
