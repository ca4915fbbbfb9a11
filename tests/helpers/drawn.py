"""What a figure shows."""

import matplotlib.pyplot as plt


def words(figure):
    """All texts of a figure."""
    return [text.get_text() for text in figure.findobj(plt.Text) if text.get_text()]
