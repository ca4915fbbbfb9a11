"""The command line: python -m reference --clip walk --strategy spatial."""

import argparse

import numpy as np

from . import (
    SKELETONS,
    STRATEGIES,
    classify,
    init_state,
    layer_table,
    load_clips,
    load_network,
    partition,
    spatial_conv_steps,
)
from .terminal import parsed, run

SETS = ("mocap_15", "openpose_25")
SHOWN = 4  # numbers of each array
BAR = 40  # letters of a bar for 100 %


def main(arguments=None):
    """Print the formula's steps on an embedded clip, the layers and a trained network's answer; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m reference",
        description="f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, step by step on a real clip.",
    )
    sets = {name: load_clips(name) for name in SETS}
    names = [str(name) for sequences in sets.values() for name in sequences.class_names]
    parser.add_argument("--clip", default="walk", choices=names, metavar="NAME", help=f"one of {', '.join(names)}")
    parser.add_argument("--strategy", default="spatial", choices=STRATEGIES)
    options = parsed(parser, arguments)
    sequences = next(s for s in sets.values() if options.clip in s.class_names)
    clip = sequences.clip(options.clip)
    skeleton = SKELETONS[sequences.title]
    show_clip(options.clip, clip, sequences)
    show_steps(clip, skeleton, options.strategy)
    show_layers(clip, options.strategy, sequences)
    show_answer(clip, load_network(sequences.title))
    return 0


def show_clip(name, clip, sequences):
    """What goes in."""
    T, V, M = clip.shape[2:]
    print(f"Clip {name!r} of {sequences.title}: {T} frames at {float(sequences.fps):g} per second.")
    print(f"(N, C, T, V, M) = {clip.shape}: channels {', '.join(sequences.channels)}; {V} joints, {M} person.\n")


def show_steps(clip, skeleton, strategy):
    """Every intermediate of the formula, for one video, with random weights: the arithmetic counts."""
    f_in = clip[0, :, :, :, 0]  # (C, T, V)
    W = init_state(1, len(f_in), skeleton, strategy, seed=0)["blocks.0.spatial_conv.W"]
    root = max(j if i == skeleton.center else i for i, j in skeleton.bones if skeleton.center in (i, j))
    print("f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, k = 0 … K-1, step by step.")
    print(f"Partition strategy {strategy}: K = {W.shape[2]}. W (C_in, C_out, K) = {W.shape}, drawn at random (seed 0).")
    print(f"Numbers are those of one root, {skeleton.joints[root]} (joint {root}), a neighbour of the centre: in the")
    print("matrices its neighbours and their weights, in the features its channels in the first frame.\n")
    print(f"{'step':14} {'formula':34} {'shape':13} numbers of the root")
    print_step("f_in", "", f_in.shape, first_numbers(f_in[:, 0, root]))
    for name, formula, array in spatial_conv_steps(f_in, partition(skeleton, strategy), W):
        if name in ("A", "degree", "A_hat"):
            for k in range(len(array)):
                row = array[k, root]
                numbers = neighbours(row, skeleton) if row.ndim else f"{row:.3f}"
                print_step(f"{name}[{k}]", formula.replace("_k", f"_{k}"), array[k].shape, numbers)
        else:
            print_step(name, formula, array.shape, first_numbers(array[:, 0, root]))


def print_step(name, formula, shape, numbers):
    """One line: the step, its formula, its shape and a few numbers."""
    print(f"{name:14} {formula:34} {shape!s:13} {numbers}")


def neighbours(row, skeleton):
    """A root's row of a matrix in words: every neighbour with its entry."""
    return (
        ", ".join(f"{joint} {entry:.4g}" for joint, entry in zip(skeleton.joints, row, strict=True) if entry) or "none"
    )


def first_numbers(values):
    """The first few of an array's numbers."""
    shown = " ".join(f"{value + 0.0:8.4f}" for value in np.round(values[:SHOWN], 4))
    return shown + (" …" if len(values) > SHOWN else "")


def show_layers(clip, strategy, sequences):
    """The layer table for this clip."""
    _, C, T, V, M = clip.shape
    classes, K = len(sequences.class_names), len(partition(SKELETONS[sequences.title], strategy))
    print(f"\nThe ten layers on this clip, with {classes} classes. They take the two-sided reading of the formula,")
    print("normalize(A, 'two_sided'); the steps above are its letter.\n")
    print(layer_table(T=T, V=V, M=M, in_channels=C, num_classes=classes, K=K))


def show_answer(clip, network):
    """The five most probable classes."""
    channels = network.state["classifier.W"].shape[0]
    print(f"\nThe trained network {network.title} (spatial partition, up to {channels} channels) says of this clip:\n")
    for name, probability in classify(network, clip)[:5]:
        print(f"  {probability:6.1%}  {'#' * round(BAR * probability):{BAR}}  {name}")


if __name__ == "__main__":
    run(main)
