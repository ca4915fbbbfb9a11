"""Published checkpoints as files: read safely, and taken out of what trainings wrap them in."""

import re
import zipfile
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from .data.unpickling import Refused, check_program
from .official_layouts import known_layouts

# Where trainings keep the weights: these come first of several that are equally deep (a running average, say).
_MOST_PREFIXES = 20
_MOST_IN_PICKLES = 2**26  # bytes: beside the numbers there are names and shapes
_USUAL_KEYS = ("state_dict", "model_state_dict", "model")


def read_checkpoint(source):
    """Names and NumPy arrays of a checkpoint, without wrappers and prefixes; floating-point entries all of one type.

    Of mappings in mappings ("model_state_dict" beside an optimizer's, for instance) the outermost counts that has the
    names of a network. A prefix that all names share is taken off (`module.`, `model.`, several of them), `_orig_mod.`
    of torch.compile wherever it stands, and the `n_averaged` of an average of weights.
    """
    entries = _unwrapped(source if hasattr(source, "items") else _read_file(Path(source)))
    if "A_hat" in entries:
        name = "this" if hasattr(source, "items") else source
        raise ValueError(f"{name} is a network of this project already: STGCN.from_state(reference.load_state(path))")
    tensors = {name: _tensor(name, value) for name, value in entries.items()}
    dtype = (
        torch.float64 if torch.float64 in {t.dtype for t in tensors.values()} else torch.float32
    )  # NumPy's own types
    return {name: (t.to(dtype) if t.is_floating_point() else t).numpy() for name, t in tensors.items()}


def _unwrapped(checkpoint):
    """The entries of the first mapping that has a network's names; of a checkpoint without any, of the first that has
    arrays."""
    mappings, seen = [checkpoint], {id(checkpoint)}
    for mapping in mappings:  # which grows: what is in one comes after all that are beside it
        entries = _without_prefixes(mapping)
        if known_layouts(entries):
            return entries
        inner = [(key not in _USUAL_KEYS, value) for key, value in mapping.items() if hasattr(value, "items")]
        for _, value in sorted(inner, key=lambda pair: pair[0]):
            if id(value) not in seen:  # a file may hold a mapping that holds itself
                mappings.append(value)
                seen.add(id(value))
    arrays = (mapping for mapping in mappings if any(_is_array(value) for value in mapping.values()))
    return {str(name): value for name, value in next(arrays, checkpoint).items()}


def _without_prefixes(mapping):
    entries = {str(name).replace("_orig_mod.", ""): value for name, value in mapping.items()}
    for _ in range(_MOST_PREFIXES):
        if known_layouts(entries):
            break
        entries.pop("n_averaged", None)
        prefixes = {name.partition(".")[0] for name in entries}
        if len(prefixes) != 1 or not all("." in name for name in entries):
            break
        entries = {name.partition(".")[2]: value for name, value in entries.items()}
    return {name: value for name, value in entries.items() if name != "n_averaged"}


def _is_array(value):
    return isinstance(value, (torch.Tensor, np.ndarray))


def _tensor(name, value):
    if not _is_array(value):
        raise ValueError(f"the checkpoint's entry {name!r} is a {type(value).__name__}, expected a tensor")
    if isinstance(value, np.ndarray):
        try:
            value = torch.from_numpy(np.array(value, dtype=value.dtype.newbyteorder("="), order="C"))
        except TypeError:  # text, objects, more than 64 bits: PyTorch has no such tensors
            kind = value.dtype
            raise ValueError(f"the checkpoint's entry {name!r} is {kind}; expected floating-point numbers") from None
    counter = name.endswith("num_batches_tracked")
    if value.is_meta or (value.layout == torch.strided and value.numel() > value.untyped_storage().nbytes()):
        raise ValueError(f"the checkpoint's entry {name!r}, {tuple(value.shape)}, is a tensor without its numbers")
    if value.layout != torch.strided or not (value.is_floating_point() or counter):
        raise ValueError(
            f"the checkpoint's entry {name!r} is {value.dtype}, {value.layout}; expected floating-point numbers"
        )
    return value.detach().cpu()


def _check_programs(path):
    """Raise Refused for pickles that fill the memory or never end, and for a zip that unpacks to more than it is."""
    if not zipfile.is_zipfile(path):  # of PyTorch before 1.6: four pickles, the names of the storages, and these
        with path.open("rb") as file:
            for _ in range(5):
                check_program(file)
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
        pickles = [member for member in archive.infolist() if member.filename.endswith(".pkl")]
        if size > path.stat().st_size or sum(member.file_size for member in pickles) > _MOST_IN_PICKLES:
            raise Refused(f"it takes {size} bytes unpacked")
        for member in pickles:
            with archive.open(member) as file:
                check_program(file)


def _read_file(path):
    if not path.is_file():
        raise FileNotFoundError(f"there is no checkpoint {path}")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        _check_programs(path)
        entries = torch.load(path, map_location="cpu", weights_only=True)
    except Refused as error:
        raise ValueError(f"{path} could not be read as a checkpoint of plain tensors: {error}") from None
    except Exception as error:  # what the two readers raise on bytes that are no checkpoint is of every kind
        # PyTorch's own words advise to switch the safety off.
        refused = re.search(r"GLOBAL ([\w.]+)", str(error))
        why = f"it is empty, cut short or of another kind ({type(error).__name__})"
        why = f"it holds a {refused[1]}; save the state_dict alone" if refused else why
        raise ValueError(f"{path} could not be read as a checkpoint of plain tensors: {why}") from None
    if not hasattr(entries, "items"):
        raise ValueError(f"{path} holds a {type(entries).__name__}, expected a mapping of names to tensors")
    return entries
