"""ST-GCN in NumPy, to be read: f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, and the ten-layer network around it.

    Skeleton --adjacency, partition--> A (K, V, V) --normalize--> A_hat (K, V, V)
    clip (N, C, T, V, M) --data batch norm, fold persons--> f (N·M, C, T, V) --10 x block--> (N·M, 256, T/4, V)
                         --pool, classifier--> logits (N, classes)

N batch, C channels, T frames, V joints, M persons, K partitions. CuPy arrays pass through all of it unchanged.
"""

from .block import batch_norm, batch_statistics, block, relu, update_running_statistics, weigh_edges
from .layer_table import LAYERS, LayerRow, LayerTable, layer_table
from .layouts import SKELETONS, find_skeleton
from .network import forward
from .normalization import degree, normalize
from .partitions import mean_distance_to_gravity_center, partition
from .sequence_files import load_clips, save_clips
from .sequences import Sequences
from .skeleton import Skeleton, adjacency, hop_distance
from .spatial_convolution import spatial_conv, spatial_conv_steps
from .state import init_state, state_shapes, trained_names
from .state_files import load_settings, load_state, save_state
from .temporal_convolution import temporal_conv

__all__ = [
    "LAYERS",
    "SKELETONS",
    "LayerRow",
    "LayerTable",
    "Sequences",
    "Skeleton",
    "adjacency",
    "batch_norm",
    "batch_statistics",
    "block",
    "degree",
    "find_skeleton",
    "forward",
    "hop_distance",
    "init_state",
    "layer_table",
    "load_clips",
    "load_settings",
    "load_state",
    "mean_distance_to_gravity_center",
    "normalize",
    "partition",
    "relu",
    "save_clips",
    "save_state",
    "spatial_conv",
    "spatial_conv_steps",
    "state_shapes",
    "temporal_conv",
    "trained_names",
    "update_running_statistics",
    "weigh_edges",
]
