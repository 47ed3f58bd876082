"""Photometric augmentation of a whole crop: colour, cast shadows, optics and the sensor.

Crops are float [h, w, 3], RGB 0..255.
"""

import cv2
import numpy as np

from rams_train.common.arrays import Array, Rng
from rams_train.common.images import blur

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def tint(rng: Rng, crop: Array, strong: bool) -> Array:
    """Change the colour of the whole crop: saturation, white balance, hues, contrast, gamma."""
    crop = crop @ _colour_matrix(rng, strong).T.astype(np.float32)
    mean = crop.mean()
    crop = (crop - mean) * rng.uniform(0.65, 1.5) + mean + rng.uniform(-30, 30)
    # Gamma by table: one power per grey level instead of one per pixel.
    table = 255 * np.linspace(0, 1, 256, dtype=np.float32) ** np.exp(rng.uniform(-0.4, 0.4))
    crop = np.clip(crop, 0, 254.99).astype(np.float32)
    low = crop.astype(np.uint8)
    lifted: Array = table[low] + (crop - low) * (table[np.minimum(low, 254) + 1] - table[low])
    return lifted


def expose(rng: Rng, crop: Array) -> Array:
    """From very dark to very light, and half of the time through haze."""
    crop = crop * np.exp(rng.uniform(-1.3, 0.7))
    if rng.random() < 0.5:
        share = rng.uniform(0.05, 0.5)
        air = rng.uniform(130, 240) * rng.uniform(0.93, 1.07, 3).astype(np.float32)
        crop = crop * (1 - share) + air * share
    exposed: Array = np.clip(crop, 0, 255).astype(np.float32)
    return exposed


def _colour_matrix(rng: Rng, strong: bool) -> Array:
    """Saturation, white balance and hue mixing as one 3 x 3 matrix, since all are linear."""
    k = rng.uniform(0.2, 1.4) if strong else rng.uniform(0.6, 1.3)
    mix: Array = (1 - k) * np.tile(LUMA, (3, 1)) + k * np.eye(3)
    if strong and rng.random() < 0.4:
        turn = np.eye(3) + rng.normal(0, 0.07, (3, 3))
        mix = mix @ (turn / turn.sum(1, keepdims=True))
    balance = rng.uniform(0.88, 1.12, (3, 1)) if strong else rng.uniform(0.95, 1.05, (3, 1))
    return mix * balance


def cast_shadow(rng: Rng, crop: Array) -> Array:
    """Lay a large shadow edge across the crop: a building, a tree, a person."""
    h, w = crop.shape[:2]
    mask: Array = np.zeros((h, w), np.float32)
    if rng.random() < 0.5:
        angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3) * w
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
        beyond = ((xx - w / 2) * np.cos(angle) + (yy - h / 2) * np.sin(angle)) > at
        mask = beyond.astype(np.float32)
    else:
        corners = rng.uniform(-0.1, 1.1, (rng.integers(3, 7), 2)) * [w, h]
        cv2.fillPoly(mask, [corners.round().astype(np.int32)], 1.0)
    mask = blur(mask, rng.uniform(0.6, 5))[..., None]
    darkening = np.array([1.0, 0.95, 0.85], np.float32)
    shaded: Array = crop * (1 - mask * rng.uniform(0.25, 0.75) * darkening)
    return shaded


def optics(rng: Rng, crop: Array, smear: float = 0.08) -> Array:
    """Focus, motion blur (its chance is `smear`), sharpening, sensor noise and JPEG: uint8."""
    roll = rng.random()
    if roll < 0.35:
        crop = blur(crop, rng.uniform(0.3, 1.4))
    elif roll < 0.7:
        crop = crop + (crop - blur(crop, rng.uniform(0.7, 1.5))) * rng.uniform(0.3, 2.2)
    if rng.random() < smear:
        crop = _motion_blur(rng, crop)
    if rng.random() < 0.4:
        noise = rng.standard_normal(crop.shape, dtype=np.float32)
        crop = crop + noise * rng.uniform(1, 8)
    crop = np.clip(crop, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))]
        _, code = cv2.imencode(".jpg", crop, quality)
        decoded: Array | None = cv2.imdecode(code, cv2.IMREAD_COLOR)
        assert decoded is not None
        crop = decoded
    return crop


def _motion_blur(rng: Rng, crop: Array) -> Array:
    k = int(rng.integers(3, 7))
    kernel = np.zeros((k, k), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = np.array([np.cos(angle), np.sin(angle)]) * (k - 1) / 2
    start, end = (np.round(k // 2 + side * reach).astype(int).tolist() for side in (-1, 1))
    cv2.line(kernel, tuple(start), tuple(end), 1.0, 1)
    return cv2.filter2D(crop, -1, kernel / max(kernel.sum(), 1))
