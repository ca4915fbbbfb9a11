"""Every gradient against central differences, entry by entry, and the whole network against PyTorch autograd."""

import numpy as np
import pytest
import torch
from copying import sources
from duck_array import DuckArray, convert, leaves
from strategies import normal

import reference
from reference import (
    SKELETONS,
    batch_norm,
    block,
    forward,
    init_state,
    normalize,
    partition,
    relu,
    spatial_conv,
    temporal_conv,
    trained_names,
    weigh_edges,
)
from reference.backward import block_gradients, data_bn_gradients, loss_and_gradients
from reference.conformance.answers import data_batch_norm
from reference.gradients import (
    batch_norm_gradients,
    central_differences,
    classifier_gradients,
    fold_persons_gradient,
    pooling_gradient,
    relu_gradient,
    softmax_cross_entropy,
    spatial_conv_gradients,
    temporal_conv_gradients,
    weigh_edges_gradients,
)
from reference.layers import classifier, fold_persons, pooling
from stgcn_torch import STGCN

pytestmark = pytest.mark.usefixtures("one_thread")


A_HAT = normalize(partition(SKELETONS["toy_5"], "spatial"), "two_sided")
STEP = 1e-5
TOLERANCE = 1e-7


def assert_measured(gradient, loss, array):
    """The derived gradient equals central differences of the loss at every entry.

    Central differences are off by about step² = 1e-10 times the third derivative, and by the rounding of the loss, some
    1e-15 here, divided by the step: 1e-10 again. The tolerance is relative to the largest entry (or to 0.1, for
    gradients that are 0) and leaves a factor of some hundreds for sums of many terms; a wrong factor, index or sign
    shows in the first digits.
    """
    measured = central_differences(loss, array, STEP)
    assert gradient.shape == array.shape
    assert gradient.dtype == np.float64
    np.testing.assert_allclose(gradient, measured, rtol=0, atol=TOLERANCE * max(np.abs(measured).max(), 0.1))


def assert_all_measured(function, gradients, arrays):
    """The same for each of a function's arrays: gradients(g, arrays) must have exactly their names.

    The loss is Σ g · f_out with a random g, whose gradient with respect to f_out is g.
    """
    g = normal(99, *function(arrays).shape)
    derived = gradients(g, arrays)
    assert set(derived) == set(arrays)
    for name, array in arrays.items():
        assert_measured(derived[name], lambda x, name=name: np.sum(g * function(arrays | {name: x})), array)


# --- layer by layer --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 2, 3, 4), (3, 2, 4), (1, 3, 1, 5)], ids=str)
@pytest.mark.parametrize("K", [1, 2, 3])
@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
def test_spatial_conv(shape, K, bias):
    C_in, C_out, V = shape[-3], 3, shape[-1]
    arrays = {"f_in": normal(0, *shape), "A_hat": normal(1, K, V, V), "W": normal(2, C_in, C_out, K)}
    arrays |= {"b": normal(3, C_out, K)} if bias else {}
    assert_all_measured(lambda a: spatial_conv(**a), lambda g, a: spatial_conv_gradients(g, **a), arrays)


def test_spatial_conv_on_a_skeleton_finds_a_gradient_where_there_is_no_edge():
    arrays = {"f_in": normal(0, 2, 2, 3, 5), "A_hat": A_HAT, "W": normal(2, 2, 3, 3)}
    d_A = spatial_conv_gradients(normal(4, 2, 3, 3, 5), **arrays)["A_hat"]
    assert np.all(d_A != 0)
    d_M = weigh_edges_gradients(d_A, A_HAT, np.ones_like(A_HAT))["edge_importance"]
    assert np.array_equal(d_M != 0, A_HAT != 0)


def test_weigh_edges():
    arrays = {"A_hat": normal(0, 3, 4, 4), "edge_importance": normal(1, 3, 4, 4)}
    assert_all_measured(lambda a: weigh_edges(**a), lambda g, a: weigh_edges_gradients(g, **a), arrays)


@pytest.mark.parametrize("gamma", [1, 3, 9])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("T", [1, 6, 7])
def test_temporal_conv(T, stride, gamma):
    arrays = {"f_in": normal(0, 2, 2, T, 2), "W": normal(1, 2, 3, gamma), "b": normal(2, 3)}
    assert_all_measured(
        lambda a: temporal_conv(**a, stride=stride),
        lambda g, a: temporal_conv_gradients(g, **a, stride=stride),
        arrays,
    )


@pytest.mark.parametrize("shape", [(2, 2, 5, 3), (2, 5, 3)], ids=str)
def test_temporal_conv_without_bias(shape):
    arrays = {"f_in": normal(0, *shape), "W": normal(1, 2, 3, 3)}
    assert_all_measured(
        lambda a: temporal_conv(**a, stride=2), lambda g, a: temporal_conv_gradients(g, **a, stride=2), arrays
    )


@pytest.mark.parametrize("shape", [(2, 3, 4, 3), (3, 4, 2), (4, 3, 1, 1)], ids=str)
@pytest.mark.parametrize("statistics", [(), (normal(5, 3), np.abs(normal(6, 3)) + 0.2)], ids=["training", "inference"])
def test_batch_norm(shape, statistics):
    arrays = {"f_in": normal(0, *shape) * 2 + 1, "weight": normal(1, 3), "bias": normal(2, 3)}
    assert_all_measured(
        lambda a: batch_norm(a["f_in"], a["weight"], a["bias"], *statistics),
        lambda g, a: batch_norm_gradients(g, a["f_in"], a["weight"], *statistics),
        arrays,
    )


def test_batch_norm_in_training_passes_nothing_on_that_is_constant_or_scaled():
    # Adding a constant to f_in, or stretching it, leaves the output as it is (but for eps), so the loss has no slope
    # in these two directions.
    f_in, g = normal(0, 2, 3, 4, 5), normal(1, 2, 3, 4, 5)
    d_f = batch_norm_gradients(g, f_in, normal(2, 3), eps=0)["f_in"]
    np.testing.assert_allclose(np.sum(d_f, axis=(0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(np.sum(d_f * f_in, axis=(0, 2, 3)), 0, atol=1e-12)


def test_relu():
    f_in = np.array([-2.0, -0.5, 0.5, 3.0])
    assert_measured(relu_gradient(np.ones(4), f_in), lambda f: np.sum(relu(f)), f_in)
    assert relu_gradient(np.array([7.0, 7, 7]), np.array([-1.0, 0, 1])).tolist() == [0, 0, 7]
    assert np.array_equal(relu_gradient(f_in, f_in), relu_gradient(f_in, relu(f_in)))


@pytest.mark.parametrize("M", [1, 2, 3])
def test_pooling(M):
    f_in, g = normal(0, 2 * M, 3, 4, 5), normal(1, 2, 3)
    assert_measured(pooling_gradient(g, f_in, M), lambda f: np.sum(g * pooling(f, M)), f_in)


def test_classifier():
    arrays = {"features": normal(0, 3, 4), "W": normal(1, 4, 5), "b": normal(2, 5)}
    assert_all_measured(lambda a: classifier(**a), lambda g, a: classifier_gradients(g, a["features"], a["W"]), arrays)


def test_softmax_cross_entropy():
    logits, labels = normal(0, 4, 3), np.array([2, 0, 0, 1])
    loss, gradient = softmax_cross_entropy(logits, labels)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert loss == pytest.approx(-np.log(p[np.arange(4), labels]).mean(), rel=1e-14)
    np.testing.assert_allclose(gradient.sum(axis=1), 0, atol=1e-15)
    assert_measured(gradient, lambda x: softmax_cross_entropy(x, labels)[0], logits)


def test_softmax_cross_entropy_by_hand():
    # exp(log 3) and exp(log 1) share the whole as 3/4 and 1/4.
    loss, gradient = softmax_cross_entropy(np.log([[3.0, 1.0]]), np.array([1]))
    assert loss == pytest.approx(np.log(4))
    assert gradient == pytest.approx(np.array([[0.75, -0.75]]))


def test_softmax_cross_entropy_of_huge_logits():
    loss, gradient = softmax_cross_entropy(np.array([[1e4, 0.0], [-1e4, 0.0]]), np.array([1, 1]))
    assert loss == 5e3
    assert gradient.tolist() == [[0.5, -0.5], [0, 0]]


def test_fold_persons():
    clip, g = normal(0, 2, 3, 4, 5, 2), normal(1, 4, 15, 4, 1)
    assert_measured(fold_persons_gradient(g, clip), lambda x: np.sum(g * fold_persons(x)), clip)


def test_data_batch_norm():
    arrays = {"clip": normal(0, 2, 3, 4, 2, 2), "weight": normal(1, 6), "bias": normal(2, 6)}

    def fold(a):
        return data_batch_norm(a["clip"], a["weight"], a["bias"])

    assert_all_measured(fold, lambda g, a: data_bn_gradients(g, a["clip"], a), arrays)


# --- block and network -----------------------------------------------------------------------------------------------

LAYERS = ((3, 4, 1), (4, 4, 1), (4, 6, 2))


def small_state(seed=0, *, edge_importance=True, layers=LAYERS, gamma=3, num_classes=4, skeleton="toy_5"):
    """A small network away from its start: batch norms, their statistics and edge importance are random, too."""
    state = init_state(num_classes, 3, skeleton, layers=layers, gamma=gamma, edge_importance=edge_importance,
                       seed=seed, dtype=np.float64)  # fmt: skip
    for number, name in enumerate(state):
        if name.endswith((".weight", ".bias", ".edge_importance", ".running_mean")):
            state[name] = state[name] + 0.2 * normal(seed + number, *state[name].shape)
        if name.endswith(".running_var"):
            state[name] = state[name] + 0.2 * np.abs(normal(seed + number, *state[name].shape))
    return state


def entries(state, i):
    return {name.removeprefix(f"blocks.{i}."): array for name, array in state.items() if f"blocks.{i}." in name}


def trained(state):
    return {name: array for name, array in state.items() if ".running_" not in f".{name}"}


@pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])
@pytest.mark.parametrize(
    ("i", "edge_importance", "residual", "stride"),
    [(0, True, False, 1), (1, True, True, 1), (1, False, True, 1), (2, True, True, 2)],
    ids=["no residual", "identity", "identity, no edge importance", "1x1 convolution"],
)
def test_block(i, edge_importance, residual, stride, training):
    state = entries(small_state(edge_importance=edge_importance), i)
    arrays = trained(state) | {"f_in": normal(1, 2, LAYERS[i][0], 5, 5), "A_hat": A_HAT}
    options = {"stride": stride, "residual": residual, "training": training}

    def run(function, a, *first):
        own = {name: a.get(name, array) for name, array in state.items()}
        return function(*first, a["f_in"], a["A_hat"], own, **options)

    assert_all_measured(lambda a: run(block, a), lambda g, a: run(block_gradients, a, g), arrays)


def test_block_of_one_video():
    state, f_in, g = entries(small_state(), 2), normal(1, 4, 5, 5), normal(2, 6, 3, 5)
    one = block_gradients(g, f_in, A_HAT, state, stride=2)
    batch = block_gradients(g[None], f_in[None], A_HAT, state, stride=2)
    assert one["f_in"].shape == f_in.shape
    for name in batch:
        np.testing.assert_allclose(one[name], batch[name].reshape(one[name].shape), rtol=1e-12, atol=1e-13)


def test_network():
    state, clip, labels = small_state(), normal(1, 3, 3, 5, 5, 2), np.array([2, 0, 3])
    loss, gradients = loss_and_gradients(state, clip, labels)
    assert loss == softmax_cross_entropy(forward(state, clip, training=True), labels)[0]
    assert set(gradients) == {*trained_names(state), "clip", "A_hat"}
    arrays = {name: state[name] for name in trained_names(state)} | {"A_hat": state["A_hat"], "clip": clip}
    for name, array in arrays.items():
        if name.endswith("conv.W"):
            continue  # many entries; the blocks' tests have them all

        def loss_at(x, name=name):
            logits = forward(state | {name: x}, x if name == "clip" else clip, training=True)
            return softmax_cross_entropy(logits, labels)[0]

        assert_measured(gradients[name], loss_at, array)


def test_network_with_another_graph_and_the_trace():
    state, clip, labels = small_state(), normal(1, 3, 3, 5, 5, 2), np.array([2, 0, 3])
    trace, expected = {}, {}
    _, gradients = loss_and_gradients(state, clip, labels, A_HAT * 2, trace=trace)
    forward(state, clip, A_HAT * 2, training=True, trace=expected)
    assert all(np.array_equal(trace[name], expected[name]) for name in expected)
    _, same = loss_and_gradients(state | {"A_hat": A_HAT * 2}, clip, labels)
    assert all(np.array_equal(gradients[name], same[name]) for name in same)


# A bias that is followed by a batch norm in training has no effect: the norm subtracts it again, with the mean.
IDLE = ("temporal_conv.b", "residual_conv.b")


@pytest.mark.parametrize(
    ("skeleton", "edge_importance", "training"),
    [("mocap_15", True, True), ("toy_5", False, True), ("toy_5", True, False)],
)
def test_every_parameter_of_the_ten_layers_equals_autograd(skeleton, edge_importance, training):
    """max |difference| / max |gradient| at most 1e-9 for every parameter and for the clip.

    The gradient of an idle bias is 0: what either implementation computes there is the rounding of a sum that cancels,
    without a correct digit to compare. Both must be 0 on the scale of what they sum, which is that of W's gradient.
    """
    V = len(SKELETONS[skeleton].joints)
    state = small_state(
        edge_importance=edge_importance, layers=reference.LAYERS, gamma=9, num_classes=10, skeleton=skeleton
    )
    clip, labels = normal(1, 2, 3, 13, V, 2), np.array([7, 3])
    loss, gradients = loss_and_gradients(state, clip, labels, training=training)

    model, leaf = STGCN.from_state(state, dropout=0).train(training), torch.from_numpy(clip).requires_grad_()
    expected_loss = torch.nn.functional.cross_entropy(model(leaf), torch.from_numpy(labels))
    expected_loss.backward()
    assert loss == pytest.approx(expected_loss.item(), rel=1e-12)
    expected = {name: parameter.grad.numpy() for name, parameter in model.named_parameters()}
    expected["clip"] = leaf.grad.numpy()
    assert set(expected) == set(gradients) - {"A_hat"}
    for name, gradient in expected.items():
        if training and name.endswith(IDLE):
            scale = np.abs(expected[name[:-1] + "W"]).max()
            assert np.abs(gradients[name]).max() <= 1e-12 * scale, name
            assert np.abs(gradient).max() <= 1e-12 * scale, name
        else:
            assert np.abs(gradients[name] - gradient).max() <= 1e-9 * np.abs(gradient).max(), name


# --- every kind of array ---------------------------------------------------------------------------------------------

F, W, B, STATE = normal(0, 2, 3, 6, 5), normal(1, 3, 4, 3), normal(2, 4, 3), small_state()
STATISTICS = normal(4, 3), np.abs(normal(5, 3))
CALLS = {
    "spatial_conv_gradients": (spatial_conv_gradients, normal(3, 2, 4, 6, 5), F, A_HAT, W, B),
    "spatial_conv_gradients without bias": (spatial_conv_gradients, normal(3, 4, 6, 5), F[0], A_HAT, W),
    "weigh_edges_gradients": (weigh_edges_gradients, A_HAT, A_HAT, A_HAT),
    "temporal_conv_gradients": (temporal_conv_gradients, normal(3, 2, 4, 6, 5), F, W, B[:, 0]),
    "temporal_conv_gradients without bias": (temporal_conv_gradients, normal(3, 4, 6, 5), F[0], W),
    "batch_norm_gradients in training": (batch_norm_gradients, F, F, normal(3, 3)),
    "batch_norm_gradients in inference": (batch_norm_gradients, F, F, normal(3, 3), *STATISTICS),
    "relu_gradient": (relu_gradient, F, F),
    "pooling_gradient": (pooling_gradient, normal(3, 2, 3), F),
    "classifier_gradients": (classifier_gradients, normal(3, 2, 4), normal(4, 2, 3), normal(5, 3, 4)),
    "softmax_cross_entropy": (softmax_cross_entropy, normal(3, 2, 4), np.array([3, 0])),
    "block_gradients": (block_gradients, normal(3, 2, 4, 6, 5), normal(4, 2, 4, 6, 5), A_HAT, entries(STATE, 1)),
    "data_bn_gradients": (
        data_bn_gradients, normal(3, 4, 3, 6, 5), normal(4, 2, 3, 6, 5, 2), {"weight": normal(5, 15)},
    ),
    "loss_and_gradients": (loss_and_gradients, STATE, normal(4, 2, 3, 6, 5, 2), np.array([3, 0])),
}  # fmt: skip
every_call = pytest.mark.parametrize(
    ("function", "arrays"), [(call[0], call[1:]) for call in CALLS.values()], ids=CALLS
)


@every_call
def test_a_stand_in_for_cupy_gives_exactly_what_numpy_gives(function, arrays):
    actual, expected = function(*convert(arrays, DuckArray)), function(*arrays)
    for result, array in zip(leaves(listed(actual)), leaves(listed(expected)), strict=True):
        assert isinstance(result, DuckArray)
        assert (result.shape, result.dtype) == (np.shape(array), array.dtype)
        assert np.array_equal(result.get(), array)


@every_call
def test_cupy_gives_what_numpy_gives(function, arrays):
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    if not cupy.is_available():
        pytest.skip("CuPy finds no GPU")
    actual, expected = function(*convert(arrays, cupy.asarray)), function(*arrays)
    for result, array in zip(leaves(listed(actual)), leaves(listed(expected)), strict=True):
        assert isinstance(result, cupy.ndarray)
        assert (result.shape, result.dtype) == (np.shape(array), array.dtype)
        # another library adds in another order; float64 leaves room for it
        np.testing.assert_allclose(result.get(), array, rtol=1e-9, atol=1e-9 * max(np.max(np.abs(array)), 1))


@every_call
def test_a_copied_function_gives_the_same_numbers(function, arrays):
    pasted = {}
    exec("import numpy as np\n\n" + "\n\n".join(sources(function).values()), pasted)
    actual, expected = pasted[function.__name__](*arrays), function(*arrays)
    for result, array in zip(leaves(listed(actual)), leaves(listed(expected)), strict=True):
        assert np.array_equal(result, array)


@every_call
def test_float32_stays_float32_and_inputs_stay_as_they_are(function, arrays):
    def single(array):
        return array.astype(np.float32) if array.dtype == np.float64 else array.copy()

    given = convert(arrays, single)
    before = convert(given, np.copy)
    result = function(*given)
    assert {np.dtype(array.dtype) for array in leaves(listed(result))} == {np.dtype(np.float32)}
    for array, same in zip(leaves(given), leaves(before), strict=True):
        assert np.array_equal(array, same)


def listed(result):
    return list(result) if isinstance(result, tuple) else result


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spatial_conv_gradients(F, F, A_HAT, W),
         "spatial_conv_gradients: g must have the shape of the layer's output, (2, 4, 6, 5), got (2, 3, 6, 5)"),
        (lambda: spatial_conv_gradients(F, F, A_HAT, normal(0, 2, 4, 3)),
         "spatial_conv: W has 2 input channels but f_in has 3"),
        (lambda: weigh_edges_gradients(A_HAT, A_HAT, A_HAT[:2]),
         "edge_importance must have the shape of g, (3, 5, 5), got (2, 5, 5)"),
        (lambda: temporal_conv_gradients(normal(0, 2, 4, 6, 5), F, W, stride=2),
         "temporal_conv_gradients: g must have the shape of the layer's output, (2, 4, 3, 5), got (2, 4, 6, 5)"),
        (lambda: temporal_conv_gradients(F, F, normal(0, 3, 3, 2)), "gamma must be odd"),
        (lambda: batch_norm_gradients(F, F, normal(0, 4)), "weight must be (C,) = (3,), got (4,)"),
        (lambda: batch_norm_gradients(F, F, normal(0, 3), normal(0, 3)), "running_mean and running_var together"),
        (lambda: batch_norm_gradients(F[:1], F, normal(0, 3)), "(2, 3, 6, 5), got (1, 3, 6, 5)"),
        (lambda: relu_gradient(F, F[0]), "relu_gradient: g must have the shape"),
        (lambda: pooling_gradient(normal(0, 1, 3), normal(0, 3, 3, 6, 5), 2), "(N·M, C, T, V) with M = 2, got (3, 3"),
        (lambda: pooling_gradient(normal(0, 2, 3), F, 2), "(1, 3), got (2, 3)"),
        (lambda: classifier_gradients(normal(0, 2, 4), normal(0, 2, 3), normal(0, 2, 4)),
         "features must be (N, C) and W (C, classes), got (2, 3) and (2, 4)"),
        (lambda: softmax_cross_entropy(normal(0, 3), np.array([0])), "logits must be (N, classes), got (3,)"),
        (lambda: softmax_cross_entropy(normal(0, 2, 4), np.array([0])), "(N,) = (2,), got int64 (1,)"),
        (lambda: softmax_cross_entropy(normal(0, 2, 4), np.array([0.0, 1])), "(N,) = (2,), got float64 (2,)"),
        (lambda: softmax_cross_entropy(normal(0, 2, 4), [0, 1]), "(N,) = (2,), got a list"),
        (lambda: softmax_cross_entropy(normal(0, 2, 4), np.array([0, 4])), "labels[1] is 4, expected 0 to 3"),
        (lambda: softmax_cross_entropy(normal(0, 2, 4), np.array([-1, 0])), "labels[0] is -1, expected 0 to 3"),
        (lambda: central_differences(np.sum, np.ones(2, np.float32)), "must be float64, got float32"),
        (lambda: block_gradients(F, F, A_HAT, entries(STATE, 0), residual=False), "(2, 4, 6, 5), got (2, 3, 6, 5)"),
        (lambda: data_bn_gradients(F, normal(0, 2, 3, 6, 5, 2), STATE), "(4, 3, 6, 5), got (2, 3, 6, 5)"),
        (lambda: loss_and_gradients(STATE, normal(0, 3, 6, 5, 2), np.array([0])),
         "loss_and_gradients: clip must be (N, C, T, V, M), got (3, 6, 5, 2)"),
        (lambda: loss_and_gradients(STATE, normal(0, 1, 2, 6, 5, 2), np.array([0])), "with C = 3, V = 5"),
        (lambda: loss_and_gradients(STATE, normal(0, 2, 3, 6, 5, 2), np.array([0, 9])), "labels[1] is 9"),
    ],
)  # fmt: skip
def test_refusals_say_what_was_expected_and_what_came(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert message in str(error.value)
