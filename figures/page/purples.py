"""The purples of everything that is no subset: the weights' own hue, strong for what counts, pale as a ground."""

PURPLE, PALE_PURPLE = "#5B3F9E", "#DAD6E8"
