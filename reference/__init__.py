"""ST-GCN in NumPy, to be read: f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, and the ten-layer network around it.

    Skeleton --adjacency, partition--> A (K, V, V) --normalize--> A_hat (K, V, V)
    clip (N, C, T, V, M) --data batch norm, fold persons--> f (N·M, C, T, V) --10 x block--> (N·M, 256, T/4, V)
                         --pool, classifier--> logits (N, classes)

N batch, C channels, T frames, V joints, M persons, K subsets. CuPy arrays pass through all of it unchanged.
"""

from .backward import block_gradients, data_bn_gradients, loss_and_gradients
from .block import block
from .classification import Network, classify, load_network
from .gradients import (
    batch_norm_gradients,
    classifier_gradients,
    fold_persons_gradient,
    pooling_gradient,
    relu_gradient,
    softmax_cross_entropy,
    spatial_conv_gradients,
    temporal_conv_gradients,
    weigh_edges_gradients,
)
from .layer_table import LAYERS, LayerRow, LayerTable, layer_table
from .layers import (
    batch_norm,
    batch_statistics,
    classifier,
    fold_persons,
    pooling,
    relu,
    update_running_statistics,
    weigh_edges,
)
from .layouts import SKELETONS, find_skeleton
from .network import forward
from .normalization import NORMALIZATIONS, degree, normalize
from .partitions import PAPER_STRATEGIES, STRATEGIES, mean_distance_to_gravity_center, partition
from .sequence_files import load_clips, save_clips
from .sequences import Sequences
from .skeleton import Skeleton, adjacency, hop_distance
from .spatial_convolution import spatial_conv, spatial_conv_steps
from .state import init_state, state_shapes, trained_names
from .state_files import load_settings, load_state, save_state
from .successors import adaptive_conv, channelwise_conv, multi_branch_temporal_conv, multi_scale_adjacency
from .temporal_convolution import temporal_conv
from .windows import forward_in_windows

__all__ = [
    "LAYERS",
    "NORMALIZATIONS",
    "PAPER_STRATEGIES",
    "SKELETONS",
    "STRATEGIES",
    "LayerRow",
    "LayerTable",
    "Network",
    "Sequences",
    "Skeleton",
    "adaptive_conv",
    "adjacency",
    "batch_norm",
    "batch_norm_gradients",
    "batch_statistics",
    "block",
    "block_gradients",
    "channelwise_conv",
    "classifier",
    "classifier_gradients",
    "classify",
    "data_bn_gradients",
    "degree",
    "find_skeleton",
    "fold_persons",
    "fold_persons_gradient",
    "forward",
    "forward_in_windows",
    "hop_distance",
    "init_state",
    "layer_table",
    "load_clips",
    "load_network",
    "load_settings",
    "load_state",
    "loss_and_gradients",
    "mean_distance_to_gravity_center",
    "multi_branch_temporal_conv",
    "multi_scale_adjacency",
    "normalize",
    "partition",
    "pooling",
    "pooling_gradient",
    "relu",
    "relu_gradient",
    "save_clips",
    "save_state",
    "softmax_cross_entropy",
    "spatial_conv",
    "spatial_conv_gradients",
    "spatial_conv_steps",
    "state_shapes",
    "temporal_conv",
    "temporal_conv_gradients",
    "trained_names",
    "update_running_statistics",
    "weigh_edges",
    "weigh_edges_gradients",
]
