"""Kipf and Welling's GCN is uni-labeling: the same numbers as GCNConv of PyTorch Geometric, the extra `peers`."""

import numpy as np
import oracle
import pytest
from strategies import normal

from reference import SKELETONS, normalize, partition, spatial_conv

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.mark.filterwarnings("ignore")  # theirs
@pytest.mark.parametrize("name", ["toy_5", "mocap_15", "ntu_25", "mediapipe_33"])
def test_uni_labeling_is_gcn_conv(name):
    geometric = pytest.importorskip("torch_geometric.nn", reason='needs PyTorch Geometric: pip install -e ".[peers]"')
    skeleton = SKELETONS[name]
    f_in, W, b = normal(0, 2, 3, 4, skeleton.num_joints), normal(1, 3, 6, 1), normal(2, 6)
    layer = geometric.GCNConv(3, 6).double()
    layer.load_state_dict({"lin.weight": torch.from_numpy(W[:, :, 0].T), "bias": torch.from_numpy(b)})
    both_ways = torch.tensor([*skeleton.bones, *((j, i) for i, j in skeleton.bones)]).T  # (2, 2E); it adds the loops
    with torch.no_grad():
        nodes = layer(torch.from_numpy(np.moveaxis(f_in, 1, -1)), both_ways)  # (N, T, V, C)
    A_hat = normalize(partition(skeleton, "uni_labeling"), alpha=0)  # every row holds the root, so no α is needed
    oracle.assert_close(spatial_conv(f_in, A_hat, W) + b[:, None, None], np.moveaxis(nodes.numpy(), -1, 1))
