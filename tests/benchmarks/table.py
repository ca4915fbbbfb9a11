"""The figures of bench.py as text for a terminal and as Markdown for the README, and the targets they are held to."""

from contestants import FUSED, NUMPY, PLAIN, TWIN
from measure import PEAK

from stgcn_torch.results.table import put_between_marks


def text(results):
    """Everything, for a terminal."""
    lines = [f"{name:13} {value}" for name, value in results["machine"].items()]
    for threads, cases in results["times"].items():
        clock = "CPU time" if threads == "1" else "by the clock"
        for measured in cases:
            lines += ["", *_lines(measured, f"{threads} thread{'s'[: threads != '1']}, {clock}")]
    lines.append("\nGPU: no GPU here" if results["gpu"] is None else "")
    for measured in results["gpu"] or []:
        lines += ["", *_lines(measured, "GPU, by the clock")]
    lines += [f"{name}: left out, {reason}" for name, reason in results["times"]["1"][0]["absent"].items()]
    lines += ["", *_sentences(results), "", "Targets", *(f"  {line}" for line in targets(results))]
    return "\n".join(lines)


def _lines(measured, how):
    peaks = [f"{name} {row['GFLOP/s']:.0f}" for name, row in measured["rows"].items() if name.startswith(PEAK)]
    yield f"{measured['case']} ({how}, {measured['rounds']} rounds; GFLOP/s: {'; '.join(peaks)})"
    yield f"  {'':40}{'ms':>8}   {'x twin':21}{'x plain':21}of peak"
    for name, row in measured["rows"].items():
        if not name.startswith(PEAK):
            ratios = "".join("{1:.2f} [{0:.2f} {2:.2f}]".format(*row[other]).ljust(21) for other in ("twin", "plain"))
            yield f"  {name:40}{row['ms']:8.1f}   {ratios}{row['peak'][1]:.0%}"


def _sentences(results):
    """What stands below the table, one sentence a line."""
    yield (
        f"The NumPy reference's arrays take {results['memory']['MB']:.0f} MB at most in the forward of N 1, T 300"
        " (the weights, 12 MB, not counted)."
    )
    live = results["stream"]
    yield (
        f"Live, fused twin, one thread: {live['ms']:.1f} ms a frame; answers about the last {live['window']} frames"
        f" after every {live['every']} of them."
    )
    for row in results["windows"]:
        name = "fused twin" if row["kind"] == "fused" else "NumPy reference"
        yield (
            f"{row['frames']:,} frames in windows, {name}, one thread: {row['seconds']:.1f} s and {row['MB']:.0f} MB"
            " beyond the clip and the weights."
        )


def targets(results):
    """One line for every target of the project that was measured: the figure, and whether it is met."""

    def figure(threads, case, name, column):
        for measured in results["times"].get(str(threads), []):
            if measured["case"] == case and name in measured["rows"]:
                value = measured["rows"][name][column]
                return value[1] if isinstance(value, list) else value
        return None

    one, eight, training = "forward, N 1, T 300", "forward, N 8, T 300", "training, N 4, T 150"
    rows = [
        ("fused, N 1, two threads: times as fast as plain", figure(2, one, FUSED, "plain"), 1.35),
        ("fused, N 8, two threads: times as fast as plain", figure(2, eight, FUSED, "plain"), 1.45),
        ("fused, N 1, two threads: share of the matrix product's speed", figure(2, one, FUSED, "peak"), 0.90),
        ("training step, one thread: times as fast as plain", figure(1, training, TWIN, "plain"), 1.15),
        ("training step, two threads: times as fast as plain", figure(2, training, TWIN, "plain"), 1.15),
        ("NumPy, N 1, one thread: times as fast as the twin", figure(1, one, NUMPY, "twin"), 1 / 1.0),
        ("NumPy, N 1, two threads: times as fast as the twin", figure(2, one, NUMPY, "twin"), 1 / 1.4),
    ]
    for words, value, least in rows:
        if value is not None:
            yield f"{'met   ' if value >= least else 'MISSED'} {words}: {value:.2f} (at least {least:.2f})"
    peak = results["memory"]["MB"]
    yield f"{'met   ' if peak < 400 else 'MISSED'} NumPy, N 1: MB at most in arrays: {peak:.0f} (under 400)"


def markdown(results):
    """The README's table: times of the plain form, and how many times as fast the others are; then the machine."""
    columns = [(threads, measured) for threads, cases in results["times"].items() for measured in cases]
    heads = [f"{measured['case']}, {threads} thread{'s'[: threads != '1']}" for threads, measured in columns]
    heads = [head.replace(", ", "<br>") for head in heads]  # or the table would be wider than a page
    names = [name for _, measured in columns for name in measured["rows"] if not name.startswith(PEAK)]
    lines = ["| |" + "|".join(f" {head} " for head in heads) + "|", "|---|" + "---:|" * len(heads)]
    for name in sorted(dict.fromkeys(names), key=lambda name: name != PLAIN):
        cells = []
        for _, measured in columns:
            row = measured["rows"].get(name)
            cells.append("" if row is None else f"{row['ms']:,.0f} ms" if name == PLAIN else f"{row['plain'][1]:.2f}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    machine = results["machine"]
    where = ", ".join(f"{name} {machine[name]}" for name in ("Python", "NumPy", "PyTorch", "ONNX Runtime", "OpenVINO"))
    peaks = [
        f"{cases[0]['rows'][FUSED]['peak'][1]:.0%} with {threads} thread{'s'[: threads != '1']}"
        for threads, cases in results["times"].items()
    ]
    sentences = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; {where}. GPU: {machine['GPU']}.",
        "Medians of alternating runs; one thread by the CPU time it used, two by the clock.",
        "At N 1, T 300 the fused twin multiplies and adds at this share of the speed of a large matrix product:"
        f" {', '.join(peaks)}.",
        *_sentences(results),
    ]
    return "\n".join([*lines, "", *(f"- {sentence}" for sentence in sentences)])


def into_readme(path, results):
    """Put the Markdown table between the benchmark's marks in a file. ValueError if it has no marks."""
    put_between_marks(path, "benchmark", markdown(results))
