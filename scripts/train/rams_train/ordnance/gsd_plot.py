"""Recall and AP50 of each family against the input's pixel size, side by side, as SVG."""

from collections.abc import Mapping
from typing import Any

from rams_train.common.card_tables import Evaluation
from rams_train.ordnance.classes import FAMILIES

COLOURS = ["#b2182b", "#2166ac", "#1b7837", "#762a83", "#e08214", "#01665e", "#4d4d4d"]
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 300" font-family="sans-serif"'
    ' font-size="12">'
)


def plot_gsd(curve: Mapping[float, Evaluation]) -> str:
    """The picture; `curve` are evaluations by mm per px."""
    parts = [HEAD, '<rect width="860" height="300" fill="white"/>']
    for panel, title in enumerate(("recall at the threshold", "AP50")):
        parts += _panel(curve, panel, title)
    parts += [
        f'<text x="690" y="{60 + 20 * i}" fill="{c}">{f}</text>'
        for i, (f, c) in enumerate(zip(FAMILIES, COLOURS, strict=True))
    ]
    caption = '<text x="330" y="295" text-anchor="middle">input, mm per pixel</text>'
    return "\n".join([*parts, caption + "</svg>"]) + "\n"


def _panel(curve: Mapping[float, Evaluation], panel: int, title: str) -> list[str]:
    sizes = list(curve)

    def x(i: int) -> float:
        return 60 + 330 * panel + 270 * i / max(1, len(sizes) - 1)

    def y(value: float) -> float:
        return 260 - 220 * value

    parts = [f'<text x="{x(0)}" y="24" font-weight="bold">{title}</text>']
    for v in (0, 0.5, 1):
        parts.append(
            f'<path d="M{x(0)} {y(v)}H{x(len(sizes) - 1)}" stroke="#ccc"/>'
            f'<text x="{x(0) - 8}" y="{y(v) + 4}" text-anchor="end">{v:g}</text>'
        )
    parts += [
        f'<text x="{x(i)}" y="278" text-anchor="middle">{g:g}</text>' for i, g in enumerate(sizes)
    ]
    for family, colour in zip(FAMILIES, COLOURS, strict=True):
        found = [e["by_family"]["all"]["classes"].get(family) for e in curve.values()]
        values = [_value(f, panel) for f in found]
        points = " ".join(f"{x(i):.0f},{y(v):.0f}" for i, v in enumerate(values) if v is not None)
        if points:
            parts.append(
                f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
            )
    return parts


def _value(figures: Mapping[str, Any] | None, panel: int) -> float | None:
    """The figure that a panel shows; None where there are no objects."""
    if not figures or not figures["objects"]:
        return None
    value: float | None = figures["ap50"] if panel else figures["centre"]["recall"]
    return value
