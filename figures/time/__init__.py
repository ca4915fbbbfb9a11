"""Drawings of time: film strips, the player, the space-time graph, filters along time."""
