"""Run a detector over a whole ground, tile by tile, as a survey does: to find its false alarms while training.

Detections are rows of x0, y0, x1, y1 (px of the ground), score, class.
"""
import numpy as np
import torch

from rams_train.ordnance.classes import HALO_M
from rams_train.ordnance.dataset import GSD_M, STRIDE, normalise

TILE = 768
HALO = 96  # a box is whole in one tile only if the halo holds it
assert HALO * GSD_M >= HALO_M and HALO % STRIDE == 0


@torch.no_grad()
def detect(run, ground, floor=0.02):
    """All detections of at least `floor`. `run`: float32 [1, 3, TILE, TILE] tensor to [1, K, 6] tensor."""
    k = ground.gsd_m / GSD_M  # model px per px
    side, core = round(TILE / k), (TILE - 2 * HALO) / k
    h, w = ground.rgba.shape[:2]
    rows = []
    for cy in np.arange(core / 2, h + core / 2, core):
        for cx in np.arange(core / 2, w + core / 2, core):
            rgb, valid, (x0, y0) = ground.window(cx, cy, side, TILE)
            if not valid[HALO:-HALO, HALO:-HALO].any():
                continue
            out = run(torch.from_numpy(normalise(rgb, valid))[None])[0].float().cpu().numpy()
            out = out[out[:, 4] >= floor]
            # A detection belongs to the tile whose core holds its centre; the halo only gives context.
            mx, my = (out[:, 0] + out[:, 2]) / 2, (out[:, 1] + out[:, 3]) / 2
            own = (mx >= HALO) & (mx < TILE - HALO) & (my >= HALO) & (my < TILE - HALO)
            # A centre on masked ground points at nothing that was seen.
            seen = valid[np.clip(my, 0, TILE - 1).astype(int), np.clip(mx, 0, TILE - 1).astype(int)] > 0
            out = out[own & seen]
            out[:, :4] = out[:, :4] * (side / TILE) + np.array([x0, y0, x0, y0], np.float32)
            rows.append(out)
    return np.concatenate(rows) if rows else np.zeros((0, 6), np.float32)
