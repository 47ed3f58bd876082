"""Results of a benchmark as one HTML file: a plot and a table for each site."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from rams.evaluations import POOLED, Evaluation

# Okabe and Ito: told apart by all, beside each other and in print.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 56, 24, 16, 48
# False alarms per hectare at the edges of a plot; left of the first stands for none at all.
LEAST, MOST = 0.1, 10_000.0
WITHIN = 20.0

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 80rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; font-size: 0.85rem }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #ccc; text-align: right;
  white-space: nowrap }
th:first-child { text-align: left } th[colspan] { text-align: center; border-left: 1px solid #ccc }
.wide { overflow-x: auto } tr:last-child { font-weight: bold }
svg { max-width: 100%; height: auto } .mixed { color: #a00000; font-weight: bold }
"""


@dataclass(frozen=True)
class Result:
    """What one model came to on one site."""

    site: str
    model: str
    evaluation: Evaluation


def operating_curve(evaluation: Evaluation) -> list[tuple[float, float]]:
    """Return false alarms per hectare and recall of all classes, from the surest find on."""
    figures = evaluation.figures["by_class"]["all"]
    objects, hectares = figures["pooled"]["objects"], figures["hectares"]
    if evaluation.curve.empty or not objects or not hectares:
        return []
    points = evaluation.curve.loc[POOLED].sort_index(ascending=False)
    return [
        (alarms / hectares, hits / objects)
        for hits, alarms in zip(points["hits"], points["false_alarms"], strict=True)
    ]


def across(rate: float) -> float:
    """Return where a rate of false alarms lies, on a logarithmic axis."""
    share = math.log10(min(max(rate, LEAST), MOST) / LEAST) / math.log10(MOST / LEAST)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def up(recall: float) -> float:
    """Return where a recall lies."""
    return HEIGHT - BOTTOM - recall * (HEIGHT - TOP - BOTTOM)


def axes() -> Iterable[str]:
    """Draw the grid and the names of both axes."""
    for tenth in range(0, 11, 2):
        y = up(tenth / 10)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>'
    for power in range(round(math.log10(LEAST)), round(math.log10(MOST)) + 1):
        x = across(10.0**power)
        name = f"≤ {LEAST:g}" if power == round(math.log10(LEAST)) else f"{10.0**power:,.0f}"
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{name}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    named = "false alarms per hectare"
    yield f'<text x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">{named}</text>'
    y = up(0.5)
    yield f'<text transform="translate(14 {y}) rotate(-90)" text-anchor="middle">recall</text>'


def plot(results: Sequence[Result]) -> str:
    """Draw recall over false alarms of each model on one site."""
    drawn = list(axes())
    for at, result in enumerate(results):
        colour = COLOURS[at % len(COLOURS)]
        points = operating_curve(result.evaluation)
        if points:
            rate, recall = points[0]
            path = f"M{across(rate):.1f} {up(0):.1f}V{up(recall):.1f}"
            path += "".join(f"H{across(x):.1f}V{up(y):.1f}" for x, y in points[1:])
            drawn.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
            x, y = points[-1]
            drawn.append(f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="{colour}"/>')
        y = TOP + 18 * (at + 1)
        drawn.append(f'<path d="M{LEFT + 12} {y - 4}h20" stroke="{colour}" stroke-width="2.5"/>')
        drawn.append(f'<text x="{LEFT + 38}" y="{y}">{escape(result.model)}</text>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" font-size="12" role="img" '
        f'aria-label="recall over false alarms per hectare"'
        f' font-family="system-ui, sans-serif">{"".join(drawn)}</svg>'
    )


def cells(result: Result, name: str) -> list[str]:
    """Return the figures of a class by one model: empty where it was not evaluated."""
    table, within = result.evaluation.by_class, result.evaluation.recall_at
    if name not in table.index:
        return ["", "", "", ""]
    row = table.loc[name].to_dict()
    limited = within["recall"].to_dict().get((name, WITHIN)) if len(within) else None
    recall, low, high = (row[column] for column in ("recall", "recall_low", "recall_high"))
    return [
        f"{row['objects']:.0f}",
        "-" if pd.isna(recall) else f"{recall:.3f} [{low:.3f}, {high:.3f}]",
        f"{row['false_alarms_per_hectare']:.1f}",
        "-" if limited is None or pd.isna(limited) else f"{limited:.3f}",
    ]


def table(results: Sequence[Result]) -> str:
    """Return a table of a row for each class, and a group of columns for each model."""
    models = "".join(f'<th colspan="4">{escape(result.model)}</th>' for result in results)
    heads = ["objects", "recall [95 %]", "false alarms/ha", f"recall within {WITHIN:g}/ha"]
    columns = "".join(f"<th>{head}</th>" for head in heads) * len(results)
    named = {name for result in results for name in result.evaluation.by_class.index}
    rows = []
    for name in [*sorted(named - {POOLED}), POOLED]:
        values = [value for result in results for value in cells(result, name)]
        rows.append(f"<tr><th>{escape(name)}</th>{''.join(f'<td>{it}</td>' for it in values)}</tr>")
    head = f"<tr><th></th>{models}</tr><tr><th>class</th>{columns}</tr>"
    return f'<div class="wide"><table>{head}{"".join(rows)}</table></div>'


def page(name: str, source: str, licence: str, notes: str, results: Sequence[Result]) -> str:
    """Return the page."""
    parts = [
        f"<h1>Benchmark {escape(name)}</h1>",
        f"<p>{escape(source)} Licence: {escape(licence)}</p><p>{escape(notes)}</p>",
        "<p>Surveys at the sensitive operating point of each model, where its curve ends (the "
        "dot); each site by itself, on the ground that was assessed. Intervals are exact. These "
        "figures hold for this ground alone.</p>",
    ]
    for site in dict.fromkeys(result.site for result in results):
        here = [result for result in results if result.site == site]
        parts.append(f"<h2>{escape(site)}</h2>")
        for result in here:
            if result.evaluation.figures.get("training_overlaps"):
                parts.append(
                    f'<p class="mixed">{escape(result.model)}: mixed, its training has seen this '
                    "ground or does not say what it has seen.</p>"
                )
        parts += [plot(here), table(here)]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Benchmark {escape(name)}'
        f"</title><style>{STYLE}</style>{''.join(parts)}</html>\n"
    )
