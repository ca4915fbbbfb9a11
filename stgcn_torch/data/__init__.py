"""Data in: what people have, turned into sequence sets (reference/sequences.py), and a look into such a set.

python -m stgcn_torch data convert --format FORMAT IN OUT
python -m stgcn_torch data info SET
"""

from .command import add_data_commands

__all__ = ["add_data_commands"]
