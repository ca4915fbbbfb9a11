"""The fused model: the same logits and the same blocks as the reference in every cross-check, and nothing to train."""

import copy
import pickle

import numpy as np
import pytest
import torch

from reference import LAYERS
from stgcn_torch import STGCN, check

CASES = [case for case in check.cases() if not case.training]
NARROW = tuple((C_in // 4 or 2, C_out // 4, stride) for C_in, C_out, stride in LAYERS)


@pytest.fixture(scope="module")
def model():
    """A small network in float32 of which no batch norm and no edge importance is neutral."""
    torch.manual_seed(0)
    model = STGCN(7, 3, "mocap_15", layers=NARROW)
    with torch.no_grad():
        model(torch.randn(4, 3, 21, 15, 1))
        for name, parameter in model.named_parameters():
            if name.endswith(("weight", "bias", "edge_importance")):
                parameter.add_(0.2 * torch.randn_like(parameter))
    return model.eval()


CLIP = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 3, 21, 15, 2)).astype(np.float32))


@pytest.mark.parametrize("dtype", check.TOLERANCES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case[:4])))
@torch.no_grad()
def test_it_agrees_with_the_reference_in_every_cross_check(case, dtype):
    state = {name: a if name == "strides" else a.astype(dtype) for name, a in check.random_state(case).items()}
    clip = case.clip.astype(dtype)
    expected = check.reference_stages(state, clip, training=False)
    fused = check.twin(case, state).eval().fuse()
    outputs = []
    for block in fused.blocks:
        block.register_forward_hook(lambda _m, _i, f: outputs.append(f.permute(0, 3, 1, 2).numpy()))
    logits = fused(torch.from_numpy(clip)).numpy()
    errors = [check.relative_error(expected[f"blocks.{i}"], f) for i, f in enumerate(outputs)]
    assert len(errors) == 10
    assert max(*errors, check.relative_error(expected["logits"], logits)) <= check.TOLERANCES[dtype]


@pytest.mark.parametrize("settings", [{"edge_importance": False}, {"gamma": 3}, {"layers": ((3, 8, 2), (8, 8, 2))}])
@torch.no_grad()
def test_other_settings(settings):
    torch.manual_seed(0)
    model = STGCN(**{"num_classes": 7, "in_channels": 3, "skeleton": "mocap_15", "layers": NARROW} | settings)
    model.double().eval()
    torch.testing.assert_close(model.fuse()(CLIP.double()), model(CLIP.double()), rtol=1e-11, atol=1e-13)


@torch.no_grad()
def test_the_model_stays_as_it_was_and_later_changes_do_not_reach_the_fused_one(model):
    model = copy.deepcopy(model)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fused = model.fuse()
    logits = fused(CLIP)
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    for parameter in model.parameters():
        parameter.zero_()
    assert torch.equal(fused(CLIP), logits)


@torch.no_grad()
def test_a_model_in_training_mode_is_fused_with_its_running_statistics(model):
    expected = model.fuse()(CLIP)
    assert torch.equal(copy.deepcopy(model).train().fuse()(CLIP), expected)


def test_there_is_nothing_to_train(model):
    fused = model.fuse()
    assert not fused.training
    assert not [name for name, parameter in fused.named_parameters() if parameter.requires_grad]
    with pytest.raises(RuntimeError, match="FusedSTGCN is for evaluation only"):
        fused.train()
    assert not fused.eval().training


@torch.no_grad()
def test_what_users_do_with_a_module(model):
    fused = model.fuse()
    logits = fused(CLIP)
    for other in (copy.deepcopy(fused), pickle.loads(pickle.dumps(fused))):
        assert torch.equal(other(CLIP), logits)
    assert torch.equal(fused(CLIP[0]), fused(CLIP[:1])[0])
    assert fused(CLIP[:0]).shape == (0, 7)
    assert {tensor.device.type for tensor in copy.deepcopy(fused).to("meta").state_dict().values()} == {"meta"}
    torch.testing.assert_close(copy.deepcopy(fused).double()(CLIP.double()).float(), logits, rtol=1e-4, atol=1e-5)
    in_bfloat16 = copy.deepcopy(fused).bfloat16()(CLIP.bfloat16()).float()
    # Eight binary digits: the logits agree to a few per cent of the largest.
    assert (in_bfloat16 - logits).abs().max() < 0.05 * logits.abs().max()


def test_clips_that_do_not_fit_are_refused(model):
    fused = model.fuse()
    with pytest.raises(ValueError, match="the clip has 3 channels and 14 joints, but the network takes 3 and 15"):
        fused(CLIP[:, :, :, :14])
    with pytest.raises(ValueError, match="the clip is torch.float64 but the model torch.float32"):
        fused(CLIP.double())
    with pytest.raises(ValueError, match=r"clip must be \(N, C, T, V, M\)"):
        fused(torch.zeros(3, 21, 15))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")
@torch.no_grad()
def test_on_cuda(model):
    fused = copy.deepcopy(model).double().fuse()
    expected = fused(CLIP.double())
    torch.testing.assert_close(fused.cuda()(CLIP.double().cuda()).cpu(), expected, rtol=1e-11, atol=1e-13)
