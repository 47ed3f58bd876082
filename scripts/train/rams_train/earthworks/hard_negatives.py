"""Mining of hard negatives: false alarms of the present weights on ground without earthworks."""

from collections.abc import Iterator

import cv2
import numpy as np
import torch
from torch import nn

from rams_train.earthworks.dataset import LabelledImage
from rams_train.earthworks.geometry import GSD_M, SIDE_M, cut_window
from rams_train.earthworks.planes import plain_planes

VIEW_PX = 512
MIN_PROBABILITY = 0.4  # of any earthwork in a cell
MIN_CELLS = 6  # of a false alarm


def search_view(
    net: nn.Module,
    image: LabelledImage,
    centre: tuple[float, float],
    device: torch.device,
    zoom: float = 1.0,
    source_gsd_m: float = 0.0,
) -> Iterator[tuple[int, float, float]]:
    """False alarms in the view about a place in px: how many cells, x, y in px of the image.

    `zoom` and `source_gsd_m` are those of a crop.
    """
    window = cut_window(image, *centre, zoom * SIDE_M / (VIEW_PX * GSD_M))
    planes, seen = plain_planes(window, VIEW_PX, source_gsd_m)
    with torch.autocast(device.type, torch.bfloat16):
        logits = net(torch.from_numpy(planes)[None].to(device)).float()
    works = 1 - torch.softmax(logits, 1)[0, 0].cpu().numpy()
    n = works.shape[0]
    near = cv2.dilate((window.label > 0).astype(np.uint8), np.ones((9, 9), np.uint8))
    bare = cv2.resize(near, (n, n), interpolation=cv2.INTER_AREA) == 0
    known = cv2.resize(seen.astype(np.uint8), (n, n)) > 0
    alarm = ((works > MIN_PROBABILITY) & bare & known).astype(np.uint8)
    count, _, stats, middle = cv2.connectedComponentsWithStats(alarm)
    side = VIEW_PX * GSD_M / image.gsd_m / zoom
    k = side / n
    for i in range(1, count):
        cells = int(stats[i, cv2.CC_STAT_AREA])
        if cells >= MIN_CELLS:
            x, y = (c - side / 2 + middle[i, axis] * k for axis, c in enumerate(centre))
            yield cells, float(x), float(y)
