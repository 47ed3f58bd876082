"""Training crops: a window of a scene or a photograph, seen from any height, with or without a surface model.

`Crops.sample(rng)` gives (planes float32 [5, CROP, CROP], share float32 [1 + masks, n, n], care [n, n]) with
n = CROP / 4: normalised colours, height less its mean, where there is a height; the share of each class in a cell.

A crop has a source GSD g of its own: it is averaged down to g, goes through the optics at g, and is brought to the
model's GSD as a survey would bring an input of that GSD.
"""
import cv2
import numpy as np

from rams_train.common import augment

from .classes import MASKS
from .dataset import IGNORE

GSD_M = 0.10  # of the model's input
STRIDE = 4
CROP = 256
N = CROP // STRIDE
SIDE_M = CROP * GSD_M
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
ON_HARD = 0.35  # share of false alarms among the crops that are not drawn from an earthwork
WITH_HEIGHT = 0.5


class Crops:
    def __init__(self, scenes, photos, works):
        """`works`: share of crops on an earthwork; of the rest, as many lie anywhere in a scene as on a photograph."""
        self.scenes, self.photos, self.works = scenes, photos, works
        spots = [(s, int(c), x, y) for s, scene in enumerate(scenes) for c, x, y in scene.spots]
        self.by_class = [[p for p in spots if p[1] == c] for c in range(len(MASKS))]
        self.used = [c for c, p in enumerate(self.by_class) if p]
        self.hard = []  # (ground index into scenes + photos, x, y): false alarms

    def set_hard(self, hard):
        self.hard = hard

    def sample(self, rng):
        g = source_gsd(rng)
        if rng.random() < self.works and self.used:
            shelf = self.by_class[self.used[rng.integers(len(self.used))]]
            s, _, x, y = shelf[rng.integers(len(shelf))]
            ground = self.scenes[s]
            x, y = np.array([x, y]) + rng.uniform(-0.35, 0.35, 2) * SIDE_M / ground.gsd_m
        elif self.hard and rng.random() < ON_HARD:
            s, x, y = self.hard[rng.integers(len(self.hard))]
            ground = (self.scenes + self.photos)[s]
            x, y = np.array([x, y]) + rng.uniform(-0.35, 0.35, 2) * SIDE_M / ground.gsd_m
        else:
            shelf = self.scenes if rng.random() < 0.5 or not self.photos else self.photos
            ground = shelf[rng.integers(len(shelf))]
            h, w = ground.label.shape
            x, y = rng.uniform(0, w), rng.uniform(0, h)
        photo = ground.height is None
        zoom = rng.uniform(0.5, 2.0) if photo else rng.uniform(0.85, 1.2)
        return finish(rng, *window(ground, x, y, zoom), g, photo)


def source_gsd(rng):
    """Metres per px of the imagery a crop stands for: 3 to 20 cm, mostly about the model's."""
    low, high = ((0.03, 0.08), (0.08, 0.12), (0.12, 0.20))[rng.choice(3, p=[0.3, 0.4, 0.3])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def window(ground, x, y, zoom):
    """rgb, label and height (or None) of a square of SIDE_M / zoom metres about (x, y) px; outside is IGNORE."""
    side = max(16, int(round(SIDE_M / zoom / ground.gsd_m)))
    rgb = _cut(ground.rgb, x, y, side, (MEAN * 255).astype(np.uint8))
    label = _cut(ground.label, x, y, side, IGNORE)
    if ground.height is None:
        return rgb, label, None
    k = ground.height.shape[1] / ground.label.shape[1]
    return rgb, label, _cut(ground.height, x * k, y * k, max(8, int(round(side * k))), np.nan) * zoom


def _cut(array, x, y, side, fill):
    x0, y0 = int(round(x - side / 2)), int(round(y - side / 2))
    h, w = array.shape[:2]
    part = np.empty((side, side, *array.shape[2:]), array.dtype)
    part[:] = fill
    ax0, ay0, ax1, ay1 = max(0, x0), max(0, y0), min(w, x0 + side), min(h, y0 + side)
    if ax1 > ax0 and ay1 > ay0:
        part[ay0 - y0:ay1 - y0, ax0 - x0:ax1 - x0] = array[ay0:ay1, ax0:ax1]
    return part


def finish(rng, rgb, label, height, g, photo=False):
    turns, mirrored = rng.integers(4), rng.random() < 0.5
    move = lambda a: np.rot90(a[:, ::-1] if mirrored else a, turns)
    rgb, label = np.ascontiguousarray(move(rgb)), np.ascontiguousarray(move(label))
    seen = _resize((label != IGNORE).astype(np.float32), CROP) > 0.99
    crop = rgb.astype(np.float32)
    n = max(16, round(SIDE_M / g))
    if n < crop.shape[0]:
        crop = cv2.resize(crop, (n, n), interpolation=cv2.INTER_AREA)
    if rng.random() < 0.85:
        crop = augment.tint(rng, crop, strong=rng.random() < 0.3)
    if rng.random() < 0.1:
        crop = augment.cast(rng, crop)
    crop = augment.optics(rng, crop)
    crop = _resize(crop, CROP)
    colours = ((np.asarray(crop, np.float32) / 255 - MEAN) / STD) * seen[..., None]
    planes = np.zeros((5, CROP, CROP), np.float32)
    planes[:3] = colours.transpose(2, 0, 1)
    if height is not None and rng.random() < WITH_HEIGHT:
        planes[3:] = surface(rng, np.ascontiguousarray(move(height)), seen)
    elif photo and rng.random() < 0.2:
        # Level ground under a photograph: height without earthworks is evidence against them.
        planes[3:] = surface(rng, np.zeros((CROP, CROP), np.float32), seen)
    return planes, *targets(label, g)


def plain(rgb, label, n):
    """Planes of a window as they are, n px a side, without height; where they were seen."""
    seen = _resize((label != IGNORE).astype(np.float32), n) > 0.99
    planes = np.zeros((5, n, n), np.float32)
    planes[:3] = (((_resize(rgb.astype(np.float32), n) / 255 - MEAN) / STD) * seen[..., None]).transpose(2, 0, 1)
    return planes, seen


def surface(rng, height, seen):
    """Height less its mean and where it is known, as another flight's software might have made it."""
    known = _resize(np.isfinite(height).astype(np.float32), CROP) > 0.99
    h = np.where(np.isfinite(height), height, np.nanmean(height) if np.isfinite(height).any() else 0.0).astype(np.float32)
    coarse = rng.uniform(0.1, 0.45)  # m per px of the surface model
    n = max(16, round(SIDE_M / coarse))
    if n < h.shape[0]:
        h = cv2.resize(h, (n, n), interpolation=cv2.INTER_AREA)
    h = h + cv2.GaussianBlur(rng.standard_normal(h.shape).astype(np.float32), (0, 0), rng.uniform(0.6, 2.5)) * rng.uniform(0.0, 0.12)
    h = _resize(h, CROP)
    yy, xx = np.mgrid[0:CROP, 0:CROP].astype(np.float32) * GSD_M
    h = h + xx * rng.normal(0, 0.04) + yy * rng.normal(0, 0.04)
    h = np.roll(h, rng.integers(-2, 3, 2), (0, 1))
    if rng.random() < 0.2:
        x, y, r = *rng.integers(0, CROP, 2), int(rng.integers(10, 90))
        known[max(0, y - r):y + r, max(0, x - r):x + r] = False
    known &= seen
    if not known.any():
        return np.zeros((2, CROP, CROP), np.float32)
    return np.stack([np.where(known, h - h[known].mean(), 0), known]).astype(np.float32)


def targets(label, g):
    """Share of each class in a cell, and which cells count."""
    share = np.stack([_resize((label == c).astype(np.float32), N) for c in range(1 + len(MASKS))])
    unsure = _resize((label == IGNORE).astype(np.float32), N)
    care = (unsure < 0.25).astype(np.float32)
    # What is narrower than six pixels of the source cannot be asked for.
    for c in range(1, 1 + len(MASKS)):
        if share[c].max() > 0 and MASKS[c - 1] in ("foxhole", "crater"):
            count, part, stats, _ = cv2.connectedComponentsWithStats((label == c).astype(np.uint8))
            px_m = SIDE_M / label.shape[0]
            for i in range(1, count):
                if min(stats[i, 2:4]) * px_m < 6 * g:
                    care *= 1 - (_resize((part == i).astype(np.float32), N) > 0)
    return (share / np.maximum(share.sum(0), 1e-6)).astype(np.float32), care.astype(np.float32)


def _resize(array, n):
    if array.shape[0] == n:
        return array
    return cv2.resize(array, (n, n), interpolation=cv2.INTER_AREA if array.shape[0] > n else cv2.INTER_LINEAR)
