"""How a training went: loss and accuracy by epoch, on the training clips and on the test clips."""

from ..page.style import CENTRIFUGAL, CENTRIPETAL, PALE, add_panel, new_figure, styled, write_title

_LINES = {"train": (CENTRIPETAL, "solid", "o"), "test": (CENTRIFUGAL, "dashed", "s")}


@styled
def training_curves(rows, *, title=None):
    """Two panels, loss and accuracy, over the epochs: a Figure.

    rows  one mapping for each epoch, with epoch, train_loss and train_accuracy, taken during the epoch, with dropout
          and variations; and, from the epochs after which there was a test, test_loss and test_accuracy

    Raises ValueError if there is no row, or if one lacks a number of the training clips.
    """
    if not rows:
        raise ValueError("training_curves: there is no row, so no epoch has ended")
    figure = new_figure(9.6, 3.6 + (0.4 if title else 0))
    for place, quantity in enumerate(("loss", "accuracy")):
        ax = add_panel(figure, 0.85 + 4.75 * place, 0.65, 3.8, 2.7, frame=True)
        draw_curves(ax, rows, quantity)
    figure.axes[0].legend(loc="best")
    write_title(figure, title)
    return figure


def draw_curves(ax, rows, quantity):
    """One quantity, "loss" or "accuracy", on axes: see `training_curves`."""
    for part, (color, style, marker) in _LINES.items():
        column = f"{part}_{quantity}"
        present = [row for row in rows if column in row]
        if part == "train" and len(present) < len(rows):
            lacking = next(row for row in rows if column not in row)
            raise ValueError(f"training_curves: the row of epoch {lacking.get('epoch')} has no {column}")
        values = [round(row[column], 5) for row in present]
        ax.plot([row["epoch"] for row in present], values, color=color, linestyle=style, linewidth=1.8, label=part,
                marker=marker if len(rows) < 20 else None, markersize=4, clip_on=False)  # fmt: skip
    ax.set_xlabel("epoch")
    ax.set_ylabel(quantity)
    last = max(row["epoch"] for row in rows)
    ax.set_xlim(min(row["epoch"] for row in rows) - 0.5, last + 0.5)
    ax.locator_params(axis="x", integer=True)
    ax.set_ylim(0, 1 if quantity == "accuracy" else None)
    ax.grid(color=PALE, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)
