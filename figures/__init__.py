"""Drawings of ST-GCN: functions that take reference/ objects and return matplotlib figures.

graph/
    skeleton_partition(skeleton, A, root)       the neighbourhood of one joint, coloured by subset
    label_map(skeleton, A)                      all labels of all roots on one body
    adjacency_matrices(A, skeleton)             the K matrices side by side
    edge_weights(skeleton, A_hat, k)            normalised weights on the bones
    eigenvalue_rows(spectra)                    the eigenvalues of several matrices on one axis
    joint_values(skeleton, values)              a number for each joint, on the body
    joint_vectors(skeleton, poses, vectors)     an arrow for each joint, on the body
    weighted_sum(skeleton, A_hat, f, root)      one root's sum, term by term, in numbers
    matrix_product(skeleton, A_hat, f, root)    all roots at once: a matrix times the features of all joints
time/
    film_strip(clip, skeleton)                  a moving body, pose by pose
    class_strips(sequences, folder)             one such for each class of a set, as files
    player(clip, skeleton)                      a clip to play and step through, in a notebook
    film_and_curves(clip, skeleton, panels)     a moving body, and curves of its joints under it
    space_time_graph(skeleton, joint)           a few frames as one graph, one joint's neighbours marked
    sliding_filter(frames, taps, t)             one step of a temporal convolution, in numbers
network/
    overview(clip, skeleton, root)              all of it on one picture
    layer_table_picture(table)                  the ten layers
    block_diagrams(table, rows)                 the steps of a block, and its residual
    receptive_fields(table)                     how many frames each of the ten layers sees
    activation_maps(maps, skeleton)             how large each joint's activations are, frame by frame
    stage_errors(errors)                        how far two computations are apart, stage by stage
    cost_curves(measurement)                    measured times of the forward against the size of its input
training/
    training_curves(rows)                       loss and accuracy by epoch
    confusion_matrix(counts, class_names)       which class was taken for which
    activation_strip(clip, skeleton, activation)  a moving body, its joints coloured by their part in a class
    feature_points(points, names)               clips as points in the plane, each with its name

Many have a twin that draws on axes you already have, in the style that is set: time.film.draw_film_strip(ax, ...),
graph.subsets.draw_partition, graph.matrices.draw_matrix, graph.weights.draw_edge_weights. page/ holds what all share:
`save_svg` writes files whose bytes are the same on every run, `notebook_setup` does the same for a notebook's figures.
`python -m figures` renders the gallery; `python -m figures curves LOG.csv OUT.svg` and its kin draw what a training
writes. explorer/ builds a page in which all of it can be touched.
"""

from .gallery import GALLERY, render
from .graph.contraction import matrix_product, weighted_sum
from .graph.joint_values import joint_values
from .graph.joint_vectors import joint_vectors
from .graph.label_map import label_map
from .graph.matrices import adjacency_matrices
from .graph.poses import rest_pose
from .graph.spectra import eigenvalue_rows
from .graph.subsets import skeleton_partition
from .graph.tree_layout import tree_layout
from .graph.weights import edge_weights
from .network.activation_maps import activation_maps
from .network.block_diagrams import block_diagrams
from .network.cost import cost_curves, load_cost
from .network.layer_table_picture import layer_table_picture
from .network.overview import overview
from .network.receptive_fields import receptive_fields
from .network.stage_errors import stage_errors
from .page.style import notebook_setup, save_svg
from .time.film import film_strip
from .time.film_and_curves import film_and_curves
from .time.player import player
from .time.sliding_filter import sliding_filter
from .time.space_time import space_time_graph
from .time.strips import class_strips
from .training.class_activation import activation_strip
from .training.confusion import confusion_matrix
from .training.curves import training_curves
from .training.feature_points import feature_points

__all__ = [
    "GALLERY", "activation_maps", "activation_strip", "adjacency_matrices", "block_diagrams", "class_strips",
    "confusion_matrix", "cost_curves", "edge_weights", "eigenvalue_rows", "feature_points", "film_and_curves",
    "film_strip", "joint_values", "joint_vectors", "label_map", "layer_table_picture", "load_cost", "matrix_product",
    "notebook_setup", "overview", "player", "receptive_fields", "render", "rest_pose", "save_svg",
    "skeleton_partition", "sliding_filter", "space_time_graph", "stage_errors", "training_curves", "tree_layout",
    "weighted_sum",
]  # fmt: skip
