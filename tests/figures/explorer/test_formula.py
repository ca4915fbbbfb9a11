"""The formula in JavaScript against reference/: every skeleton, strategy and normalisation, several α, frames, Γ."""

import itertools

import numpy as np
import pytest

from figures.explorer import collect
from reference import (
    LAYERS,
    NORMALIZATIONS,
    SKELETONS,
    STRATEGIES,
    layer_table,
    normalize,
    partition,
    spatial_conv,
    temporal_conv,
)

ALPHAS = (0, 0.0001, 0.001, 0.1, 1)
COMBINATIONS = list(itertools.product(STRATEGIES, NORMALIZATIONS, ALPHAS))


@pytest.mark.parametrize("skeleton", collect.SHOWN)
def test_weights_and_outputs_equal_the_reference(page, skeleton):
    """Whole arrays, so every root; 1e-12 relative is what reordered sums of a few float64 terms may differ by."""
    clip = next(clip for name, *_, clip in collect._clips() if name == skeleton).astype(float)
    C, T, _ = clip.shape
    W = collect.page_weights(C)
    frames = [0, T // 2, T - 1]
    computed = page.evaluate(
        """([name, combinations, frames]) => {
            const { data, partition, normalize, spatialConv } = explorer;
            const clip = data.clips.find((clip) => clip.skeleton === name);
            const W = data.W[clip.shape[0]];
            return combinations.map(([strategy, method, alpha]) => {
                const A = partition(data.skeletons[name], strategy);
                const A_hat = normalize(A, method, alpha);
                const f_in = (t) => clip.values.map((channel) => channel[t]);
                return { A, A_hat, f_out: frames.map((t) => spatialConv(f_in(t), A_hat, W)) };
            });
        }""",
        [skeleton, COMBINATIONS, frames],
    )
    for (strategy, method, alpha), found in zip(COMBINATIONS, computed, strict=True):
        A = partition(SKELETONS[skeleton], strategy)
        A_hat = normalize(A, method, alpha)
        np.testing.assert_array_equal(found["A"], A)
        np.testing.assert_allclose(found["A_hat"], A_hat, rtol=1e-12)
        f_out = spatial_conv(clip, A_hat, W[:, :, : len(A)])[:, frames].transpose(1, 0, 2)
        np.testing.assert_allclose(found["f_out"], f_out, rtol=1e-12, atol=1e-12)


def test_the_sliders_alpha_is_exact(page):
    alphas = page.evaluate("[0, 1, 11, 21, 31, 41].map(explorer.alphaOf)")
    assert alphas == [0, 0.0001, 0.001, 0.01, 0.1, 1]


@pytest.mark.parametrize("filter_name", ["mean", "slope"])
def test_the_temporal_convolution_equals_the_reference(page, filter_name):
    rng = np.random.default_rng(0)
    for gamma, stride, T in itertools.product((1, 3, 9, 15), (1, 2, 3), (16, 39)):
        series = rng.normal(size=T)
        weights, found = page.evaluate(
            """([series, name, gamma, stride]) => {
                const weights = explorer.FILTERS[name](gamma);
                return [weights, explorer.temporalConv(series, weights, stride, (gamma - 1) / 2)];
            }""",
            [series.tolist(), filter_name, gamma, stride],
        )
        expected = temporal_conv(series[None, :, None], np.array(weights)[None, None], stride=stride)
        np.testing.assert_allclose(found, expected[0, :, 0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("gamma", "stride", "padding"), [(3, 1, 0), (9, 2, 1), (5, 3, 10), (1, 1, 3)])
def test_another_padding_gives_what_the_definition_says(page, gamma, stride, padding):
    series, weights = np.arange(12.0) ** 1.5, np.linspace(-1, 2, gamma)
    found = page.evaluate(
        "([s, w, stride, padding]) => explorer.temporalConv(s, w, stride, padding)",
        [series.tolist(), weights.tolist(), stride, padding],
    )
    expected = np.correlate(np.pad(series, padding), weights, mode="valid")[::stride]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("gamma", [1, 3, 9, 15])
def test_receptive_fields_are_those_of_the_layer_table(page, gamma):
    fields = page.evaluate("gamma => explorer.receptiveFields(explorer.data.layers, gamma)", gamma)
    assert fields == [row.receptive_field for row in layer_table(gamma=gamma).rows]
    assert len(fields) == len(LAYERS)


def test_the_page_checks_itself_and_says_so(page):
    page.wait_for_function("document.getElementById('check').dataset.largest !== undefined")
    assert float(page.get_attribute("#check", "data-largest")) < 1e-10  # expected values have 12 digits
    assert "96 outputs" in page.inner_text("#check")
