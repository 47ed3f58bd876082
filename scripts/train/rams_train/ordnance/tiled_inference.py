"""Run a detector over a whole image, tile by tile, as a survey does."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from rams_train.common.arrays import Array, F32Array
from rams_train.ordnance.dataset import AnnotatedImage, normalise
from rams_train.ordnance.geometry import GSD_M, HALO, STRIDE

TILE = 768
assert HALO % STRIDE == 0

Run = Callable[[Tensor], Tensor]  # float32 [1, 3, TILE, TILE] to [1, K, 6]


@torch.no_grad()
def detect(run: Run, image: AnnotatedImage, floor: float = 0.02) -> F32Array:
    """All detections of at least `floor`: rows [n, 6] of x0, y0, x1, y1, score, class.

    Boxes are in px of the image.
    """
    k = image.gsd_m / GSD_M  # model px per px
    side, core = round(TILE / k), (TILE - 2 * HALO) / k
    h, w = image.rgba.shape[:2]
    rows = [
        _detect_in_tile(run, image, cx, cy, side, floor)
        for cy in np.arange(core / 2, h + core / 2, core)
        for cx in np.arange(core / 2, w + core / 2, core)
    ]
    return np.concatenate(rows) if rows else _no_rows()


def _no_rows() -> F32Array:
    return np.zeros((0, 6), np.float32)


def _detect_in_tile(
    run: Run, image: AnnotatedImage, cx: float, cy: float, side: int, floor: float
) -> Array:
    """The detections whose centre is in the core of the tile about (cx, cy)."""
    patch = image.patch(cx, cy, side, TILE)
    if not patch.valid[HALO:-HALO, HALO:-HALO].any():
        return _no_rows()
    tile = torch.from_numpy(normalise(patch.rgb, patch.valid))[None]
    out: Array = run(tile)[0].float().cpu().numpy()
    out = out[out[:, 4] >= floor]
    # A detection belongs to the tile whose core holds its centre; the halo only gives context.
    mx, my = (out[:, 0] + out[:, 2]) / 2, (out[:, 1] + out[:, 3]) / 2
    own = (mx >= HALO) & (mx < TILE - HALO) & (my >= HALO) & (my < TILE - HALO)
    # A centre on masked ground points at nothing that was seen.
    row, col = (np.clip(v, 0, TILE - 1).astype(int) for v in (my, mx))
    out = out[own & (patch.valid[row, col] > 0)]
    corner = np.array([patch.x0, patch.y0, patch.x0, patch.y0], np.float32)
    out[:, :4] = out[:, :4] * (side / TILE) + corner
    return out
