"""IoU, recall and precision of each family against pixel size and sun, as SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rams_train.earthworks.classes import FAMILIES
from rams_train.earthworks.figures import Figures, has_truth, iou, precision, recall

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 560" font-family="sans-serif"'
    ' font-size="12">'
)
TONES = ("#b2182b", "#2166ac", "#1b7837", "#762a83", "#e08214", "#4d4d4d")
COLOURS = dict(zip(FAMILIES, TONES, strict=True))
PANELS = (
    ("IoU", iou),
    ("recall (of length or of objects)", recall),
    ("precision (of length or of objects)", precision),
)


@dataclass(frozen=True)
class Row:
    """A row of panels: what is along it, its ticks, and the figures by family at each tick."""

    caption: str
    ticks: Sequence[str]
    columns: Sequence[Mapping[str, Figures | None]]


def plot_curves(by_gsd: Mapping[float, Any], by_sun: Mapping[tuple[int, int], Any]) -> str:
    """The picture: figures by metres per px, and by the height of the sun in degrees."""
    sizes = [f"{g * 100:g}" for g in by_gsd]
    heights = [f"{low}-{high}°" for low, high in by_sun]
    rows = (
        Row("input, cm per pixel", sizes, list(by_gsd.values())),
        Row("sun above the horizon, at 10 cm", heights, list(by_sun.values())),
    )
    parts = [HEAD, '<rect width="980" height="560" fill="white"/>']
    for r, row in enumerate(rows):
        for p in range(len(PANELS)):
            parts += _panel(row, r, p)
        middle = _y(r, 0) + 32
        parts.append(f'<text x="400" y="{middle}" text-anchor="middle">{row.caption}</text>')
    parts += [
        f'<text x="850" y="{80 + 20 * i}" fill="{c}">{n}</text>'
        for i, (n, c) in enumerate(COLOURS.items())
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _y(row: int, value: float) -> float:
    return 250 - 200 * value + 270 * row


def _panel(row: Row, r: int, p: int) -> list[str]:
    """The panel of row `r` and column `p`."""
    last = len(row.ticks) - 1
    title, value = PANELS[p]

    def x(i: int) -> float:
        return 40 + 270 * p + 220 * i / last

    def y(v: float) -> float:
        return _y(r, v)

    parts = [f'<text x="{x(0)}" y="{y(1) - 14}" font-weight="bold">{title}</text>']
    for v in (0, 0.5, 1):
        parts.append(
            f'<path d="M{x(0)} {y(v)}H{x(last)}" stroke="#ccc"/>'
            f'<text x="{x(0) - 6}" y="{y(v) + 4}" text-anchor="end">{v:g}</text>'
        )
    parts += [
        f'<text x="{x(i):.0f}" y="{y(0) + 16}" text-anchor="middle">{t}</text>'
        for i, t in enumerate(row.ticks)
    ]
    for name, colour in COLOURS.items():
        figures = [c.get(name) for c in row.columns]
        points = [(i, value(f)) for i, f in enumerate(figures) if has_truth(f)]
        line = " ".join(f"{x(i):.0f},{y(v):.0f}" for i, v in points if v is not None)
        if line:
            parts.append(
                f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>'
            )
    return parts
