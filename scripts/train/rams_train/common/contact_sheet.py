"""A contact sheet of places in an orthomosaic, to look at misses and false alarms by eye."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.windows import Window

from rams_train.common.arrays import Array

CELL_PX, COLUMNS, MOST = 192, 8, 96
RED, BLACK, WHITE = (0, 0, 255), (0, 0, 0), (255, 255, 255)


@dataclass(frozen=True)
class Place:
    """What is written on a cell, and the box x0, y0, x1, y1 in px of the orthomosaic it shows."""

    text: str
    box: Array


def contact_sheet(image: Path, places: Sequence[Place], file: Path, side_px: float = 128.0) -> None:
    """Write the first MOST places as squares of `side_px` about the middle of their boxes."""
    with rasterio.open(image) as src:
        cells = [_cell(src, place, side_px) for place in places[:MOST]]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[i : i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]
    cv2.imwrite(str(file), np.vstack(rows))


def _cell(src: rasterio.DatasetReader, place: Place, side_px: float) -> Array:
    """One cell, BGR: the ground, the outline of the box, the text."""
    box = place.box
    corner = np.array([box[0] + box[2], box[1] + box[3]]) / 2 - side_px / 2
    bgr = src.read(
        [3, 2, 1],
        window=Window(*corner, side_px, side_px),
        boundless=True,
        fill_value=0,
        out_shape=(3, CELL_PX, CELL_PX),
        resampling=rasterio.enums.Resampling.cubic,
    )
    cell = np.ascontiguousarray(bgr.transpose(1, 2, 0))
    drawn = ((np.array(box) - [*corner, *corner]) * CELL_PX / side_px).round().astype(int).tolist()
    cv2.rectangle(cell, tuple(drawn[:2]), tuple(drawn[2:]), RED, 1)
    for tone, width in ((BLACK, 3), (WHITE, 1)):
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(cell, place.text, (3, 12), font, 0.38, tone, width, cv2.LINE_AA)
    return cell
