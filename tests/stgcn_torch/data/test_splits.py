"""What lists, files and folders are called, and the columns of `split` that keep them apart."""

import pytest

from stgcn_torch.data.splits import part_of, split_columns


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train", ("", "train")), ("xsub_val", ("xsub", "val")), ("test1", ("1", "test")),
        ("trainval", ("", "trainval")),
        ("xset_train_val", ("xset", "trainval")), ("kinetics_train", ("kinetics", "train")), ("Train", ("", "train")),
        ("validation", ("", "val")), ("valid", ("", "val")), ("sub1_testing", ("sub1", "test")), ("all", None),
        ("train_data", None), ("", None),
    ],
)  # fmt: skip
def test_names(name, expected):
    assert part_of(name) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"train", "val"}, {"train against val": {"train": 1, "val": 2}}),
        ({"train", "test"}, {"train against test": {"train": 1, "trainval": 1, "test": 2}}),
        ({"train"}, {"train": {"train": 1, "trainval": 1}}),
        (
            {"train", "val", "test"},
            {
                "train against test": {"train": 1, "trainval": 1, "test": 2},
                "train against val": {"train": 1, "val": 2},
            },
        ),
    ],
)
def test_three_parts_are_two_columns(parts, expected):
    assert split_columns(parts) == expected
    assert list(split_columns(parts)) == list(expected)
