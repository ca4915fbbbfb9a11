"""All known mistakes. They are computed, not stored: each is a wrong function, run on the inputs of a case."""

from .mistakes_in_blocks import MISTAKES as IN_BLOCKS
from .mistakes_in_gradients import MISTAKES as IN_GRADIENTS
from .mistakes_in_graphs import MISTAKES as IN_GRAPHS
from .mistakes_in_layers import MISTAKES as IN_LAYERS
from .mistakes_in_networks import MISTAKES as IN_NETWORKS
from .mistakes_in_norms import MISTAKES as IN_NORMS

MISTAKES = (*IN_GRAPHS, *IN_LAYERS, *IN_NORMS, *IN_BLOCKS, *IN_NETWORKS, *IN_GRADIENTS)


def of_step(step):
    """The mistakes of one step: a list of Mistake."""
    return [mistake for mistake in MISTAKES if mistake.step == step]
