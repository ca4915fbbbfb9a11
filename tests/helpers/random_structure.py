"""Random structure: sound content with places of it replaced by what nobody expects there, and sound bytes broken."""

import copy

import numpy as np


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


ODD = [
    None, True, -1, 0, 3, 2.5, 1e308, float("nan"), 10**12, 10**400, "", "x" * 300, "\x1b[2J\r\n", "\ud800", "nan", [],
    [[]] * 3, {}, {"a": {}}, [0] * 50, deep(60), deep(800),
]  # fmt: skip


def doubled():
    value = [1]
    for _ in range(60):
        value = [value, value]
    return value


def mutated(value, rng, odd):
    """A copy of a structure with one place of it replaced or removed."""
    if rng.random() < 0.15 or not isinstance(value, (dict, list)) or not value:
        return odd[rng.integers(len(odd))]
    value = copy.copy(value)
    key = list(value)[rng.integers(len(value))] if isinstance(value, dict) else int(rng.integers(len(value)))
    if rng.random() < 0.1:
        del value[key]
    else:
        value[key] = mutated(value[key], rng, odd)
    return value


def broken(content, rng):
    """Bytes cut short, with some changed, or others altogether."""
    content, way = bytearray(content), rng.integers(4)
    at = int(rng.integers(len(content))) if content else 0
    if way == 0:
        return bytes(content[:at])
    if way == 1:
        return bytes(content[:at] + content[at + int(rng.integers(1, 40)) :])
    if way == 2:
        return rng.bytes(int(rng.integers(300)))
    for _ in range(int(rng.integers(1, 20))):
        content[int(rng.integers(len(content)))] = int(rng.integers(256))
    return bytes(content)


def break_one(folder, rng):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = files[rng.integers(len(files))]
    path.write_bytes(broken(path.read_bytes(), rng))


PICKLED = [
    *ODD[:-1],
    deep(250),
    doubled(),
    np.array(3.5),
    np.array("a"),
    np.ones(3),
    (1, 2),
    {1},
    np.float32(2),
    b"x",
    np.array(["a"]),
]
