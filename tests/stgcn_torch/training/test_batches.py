"""Batches do not depend on workers or processes, and a folder of memory-mapped files gives the same clips."""

import multiprocessing
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sets import saved, saved_as_folder, small_set

from reference import load_clips
from reference.input_settings import InputSettings
from stgcn_torch.training.batches import ClipSet, batch_size, epoch_batches, evaluation_loader, training_loader
from stgcn_torch.training.distributed import Processes
from stgcn_torch.training.protocols import folds

SETTINGS = InputSettings(frames=10, crop=0.7, joint_dropout=0.1)
ALONE = Processes(0, 1, torch.device("cpu"))


def clip_set(path, seed=3):
    sequences = load_clips(path)
    (fold,) = folds(sequences, "cross-subject", subjects=[1, 2])
    return ClipSet(path, sequences, fold.train, SETTINGS, seed)


@pytest.fixture
def clips(tmp_path):
    return clip_set(saved(small_set(), tmp_path))


@given(st.integers(2, 60), st.integers(2, 20), st.integers(0, 9), st.integers(0, 9), st.integers(1, 4))
def test_a_pass_takes_every_clip_once_in_an_order_of_its_own(n, batch, seed, epoch, passes):
    batch = min(batch, n)
    batches = epoch_batches(n, batch, seed, epoch, passes)
    assert [len(keys) for keys in batches] == [batch] * (passes * n // batch)
    keys = [key for keys in batches for key in keys]
    assert len(set(keys)) == len(keys)
    assert {number for number, _ in keys} <= set(range(epoch * passes, (epoch + 1) * passes))
    for number in range(epoch * passes, (epoch + 1) * passes - 1):  # the last pass may be cut short
        assert sorted(place for k, place in keys if k == number) == list(range(n))
    later = epoch_batches(n, batch, seed, epoch + 1, passes)
    assert not {key for keys in later for key in keys} & set(keys)
    if n > 8:
        assert [place for keys in later for _, place in keys] != [place for _, place in keys]


@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_every_batch(clips, world):
    whole = list(training_loader(clips, 6, 2, ALONE))
    shares = [list(training_loader(clips, 6, 2, ALONE._replace(rank=rank, world=world))) for rank in range(world)]
    for number, (clip, label, place) in enumerate(whole):
        for rank in range(world):
            own_clip, own_label, own_place = shares[rank][number]
            assert torch.equal(own_clip, clip[rank::world])
            assert torch.equal(own_label, label[rank::world])
            assert torch.equal(own_place, place[rank::world])


def test_every_clip_is_evaluated_once_whatever_the_processes(clips):
    for world in (1, 2, 5):
        processes = [ALONE._replace(rank=rank, world=world) for rank in range(world)]
        places = [p for each in processes for *_, p in evaluation_loader(clips, 4, each)]
        assert sorted(torch.cat(places).tolist()) == list(range(len(clips)))


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def start_method(request):
    """How workers start: usually by fork on Linux before Python 3.14, by forkserver since, by spawn elsewhere."""
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method(request.param, force=True)
    yield
    multiprocessing.set_start_method(before, force=True)


def test_workers_change_nothing_and_an_epoch_can_be_entered_in_the_middle(clips, start_method):
    whole = list(training_loader(clips, 4, 1, ALONE))
    state = torch.get_rng_state()
    with_workers = list(training_loader(clips, 4, 1, ALONE, workers=1))
    assert torch.equal(torch.get_rng_state(), state)
    later = list(training_loader(clips, 4, 1, ALONE, first=2))
    for a, b in zip([*whole, *whole[2:]], [*with_workers, *later], strict=True):
        assert all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def test_no_process_is_started_that_has_no_batch_to_make(clips):
    assert evaluation_loader(clips, len(clips) // 2, ALONE, workers=1000).num_workers == 2
    assert training_loader(clips, 4, 1, ALONE, workers=1).num_workers == 1


def test_epochs_and_seeds_differ(clips, tmp_path):
    assert not torch.equal(clips[0, 0][0], clips[1, 0][0])
    assert not torch.equal(clips[0, 0][0], clip_set(clips.source, seed=4)[0, 0][0])


def test_a_folder_of_memory_mapped_files_gives_the_same_clips(tmp_path):
    of_file, of_folder = clip_set(saved(small_set(), tmp_path)), clip_set(saved_as_folder(small_set(), tmp_path))
    assert isinstance(of_folder.sequences.frames, np.memmap)
    for place in range(len(of_file)):
        assert torch.equal(of_file[1, place][0], of_folder[1, place][0])


def test_pickled_for_a_worker_the_frames_stay_behind(tmp_path):
    big = small_set(per_class=40, T=60)
    clips = clip_set(saved_as_folder(big, tmp_path))
    pickled = pickle.dumps(clips)
    assert len(pickled) < big.frames.nbytes / 4
    assert torch.equal(pickle.loads(pickled)[0, 5][0], clips[0, 5][0])


def test_clips_have_names(clips):
    assert clips.name(0) == "sequence 0 (clip_0)"
    clips.rows[0, 1] = 4
    assert clips.name(0) == "sequence 0 (clip_0) from frame 4"


def test_a_batch_has_as_many_clips_for_each_process():
    assert batch_size(16, 100, 2) == 16
    assert batch_size(16, 10, 1) == 10
    for asked, clips, world in ((15, 100, 2), (16, 9, 2), (2, 100, 2), (16, 1, 1)):
        with pytest.raises(ValueError, match="cannot be shared by"):
            batch_size(asked, clips, world)


def test_a_mirrored_clip_has_the_label_of_the_other_side():
    names = np.array(["left_turn", "right_turn", "stop"])
    sequences, rows = small_set(class_names=names), np.array([[s, 0, 9] for s in range(18)])
    plain = InputSettings(center="none", turn=0, zoom=0, crop=1, frames=9, mirror=0.5)
    clips = ClipSet("small", sequences, rows, plain, seed=3)
    mirrored = 0
    for place in range(18):
        clip, label, _ = clips[0, place]
        own = sequences.clip(place)[0, :, :9]
        if np.array_equal(clip, own):
            assert label == sequences.label[place]
        else:
            np.testing.assert_array_equal(clip[0, :, 3], -own[0, :, 4])  # the hands of toy_5
            assert label == [1, 0, 2][sequences.label[place]]
            mirrored += 1
    assert 3 < mirrored < 15
    with pytest.raises(ValueError, match="left_turn cannot be mirrored: there is no right_turn"):
        ClipSet("small", small_set(class_names=np.array(["left_turn", "go", "stop"])), rows, plain, seed=3)
