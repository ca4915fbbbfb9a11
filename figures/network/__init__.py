"""Drawings of the network: its rows and blocks, its activations, its cost, and all of the project at once."""
