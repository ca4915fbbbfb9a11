"""What the trainings gave, as Markdown tables: means and standard deviations over the seeds, after the last epoch."""

import statistics

from reference.whole_files import write_whole

from .plan import NORMALIZATIONS, PLANS, STRATEGIES


def text(plan, results):
    """The table of a plan: of its lines, or, for the ablation, of strategies and normalisations."""
    rows = _ablation(results) if plan == "ablation" else _lines(plan, results)
    return "\n".join(rows)


def put_between_marks(path, name, table):
    """Put a table between `<!-- NAME: begin -->` and `<!-- NAME: end -->` in a file. ValueError if it lacks them."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = path.read_text("utf-8")
    if begin not in page or end not in page:
        raise ValueError(f"{path} has no lines {begin} and {end}")
    before, rest = page.split(begin, 1)
    write_whole(path, f"{before}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}")


def spread(line):
    """Mean and standard deviation (0 for a single seed) of the top-1 over a line's seeds, in per cent."""
    shares = [100 * seed["top1"] for seed in line["seeds"].values()]
    return statistics.mean(shares), statistics.stdev(shares) if len(shares) > 1 else 0.0


def cell(line):
    """Mean ± standard deviation, or nothing for a line that was not trained."""
    if line is None:
        return ""
    mean, deviation = spread(line)
    return f"{mean:.1f} ± {deviation:.1f}" if len(line["seeds"]) > 1 else f"{mean:.1f}"


def _lines(plan, results):
    yield "| what | top-1, % | seeds | test clips | minutes for one seed |"
    yield "|---|---:|---:|---:|---:|"
    for name, line in results["lines"].items():
        seeds = line["seeds"].values()
        minutes = statistics.median(seed["seconds"] for seed in seeds) / 60
        clips = next(iter(seeds))["clips"]
        yield f"| {PLANS[plan].lines[name].words} | {cell(line)} | {len(seeds)} | {clips} | {minutes:.1f} |"


def _ablation(results):
    """Two rows for each strategy, with and without edge importance; then the means over all cells but "symmetric"."""
    lines = results["lines"]
    yield "| strategy | edge importance |" + "".join(f" {name} |" for name in NORMALIZATIONS)
    yield "|---|---|" + "---:|" * len(NORMALIZATIONS)
    for strategy in STRATEGIES:
        for importance in ("on", "off"):
            names = [f"{strategy}_{normalization}_{importance}" for normalization in NORMALIZATIONS]
            cells = "".join(f" {cell(lines.get(name))} |" for name in names)
            yield f"| {strategy} | {importance} |{cells}"
    yield ""
    pools = {strategy: f"{strategy}_" for strategy in STRATEGIES}
    pools |= {"edge importance on": "_on", "off": "_off"}
    pools |= {name: f"_{name}_" for name in NORMALIZATIONS if name != "symmetric"}
    words = [f"{name} {_pooled(lines, part)}" for name, part in pools.items()]
    yield f'All runs but those of "symmetric" together, mean ± standard error: {", ".join(words)}.'


def _pooled(lines, part):
    """Over all runs of the lines with this part in their names, but for "symmetric"."""
    chosen = [line for name, line in lines.items() if part in name and "symmetric" not in name]
    shares = [100 * seed["top1"] for line in chosen for seed in line["seeds"].values()]
    if len(shares) < 2:
        return "not measured"
    return f"{statistics.mean(shares):.1f} ± {statistics.stdev(shares) / len(shares) ** 0.5:.1f}"
