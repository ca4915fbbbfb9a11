"""Drawings of ST-GCN: functions that take reference/ objects and return matplotlib figures.

    film_strip(clip, skeleton)                  a moving body, pose by pose
    skeleton_partition(skeleton, A, root)       the neighbourhood of one joint, coloured by subset
    adjacency_matrices(A, skeleton)             the K matrices side by side
    edge_weights(skeleton, A_hat, k)            normalised weights on the bones
    layer_table_picture(table)                  the ten layers
    overview(clip, skeleton, root)              all of it on one picture

Each has a twin that draws on axes you already have, in the style that is set: figures.film.draw_film_strip(ax, ...),
figures.subsets.draw_partition, figures.matrices.draw_matrix, figures.weights.draw_edge_weights. `save_svg` writes
files whose bytes are the same on every run, `notebook_setup` does the same for a notebook's figures, and
`python -m figures` renders the gallery. figures.explorer builds a page in which all of it can be touched.
"""

from .film import film_strip
from .gallery import GALLERY, render
from .layers import layer_table_picture
from .matrices import adjacency_matrices
from .overview_figure import overview
from .poses import rest_pose
from .style import notebook_setup, save_svg
from .subsets import skeleton_partition
from .tree_layout import tree_layout
from .weights import edge_weights

__all__ = [
    "GALLERY",
    "adjacency_matrices",
    "edge_weights",
    "film_strip",
    "layer_table_picture",
    "notebook_setup",
    "overview",
    "render",
    "rest_pose",
    "save_svg",
    "skeleton_partition",
    "tree_layout",
]
