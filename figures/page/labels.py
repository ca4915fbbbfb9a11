"""Where to write the numbers beside arrows, so that they cover neither each other nor the body."""

import numpy as np

_DISTANCES = np.array([14, 18, 23, 29, 36, 44, 54])[:, None, None]  # points from the anchor to the middle of the text
_WAYS = np.array([(np.cos(angle), np.sin(angle)) for angle in np.linspace(0, 2 * np.pi, 16, endpoint=False)])


def place_labels(anchors, widths, height, obstacles, limits):
    """The middle (x, y) of each text, all in points.

    anchors    (n, 2), what each text belongs to
    widths     n widths of the texts, all of one height
    obstacles  (m, 2), points to leave uncovered where possible
    limits     (2, 2), the lower left and the upper right corner of the page

    Each text takes the best place that is left: on the page and off the other texts first, off the obstacles next,
    then near its anchor. Texts that are the hardest to place, those with the most obstacles near them, come first.
    """
    crowd = [int(np.sum(np.hypot(*(obstacles - anchor).T) < 50)) for anchor in anchors]
    places, boxes = {}, []
    for n in sorted(range(len(anchors)), key=lambda n: (-crowd[n], n)):
        half = np.array([widths[n], height]) / 2
        wider = np.array([half[0] - half[1], 0])  # a text is wider than it is high
        candidates = (anchors[n] + _WAYS * (wider + _DISTANCES)).reshape(-1, 2)
        # Rounded, so that of two places that are equally good up to the last bits the first is taken everywhere.
        costs = np.round(_costs(candidates, half, anchors[n], boxes, obstacles, limits), 3)
        places[n] = candidates[int(np.argmin(costs))]
        boxes.append((places[n], half))
    return [places[n] for n in range(len(anchors))]


def _costs(candidates, half, anchor, boxes, obstacles, limits):
    """How bad each place is: texts covered, then obstacles covered, then the way to the anchor."""
    # A text that is cut off by the page is as bad as one that covers another.
    texts = np.any((candidates - half < limits[0] + 2) | (candidates + half > limits[1] - 2), axis=1).astype(int)
    for other, its_half in boxes:
        texts += np.all(abs(candidates - other) < half + its_half + 2, axis=1)
    covered = np.sum(np.all(abs(candidates[:, None] - obstacles) < half + 1, axis=2), axis=1)
    gap = np.hypot(*np.maximum(abs(candidates - anchor) - half, 0).T)
    outward = 0.02 * abs(candidates[:, 0] - obstacles[:, 0].mean())  # of two equally good places, the outer one
    return 1000.0 * texts + 5.0 * covered + gap - outward
