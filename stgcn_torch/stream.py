"""Live: frames come one by one, and every few of them the network says what it sees in the last ones."""

from collections import deque

import numpy as np
import torch

from reference.preparation import ClipMaker

from .training.recipes import Recipe


class Stream:
    """`stream.push(frame)` for every frame, in their order: class probabilities, or None between two answers.

    model    an STGCN in eval mode, or what its `fuse()` returns
    window   frames that an answer is about: the last so many, or all there were while there are fewer
    every    frames from one answer to the next; the first comes after so many
    prepare  a window (C, T, V, M), NumPy -> the clips (views, C', T', V, M) that the network takes, whose logits are
             averaged; without it the window is the clip. `Stream.of` takes the preparation of a training

    An answer is what the network gives for the window, so it costs one clip of `window` frames. Features are not kept
    from one answer to the next. The window's ends, where the network sees padding, move with it, and within half the
    receptive field (76 frames for the ten layers) of an end all features are others; tests/benchmarks/README.md counts
    what is left. Nor does a trained network see the frames themselves: its preparation measures from the window's first
    frame and resamples the window, so that after every step all its numbers are others.

    Raises ValueError for a model in training mode, and for a window or every below 1.
    """

    def __init__(self, model, window, every=1, prepare=None):
        if model.training:
            raise ValueError("Stream: the model is in training mode; call model.eval() first")
        for name, value in (("window", window), ("every", every)):
            if value < 1:
                raise ValueError(f"Stream: {name} must be 1 or more, got {value}")
        self.model, self.every = model, every
        self.prepare = prepare or (lambda clip: clip[None])
        self.frames, self.seen = deque(maxlen=window), 0

    @classmethod
    def of(cls, network, window, every=1, channels=None):
        """The Stream of a TrainedNetwork (fused), with the preparation that it was trained with: what predict says.

        channels  the names of those of the frames; unless given, those that the network was trained on
        """
        own = network.settings["channels"]
        inputs = Recipe().changed(network.settings["recipe"]["inputs"] | {"channels": own}).inputs
        maker = ClipMaker(inputs, channels or own, network.skeleton)
        return cls(network.model.fuse(), window, every, maker.views)

    @torch.inference_mode()
    def push(self, frame):
        """A frame (C, V, M), NumPy: probabilities (classes,), float64, after every `every` frames; else None.

        Raises ValueError for a frame of another shape than those before, or with a NaN or an infinity; it is left out.
        """
        frame = np.array(frame)  # the caller may write the next one into the same memory
        expected = self.frames[-1].shape if self.frames else ("C", "V", "M")
        if len(frame.shape) != 3 or (self.frames and frame.shape != expected):
            raise ValueError(f"Stream: expected a frame {expected}, got {frame.shape}")
        if not np.isfinite(frame).all():
            raise ValueError(f"Stream: frame {self.seen} holds a number that is not finite")
        self.frames.append(frame)
        self.seen += 1
        if self.seen % self.every:
            return None
        views = torch.from_numpy(np.ascontiguousarray(self.prepare(np.stack(self.frames, axis=1))))
        weights = self.model.classifier.W
        logits = self.model(views.to(weights.device, weights.dtype)).double().mean(dim=0)
        return logits.softmax(dim=0).cpu().numpy()
