"""Streams: what can be computed from the places of joints and given to the network beside them.

The field calls them so (Shi et al. 2019, arXiv 1805.07694): some train a network for each and add up the answers; here
they are more channels of one clip, so the graph convolution stays what it is and one network is enough.
"""

import numpy as np

from .skeleton import hop_distance


def parents(skeleton):
    """(V,) For every joint its neighbour one hop nearer to the centre, the first if there are several; the centre's own
    index for the centre."""
    hops = hop_distance(skeleton)
    V, center = len(hops), skeleton.center
    nearer = (hops == 1) & (hops[center][None, :] < hops[center][:, None])  # (joint, neighbour)
    return np.where(np.arange(V) == center, center, nearer.argmax(axis=1))


def bone_vectors(places, present, parent):
    """places (C, T, V, M) -> the vector from each joint's parent to the joint; 0 where one of the two is absent.

    parent (V,): what `parents` gives. The centre is its own parent, so its vector is 0.
    """
    return np.where(present & present[:, parent], places - places[:, :, parent], 0)


def motion(places, present):
    """places (C, T, V, M) -> how far each joint moves until the next frame; 0 where it is absent in one of the two.

    The last frame has no next one, so its motion is 0.
    """
    moved = np.zeros_like(places)
    moved[:, :-1] = np.where(present[1:] & present[:-1], places[:, 1:] - places[:, :-1], 0)
    return moved
