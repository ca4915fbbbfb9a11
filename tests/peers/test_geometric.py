"""PyTorch Geometric's layers pass the steps that they compute; its normalisation lacks α, and is told so."""

from pathlib import Path

import pytest

from reference.conformance import run_module

ADAPTER = str(Path(__file__).with_name("geometric.py"))


@pytest.mark.filterwarnings("ignore")  # theirs
def test_the_layers_pass_where_they_compute_a_step():
    pytest.importorskip("torch_geometric", reason='needs PyTorch Geometric: pip install -e ".[peers]"')
    report = run_module(ADAPTER)
    assert report.passed == [
        "adjacency", "spatial_conv", "batch_norm", "update_running_statistics", "pooling", "spatial_conv_gradients",
        "batch_norm_gradients",
    ]  # fmt: skip
    assert report.failed == ["normalize"]
    (normalize,) = (result for result in report.steps if result.step == "normalize")
    assert "zero rows left at zero" in normalize.hints[0]
