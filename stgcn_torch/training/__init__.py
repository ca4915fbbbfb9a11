"""Training the twin on sequence sets: what `python -m stgcn_torch train`, `evaluate` and `predict` run."""
