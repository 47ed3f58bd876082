"""Run a detector over a whole flight, tile by tile, as a survey does: tiles of TILE px with a HALO, no gaps.

Detections are rows of x0, y0, x1, y1 (px of the resampled flight), score, class.
"""
import numpy as np
import torch

from dataset import normalise

TILE, HALO = 640, 64


def starts(length):
    """Tile origins along one axis: cores of TILE - 2 HALO lie side by side and the first core begins at 0."""
    return range(-HALO, max(1, length - HALO), TILE - 2 * HALO)


@torch.no_grad()
def detect(run, flight, floor=0.02):
    """All detections of at least `floor` on a flight. `run`: float32 [1, 3, TILE, TILE] tensor to [1, K, 6] tensor."""
    h, w = flight.valid.shape
    rows = []
    for ty in starts(h):
        for tx in starts(w):
            y0, x0, y1, x1 = max(0, ty), max(0, tx), min(h, ty + TILE), min(w, tx + TILE)
            valid = np.zeros((TILE, TILE), np.uint8)
            valid[y0 - ty:y1 - ty, x0 - tx:x1 - tx] = flight.valid[y0:y1, x0:x1]
            if not valid[HALO:-HALO, HALO:-HALO].any():
                continue
            rgb = np.zeros((TILE, TILE, 3), np.uint8)
            rgb[y0 - ty:y1 - ty, x0 - tx:x1 - tx] = flight.rgb[y0:y1, x0:x1]
            out = run(torch.from_numpy(normalise(rgb, valid))[None])[0].numpy()
            out = out[out[:, 4] >= floor]
            # A detection belongs to the tile whose core holds its centre; the halo only gives context.
            cx, cy = (out[:, 0] + out[:, 2]) / 2, (out[:, 1] + out[:, 3]) / 2
            own = (cx >= HALO) & (cx < TILE - HALO) & (cy >= HALO) & (cy < TILE - HALO)
            # A centre on masked ground points at nothing that was seen.
            seen = valid[np.clip(cy, 0, TILE - 1).astype(int), np.clip(cx, 0, TILE - 1).astype(int)] > 0
            rows.append(out[own & seen] + np.array([tx, ty, tx, ty, 0, 0], np.float32))
    return merge(np.concatenate(rows) if rows else np.zeros((0, 6), np.float32))


def iou(a, b):
    """IoU of boxes a [n, 4] with b [m, 4]: [n, m]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    inter = np.clip(high - low, 0, None).prod(2)
    area = lambda x: (x[:, 2] - x[:, 0]) * (x[:, 3] - x[:, 1])
    return inter / np.maximum(area(a)[:, None] + area(b)[None] - inter, 1e-9)


def merge(rows, limit=0.3):
    """Keep the best of boxes of one class that overlap by more than `limit`: a peak seen twice at a seam."""
    keep = []
    for cls in np.unique(rows[:, 5]):
        part = rows[rows[:, 5] == cls]
        part = part[np.argsort(-part[:, 4])]
        while len(part):
            keep.append(part[0])
            part = part[1:][iou(part[:1, :4], part[1:, :4])[0] <= limit] if len(part) > 1 else part[1:]
    return np.array(keep).reshape(-1, 6)
