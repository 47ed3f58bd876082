"""Sprites: cut-outs turned and scaled for a crop, recoloured, and pasted with their shadows.

A sprite is float32 [h, w, 4]: RGB 0..255 times alpha, alpha 0..1. Crops are float [h, w, 3], RGB
0..255.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array, Rng
from rams_train.common.augment import LUMA
from rams_train.common.images import blur
from rams_train.ordnance.cutouts import CutOut

SHADOW_REACH_PX = 40  # how far about a sprite its shadow is drawn


@dataclass(frozen=True)
class Sun:
    """Shadow vector in px, darkening 0..1 and blur of the shadow's edge in px."""

    dx: float
    dy: float
    strength: float
    blur: float


def draw_sun(rng: Rng, zoom: float = 1.0) -> Sun:
    """One sun for a crop: overcast (faint, soft) or low and hard.

    `zoom` is the crop's px per px of the model's GSD.
    """
    kind = rng.random()
    angle = rng.uniform(0, 2 * np.pi)
    if kind < 0.2:
        return Sun(0.0, 0.0, 0.0, 0.0)
    if kind < 0.5:
        length, strength, soft = rng.uniform(0.5, 3), rng.uniform(0.1, 0.35), rng.uniform(1, 3)
    else:
        length, strength, soft = rng.uniform(1.5, 9), rng.uniform(0.35, 0.8), rng.uniform(0, 1)
    dx, dy = length * zoom * np.cos(angle), length * zoom * np.sin(angle)
    return Sun(dx, dy, strength, soft * zoom)


def make_sprite(
    rng: Rng, cut: CutOut, gsd_mm: float, scale: float, tilt: float = 1.0
) -> F32Array | None:
    """Turn a cut-out freely and bring it to `gsd_mm` a px, tightly cropped; None if hardly visible.

    `scale` makes it larger or smaller than life; `tilt` shortens it along some direction, the
    cosine of a view off the vertical.
    """
    rgb: Array = cut.rgb.astype(np.float32)
    alpha: Array = cut.alpha
    h, w = alpha.shape
    zoom = cut.mm_per_px / gsd_mm * scale
    n = int(np.ceil(np.hypot(h, w) * zoom)) + 4
    if zoom < 0.9:
        # The sensor averages over its pixel; without this the edges would alias as no photograph
        # does.
        sigma = 0.42 / zoom
        soft = blur(alpha, sigma)
        rgb = blur(rgb * alpha[..., None], sigma) / np.maximum(soft, 1e-3)[..., None]
        alpha = soft
    turn = _turn_matrix(rng, h, w, zoom, n, tilt)
    sprite = np.dstack([rgb * alpha[..., None], alpha])
    if rng.random() < 0.5:
        sprite = np.ascontiguousarray(sprite[:, ::-1])
    turned: Array = cv2.warpAffine(sprite.astype(np.float32), turn, (n, n), flags=cv2.INTER_LINEAR)
    ys, xs = np.nonzero(turned[..., 3] > 0.3)
    if len(ys) < 6:
        return None
    y0, x0 = max(0, ys.min() - 2), max(0, xs.min() - 2)
    return turned[y0 : ys.max() + 3, x0 : xs.max() + 3]


def _turn_matrix(rng: Rng, h: int, w: int, zoom: float, n: int, tilt: float) -> Array:
    """The affine map of a cut-out of h x w px into the middle of n x n px, at some turn."""
    middle = np.array([w / 2 - 0.5, h / 2 - 0.5])
    turn: Array = cv2.getRotationMatrix2D((w / 2 - 0.5, h / 2 - 0.5), rng.uniform(0, 360), zoom)
    turn[:, 2] += n / 2 - middle + rng.uniform(-0.5, 0.5, 2)
    if tilt < 1:
        angle = rng.uniform(0, np.pi)
        along = np.array([np.cos(angle), np.sin(angle)])
        squash = np.eye(2) - (1 - tilt) * np.outer(along, along)
        turn = squash @ turn
        turn[:, 2] += n / 2 - squash @ np.array([n / 2, n / 2])
    return turn


def recolour(rng: Rng, sprite: Array, ground: Array, strong: bool) -> Array:
    """Change a sprite's gain, contrast and saturation, now and then towards the ground's own tone.

    `ground` is the mean colour where it will lie.
    """
    a = sprite[..., 3:4]
    rgb = sprite[..., :3] / np.maximum(a, 1e-3)
    weight = np.maximum(a.sum(), 1)
    mean = (rgb * a).sum((0, 1)) / weight
    grey = (rgb @ LUMA)[..., None]
    rgb = grey + (rgb - grey) * rng.uniform(0.3, 1.5)
    gain = rng.uniform(0.6, 1.2) if strong else rng.uniform(0.85, 1.1)
    rgb = (rgb - mean) * rng.uniform(0.7, 1.4) + mean * gain
    rgb = rgb * rng.uniform(0.9, 1.1, 3).astype(np.float32)
    if strong and rng.random() < 0.4:
        # Low contrast: the darker body takes much of the ground's tone, bright parts (the plug)
        # stay.
        pull = rng.uniform(0.3, 0.8)
        shift = (ground - mean) * pull + rng.normal(0, 12, 3)
        rgb = rgb + shift * np.clip((225 - grey) / 60, 0, 1)
    if rng.random() < 0.3:  # sharpen a blurred cut-out
        rgb = rgb + (rgb - blur(rgb.astype(np.float32), 1.2)) * rng.uniform(0.5, 2.5)
    out = sprite.copy()
    out[..., :3] = np.clip(rgb, 0, 255) * a
    return out


def paste(
    rng: Rng, crop: Array, sprite: Array, x: int, y: int, sun: Sun, grass: float
) -> F32Array | None:
    """Lay a sprite on the crop (changed in place), top left at (x, y), with a cast shadow.

    `grass` is the chance that blades of the ground stand in front of the object. Returns the
    visible box, None where hardly anything is visible.
    """
    h, w = crop.shape[:2]
    sh, sw = sprite.shape[:2]
    a = np.zeros((h, w), np.float32)
    layer = np.zeros((h, w, 3), np.float32)
    x0, y0, x1, y1 = max(0, x), max(0, y), min(w, x + sw), min(h, y + sh)
    if x1 <= x0 or y1 <= y0:
        return None
    part = sprite[y0 - y : y1 - y, x0 - x : x1 - x]
    a[y0:y1, x0:x1] = part[..., 3]
    layer[y0:y1, x0:x1] = part[..., :3]
    m = SHADOW_REACH_PX
    near = (slice(max(0, y0 - m), min(h, y1 + m)), slice(max(0, x0 - m), min(w, x1 + m)))
    if rng.random() < grass:
        blades = _blades(rng, crop[near])
        a[near] *= 1 - blades
        layer[near] *= (1 - blades)[..., None]
    if sun.strength > 0:
        crop[near] *= _shade(a[near], sun)
    crop[near] = crop[near] * (1 - a[near][..., None]) + layer[near]
    ys, xs = np.nonzero(a > 0.25)
    if len(ys) < 5:
        return None
    return np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], np.float32)


def _blades(rng: Rng, ground: Array) -> Array:
    """Bright strokes of the ground itself 0..1 [h, w], which show through: blades of grass."""
    lum = ground @ LUMA
    detail = lum - blur(lum, 3)
    blades: Array = np.clip((detail - rng.uniform(4, 14)) / 8, 0, 1) * rng.uniform(0.4, 1)
    return blur(blades, 0.7) if rng.random() < 0.5 else blades


def _shade(alpha: Array, sun: Sun) -> Array:
    """What the shadow of an alpha mask leaves of the light, [h, w, 3] 0..1."""
    shadow: Array = np.zeros(alpha.shape, np.float32)
    steps = max(1, int(np.hypot(sun.dx, sun.dy)))
    for k in range(1, steps + 1):
        move = np.array([[1, 0, sun.dx * k / steps], [0, 1, sun.dy * k / steps]], np.float32)
        shadow = np.maximum(shadow, cv2.warpAffine(alpha, move, shadow.shape[::-1]))
    if sun.blur > 0.2:
        shadow = blur(shadow, sun.blur)
    colour = np.array([1.0, 0.97, 0.9], np.float32)
    light: Array = 1 - sun.strength * shadow[..., None] * colour
    return light
