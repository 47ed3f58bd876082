"""Cut labelled objects out of their surroundings, to paste them on other ground."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import rasterio
from rasterio.windows import Window

from rams_train.common.arrays import Array, F32Array, U8Array
from rams_train.common.images import blur
from rams_train.ordnance.dataset import AnnotatedImage, LabelledObject

MARGIN_PX = 14  # ground around the box that GrabCut learns as background


@dataclass(frozen=True, eq=False)
class CutOut:
    """An object without its ground: rgb uint8 [h, w, 3], alpha float32 [h, w] 0..1, mm per px."""

    rgb: U8Array
    alpha: F32Array
    mm_per_px: float


def cut_labelled(flight: AnnotatedImage) -> list[tuple[int, CutOut]]:
    """All usable cut-outs of a flight with their leaf index.

    An object that does not separate from its ground is left out.
    """
    found = []
    with rasterio.open(flight.path) as src:
        mm = abs(src.res[0]) * 1000
        for item in flight.objects:
            x0, y0, x1, y1 = item.box.round().astype(int)
            window = _with_margin(x0, y0, x1, y1)
            if window.col_off < 0 or window.row_off < 0:
                continue
            rgb = _read(src.read(window=window))
            alpha = separate(rgb, x1 - x0, y1 - y0)
            if alpha is not None:
                found.append((item.cls, CutOut(rgb, alpha, mm)))
    return found


def cut_boxes(flight: AnnotatedImage, boxes: Iterable[Array]) -> list[CutOut]:
    """Cut-outs of other boxes in px of a flight: leaves and litter of the training ground."""
    found = []
    with rasterio.open(flight.path) as src:
        mm = abs(src.res[0]) * 1000
        for box in boxes:
            x0, y0, x1, y1 = np.round(box).astype(int)
            before = x0 < MARGIN_PX or y0 < MARGIN_PX
            if before or x1 + MARGIN_PX > src.width or y1 + MARGIN_PX > src.height:
                continue
            rgb = _read(src.read(window=_with_margin(x0, y0, x1, y1)))
            alpha = separate(rgb, x1 - x0, y1 - y0)
            if alpha is not None:
                found.append(CutOut(rgb, alpha, mm))
    return found


def cut_generated(scenes: Iterable[AnnotatedImage], most: int) -> dict[int, list[CutOut]]:
    """Cut-outs of generated objects that are all in view, by leaf index, at most `most` of each."""
    places: dict[int, list[tuple[AnnotatedImage, LabelledObject]]] = {}
    for scene in scenes:
        for item in scene.objects:
            if item.outline is not None:
                places.setdefault(item.cls, []).append((scene, item))
    return {cls: _cut_some(many, most) for cls, many in places.items()}


def _cut_some(places: Sequence[tuple[AnnotatedImage, LabelledObject]], most: int) -> list[CutOut]:
    spread = places[:: max(1, len(places) // most)][:most]
    return [_by_outline(scene, item) for scene, item in spread]


def _by_outline(scene: AnnotatedImage, item: LabelledObject) -> CutOut:
    assert item.outline is not None
    x0, y0 = np.maximum(np.floor(item.outline.min(0)).astype(int) - 3, 0)
    x1, y1 = np.ceil(item.outline.max(0)).astype(int) + 3
    rgb = np.ascontiguousarray(scene.rgba[y0:y1, x0:x1, :3])
    alpha = np.zeros(rgb.shape[:2], np.float32)
    # OpenCV takes sixteenths of a px, and counts from the middle of the first one.
    points = np.round((item.outline - [x0, y0] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(alpha, [points], 1.0, cv2.LINE_AA, 4)
    return CutOut(rgb, blur(alpha, 0.6), scene.gsd_m * 1000)


def _with_margin(x0: int, y0: int, x1: int, y1: int) -> Window:
    margin = MARGIN_PX
    return Window(x0 - margin, y0 - margin, x1 - x0 + 2 * margin, y1 - y0 + 2 * margin)


def _read(bands: Array) -> U8Array:
    return np.ascontiguousarray(bands.transpose(1, 2, 0))


def separate(rgb: U8Array, w: int, h: int) -> F32Array | None:
    """Alpha of the object in the middle of `rgb` whose box is w x h px.

    None where the mask is implausible: a mine fills 0.3 to 0.85 of its box and reaches its sides.
    """
    solid = _grab(rgb, w, h)
    count, label, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    alpha = (label == best).astype(np.float32)
    share = alpha.sum() / (w * h)
    width, height = stats[best, cv2.CC_STAT_WIDTH], stats[best, cv2.CC_STAT_HEIGHT]
    if not 0.22 < share < 0.97 or width < 0.75 * w or height < 0.75 * h:
        return None
    return blur(alpha, 0.8)


def _grab(rgb: U8Array, w: int, h: int) -> Array:
    """GrabCut's foreground 0/1: sure in the middle, likely in the box, none in the margin."""
    mask = np.full(rgb.shape[:2], cv2.GC_BGD, np.uint8)
    inner = mask[MARGIN_PX : MARGIN_PX + h, MARGIN_PX : MARGIN_PX + w]
    inner[:] = cv2.GC_PR_FGD
    centre = np.zeros_like(inner)
    axes = (max(2, w // 7), max(2, h // 7))
    cv2.ellipse(centre, (w // 2, h // 2), axes, 0, 0, 360, 1, -1)
    inner[centre > 0] = cv2.GC_FGD
    bgr = np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    cv2.setRNGSeed(0)
    grab: Any = cv2.grabCut  # its types know no call without a rectangle
    grab(bgr, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)
    solid = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    return cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
