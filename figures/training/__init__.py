"""Drawings of a training: curves, confusion, class activation, features."""
