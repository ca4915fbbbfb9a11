"""Implementations that are wrong on some legal input only, and that ordinary sizes would let pass: each fails."""

import numpy as np
import pytest

import reference
from reference.conformance import answers, check

LUCKY = []


def lucky(step, name):
    def keep(function):
        LUCKY.append(pytest.param(step, function, id=name))
        return function

    return keep


@lucky("forward", "persons averaged by 2")
@lucky("pooling", "persons averaged by 2")
def _by_two(f_in=None, M=None, state=None, clip=None, training=None):
    if clip is None:
        return answers.pooling(f_in, M) * M / 2
    M, b = clip.shape[4], state["classifier.b"]
    return (answers.forward(state, clip, training) - b) * M / 2 + b


@lucky("spatial_conv", "K fixed at 3")
def _three(f_in, A_hat, W, b=None, edge_importance=None):
    A_hat = A_hat if edge_importance is None else A_hat * edge_importance
    return sum(
        answers.spatial_conv(f_in, A_hat[k : k + 1], W[:, :, k : k + 1], None if b is None else b[:, k : k + 1])
        for k in range(min(3, len(A_hat)))
    )


@lucky("temporal_conv", "padding fixed at 4")
def _four(f_in, W, b=None, stride=1):
    padding = 4 if W.shape[2] > 1 else 0
    longer = np.pad(f_in, ((0, 0), (0, 0), (padding, padding), (0, 0)))
    middle = (W.shape[2] - 1) // 2
    T_out = -(-f_in.shape[2] // stride)
    return answers.temporal_conv(longer, W, b, 1)[:, :, middle::stride][:, :, :T_out]


@lucky("temporal_conv", "strides above 2 taken as 2")
def _two(f_in, W, b=None, stride=1):
    return answers.temporal_conv(f_in, W, b, min(stride, 2))


@lucky("cross_entropy", "softmax without its maximum")
def _overflows(logits, labels):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        right = np.eye(logits.shape[1])[labels]
        return -np.log(p[np.arange(len(labels)), labels]).mean(), (p - right) / len(labels)


@lucky("block", "residual convolution chosen by channels only")
def _by_channels(f_in, A_hat, state, stride, residual, training):
    C_in, C_out, _ = state["spatial_conv.W"].shape
    if residual and C_in == C_out and stride > 1:  # f_in, thinned out
        trace = {}
        answers.block(f_in, A_hat, state, stride, residual, training, trace)
        return np.maximum(trace["temporal_bn"] + f_in[:, :, ::stride], 0)
    return answers.block(f_in, A_hat, state, stride, residual, training)


@lucky("block", "residual convolution chosen by shapes")
def _by_shapes(f_in, A_hat, state, stride, residual, training):
    trace = {}
    f_out = answers.block(f_in, A_hat, state, stride, residual, training, trace)
    same = residual and f_in.shape == f_out.shape
    return np.maximum(trace["temporal_bn"] + f_in, 0) if same else f_out


@lucky("block", "edge importance required")
def _required(f_in, A_hat, state, stride, residual, training):
    state["edge_importance"]
    return answers.block(f_in, A_hat, state, stride, residual, training)


@lucky("batch_norm", "inputs changed in place")
def _in_place(f_in, weight, bias, running_mean=None, running_var=None):
    f_out = answers.batch_norm(f_in, weight, bias, running_mean, running_var)
    if running_mean is None:
        f_in -= 1
    return f_out


@lucky("temporal_conv", "one clip squeezed away")
def _squeezed(f_in, W, b=None, stride=1):
    return np.squeeze(answers.temporal_conv(f_in, W, b, stride))


@lucky("hop_distance", "no path above ten hops")
def _ten(num_joints, bones):
    return np.minimum(answers.hop_distance(num_joints, bones), 10)


@lucky("partition", "equal distances filed as farther")
def _no_equals(num_joints, bones, center, strategy):
    A = answers.partition(num_joints, bones, center, strategy)
    if strategy == "spatial":
        A[2] += A[0] - np.eye(num_joints)
        A[0] = np.eye(num_joints)
    return A


@lucky("normalize", "neighbours counted, not weighed")
def _counted(A, method):
    counts = answers.normalize((A > 0).astype(float), method)
    return counts * A


@lucky("normalize", "three subsets")
def _three_subsets(A, method):
    return np.concatenate([answers.normalize(A[:3], method), A[3:]])


@lucky("forward", "two persons")
def _two_persons(state, clip, training):
    return answers.forward(state, clip[..., :2], training)


@lucky("forward", "the first row without a stride")
def _no_first_stride(state, clip, training):
    strides = state["strides"].copy()
    strides[0] = 1
    return answers.forward(state | {"strides": strides}, clip, training)


@lucky("spatial_conv", "edges only where A_hat is positive")
def _positive(f_in, A_hat, W, b=None, edge_importance=None):
    return answers.spatial_conv(f_in, np.maximum(A_hat, 0), W, b, edge_importance)


@lucky("batch_norm", "a channel without variance left at zero")
def _no_variance(f_in, weight, bias, running_mean=None, running_var=None):
    f_out = answers.batch_norm(f_in, weight, bias, running_mean, running_var)
    return f_out * (f_in.std(axis=(0, 2, 3)) > 0)[:, None, None]


@lucky("data_batch_norm", "M = 2")
def _pairs(clip, weight, bias, running_mean=None, running_var=None):
    f = answers.data_batch_norm(clip, weight, bias, running_mean, running_var)
    return f if clip.shape[4] == 2 else f[::-1]


@lucky("spatial_conv", "edge importance only with a bias")
def _both_or_none(f_in, A_hat, W, b=None, edge_importance=None):
    return answers.spatial_conv(f_in, A_hat, W, b, None if b is None else edge_importance)


@lucky("spatial_conv", "float32 refused")
def _double_only(f_in, A_hat, W, b=None, edge_importance=None):
    if f_in.dtype != np.float64:
        raise TypeError("float64 only")
    return answers.spatial_conv(f_in, A_hat, W, b, edge_importance)


@lucky("block_gradients", "ReLU passes at zero")
def _at_zero(g, f_in, A_hat, state, stride, residual, training):
    lifted = state | {"temporal_bn.bias": state["temporal_bn.bias"] + 1e-30}
    return answers.block_gradients(g, f_in, A_hat, lifted, stride, residual, training)


def _in_single(array):
    return array.astype(np.float32).astype(np.float64)


def _kept_in_single(step, *arguments):
    """The step with these arguments rounded to float32."""

    def function(**given):
        rounded = {name: _in_single(given[name]) for name in arguments if given.get(name) is not None}
        return getattr(answers, step)(**given | rounded)

    return function


for _step, *_arguments in (
    ("normalize", "A"), ("spatial_conv", "f_in"), ("spatial_conv", "A_hat"), ("spatial_conv", "W"),
    ("spatial_conv", "b"), ("spatial_conv", "edge_importance"), ("temporal_conv", "f_in"), ("temporal_conv", "W"),
    ("batch_norm", "f_in"), ("batch_norm", "running_mean", "running_var"),
    ("update_running_statistics", "running_mean"), ("data_batch_norm", "clip"), ("pooling", "f_in"),
    ("cross_entropy", "logits"), ("spatial_conv_gradients", "g"), ("spatial_conv_gradients", "A_hat"),
    ("temporal_conv_gradients", "g"), ("temporal_conv_gradients", "f_in"),
):  # fmt: skip
    lucky(_step, f"{' and '.join(_arguments)} kept in float32")(_kept_in_single(_step, *_arguments))


@lucky("temporal_conv", "tiles of 16 frames without their neighbours")
def _tiles(f_in, W, b=None, stride=1):
    tiles = np.split(f_in, range(16, f_in.shape[2], 16), axis=2)
    return np.concatenate([answers.temporal_conv(tile, W, b, stride) for tile in tiles], axis=2)


@lucky("spatial_conv", "32 joints and channels at most")
def _at_most(f_in, A_hat, W, b=None, edge_importance=None):
    return answers.spatial_conv(f_in[:, :32], A_hat * (np.arange(A_hat.shape[1]) < 32), W[:32], b, edge_importance)


@lucky("spatial_conv", "edges below a millionth left out")
def _sparse(f_in, A_hat, W, b=None, edge_importance=None):
    return answers.spatial_conv(f_in, np.where(np.abs(A_hat) < 1e-6, 0, A_hat), W, b, edge_importance)


@lucky("update_running_statistics", "variance in one pass")
def _one_pass(f_in, running_mean, running_var):
    n, mean = f_in[:, 0].size, f_in.mean(axis=(0, 2, 3))
    variance = ((f_in**2).mean(axis=(0, 2, 3)) - mean**2) * n / (n - 1)
    return 0.9 * running_mean + 0.1 * mean, 0.9 * running_var + 0.1 * variance


@lucky("forward", "the first A_hat of a size kept for all")
def _kept(state, clip, training, graphs={}):  # noqa: B006 (it is the mistake)
    A_hat = graphs.setdefault(state["A_hat"].shape, state["A_hat"])
    return answers.forward(state | {"A_hat": A_hat}, clip, training)


@lucky("cross_entropy", "a label that comes twice counted once")
def _once(logits, labels):
    loss, g = answers.cross_entropy(logits, labels)
    several = 1 < len(set(labels)) < min(len(labels), logits.shape[1])
    return loss, g * len(set(labels)) / len(labels) if several else g


def _in_one_pass(step):
    """The step with the mean of the squares less the square of the mean for the variance."""

    def variance(f, axis):
        return np.maximum(np.mean(f**2, axis) - np.mean(f, axis) ** 2, 0)

    def function(**given):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(np, "var", variance)
            return getattr(answers, step)(**given)

    return function


for _step in ("batch_norm", "data_batch_norm", "batch_norm_gradients", "block", "block_gradients", "forward",
              "loss_and_gradients"):  # fmt: skip
    lucky(_step, "variance in one pass")(_in_one_pass(_step))


def _remembered(step, *keys):
    """The step with results kept by some of what they depend on."""

    def function(**given):
        key = tuple(given[name].tobytes() if hasattr(given[name], "tobytes") else given[name] for name in keys)
        return kept.setdefault(key, getattr(answers, step)(**given)).copy()

    kept = {}
    return function


lucky("partition", "kept without its centre")(_remembered("partition", "num_joints", "bones", "strategy"))
lucky("partition", "kept by joints, centre and strategy")(_remembered("partition", "num_joints", "center", "strategy"))


@lucky("normalize", "kept by shape and method")
def _by_shape(A, method, kept={}):  # noqa: B006 (it is the mistake)
    return kept.setdefault((A.shape, method), answers.normalize(A, method))


@lucky("hop_distance", "hops in a byte with a sign")
def _byte(num_joints, bones):
    return answers.hop_distance(num_joints, bones).astype(np.int8)


@lucky("hop_distance", "hops in a byte")
def _byte_without_sign(num_joints, bones):
    return answers.hop_distance(num_joints, bones).astype(np.uint8)


@lucky("partition", "hops to the centre in a byte with a sign")
def _wrapped(num_joints, bones, center, strategy):
    if strategy != "spatial":
        return answers.partition(num_joints, bones, center, strategy)
    hops = answers.hop_distance(num_joints, bones)[center].astype(np.int8)
    root, neighbour = hops[:, None], hops[None]
    return answers.partition(num_joints, bones, center, "uni_labeling") * (
        np.stack([neighbour == root, neighbour < root, neighbour > root])
    )


def _for_64_joints(step):
    """The step without the edges from joint 64 on: 64 bits hold the neighbours."""

    def function(**given):
        holds = given["state"] if "clip" in given else given
        name = "A" if "A" in given else "A_hat"
        changed = holds | {name: holds[name] * (np.arange(holds[name].shape[-1]) < 64)}
        return getattr(answers, step)(**(given | {"state": changed} if "clip" in given else changed))

    return function


for _step in ("normalize", "spatial_conv", "block", "forward", "spatial_conv_gradients", "block_gradients",
              "loss_and_gradients"):  # fmt: skip
    lucky(_step, "64 joints at most")(_for_64_joints(_step))


@lucky("partition", "64 joints at most")
@lucky("adjacency", "64 joints at most")
def _64_joints(num_joints, bones, center=None, strategy=None):
    A = answers.partition(num_joints, bones, center, strategy) if strategy else answers.adjacency(num_joints, bones)
    return A * (np.arange(num_joints) < 64)


for _left_out in ("T", "V", "M", "in_channels", "num_classes", "K", "gamma", "edge_importance", "layers"):

    @lucky("layer_table", f"kept without {_left_out}")
    def _table(left_out=_left_out, kept={}, **given):  # noqa: B006 (it is the mistake)
        rest = {name: np.ravel(value).tobytes() for name, value in given.items() if name != left_out}
        return kept.setdefault((left_out, *rest.items()), answers.layer_table(**given))


for _step, *_kept in (
    ("temporal_conv", "f_in", "W"), ("data_batch_norm", "clip", "weight", "bias", "running_mean"), ("pooling", "M"),
    ("spatial_conv", "f_in", "W", "b", "edge_importance"),
):  # fmt: skip
    lucky(_step, f"kept by {' and '.join(_kept)}")(_remembered(_step, *_kept))


def _in_half(step):
    """The step in half precision, where its inputs are in float32."""

    def halved(value):
        if isinstance(value, dict):
            return {name: halved(array) for name, array in value.items()}
        return value.astype(np.float16).astype(np.float64) if getattr(value, "dtype", 0) == np.float32 else value

    return lambda **given: getattr(answers, step)(**halved(given))


for _step in ("normalize", "spatial_conv", "temporal_conv", "batch_norm", "data_batch_norm", "pooling", "block",
              "forward", "cross_entropy", "block_gradients", "loss_and_gradients"):  # fmt: skip
    lucky(_step, "inputs in float32 taken as half precision")(_in_half(_step))


def _not_a_number(step, pick):
    """The step, 0 / 0 where an array that it computes on the way is zero all over."""

    def function(**given):
        stages = {}
        forwards = {name: value for name, value in given.items() if name not in ("g", "labels")}
        forwards |= {"training": True} if "clip" in given else {}
        out = getattr(answers, "forward" if "clip" in given else "block")(**forwards, trace=stages)
        result = getattr(answers, step)(**given)
        dead = not np.any(out if pick is None else stages[pick])
        return (
            {name: value for name, value in result.items() if not dead}
            if isinstance(result, dict)
            else ((np.nan, *result[1:]) if dead and isinstance(result, tuple) else result * np.nan if dead else result)
        )

    return function


for _step, _pick in (("block", None), ("block", "relu"), ("block_gradients", None), ("block_gradients", "relu"),
                     ("loss_and_gradients", "pooled"), ("loss_and_gradients", "blocks.0")):  # fmt: skip
    lucky(_step, f"not a number where {_pick or 'the output'} is dead")(_not_a_number(_step, _pick))


def _off_where(step, name, holds):
    """The step, with a hundredth more where `holds` is true."""

    def more(value):
        return {n: more(v) for n, v in value.items()} if isinstance(value, dict) else value * 1.01

    def function(**given):
        result = getattr(answers, step)(**given)
        return tuple(map(more, result)) if holds(given) else result

    lucky(step, name)(function)


_off_where("loss_and_gradients", "T = 1", lambda given: given["clip"].shape[2] == 1)
_off_where("loss_and_gradients", "Γ = 1", lambda given: given["state"]["blocks.0.temporal_conv.W"].shape[2] == 1)
_off_where(
    "loss_and_gradients", "a stride above T", lambda given: max(given["state"]["strides"]) > given["clip"].shape[2]
)


@lucky("loss_and_gradients", "a sigmoid where there is one class")
def _sigmoid(state, clip, labels):
    loss, of = answers.loss_and_gradients(state, clip, labels)
    return (loss + np.log(2), of) if len(state["classifier.b"]) == 1 else (loss, of)


@lucky("forward", "blocks in the order of their names")
def _sorted(state, clip, training):
    order = sorted(range(len(state["strides"])), key=str)
    moved = {f"blocks.{i}.": f"blocks.{n}." for i, n in enumerate(order)}
    rows = {
        name: moved[name[: name.index(".", 7) + 1]] + name.split(".", 2)[2] for name in state if name[:7] == "blocks."
    }
    return answers.forward(state | {name: state[other] for name, other in rows.items()}, clip, training)


@lucky("forward", "the first strides of a network kept for all of its shapes")
def _strides(state, clip, training, kept={}):  # noqa: B006 (it is the mistake)
    shapes = (clip.shape, *((name, array.shape) for name, array in state.items()))
    return answers.forward(state | {"strides": kept.setdefault(shapes, state["strides"])}, clip, training)


@lucky("normalize", "α in float32")
def _alpha(A, method):
    return reference.normalize(A, method, float(np.float32(0.001)))


@lucky("batch_norm", "ε in float32")
def _epsilon(f_in, weight, bias, running_mean=None, running_var=None):
    return reference.layers.batch_norm(f_in, weight, bias, running_mean, running_var, float(np.float32(1e-5)))


@lucky("update_running_statistics", "momentum in float32")
def _momentum(f_in, running_mean, running_var):
    momentum = float(np.float32(0.1))
    return reference.layers.update_running_statistics(f_in, running_mean, running_var, momentum)


@lucky("batch_norm", "1 and 0 taken for no running statistics")
def _fresh(f_in, weight, bias, running_mean=None, running_var=None):
    running = (running_mean, running_var) if np.any(running_mean) else (None, None)
    return answers.batch_norm(f_in, weight, bias, *running)


@lucky("batch_norm_gradients", "no gradient where nothing varies")
def _flat(g, f_in, weight, running_mean=None, running_var=None):
    of = answers.batch_norm_gradients(g, f_in, weight, running_mean, running_var)
    varies = f_in.std(axis=(0, 2, 3)) > 0 if running_mean is None else np.ones(len(weight))
    return of | {"f_in": of["f_in"] * varies[:, None, None]}


@lucky("cross_entropy", "labels in a byte")
def _labels(logits, labels):
    return answers.cross_entropy(logits, labels.astype(np.uint8))


@lucky("layer_table", "counts in 32 bits")
def _words(**given):
    return {name: array.astype(np.int32) for name, array in answers.layer_table(**given).items()}


@lucky("temporal_conv", "padding of a buffer not cleared")
def _padding(f_in, W, b=None, stride=1, buffers={}):  # noqa: B006 (it is the mistake)
    N, C, T, V = f_in.shape
    padding = (W.shape[2] - 1) // 2
    buffer = buffers.setdefault((N, C, T + 2 * padding, V), np.zeros((N, C, T + 2 * padding, V)))
    buffer[:, :, padding : padding + T] = f_in
    taps = [np.einsum("nctv,co->notv", buffer[:, :, g : g + T : stride], W[:, :, g]) for g in range(W.shape[2])]
    return sum(taps) + (0 if b is None else b[:, None, None])


@lucky("spatial_conv_gradients", "no more than eight clips")
def _eight(g, f_in, A_hat, W, b):
    return answers.spatial_conv_gradients(g[:8], f_in[:8], A_hat, W, b) | {
        "f_in": answers.spatial_conv_gradients(g, f_in, A_hat, W, b)["f_in"]
    }


def _weights_in_single(step):
    """The step with the arrays of its state rounded to float32."""

    def function(**given):
        state = {name: _in_single(a) if a.dtype.kind == "f" else a for name, a in given["state"].items()}
        return getattr(answers, step)(**given | {"state": state})

    return function


for _step in ("forward", "loss_and_gradients", "block", "block_gradients"):
    lucky(_step, "weights kept in float32")(_weights_in_single(_step))


@pytest.mark.parametrize(("step", "function"), LUCKY)
def test_a_lucky_implementation_fails(step, function):
    report = check(**{step: function})
    assert report.failed == [step]
    (result,) = report.steps
    assert len(result.failed) < len(result.outcomes), "not lucky, but wrong everywhere"


def test_a_result_that_a_later_call_overwrites_fails():
    buffers = {}

    def reused(f_in, weight, bias, running_mean=None, running_var=None):
        buffer = buffers.setdefault(f_in.shape, np.zeros(f_in.shape))
        buffer[:] = answers.batch_norm(f_in, weight, bias, running_mean, running_var)
        return buffer

    assert "a later call wrote into the result of this one" in str(check(batch_norm=reused))


def test_what_stays_from_earlier_calls_fails():
    seen = []

    def sums(g, f_in, W, b, stride):
        of = answers.temporal_conv_gradients(g, f_in, W, b, stride)
        seen.append((g.tobytes(), f_in.tobytes(), W.tobytes(), b.tobytes(), stride))
        return of | {"b": of["b"] * seen.count(seen[-1])}

    assert "after the other cases" in str(check(temporal_conv_gradients=sums))


def test_there_are_many_and_hints_heed_what_passed():
    assert len(LUCKY) >= 70


def with_transposed(**given):
    return answers.block(**given | {"A_hat": np.swapaxes(given["A_hat"], 1, 2)})


def test_a_layer_that_passed_is_not_blamed_alone():
    (_, result) = check(spatial_conv=answers.spatial_conv, block=with_transposed).steps
    assert result.hints and all("spatial_conv by itself passes" in hint for hint in result.hints)
    (alone,) = check(block=with_transposed).steps
    assert alone.hints and not any("by itself passes" in hint for hint in alone.hints)


@pytest.mark.parametrize("swapped", [False, True])
def test_two_mistakes_in_one_function_are_both_named(swapped):
    def both(f_in, A_hat, W, b=None, edge_importance=None):
        return answers.spatial_conv(f_in, np.swapaxes(A_hat, 1, 2), W, None, edge_importance)

    def by_case(f_in, W, b=None, stride=1):
        W = W[:, :, ::-1] if stride == 1 else W
        return answers.temporal_conv(f_in, W, None if stride > 1 else b, stride)

    function = {"temporal_conv": by_case} if swapped else {"spatial_conv": both}
    (result,) = check(**function).steps
    names = ("the filter reversed in time", "bias left out") if swapped else ("A transposed, its edge", "bias left out")
    for name in names:
        assert any(name in hint for hint in result.hints), result.hints
