"""Data in: what people have, turned into sequence sets (reference/sequences.py), and a look into such a set.

python -m stgcn_torch data convert --format FORMAT IN OUT: conversion.py (the formats: formats/)
python -m stgcn_torch data info SET: inspection.py
"""

from .conversion import add_convert
from .inspection import add_info


def add_data_commands(commands):
    """Add `data` with its two subcommands to an argparse subparsers object; `options.run(options)` runs them."""
    data = commands.add_parser("data", help="turn data sets into sequence sets, and look into them")
    actions = data.add_subparsers(dest="action", required=True)
    add_convert(actions)
    add_info(actions)
