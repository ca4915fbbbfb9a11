"""How good a network is on some clips: every clip counts once, whatever the number of processes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

from reference.terminal import shown

from .batches import evaluation_loader
from .distributed import sum_over_processes


@dataclass(frozen=True)
class Result:
    """Counts over clips.

    confusion  (classes, classes): row = true class, column = predicted
    in_top5    clips whose class is among the five with the largest logits
    loss       mean cross-entropy
    """

    confusion: np.ndarray
    in_top5: int
    loss: float
    class_names: tuple[str, ...]

    @property
    def clips(self):
        """How many clips."""
        return int(self.confusion.sum())

    @property
    def top1(self):
        """The share of clips that are classified right."""
        return float(np.trace(self.confusion)) / self.clips

    @property
    def top5(self):
        """The share of clips whose class is among the first five."""
        return self.in_top5 / self.clips

    def per_class(self):
        """{class: share of its clips classified right, or None if it has no clip}."""
        right, all_of = np.diagonal(self.confusion), self.confusion.sum(axis=1)
        return {name: float(r / n) if n else None for name, r, n in zip(self.class_names, right, all_of, strict=True)}

    def as_dict(self):
        """For JSON."""
        return {
            "clips": self.clips, "top1": self.top1, "top5": self.top5, "loss": self.loss,
            "per_class": self.per_class(), "class_names": list(self.class_names),
            "confusion": self.confusion.tolist(),
        }  # fmt: skip

    def __str__(self):
        lines = [f"top-1 {self.top1:.1%}, top-5 {self.top5:.1%} of {self.clips} clips, loss {self.loss:.3f}"]
        names = [shown(name) for name in self.class_names]
        width = max(map(len, names))
        for k, (row, share) in enumerate(zip(self.confusion, self.per_class().values(), strict=True)):
            if share is None:
                continue
            wrong = [(n, other) for j, (n, other) in enumerate(zip(row, names, strict=True)) if n and j != k]
            taken_for = ", ".join(f"{other} {n}" for n, other in sorted(wrong, key=lambda pair: -pair[0])[:3])
            lines.append(
                f"  {names[k]:{width}} {share:6.1%} of {row.sum()}{f'; taken for: {taken_for}' if wrong else ''}"
            )
        return "\n".join(lines)


def evaluate(model, clips, class_names, *, batch, processes, autocast=None, workers=0):
    """The Result of a model on a ClipSet; with several processes each takes its share, and all get the sums.

    model      gives logits; it is left in evaluation mode
    batch      clips at once, in this process
    processes  distributed.Processes
    autocast   a dtype, or None
    """
    model.eval()
    classes, device = len(class_names), processes.device
    confusion = torch.zeros(classes * classes, dtype=torch.float64, device=device)
    sums = torch.zeros(2, dtype=torch.float64, device=device)  # in the top five, loss
    loader = evaluation_loader(clips, batch, processes, workers=workers)
    dtype = model.A_hat.dtype
    with torch.inference_mode():
        for clip, label, _ in loader:
            clip, label = clip.to(device, dtype), label.to(device)
            with torch.autocast(device.type, autocast, enabled=autocast is not None):
                logits = model(clip.flatten(0, 1))
            logits = logits.double().view(*clip.shape[:2], classes).mean(dim=1)
            confusion += torch.bincount(label * classes + logits.argmax(dim=1), minlength=classes * classes)
            best = logits.topk(min(5, classes), dim=1).indices
            sums[0] += (best == label[:, None]).sum()
            sums[1] += F.cross_entropy(logits, label, reduction="sum")
    totals = sum_over_processes(torch.cat([confusion, sums])).cpu().numpy()
    confusion = totals[:-2].reshape(classes, classes).astype(np.int64)
    return Result(confusion, int(totals[-2]), float(totals[-1] / len(clips)), tuple(map(str, class_names)))
