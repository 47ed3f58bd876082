"""Objects in every guise, so that shape decides and not colour; and litter in the same colours, so that colour decides nothing.

A sprite is float32 [h, w, 4]: rgb 0..255 times alpha, alpha 0..1.
"""
import cv2
import numpy as np

from rams_train.common.augment import LUMA, turn_hue

# What objects of these types are made of, painted in, or turn into.
MATERIALS = np.array([
    (36, 37, 35), (62, 60, 48), (92, 90, 56), (70, 92, 58), (66, 104, 100), (110, 118, 100), (130, 140, 120),  # dark, olive, greens
    (186, 164, 124), (160, 140, 104), (104, 76, 52), (98, 82, 62), (120, 72, 48),  # sand, brown, mud, rust
    (222, 220, 212), (240, 243, 247), (172, 170, 158), (150, 152, 156), (128, 128, 126),  # white, snow, faded, bare metal, grey
], np.float32)
LEAVES_AND_STONES = np.array([
    (168, 120, 62), (130, 84, 44), (196, 160, 70), (92, 62, 40), (150, 60, 36), (96, 116, 52), (120, 112, 100), (168, 164, 156),
    (84, 82, 80), (206, 200, 188),
], np.float32)


def dress(rng, pre, ground):
    """A sprite in another material, hue, light and dirt. `ground`: mean colour where it will lie."""
    a = pre[..., 3:4]
    rgb = pre[..., :3] / np.maximum(a, 1e-3)
    roll = rng.random()
    if roll < 0.25:
        rgb = rgb @ turn_hue(rng.uniform(0, 2 * np.pi)).T
    elif roll < 0.8:
        rgb = _remake(rng, rgb, a, ground)
    if rng.random() < 0.35:
        rgb = _soil(rng, rgb, ground)
    if rng.random() < 0.3:
        # Side light on a rounded body.
        rgb = rgb * _slope(rng, pre.shape[:2], rng.uniform(0.1, 0.4))[..., None]
    out = pre.copy()
    out[..., :3] = np.clip(rgb, 0, 255) * a
    return out


def cover(rng, pre):
    """Alpha of a sprite of which up to two thirds lie under something with a ragged edge."""
    h, w = pre.shape[:2]
    a = pre[..., 3]
    for _ in range(4):
        hidden = blob(rng, h, w)
        share = (hidden * a).sum() / max(a.sum(), 1)
        if 0.12 < share < 0.65:
            out = pre * (1 - hidden)[..., None]
            return out
    return pre


def blob(rng, h, w):
    """A ragged patch 0..1 about some point at the rim of h x w px."""
    angle = rng.uniform(0, 2 * np.pi)
    cx, cy = w / 2 * (1 + np.cos(angle)), h / 2 * (1 + np.sin(angle))
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    size = max(h, w) * rng.uniform(0.3, 0.8)
    r = np.hypot((xx - cx) / size, (yy - cy) / (size * rng.uniform(0.6, 1.4)))
    k = max(3, int(max(h, w) / rng.uniform(3, 12)))
    rough = cv2.resize(rng.standard_normal((k, k), dtype=np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    return np.clip((1 - r + rng.uniform(0.05, 0.35) * rough) * rng.uniform(4, 20), 0, 1)


def litter(rng, gsd_m):
    """A leaf, stone, twig or shard that is no object of any class: a sprite."""
    kind = rng.choice(4, p=[0.4, 0.3, 0.15, 0.15])
    length = rng.uniform(0.04, 0.16) if kind < 2 else rng.uniform(0.05, 0.4)
    long, ratio = length / gsd_m, {0: (0.3, 0.75), 1: (0.5, 0.9), 2: (0.03, 0.12), 3: (0.2, 0.8)}[int(kind)]
    wide = max(1.6, long * rng.uniform(*ratio))
    theta = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    r = np.ones_like(theta)
    if kind == 0:
        r += rng.uniform(0, 0.3) * np.cos(rng.integers(5, 12) * theta + rng.uniform(0, 6))  # lobes
    for k in range(2, 6):
        r += rng.normal(0, 0.3 / k) * np.cos(k * theta + rng.uniform(0, 6)) * (0.3 if kind == 2 else 1)
    x, y = np.clip(r, 0.3, 2) * np.cos(theta) * long / 2, np.clip(r, 0.3, 2) * np.sin(theta) * wide / 2
    if kind == 0:
        y *= 1 - np.abs(np.cos(theta)) ** 3 * rng.uniform(0, 0.9)  # pointed ends
    if kind == 3:
        keep = np.sort(rng.choice(48, rng.integers(3, 7), replace=False))
        x, y = x[keep], y[keep]
    y = y + rng.uniform(-0.6, 0.6) * (x**2 / max(long, 1)) * (kind in (0, 2))  # bent
    angle = rng.uniform(0, 2 * np.pi)
    points = np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], 1)
    points -= points.min(0) - 3
    w, h = np.ceil(points.max(0)).astype(int) + 4
    alpha = np.zeros((h, w), np.float32)
    cv2.fillPoly(alpha, [np.round(points * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.6)
    palette = LEAVES_AND_STONES if rng.random() < 0.6 else MATERIALS
    colour = palette[rng.integers(len(palette))] * rng.uniform(0.6, 1.25) + rng.normal(0, 10, 3)
    shade = _slope(rng, (h, w), rng.uniform(0.05, 0.5)) * (1 + rng.uniform(0, 0.15) * rng.standard_normal((h, w)))
    if kind == 0 and rng.random() < 0.5:
        ends = [tuple(np.round(p).astype(int).tolist()) for p in (points[0], points[len(points) // 2])]
        vein = cv2.line(np.zeros((h, w), np.float32), *ends, 1.0, 1, cv2.LINE_AA)
        shade = shade * (1 + vein * rng.uniform(-0.4, 0.5))
    rgb = np.clip(colour * shade[..., None], 0, 255)
    return np.dstack([rgb * alpha[..., None], alpha]).astype(np.float32)


def _remake(rng, rgb, a, ground):
    """The light and shade of a sprite in another material."""
    grey = (rgb @ LUMA)[..., None]
    mean = (grey * a).sum() / np.maximum(a.sum(), 1)
    base = MATERIALS[rng.integers(len(MATERIALS))] + rng.normal(0, 12, 3)
    if rng.random() < 0.15:
        base = rng.uniform(20, 235, 3)
    if rng.random() < 0.35:
        # As bright as the ground, or nearly.
        base = base * (ground @ LUMA) * rng.uniform(0.6, 1.6) / max(float(base @ LUMA), 10)
    shade = np.clip(grey / max(mean, 8), 0.2, 2.2) ** rng.uniform(0.5, 1.5)
    own = (rgb - grey) * rng.uniform(0, 0.4)
    return base * rng.uniform(0.6, 1.15) * shade + own


def _soil(rng, rgb, ground):
    """Dust, mud or snow in patches."""
    h, w = rgb.shape[:2]
    k = max(2, int(max(h, w) / rng.uniform(4, 16)))
    field = cv2.resize(rng.standard_normal((k, k), dtype=np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    share = np.clip(field * 1.5 + rng.uniform(-0.8, 0.8), 0, 1)[..., None] * rng.uniform(0.3, 0.9)
    dirt = [ground, np.array([98, 82, 62]), np.array([240, 243, 247]) * rng.uniform(0.6, 1)][rng.choice(3, p=[0.6, 0.25, 0.15])]
    return rgb * (1 - share) + (dirt + rng.normal(0, 6, 3)) * share


def _slope(rng, shape, strength):
    """Brightness that falls across a sprite, 1 in the middle."""
    h, w = shape
    angle = rng.uniform(0, 2 * np.pi)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    return 1 + strength * (((xx - w / 2) * np.cos(angle) + (yy - h / 2) * np.sin(angle)) * 2 / max(h, w, 1))
