"""The columns of a run's log.csv as curves: `python -m rams_train.common.curves RUN`.

Each is scaled to its own maximum, which is written beside it.
"""

import csv
import sys
from pathlib import Path

COLOURS = ("#b2182b", "#2166ac", "#1b7837", "#999999")
FRAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 320" font-family="sans-serif"'
    ' font-size="12">',
    '<rect width="720" height="320" fill="white"/>'
    '<path d="M40 20V290H560" fill="none" stroke="black"/>',
)


def draw_curves(table: Path, picture: Path) -> None:
    """Write an SVG of the losses over the steps; nothing where there are fewer than two rows."""
    with open(table) as file:
        rows = list(csv.DictReader(file))
    if len(rows) < 2:
        return
    last = int(rows[-1]["step"])
    parts = [
        *FRAME,
        f'<text x="40" y="308">0</text><text x="560" y="308" text-anchor="end">{last} steps</text>',
    ]
    names = [name for name in rows[0] if name not in ("step", "seconds")]
    for k, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        values = [float(r[name]) for r in rows]
        top = max(values) or 1.0
        points = " ".join(
            f"{40 + 520 * int(r['step']) / last:.1f},{290 - 270 * v / top:.1f}"
            for r, v in zip(rows, values, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )
        parts.append(
            f'<text x="572" y="{40 + 20 * k}" fill="{colour}">'
            f"{name}: {values[-1]:.3g} (most {top:.3g})</text>"
        )
    picture.write_text("\n".join([*parts, "</svg>"]) + "\n")


if __name__ == "__main__":
    draw_curves(Path(sys.argv[1]) / "log.csv", Path(sys.argv[1]) / "curves.svg")
