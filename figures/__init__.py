"""Drawings of ST-GCN: functions that take reference/ objects and return matplotlib figures.

    activation_strip(clip, skeleton, activation)  a moving body, its joints coloured by their part in a class
    confusion_matrix(counts, class_names)       which class was taken for which
    training_curves(rows)                       loss and accuracy by epoch
    feature_points(points, names)               clips as points in the plane, each with its name
    film_strip(clip, skeleton)                  a moving body, pose by pose
    class_strips(sequences, folder)             one such for each class of a set, as files
    skeleton_partition(skeleton, A, root)       the neighbourhood of one joint, coloured by subset
    label_map(skeleton, A)                      all labels of all roots on one body
    adjacency_matrices(A, skeleton)             the K matrices side by side
    cost_curves(measurement)                    measured times of the forward against the size of its input
    edge_weights(skeleton, A_hat, k)            normalised weights on the bones
    joint_values(skeleton, values)              a number for each joint, on the body
    joint_vectors(skeleton, poses, vectors)     an arrow for each joint, on the body
    eigenvalue_rows(spectra)                    the eigenvalues of several matrices on one axis
    layer_table_picture(table)                  the ten layers
    matrix_product(skeleton, A_hat, f, root)    all roots at once: a matrix times the features of all joints
    sliding_filter(frames, taps, t)             one step of a temporal convolution, in numbers
    film_and_curves(clip, skeleton, panels)     a moving body, and curves of its joints under it
    receptive_fields(table)                     how many frames each of the ten layers sees
    block_diagrams(table, rows)                 the steps of a block, and its residual
    activation_maps(maps, skeleton)             how large each joint's activations are, frame by frame
    stage_errors(errors)                        how far two computations are apart, stage by stage
    overview(clip, skeleton, root)              all of it on one picture
    player(clip, skeleton)                      a clip to play and step through, in a notebook
    space_time_graph(skeleton, joint)           a few frames as one graph, one joint's neighbours marked
    weighted_sum(skeleton, A_hat, f, root)      one root's sum, term by term, in numbers

Many have a twin that draws on axes you already have, in the style that is set: figures.film.draw_film_strip(ax, ...),
figures.subsets.draw_partition, figures.matrices.draw_matrix, figures.weights.draw_edge_weights. `save_svg` writes
files whose bytes are the same on every run, `notebook_setup` does the same for a notebook's figures, and
`python -m figures` renders the gallery; `python -m figures curves LOG.csv OUT.svg` and its kin draw what a training
writes. figures.explorer builds a page in which all of it can be touched.
"""

from .activations import activation_maps, block_diagrams
from .class_activation import activation_strip
from .confusion import confusion_matrix
from .contraction import matrix_product, weighted_sum
from .cost import cost_curves, load_cost
from .curves import training_curves
from .feature_points import feature_points
from .film import film_strip
from .gallery import GALLERY, render
from .joint_values import joint_values
from .joint_vectors import joint_vectors
from .label_map import label_map
from .layers import layer_table_picture
from .matrices import adjacency_matrices
from .overview_figure import overview
from .player import player
from .poses import rest_pose
from .space_time import space_time_graph
from .spectra import eigenvalue_rows
from .stage_errors import stage_errors
from .strips import class_strips
from .style import notebook_setup, save_svg
from .subsets import skeleton_partition
from .temporal import film_and_curves, receptive_fields, sliding_filter
from .tree_layout import tree_layout
from .weights import edge_weights

__all__ = [
    "GALLERY",
    "activation_maps",
    "activation_strip",
    "adjacency_matrices",
    "block_diagrams",
    "class_strips",
    "confusion_matrix",
    "cost_curves",
    "edge_weights",
    "eigenvalue_rows",
    "feature_points",
    "film_and_curves",
    "film_strip",
    "joint_values",
    "joint_vectors",
    "label_map",
    "layer_table_picture",
    "load_cost",
    "matrix_product",
    "notebook_setup",
    "overview",
    "player",
    "receptive_fields",
    "render",
    "rest_pose",
    "save_svg",
    "skeleton_partition",
    "sliding_filter",
    "space_time_graph",
    "stage_errors",
    "training_curves",
    "tree_layout",
    "weighted_sum",
]
