"""PyTorch in windows: the logits of the whole clip, for the model and for its fused form."""

import numpy as np
import pytest
import torch

import reference
from stgcn_torch import STGCN, forward_in_windows

NARROW = tuple((C_in // 8 or 3, C_out // 8, stride) for C_in, C_out, stride in reference.LAYERS)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return STGCN(4, 3, "toy_5", layers=NARROW).double().eval()


@pytest.mark.parametrize("T", [1, 75, 154, 301])
@pytest.mark.parametrize("fused", [False, True])
@torch.no_grad()
def test_the_logits_are_those_of_the_whole_clip(model, T, fused):
    clip = torch.from_numpy(np.random.default_rng(T).standard_normal((2, 3, T, 5, 2)))
    whole = model(clip)
    got = forward_in_windows(model.fuse() if fused else model, clip, frames=40)
    torch.testing.assert_close(got, whole, rtol=1e-11, atol=1e-13)  # sums in another order
    torch.testing.assert_close(forward_in_windows(model, clip[0], frames=40), whole[0], rtol=1e-11, atol=1e-13)


@torch.no_grad()
def test_a_clip_of_20000_frames_takes_the_memory_of_one_window(model):
    clip = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 3, 20_000, 5, 1)))
    widest = []
    hooks = [block.register_forward_hook(lambda _m, _i, f: widest.append(f.shape[2])) for block in model.blocks]
    in_windows = forward_in_windows(model, clip)
    for hook in hooks:
        hook.remove()
    assert max(widest) <= 512 + 2 * 76
    torch.testing.assert_close(in_windows, model(clip), rtol=1e-11, atol=1e-13)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    in_numpy = reference.forward_in_windows(state, clip.numpy())
    np.testing.assert_allclose(in_numpy, in_windows.numpy(), rtol=1e-11, atol=1e-13)


def test_what_does_not_fit_is_refused(model):
    clip = torch.zeros(1, 3, 20, 5, 1, dtype=torch.float64)
    with pytest.raises(ValueError, match=r"the model is in training mode; call model.eval\(\) first"):
        forward_in_windows(STGCN(4, 3, "toy_5", layers=NARROW), clip)
    with pytest.raises(ValueError, match="the clip has 3 channels and 4 joints"):
        forward_in_windows(model, clip[:, :, :, :4])
    with pytest.raises(ValueError, match=r"clip is torch.float32 but the model torch.float64"):
        forward_in_windows(model, clip.float())
    with pytest.raises(ValueError, match="frames must be an integer >= 1, got 0"):
        forward_in_windows(model, clip, frames=0)
