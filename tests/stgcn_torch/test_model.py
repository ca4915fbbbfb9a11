"""STGCN: the same state, the same numbers as the reference, and all that PyTorch users do with a module."""

import copy
import io
import pickle

import numpy as np
import pytest
import torch

import reference
from stgcn_torch import STGCN

NARROW = tuple((C_in // 4 or 2, C_out // 4, stride) for C_in, C_out, stride in reference.LAYERS)
CLIP = np.random.default_rng(0).standard_normal((2, 3, 21, 15, 2))


def narrow(**settings):
    """A small network on mocap_15, in float64."""
    torch.manual_seed(0)
    settings = {"num_classes": 7, "in_channels": 3, "skeleton": "mocap_15", "layers": NARROW} | settings
    return STGCN(**settings).double()


def arrays(model):
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def relative_error(expected, got):
    return np.max(np.abs(np.asarray(got) - np.asarray(expected))) / np.max(np.abs(np.asarray(expected)))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"edge_importance": False},
        {"strategy": "uni_labeling", "normalization": "symmetric"},
        {"strategy": "distance", "normalization": "row", "gamma": 3},
        {"strategy": lambda i, j: (i + j) % 4},
        {"layers": ((3, 8, 2), (8, 8, 2), (8, 16, 1))},
        {"in_channels": 2, "skeleton": "toy_5", "num_classes": 1},
    ],
)
def test_state_dict_is_the_reference_state(settings):
    model = narrow(**settings)
    settings = {"num_classes": 7, "in_channels": 3, "skeleton": "mocap_15", "layers": NARROW} | settings
    state = reference.init_state(**settings, dtype=np.float64)
    assert list(arrays(model)) == list(state)
    for name, array in arrays(model).items():
        assert array.shape == state[name].shape, name
        assert array.dtype == state[name].dtype, name
    np.testing.assert_array_equal(arrays(model)["A_hat"], state["A_hat"])
    np.testing.assert_array_equal(arrays(model)["strides"], state["strides"])


@pytest.mark.parametrize("edge_importance", [True, False])
def test_trained_parameters_are_those_of_the_reference(edge_importance):
    model = narrow(edge_importance=edge_importance)
    assert sorted(name for name, _ in model.named_parameters()) == sorted(reference.trained_names(arrays(model)))
    table = reference.layer_table(
        V=15, M=2, in_channels=3, num_classes=7, layers=NARROW, edge_importance=edge_importance
    )
    assert sum(parameter.numel() for parameter in model.parameters()) == table.parameters


def test_parameter_count_of_the_published_size():
    count = sum(parameter.numel() for parameter in STGCN(60, 3, "ntu_25").parameters())
    assert count == 3_098_832


def test_weights_pass_both_ways_and_give_the_same_logits():
    state = reference.init_state(7, 3, "mocap_15", layers=NARROW, seed=3, dtype=np.float64)
    model = narrow().eval()
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    with torch.no_grad():
        logits = model(torch.from_numpy(CLIP))
    assert relative_error(reference.forward(state, CLIP), logits) < 1e-12
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, state[name])


def test_a_fresh_model_in_float64_agrees_with_a_float64_graph():
    model = narrow().eval()
    A_hat = reference.normalize(reference.partition(reference.SKELETONS["mocap_15"], "spatial"), "two_sided")
    with torch.no_grad():
        logits = model(torch.from_numpy(CLIP))
    assert relative_error(reference.forward(arrays(model), CLIP, A_hat), logits) < 1e-12


def test_training_mode_uses_and_updates_the_same_statistics():
    model = narrow(dropout=0).train()
    state = {name: array.copy() for name, array in arrays(model).items()}
    trace = {}
    expected = reference.forward(state, CLIP, training=True, trace=trace)
    with torch.no_grad():
        assert relative_error(expected, model(torch.from_numpy(CLIP))) < 1e-12
    bn = "blocks.0.spatial_bn."
    mean, var = reference.update_running_statistics(
        trace["blocks.0.spatial_conv"], state[bn + "running_mean"], state[bn + "running_var"]
    )
    np.testing.assert_allclose(arrays(model)[bn + "running_mean"], mean, rtol=1e-12)
    np.testing.assert_allclose(arrays(model)[bn + "running_var"], var, rtol=1e-12)


def test_dropout_acts_in_training_only_and_never_in_the_first_block():
    model = narrow(dropout=0.5)
    assert [block.dropout.p for block in model.blocks] == [0] + [0.5] * 9
    clip = torch.from_numpy(CLIP)
    with torch.no_grad():
        model.train()
        assert not torch.equal(model(clip), model(clip))
        model.eval()
        assert torch.equal(model(clip), model(clip))


def test_one_video_without_batch_axis():
    model = narrow().eval()
    with torch.no_grad():
        assert torch.allclose(model(torch.from_numpy(CLIP[0])), model(torch.from_numpy(CLIP))[0], rtol=1e-12)


def test_every_parameter_gets_a_gradient_and_the_graph_none():
    model = narrow(dropout=0)
    model(torch.from_numpy(CLIP)).square().sum().backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert without == []
    assert not model.A_hat.requires_grad
    assert not any(name in ("A_hat", "strides") for name, _ in model.named_parameters())


def test_initial_draws_keep_their_bounds_and_follow_the_seed():
    torch.manual_seed(5)
    first = STGCN(7, 3, "mocap_15")
    torch.manual_seed(5)
    second = STGCN(7, 3, "mocap_15")
    for (name, a), b in zip(first.named_parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b), name
    for name, fan_in in (("blocks.1.spatial_conv.W", 64), ("blocks.1.temporal_conv.W", 64 * 9), ("classifier.W", 256)):
        largest = first.get_parameter(name).abs().max()
        assert 0.99 * fan_in**-0.5 < largest <= fan_in**-0.5, name
    assert torch.equal(first.blocks[3].edge_importance, torch.ones(3, 15, 15))


def test_deepcopy_pickle_and_save_keep_the_logits(tmp_path):
    model = narrow().eval()
    clip = torch.from_numpy(CLIP)
    buffer = io.BytesIO()
    torch.save(model.state_dict(), buffer)
    buffer.seek(0)
    loaded = narrow(num_classes=7).eval()
    loaded.load_state_dict(torch.load(buffer, weights_only=True))
    with torch.no_grad():
        expected = model(clip)
        for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model)), loaded):
            assert torch.equal(twin(clip), expected)
    reference.save_state(arrays(model), tmp_path / "model.safetensors")
    state = reference.load_state(tmp_path / "model.safetensors")
    assert relative_error(expected, reference.forward(state, CLIP)) < 1e-12


def test_compiled_model_gives_the_same_logits():
    model = narrow(layers=((3, 8, 1), (8, 8, 1), (8, 16, 2))).eval()
    compiled = torch.compile(model, backend="aot_eager")  # traces everything; needs no C++ compiler on the machine
    with torch.no_grad():
        assert torch.allclose(compiled(torch.from_numpy(CLIP)), model(torch.from_numpy(CLIP)), rtol=1e-12)


def test_autocast_runs_forward_and_backward():
    model = narrow(dropout=0).float()
    clip = torch.from_numpy(CLIP).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(clip)
    logits.float().sum().backward()
    expected = model(clip).detach()
    # bfloat16 has 8 bits: 0.4 % a rounding, over ten layers with batch norms in between.
    assert relative_error(expected, logits.detach().float()) < 0.1


def test_casts_keep_the_graph_exact_unless_it_was_replaced():
    model = narrow().float().half().double()
    exact = reference.normalize(reference.partition(reference.SKELETONS["mocap_15"], "spatial"), "two_sided")
    np.testing.assert_array_equal(model.A_hat.numpy(), exact)
    mine = torch.rand_like(model.A_hat)
    model.A_hat.copy_(mine)
    assert torch.equal(model.double().A_hat, mine)
    assert torch.equal(model.float().A_hat, mine.float())


def test_a_loaded_graph_of_another_normalisation_survives_a_cast():
    other = narrow(normalization="row").float()
    model = narrow().float()
    model.load_state_dict(other.state_dict())
    assert torch.equal(model.double().A_hat, other.A_hat.double())


def test_moves_to_another_device_with_its_graph():
    model = narrow().to("meta")
    assert {tensor.device.type for tensor in model.state_dict().values()} == {"meta"}


def test_is_made_where_pytorch_makes_new_tensors():
    """As under `with torch.device("cuda"):`, of which every machine has a kind without memory."""
    with torch.device("meta"):
        model = STGCN(7, 3, "mocap_15", layers=NARROW)
    assert {tensor.device.type for tensor in model.state_dict().values()} == {"meta"}
    state = narrow().float().state_dict()
    model.load_state_dict(state, assign=True)  # how large models are loaded without being initialised first
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert model.double().A_hat.dtype == torch.float64


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no CUDA device here")
def test_on_cuda():
    model = narrow().eval()
    clip = torch.from_numpy(CLIP)
    with torch.no_grad():
        expected = model(clip)
        assert relative_error(expected, model.cuda()(clip.cuda()).cpu()) < 1e-12


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gamma": 4}, "gamma must be odd and >= 1, .* got 4"),
        ({"gamma": 9.0}, "gamma must be odd and >= 1, .* got 9.0"),
        ({"num_classes": 0}, "num_classes must be an integer >= 1, got 0"),
        ({"num_classes": "7"}, "num_classes must be an integer >= 1, got '7'"),
        ({"in_channels": 0}, "in_channels must be an integer >= 1, got 0"),
        ({"skeleton": "octopus_8"}, "no skeleton is called 'octopus_8'"),
        ({"strategy": "spatail"}, "there is no strategy 'spatail'"),
        ({"normalization": "symetric"}, "there is no method 'symetric'"),
        ({"layers": ((3, 8, 1), (16, 8, 1))}, "row 2 takes 16 channels, but row 1 gives 8"),
        ({"layers": ()}, "the table has no rows"),
    ],
)
def test_bad_settings_name_the_culprit(settings, message):
    with pytest.raises(ValueError, match=message):
        narrow(**settings)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, 3, 21, 15), r"the clip has 2|joints|clip must be|channels"),
        ((21, 15, 2), r"clip must be \(N, C, T, V, M\) or \(C, T, V, M\), got \(21, 15, 2\)"),
        ((2, 2, 21, 15, 1), "the clip has 2 channels and 15 joints, but the network takes 3 and 15"),
        ((2, 3, 0, 15, 1), "has no frames or no persons"),
        ((2, 3, 21, 15, 0), "has no frames or no persons"),
        ((2, 3, 21, 14, 1), "the clip has 3 channels and 14 joints, but the network takes 3 and 15"),
    ],
)
def test_clips_that_do_not_fit_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        narrow()(torch.zeros(shape, dtype=torch.float64))


def test_a_clip_of_another_dtype_is_refused():
    with pytest.raises(ValueError, match="the clip is torch.float32 but the model torch.float64"):
        narrow()(torch.from_numpy(CLIP).float())


@pytest.mark.parametrize("clip", [CLIP, CLIP[0], CLIP.tolist()])
def test_a_clip_that_is_no_tensor_is_refused(clip):
    with pytest.raises(TypeError, match=r"clip must be a torch.Tensor, got a (ndarray|list); try torch.from_numpy"):
        narrow()(clip)


def test_no_clips_give_no_logits():
    assert narrow().eval()(torch.from_numpy(CLIP[:0])).shape == (0, 7)


def test_a_state_with_other_strides_is_refused():
    other = tuple((C_in, C_out, 1) for C_in, C_out, _ in NARROW)
    model = narrow(layers=other)
    before = {name: array.copy() for name, array in arrays(model).items()}
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"the state's strides are \[1, 1, 1, 1, 2, 1, 1, 2, 1, 1\]"):
            model.load_state_dict(narrow().state_dict())
    for name, array in arrays(model).items():
        np.testing.assert_array_equal(array, before[name])
