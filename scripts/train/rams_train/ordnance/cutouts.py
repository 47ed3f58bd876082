"""Cut the labelled objects of the training flights out of their surroundings.

A cut-out is (class, rgb uint8 [h, w, 3], alpha float32 [h, w] 0..1, millimetres per pixel) at full resolution.
"""
import cv2
import numpy as np
import rasterio
from rasterio.windows import Window

MARGIN = 14  # px of ground around the box that GrabCut learns as background


def cut(flight):
    """All usable cut-outs of a flight; an object that does not separate from its ground is left out."""
    found = []
    with rasterio.open(flight.path) as src:
        mm = abs(src.res[0]) * 1000
        for item in flight.objects:
            x0, y0, x1, y1 = item.box.round().astype(int)
            window = Window(x0 - MARGIN, y0 - MARGIN, x1 - x0 + 2 * MARGIN, y1 - y0 + 2 * MARGIN)
            if window.col_off < 0 or window.row_off < 0:
                continue
            rgb = np.ascontiguousarray(src.read(window=window).transpose(1, 2, 0))
            alpha = separate(rgb, x1 - x0, y1 - y0)
            if alpha is not None:
                found.append((item.cls, rgb, alpha, mm))
    return found


def cut_boxes(flight, boxes):
    """Cut-outs (rgb, alpha, millimetres per pixel) of other boxes in px: leaves and litter of the training ground."""
    found = []
    with rasterio.open(flight.path) as src:
        mm = abs(src.res[0]) * 1000
        for box in boxes:
            x0, y0, x1, y1 = np.round(box).astype(int)
            if x0 < MARGIN or y0 < MARGIN or x1 + MARGIN > src.width or y1 + MARGIN > src.height:
                continue
            rgb = np.ascontiguousarray(src.read(window=Window(x0 - MARGIN, y0 - MARGIN, x1 - x0 + 2 * MARGIN, y1 - y0 + 2 * MARGIN)).transpose(1, 2, 0))
            alpha = separate(rgb, x1 - x0, y1 - y0)
            if alpha is not None:
                found.append((rgb, alpha, mm))
    return found


def cut_painted(scenes, most):
    """Cut-outs of generated objects that are all in view: {class: [(rgb, alpha, millimetres per pixel)]}, `most` of each."""
    places = {}
    for scene in scenes:
        for item in scene.objects:
            if item.outline is not None:
                places.setdefault(item.cls, []).append((scene, item))
    return {cls: [_painted(*p) for p in many[::max(1, len(many) // most)][:most]] for cls, many in places.items()}


def _painted(scene, item):
    x0, y0 = np.maximum(np.floor(item.outline.min(0)).astype(int) - 3, 0)
    x1, y1 = np.ceil(item.outline.max(0)).astype(int) + 3
    rgb = np.ascontiguousarray(scene.rgba[y0:y1, x0:x1, :3])
    alpha = np.zeros(rgb.shape[:2], np.float32)
    cv2.fillPoly(alpha, [np.round((item.outline - [x0, y0] - 0.5) * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    return rgb, cv2.GaussianBlur(alpha, (0, 0), 0.6), scene.gsd_m * 1000


def separate(rgb, w, h):
    """Alpha of the object in the middle of `rgb` whose box is w x h, or None when the mask is implausible."""
    mask = np.full(rgb.shape[:2], cv2.GC_BGD, np.uint8)
    inner = mask[MARGIN:MARGIN + h, MARGIN:MARGIN + w]
    inner[:] = cv2.GC_PR_FGD
    centre = np.zeros_like(inner)
    cv2.ellipse(centre, (w // 2, h // 2), (max(2, w // 7), max(2, h // 7)), 0, 0, 360, 1, -1)
    inner[centre > 0] = cv2.GC_FGD
    big = np.ascontiguousarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    cv2.setRNGSeed(0)
    cv2.grabCut(big, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 6, cv2.GC_INIT_WITH_MASK)
    solid = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, label, stats, _ = cv2.connectedComponentsWithStats(solid)
    if count < 2:
        return None
    best = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    solid = (label == best).astype(np.float32)
    share = solid.sum() / (w * h)
    bw, bh = stats[best, cv2.CC_STAT_WIDTH], stats[best, cv2.CC_STAT_HEIGHT]
    # A mine fills 0.3-0.85 of its box and reaches its sides; all else is a failed separation.
    if not 0.22 < share < 0.97 or bw < 0.75 * w or bh < 0.75 * h:
        return None
    return cv2.GaussianBlur(solid, (0, 0), 0.8)
