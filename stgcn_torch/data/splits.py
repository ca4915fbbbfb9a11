"""The parts that data sets are published in (train, val, test) as columns of `split`: 1 = train, 2 = test, 0 = neither.

Three parts are two columns, train against test and train against val: no part is lost, and none is mixed with another.
"""

import re

_PART = re.compile(r"(.*?)_?(train_?val|train(?:ing)?|val(?:id|idation)?|test(?:ing)?)([0-9]*)", re.IGNORECASE)


def part_of(name):
    """What a list, a file or a folder of that name is: (of which split, "train", "trainval", "val" or "test"); None if
    it is called otherwise. xsub_val is ("xsub", "val"), train2 is ("2", "train")."""
    found = _PART.fullmatch(name)
    if not found:
        return None
    whole = found[2].lower().replace("_", "")
    return found[1] + found[3], next(part for part in ("trainval", "train", "val", "test") if whole.startswith(part))


def split_columns(parts):
    """The columns that tell these parts apart: {title: {part: 1 or 2}}; a part that is not there is in neither.

    trainval trains against test only, since it holds val.
    """
    columns = {}
    for tested in ("test", "val"):
        if tested in parts:
            columns[f"train against {tested}"] = {"train": 1, tested: 2} | ({"trainval": 1} if tested == "test" else {})
    return columns or {"train": {"train": 1, "trainval": 1}}
