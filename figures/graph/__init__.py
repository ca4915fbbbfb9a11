"""Drawings of the graph: bodies, partitions, matrices, weights, and one root's sum."""
