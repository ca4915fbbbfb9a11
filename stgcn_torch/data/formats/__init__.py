"""The formats that can be read, each one file of this folder that defines FORMAT, a Format: nothing else lists it."""

from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np

from reference import Sequences, load_clips

from ..recordings import FPS, body_members

_FOUND = [import_module(f"{__name__}.{file.name}").FORMAT for file in iter_modules(__path__)]
FORMATS = {found.name: found for found in _FOUND}


def option_arguments(formats):
    """What add_argument takes for every option of some Formats: {"an_option": {"help": ..., ...}}; who takes it is said
    in the help."""
    words = {name: words for found in formats for name, words in found.options.items()}
    takers = {name: ", ".join(found.name for found in formats if name in found.options) for name in sorted(words)}
    return {name: words[name] | {"help": f"{whose}: {words[name]['help']}"} for name, whose in takers.items()}


def open_recordings(path, name=None, published=False, **options):
    """What can be predicted at a path: [(what to call it, a function that loads its Sequences), ...].

    A sequence set, as load_clips takes it, and a raw recording, as a format with a RawFile or RawClips has it, are one;
    a folder of raw recordings is several.

    name       of the format, which otherwise the content tells
    published  whether a raw recording is read as its format's --published does; a set is what it is
    options    those of that format that are given

    A raw recording gives the frames, and bit for bit the clip, that data convert makes of the file. What it says of its
    class is not read: the one class is called "unknown". Raises ValueError for an option that the format does not have;
    this and the functions raise what load_clips and the format's reader raise, and ValueError for a path where nothing
    of this kind is, by content and name.
    """
    place = Path(path)
    found = FORMATS[name] if name else _recognised(place)
    if found is None:
        raw = next((found.raw for found in FORMATS.values() if found.raw and found.raw.suffix == place.suffix), None)
        raw = None if place.is_dir() else raw
    else:
        raw = found.raw
    if options and not (found and found.clips and set(options) <= set(found.options)):
        foreign = sorted(set(options) - set(found.options if found and found.clips else ()))
        raise ValueError(f"{found.name if found else 'what is there'} takes no --{foreign[0].replace('_', '-')}")
    if found and found.clips:
        source = found.clips.open(place, **options)
        return [
            (str(path) if len(source.entries) == 1 else f"{path}: {title}", partial(_of_source, source, entry))
            for entry, title in enumerate(source.entries)
        ]
    return [(str(path), partial(load_raw, place, raw, published) if raw else partial(_of_set, path))]


def _recognised(place):
    """The format with RawClips of a file or folder; None for a sequence set, and where no format knows it."""
    if not place.exists() or (place / "offset.npy").exists():
        return None
    return next((found for found in FORMATS.values() if found.clips and found.clips.recognise(place)), None)


def recordings_below(folder):
    """The paths at which every recording below a folder can be opened, sorted; what begins with a dot is left out.

    A folder that one format with RawClips reads whole is one path. The folder itself, if nothing is below it.
    """
    return _below(Path(folder)) or [Path(folder)]


def _below(folder):
    suffixes = {".npz", *(found.raw.suffix for found in FORMATS.values() if found.raw)}
    if (folder / "offset.npy").exists():
        return [folder]
    others = suffixes - {".json"}  # which are of many formats
    if not any(path.suffix in others or path.name == "offset.npy" for path in folder.rglob("*")) and _recognised(
        folder
    ):
        return [folder]
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            found += [] if path.is_symlink() else _below(path)  # links may lead in circles
        elif path.is_file() and (path.suffix in suffixes or _recognised(path)):
            found.append(path)
    return found


def _of_source(source, entry):
    title = source.entries[entry].replace("/", "_")  # it becomes the name of a file
    return _alone(title, source.read(entry).frames, source.skeleton, source.channels)


def load_raw(path, raw, published):
    """The Sequences of a file that a RawFile reads. Raises what that raises."""
    frames = (raw.read_published or raw.read)(path) if published else raw.read(path)
    return _alone(path.stem, frames, raw.skeleton, raw.channels)


def _alone(title, frames, skeleton, channels):
    return Sequences(
        title=title,
        frames=frames,
        offset=np.array([0, len(frames)]),
        label=np.array([0]),
        class_names=np.array(["unknown"]),
        **body_members(skeleton, channels, FPS),
    )


def _of_set(path):
    try:
        return load_clips(path)
    except ValueError:
        if Path(path).suffix == ".npz" or not Path(path).is_file():
            raise
        suffixes = " or ".join(found.raw.suffix for found in FORMATS.values() if found.raw)
        raise ValueError(
            f"it is neither a sequence set nor a raw recording, whose name ends in {suffixes} or whose content is"
            f" that of {', '.join(name for name, found in FORMATS.items() if found.clips)}"
        ) from None
