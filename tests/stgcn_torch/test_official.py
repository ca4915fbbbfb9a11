"""Published checkpoints give the logits of the implementation they come from; anything else is refused by name."""

import zipfile

import numpy as np
import pytest
import torch
from published import COPIED, MMACTION2, OLD_MMACTION2, PYSKL, checkpoint, published_forward
from safetensors.torch import save_file

import reference
from reference import SKELETONS
from stgcn_torch import STGCN, load_official
from stgcn_torch.__main__ import main
from stgcn_torch.convert_checkpoint import describe_partition
from stgcn_torch.official import official_state


def published(skeleton, strategy, max_hop=1):
    """Matrices as published checkpoints carry them: normalised before they are split, sources in rows."""
    A = reference.partition(skeleton, strategy, max_hop=max_hop)
    return reference.normalize(A, "joint").transpose(0, 2, 1).copy()


def graphs():
    """(matrices of a kind that published checkpoints carry, sources in rows; a number of frames)."""
    for name, frames in (("openpose_18", (16, 13, 22, 9)), ("ntu_25", (30, 7, 11, 21))):
        skeleton = SKELETONS[name]
        yield published(skeleton, "widely_copied"), frames[0]
        yield published(skeleton, "widely_copied", max_hop=2), frames[1]
        yield published(skeleton, "uni_labeling"), frames[2]
        yield published(skeleton, "distance"), frames[3]
        yield published(skeleton, "distance", max_hop=2), 10
    chain = reference.Skeleton("24", [str(i) for i in range(24)], [(i, i + 1) for i in range(23)], center=0)
    yield published(chain, "spatial"), 14


def clip_for(A, T, C=3, M=2):
    clip = torch.randn(2, C, T, A.shape[1], M, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    clip[:, :, :, :, 1:] = 0  # an absent second person
    clip[0, :, : T // 2, :, 1:] = 1
    return clip


def relative_error(expected, got):
    expected, got = np.asarray(expected), np.asarray(got)
    return np.max(np.abs(got - expected)) / np.max(np.abs(expected))


@pytest.mark.parametrize(
    "names", [COPIED, MMACTION2, PYSKL, OLD_MMACTION2], ids=["copied", "mmaction2", "pyskl", "mmaction2 before 1.0"]
)
@pytest.mark.parametrize("edge_importance", [True, False])
@pytest.mark.parametrize(("A", "T"), list(graphs()))
def test_the_logits_are_those_of_the_published_implementation(names, edge_importance, A, T):
    entries = checkpoint(names, A, edge_importance=edge_importance)
    clip = clip_for(A, T)
    expected = published_forward(names, entries, clip)
    with torch.no_grad():
        model = load_official(entries)
        assert not model.training
        assert relative_error(expected, model(clip)) < 1e-12
        assert relative_error(expected, reference.forward(official_state(entries), clip.numpy())) < 1e-12
        single = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in entries.items()}
        assert relative_error(expected, load_official(single)(clip.float())) < 5e-6


@pytest.mark.parametrize(("C", "classes", "gamma"), [(2, 1, 3), (3, 400, 9), (6, 7, 5)])
def test_channels_classes_and_gamma_are_read_off_the_shapes(C, classes, gamma):
    A = published(SKELETONS["toy_5"], "widely_copied")
    entries = checkpoint(COPIED, A, C=C, classes=classes, gamma=gamma)
    clip = clip_for(A, 12, C=C)
    with torch.no_grad():
        assert relative_error(published_forward(COPIED, entries, clip), load_official(entries)(clip)) < 1e-12


def small():
    return checkpoint(COPIED, published(SKELETONS["toy_5"], "widely_copied"), dtype=torch.float32)


def named(prefix, **more):
    """The checkpoint with a prefix before every name."""
    return {f"{prefix}{name}": value for name, value in small().items()} | more


def logits(source):
    with torch.no_grad():
        return load_official(source)(clip_for(np.zeros((3, 5, 5)), 12).float())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda entries: {f"module.{name}": value for name, value in entries.items()},
        lambda entries: {"state_dict": entries, "meta": {"epoch": 80}},
        lambda entries: {"model": {f"module.{name}": value for name, value in entries.items()}, "epoch": 3},
        lambda entries: {"model": {"state_dict": entries}, "epoch": 3},
        lambda entries: {"model_state_dict": entries, "optimizer_state_dict": {"state": {0: {"step": 1}}}, "epoch": 3},
        lambda entries: {
            "optimizer": {"state": {0: {"momentum": torch.ones(3)}}},
            "loss": torch.ones(1),
            "net": entries,
        },
        lambda entries: {"ema": {name: 2 * value for name, value in entries.items()}, "state_dict": entries},
        lambda entries: {"checkpoint": {"network": {"weights": named("model.module.")}}},
        lambda entries: named("model."),
        lambda entries: named("_orig_mod."),
        lambda entries: named("module._orig_mod.net."),
        lambda entries: {name.replace(".gcn.", "._orig_mod.gcn."): value for name, value in entries.items()},
        lambda entries: entries | {"n_averaged": torch.tensor(9)},
        lambda entries: named("module.", n_averaged=torch.tensor(9)),
        lambda entries: {"state_dict": named("model.module.module.") | {"model.n_averaged": torch.tensor(9)}},
        lambda entries: {name: value.numpy() for name, value in entries.items()},
        lambda entries: {
            name: value.numpy().astype(value.numpy().dtype.newbyteorder()) for name, value in entries.items()
        },
        lambda entries: {
            name: np.flip(np.flip(value.numpy()).copy()) if value.ndim else value for name, value in entries.items()
        },
    ],
)
def test_wrappers_and_prefixes_are_taken_off(wrap, tmp_path):
    wrapped = wrap(small())
    assert torch.equal(logits(wrapped), logits(small()))
    if not isinstance(next(iter(wrapped.values())), np.ndarray):
        torch.save(wrapped, tmp_path / "saved.pth")
        assert torch.equal(logits(tmp_path / "saved.pth"), logits(small()))


def test_files_of_all_kinds(tmp_path):
    torch.save(small(), tmp_path / "a.pt")
    save_file(small(), tmp_path / "a.safetensors")
    assert torch.equal(logits(str(tmp_path / "a.pt")), logits(small()))
    assert torch.equal(logits(tmp_path / "a.safetensors"), logits(small()))


def test_a_mapping_that_holds_itself_has_an_end():
    loop = {"epoch": 3}
    loop["more"] = {"again": loop}
    with pytest.raises(ValueError, match="entry 'epoch' is a int, expected a tensor"):
        load_official(loop)
    assert torch.equal(logits(loop | {"net": small()}), logits(small()))


def change(name, value):
    return lambda entries: entries | {name: value}


def drop(name):
    return lambda entries: {key: value for key, value in entries.items() if key != name}


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (lambda entries: {"layer1.weight": torch.ones(3)}, "no checkpoint of ST-GCN: expected .* layer1.weight"),
        (lambda entries: {}, "no checkpoint of ST-GCN"),
        (lambda entries: {"state_dict": {"layer1.weight": torch.ones(3)}, "epoch": 3}, "first names are layer1.weight"),
        (lambda entries: {"state_dict": official_state(entries)}, "this is a network of this project already"),
        (
            lambda entries: named("model.", **{"criterion.weight": torch.ones(5)}),
            "first names are model.data_bn.weight",
        ),
        (drop("A"), r"no entry 'A'; expected shape \(3, 5, 5\)"),
        (drop("st_gcn_networks.0.tcn.2.weight"), r"no entry 'st_gcn_networks.0.tcn.2.weight'; .* \(4, 4, 9, 1\)"),
        (
            drop("st_gcn_networks.3.gcn.conv.weight"),
            r"no entry 'st_gcn_networks.3.gcn.conv.weight'; .* \(24, 8, 1, 1\)",
        ),
        (drop("edge_importance.0"), r"no entry 'edge_importance.0'; expected shape \(3, 5, 5\)"),
        (
            change("st_gcn_networks.1.gcn.conv.weight", torch.ones(6, 4, 1, 1)),
            r"1.gcn.conv.weight must .* \(12, 4, 1, 1\), got \(6, 4, 1, 1\)",
        ),
        (change("st_gcn_networks.0.gcn.conv.weight", torch.ones(12, 2, 1, 1)), "0.gcn.conv.weight must .*12, 3, 1, 1"),
        (change("st_gcn_networks.0.tcn.2.weight", torch.ones(4, 4, 7, 1)), "0.tcn.2.weight must have"),
        (change("A", torch.ones(2, 5, 5)), r"A must have the shape \(3, 5, 5\), got \(2, 5, 5\)"),
        (change("A", torch.ones(3, 6, 6)), r"A must have the shape \(3, 5, 5\), got \(3, 6, 6\)"),
        (change("A", torch.ones(3, 5, 5, dtype=torch.int64)), "entry 'A' is torch.int64"),
        (change("fcn.bias", torch.ones(5, dtype=torch.complex64)), "entry 'fcn.bias' is torch.complex64"),
        (change("fcn.bias", torch.ones(5).to_sparse()), "entry 'fcn.bias' is torch.float32, torch.sparse_coo"),
        (change("edge_importance.9", torch.ones(3, 5, 5)), "an entry 'edge_importance.9' that ST-GCN"),
        (lambda entries: {7: torch.ones(1)}, "no checkpoint of ST-GCN: .* its first names are 7"),
        (drop("fcn.bias"), r"no entry 'fcn.bias'; expected shape \(5,\)"),
        (drop("st_gcn_networks.2.residual.1.running_var"), "no entry 'st_gcn_networks.2.residual.1.running_var'"),
        (drop("st_gcn_networks.2.gcn.conv.weight"), "'st_gcn_networks.2"),
        (drop("edge_importance.3"), "no entry 'edge_importance.3'"),
        (change("attention.weight", torch.ones(2)), "an entry 'attention.weight' that ST-GCN"),
        (change("st_gcn_networks.0.residual.0.weight", torch.ones(4, 3, 1, 1)), "st_gcn_networks.0.residual"),
        (change("fcn.bias", torch.ones(6)), r"fcn.bias must have the shape \(5,\), got \(6,\)"),
        (change("data_bn.weight", torch.ones(30)), r"data_bn.weight must have the shape \(15,\), got \(30,\)"),
        (change("A", torch.ones(5, 5)), r"A must have the shape \(3, 5, 5\), got \(5, 5\)"),
        (change("edge_importance.1", torch.ones(1, 5, 5)), "edge_importance.1 must have the shape"),
        (change("st_gcn_networks.1.tcn.2.weight", torch.ones(4, 4, 7, 1)), "st_gcn_networks.1.tcn.2.weight must"),
        (change("epoch", 80), "entry 'epoch' is a int, expected a tensor"),
        (change(3, torch.ones(2)), "an entry '3' that ST-GCN"),
        (change("fcn.bias", np.array([None] * 5)), "entry 'fcn.bias' is object; expected floating-point"),
        (change("fcn.bias", torch.tensor([0, 0, torch.nan, 0, 0])), "fcn.bias holds NaN or infinity"),
        (change("edge_importance.1", torch.full((3, 5, 5), torch.inf)), "edge_importance.1 holds NaN or infinity"),
    ],
)
def test_something_else_is_refused_by_name(alter, message):
    with pytest.raises(ValueError, match=message):
        load_official(alter(small()))


def test_blocks_with_different_graphs_are_refused():
    entries = checkpoint(PYSKL, published(SKELETONS["toy_5"], "widely_copied"))
    entries["backbone.gcn.3.gcn.A"] = entries["backbone.gcn.3.gcn.A"] * 2
    with pytest.raises(ValueError, match="backbone.gcn.3.gcn.A differs from that of block 0"):
        load_official(entries)


class Harmful:
    def __reduce__(self):
        return (print, ("this must never run",))


def test_files_that_are_no_checkpoints_are_refused(tmp_path, capsys):
    torch.save({"A": Harmful()}, tmp_path / "harmful.pth")
    torch.save([torch.ones(2)], tmp_path / "list.pt")
    torch.save(small(), tmp_path / "whole.pt")
    whole = (tmp_path / "whole.pt").read_bytes()
    (tmp_path / "cut.pt").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "text.safetensors").write_text("not this")
    for name in ("harmful.pth", "list.pt", "cut.pt", "empty.pt", "text.safetensors"):
        with pytest.raises(ValueError, match=name):
            load_official(tmp_path / name)
    for name in ("cut.pt", "empty.pt", "text.safetensors"):
        with pytest.raises(ValueError, match="it is empty, cut short or of another kind"):
            load_official(tmp_path / name)
    with pytest.raises(ValueError, match="it holds a .*print; save the state_dict alone") as refusal:
        load_official(tmp_path / "harmful.pth")
    assert "weights_only" not in str(refusal.value)
    assert "never run" not in capsys.readouterr().out
    with pytest.raises(FileNotFoundError, match="nothing.pt"):
        load_official(tmp_path / "nothing.pt")


def test_convert_writes_a_file_that_both_halves_run(tmp_path, capsys):
    A = published(SKELETONS["ntu_25"], "widely_copied")
    entries = checkpoint(COPIED, A)
    torch.save(entries, tmp_path / "in.pth")
    assert main(["convert", str(tmp_path / "in.pth"), str(tmp_path / "out.safetensors")]) == 0
    printed = capsys.readouterr().out
    assert "3 channels, 25 joints, K = 3, 5 classes" in printed
    assert (
        "subsets of 25/40/8 entries; the exact spatial partition of ntu_25 (max_hop 1) has 25/24/24: another" in printed
    )
    with pytest.raises(ValueError, match=r"already: STGCN.from_state\(reference.load_state"):
        load_official(tmp_path / "out.safetensors")
    state = reference.load_state(tmp_path / "out.safetensors")
    clip = clip_for(A, 17)
    expected = published_forward(COPIED, entries, clip)
    assert relative_error(expected, reference.forward(state, clip.numpy())) < 1e-12
    with torch.no_grad():
        assert relative_error(expected, STGCN.from_state(state).eval()(clip)) < 1e-12


def test_convert_says_what_is_wrong_and_writes_nothing(tmp_path, capsys):
    torch.save({"A": torch.ones(2)}, tmp_path / "in.pth")
    assert main(["convert", str(tmp_path / "in.pth"), str(tmp_path / "out.safetensors")]) == 1
    assert main(["convert", str(tmp_path / "none.pth"), str(tmp_path / "out.safetensors")]) == 1
    assert main(["convert", str(tmp_path / "in.pth"), str(tmp_path / "out.npz")]) == 1
    message = capsys.readouterr().err
    assert "the checkpoint's A has the shape (2,); expected A (K, V, V)" in message
    assert "none.pth" in message
    assert "must end in .safetensors" in message
    assert list(tmp_path.iterdir()) == [tmp_path / "in.pth"]


def test_an_exact_partition_is_recognised_as_such():
    exact = reference.normalize(reference.partition(SKELETONS["ntu_25"], "spatial"), "joint")
    assert "the exact spatial partition of ntu_25 (max_hop 1) has 25/24/24: the same" in describe_partition(exact)
    far = reference.normalize(reference.partition(SKELETONS["ntu_25"], "distance", max_hop=2), "row")
    assert "the exact distance partition of ntu_25 (max_hop 2) has 25/48/" in describe_partition(far)
    assert "not compared" in describe_partition(np.ones((5, 7, 7)))


def test_five_subsets_are_compared_with_the_exact_three():
    line = describe_partition(published(SKELETONS["openpose_18"], "widely_copied", max_hop=2).transpose(0, 2, 1))
    assert "subsets of 18/19/15/26/14 entries; the exact spatial partition of openpose_18 (max_hop 2)" in line
    assert "has 30/31/31: another" in line


def test_a_tree_that_is_no_built_in_skeleton_is_compared_all_the_same():
    chain = reference.Skeleton("24", [str(i) for i in range(24)], [(i, i + 1) for i in range(23)], center=7)
    line = describe_partition(published(chain, "widely_copied").transpose(0, 2, 1))
    assert "the exact spatial partition of these 24 joints (max_hop 1) has 24/23/23: another" in line
    assert "has 24/23/23: the same" in describe_partition(reference.partition(chain, "spatial"))
    two_parts = np.eye(6)[None] + np.kron(np.eye(2), 1 - np.eye(3))  # two triangles: 6 bones, and not 5
    assert "not compared" in describe_partition(two_parts)
    apart = two_parts.copy()
    apart[0, 4, 5] = apart[0, 5, 4] = 0  # 5 bones, yet no tree
    assert "not compared" in describe_partition(apart)


def doubling_key():
    """A pickle of 200 bytes whose key is hashed for ever: a tuple of a tuple of ..., forty times."""
    return b"\x80\x02}(K\x01" + b"".join(b"q%c(h%ch%ct" % (n, n, n) for n in range(40)) + b"K\x01u."


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_never_ends_is_refused_at_once(tmp_path, zipped):
    path = tmp_path / "a.pt"
    torch.save({"a": torch.ones(1)}, path, _use_new_zipfile_serialization=zipped)
    if zipped:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, doubling_key() if name.endswith("data.pkl") else content)
    else:
        path.write_bytes(doubling_key())
    with pytest.raises(ValueError, match="a.pt could not be read as a checkpoint of plain tensors: it uses a tuple as"):
        load_official(path)


def test_a_zip_that_unpacks_to_more_than_it_is_is_refused(tmp_path):
    path = tmp_path / "a.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", b"\0" * 10**6)
    with pytest.raises(ValueError, match="a.pt could not be read .* it takes 1000000 bytes unpacked"):
        load_official(path)


@pytest.mark.parametrize("tensor", [torch.ones(3, device="meta"), torch.ones(1).expand(10**11)])
def test_a_tensor_without_its_numbers_is_refused_by_name(tensor):
    with pytest.raises(ValueError, match="entry 'x', .* is a tensor without its numbers"):
        load_official({"x": tensor})


def test_names_of_dots_alone_end():
    with pytest.raises(ValueError):
        load_official({"." * 10**6: torch.ones(1)})
