"""Mistakes in the adjacency matrix, the partition and the normalisation."""

from functools import partial

import numpy as np

from .. import NORMALIZATIONS, normalize
from . import answers
from .mistake import collector

mistake, MISTAKES = collector()
ALPHA = 0.001


def transpose(A):
    """Every (V, V) matrix of A (K, V, V) transposed."""
    return np.swapaxes(A, -1, -2)


@mistake("adjacency", "self-connections in A", "A has no diagonal; A + I is made later, and then adds them twice.")
def _with_loops(num_joints, bones):
    return answers.adjacency(num_joints, bones) + np.eye(num_joints)


@mistake("adjacency", "each bone in one direction only", "Bones are undirected: set A[i, j] and A[j, i].")
def _one_direction(num_joints, bones):
    A = np.zeros((num_joints, num_joints))
    A[bones[:, 0], bones[:, 1]] = 1
    return A


@mistake("adjacency", "each bone in one direction only, the other one", "Set A[i, j] and A[j, i].")
def _other_direction(num_joints, bones):
    return _one_direction(num_joints, bones[:, ::-1])


@mistake("adjacency", "bones counted from 1", "The indices given here count from 0; nothing is to be subtracted.")
def _from_one(num_joints, bones):
    return answers.adjacency(num_joints, (np.asarray(bones) - 1) % num_joints)


@mistake("hop_distance", "no path longer than one bone", "Count the bones of the shortest path, however long it is.")
def _bones_only(num_joints, bones):
    return answers.adjacency(num_joints, bones)


@mistake("hop_distance", "counting stops at ten hops", "A limb may be longer: count until every joint is reached.")
def _ten_hops(num_joints, bones):
    return np.minimum(answers.hop_distance(num_joints, bones), 10)


@mistake("hop_distance", "a joint is one hop from itself", "hops[i, i] = 0.")
def _self_hop(num_joints, bones):
    return answers.hop_distance(num_joints, bones) + np.eye(num_joints)


def labelled(num_joints, bones, label, K):
    """A partition from a labelling map, with neighbours at most one bone away."""
    A = np.zeros((K, num_joints, num_joints))
    for i, j in np.argwhere(answers.adjacency(num_joints, bones) + np.eye(num_joints)):
        A[label(i, j), i, j] = 1
    return A


@mistake(
    "partition",
    "hops cut short",
    "Joints more than one hop from the centre all count as equally far: count hops over the whole body, and limit only"
    " who is a neighbour.",
)
def cut_short(num_joints, bones, center, strategy):
    """As the right one, but hops to the centre are counted up to 1 and infinite beyond."""
    if strategy != "spatial":
        return answers.partition(num_joints, bones, center, strategy)
    hops = np.where(answers.adjacency(num_joints, bones)[center] > 0, 1, np.inf)
    hops[center] = 0
    return labelled(num_joints, bones, lambda i, j: 0 if hops[i] == hops[j] else 1 if hops[j] < hops[i] else 2, 3)


@mistake("partition", "hops cut short, and A transposed", "Two mistakes: see hops cut short; and row = root.")
def _cut_short_transposed(num_joints, bones, center, strategy):
    return transpose(cut_short(num_joints, bones, center, strategy))


@mistake(
    "partition",
    "the widely copied partition",
    "That of yysijie/st-gcn: hops cut short; subset 1 holds the farther and the equally far, subset 2 the closer ones.",
)
def widely_copied(num_joints, bones, center, strategy):
    """What that code makes of the spatial strategy; row = root as here."""
    return answers.partition(num_joints, bones, center, "widely_copied" if strategy == "spatial" else strategy)


@mistake(
    "partition",
    "the widely copied partition, in its layout",
    "As it stands in yysijie/st-gcn, row = source: transpose. And hops are cut short, with other subsets 1 and 2.",
)
def _widely_copied_transposed(num_joints, bones, center, strategy):
    return transpose(widely_copied(num_joints, bones, center, strategy))


def _equal_with(subset, num_joints, bones, center, strategy):
    A = answers.partition(num_joints, bones, center, strategy)
    if strategy == "spatial":
        A[subset] += A[0] - np.eye(num_joints)
        A[0] = np.eye(num_joints)
    return A


for _subset, _name in ((2, "farther"), (1, "closer")):
    mistake(
        "partition", f"equal distances filed as {_name}", "A neighbour as far from the centre as the root has label 0."
    )(partial(_equal_with, _subset))


@mistake(
    "partition", "centre off by one (one too small)", "Is the centre subtracted from twice? It counts from 0 here."
)
def _center_before(num_joints, bones, center, strategy):
    return answers.partition(num_joints, bones, (center - 1) % num_joints, strategy)


@mistake("partition", "centre off by one (one too large)", "The centre counts from 0, like the joints.")
def _center_after(num_joints, bones, center, strategy):
    return answers.partition(num_joints, bones, (center + 1) % num_joints, strategy)


@mistake(
    "partition",
    "A transposed",
    "Row = root, column = neighbour. The same comes of swapping the subsets 1 (closer) and 2 (farther).",
)
def _transposed(num_joints, bones, center, strategy):
    return transpose(answers.partition(num_joints, bones, center, strategy))


@mistake("partition", "self-loops added twice", "The diagonal holds 2: the root is one of its own neighbours, once.")
def _loops_twice(num_joints, bones, center, strategy):
    A = answers.partition(num_joints, bones, center, strategy)
    A[0] += np.eye(num_joints)
    return A


@mistake("partition", "self-loops left out", "The root is its own neighbour, with label 0: Σ_k A[k] is A + I.")
def _no_loops(num_joints, bones, center, strategy):
    return answers.partition(num_joints, bones, center, strategy) * (1 - np.eye(num_joints))


@mistake(
    "normalize", "α added to every entry of the matrix", "α belongs to the degree, a sum; in A it joins every pair."
)
def _dense(A, method):
    return answers.normalize(A + ALPHA, method)


@mistake(
    "normalize",
    "α added to every entry of the matrix, in place of the degree",
    "α belongs to the degree, a sum; in A it joins every pair.",
)
def _dense_alone(A, method):
    return normalize(A + ALPHA, method, alpha=0)


@mistake(
    "normalize",
    "zero rows left at zero",
    "With α = 0 the edges whose row is empty vanish; α = 0.001 belongs to every degree.",
)
def _no_alpha(A, method):
    return normalize(A, method, alpha=0)


@mistake(
    "normalize", "sums of columns in place of rows", "Λ counts the neighbours of a root: sum over j in A[k, i, j]."
)
def _columns(A, method):
    return transpose(answers.normalize(transpose(A), method))


@mistake("normalize", "the result transposed", "A_hat keeps the layout of A: row = root, column = neighbour.")
def _result_transposed(A, method):
    return transpose(answers.normalize(A, method))


@mistake("normalize", "self-loops added twice", "A holds the root in subset 0 already: Σ_k A[k] is A + I.")
def _loops_again(A, method):
    A = A.copy()
    A[0] += np.eye(A.shape[1])
    return answers.normalize(A, method)


@mistake("normalize", "self-loops added to every subset", "Only subset 0 holds the root, and it does already.")
def _loops_everywhere(A, method):
    return answers.normalize(A + np.eye(A.shape[1]), method)


@mistake("normalize", "a square root too few", "symmetric and two_sided divide by Λ^(1/2) on each side, not by Λ.")
def _without_root(A, method):
    if method not in ("symmetric", "two_sided"):
        return answers.normalize(A, method)
    row = A.sum(axis=2) + ALPHA
    column = row if method == "symmetric" else A.sum(axis=1) + ALPHA
    return A / row[:, :, None] / column[:, None, :]


@mistake("normalize", "not normalised", "A came back as it went in.")
def _unchanged(A, method):
    return A


def _with_alpha(alpha, A, method):
    return normalize(A, method, alpha=alpha)


for _alpha in (0.01, 0.0001, 1e-5, 1e-6, 1e-8):
    mistake("normalize", f"α is {_alpha:g}", "It is 0.001.")(partial(_with_alpha, _alpha))


@mistake("normalize", 'α in "joint"', 'A neighbourhood holds its root, so it is never empty, and "joint" takes no α.')
def _alpha_in_joint(A, method):
    if method != "joint":
        return answers.normalize(A, method)
    return A / (A.sum(axis=(0, 2)) + ALPHA)[:, None]


@mistake("normalize", 'α in "joint", once for every subset', '"joint" takes no α.')
def _alphas_in_joint(A, method):
    return A / (A.sum(axis=2) + ALPHA).sum(axis=0)[:, None] if method == "joint" else answers.normalize(A, method)


def _register_other_methods():
    for other in NORMALIZATIONS:
        mistake("normalize", f'always "{other}"', "The argument `method` has no effect.")(
            lambda A, method, other=other: answers.normalize(A, other)
        )


_register_other_methods()


def _other_table(change, **sizes):
    """The table of other sizes."""
    return answers.layer_table(**(sizes | change(sizes)))


for _name, _advice, _change in (
    ("persons left out", "Shapes and multiply-adds are those of a clip with its M persons.", lambda s: {"M": 1}),
    ("edge importance left out", "It has K·V·V parameters in every row.", lambda s: {"edge_importance": False}),
    ("edge importance always counted", "Not where edge_importance is False.", lambda s: {"edge_importance": True}),
):
    mistake("layer_table", _name, _advice)(partial(_other_table, _change))
