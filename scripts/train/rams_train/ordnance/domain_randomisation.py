"""Domain randomisation: objects in any material, colour and dirt, so that shape decides.

And distractors in the same colours, so that colour decides nothing. A sprite is float32 [h, w, 4]:
RGB 0..255 times alpha, alpha 0..1.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array, Rng
from rams_train.common.augment import LUMA
from rams_train.common.images import blur, smooth_noise
from rams_train.common.sampling import pick

# What objects of these types are made of, painted in, or turn into.
MATERIALS = np.array(
    [
        *((36, 37, 35), (62, 60, 48), (92, 90, 56)),  # dark, olive
        *((70, 92, 58), (66, 104, 100), (110, 118, 100), (130, 140, 120)),  # greens
        *((186, 164, 124), (160, 140, 104)),  # sand
        *((104, 76, 52), (98, 82, 62), (120, 72, 48)),  # brown, mud, rust
        *((222, 220, 212), (240, 243, 247), (172, 170, 158)),  # white, snow, faded
        *((150, 152, 156), (128, 128, 126)),  # bare metal, grey
    ],
    np.float32,
)
LEAVES_AND_STONES = np.array(
    [
        *((168, 120, 62), (130, 84, 44), (196, 160, 70), (92, 62, 40), (150, 60, 36)),
        *((96, 116, 52), (120, 112, 100), (168, 164, 156), (84, 82, 80), (206, 200, 188)),
    ],
    np.float32,
)
MUD, SNOW = np.array([98, 82, 62]), np.array([240, 243, 247])
LEAF, STONE, TWIG, SHARD = range(4)
DISTRACTOR_SHARES = [0.4, 0.3, 0.15, 0.15]
# Width of a distractor in shares of its length.
SLENDERNESS = {LEAF: (0.3, 0.75), STONE: (0.5, 0.9), TWIG: (0.03, 0.12), SHARD: (0.2, 0.8)}
OUTLINE_POINTS = 48


def turn_hues(rng: Rng, crop: Array) -> Array:
    """Turn all hues of a crop by the same angle, or take its colour away."""
    if rng.random() < 0.25:
        return np.repeat((crop @ LUMA)[..., None], 3, 2)
    return np.clip(crop @ hue_matrix(rng.uniform(0, 2 * np.pi)).T, 0, 255)


def hue_matrix(angle: float) -> F32Array:
    """The 3 x 3 matrix that turns all hues by `angle` (radians) and keeps grey grey."""
    c, s = np.cos(angle), np.sin(angle) / np.sqrt(3)
    k = (1 - c) / 3
    return np.array(
        [[c + k, k - s, k + s], [k + s, c + k, k - s], [k - s, k + s, c + k]], np.float32
    )


def randomise_appearance(rng: Rng, sprite: Array, ground: Array) -> Array:
    """A sprite in another material, hue, light and dirt.

    `ground` is the mean colour where it will lie.
    """
    a = sprite[..., 3:4]
    rgb = sprite[..., :3] / np.maximum(a, 1e-3)
    roll = rng.random()
    if roll < 0.25:
        rgb = rgb @ hue_matrix(rng.uniform(0, 2 * np.pi)).T
    elif roll < 0.8:
        rgb = _change_material(rng, rgb, a, ground)
    if rng.random() < 0.35:
        rgb = _soil(rng, rgb, ground)
    if rng.random() < 0.3:
        # Side light on a rounded body.
        h, w = sprite.shape[:2]
        rgb = rgb * _light_gradient(rng, h, w, rng.uniform(0.1, 0.4))[..., None]
    out = sprite.copy()
    out[..., :3] = np.clip(rgb, 0, 255) * a
    return out


def occlude(rng: Rng, sprite: Array) -> Array:
    """A sprite of which up to two thirds lie under something with a ragged edge."""
    h, w = sprite.shape[:2]
    a = sprite[..., 3]
    for _ in range(4):
        hidden = ragged_patch(rng, h, w)
        share = (hidden * a).sum() / max(a.sum(), 1)
        if 0.12 < share < 0.65:
            visible: Array = sprite * (1 - hidden)[..., None]
            return visible
    return sprite


def ragged_patch(rng: Rng, h: int, w: int) -> Array:
    """A ragged patch 0..1 about some point at the rim of h x w px."""
    angle = rng.uniform(0, 2 * np.pi)
    cx, cy = w / 2 * (1 + np.cos(angle)), h / 2 * (1 + np.sin(angle))
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    size = max(h, w) * rng.uniform(0.3, 0.8)
    r = np.hypot((xx - cx) / size, (yy - cy) / (size * rng.uniform(0.6, 1.4)))
    k = max(3, int(max(h, w) / rng.uniform(3, 12)))
    rough = smooth_noise(rng.standard_normal((k, k), dtype=np.float32), w, h)
    slope: Array = (1 - r + rng.uniform(0.05, 0.35) * rough) * rng.uniform(4, 20)
    return np.clip(slope, 0, 1)


@dataclass(frozen=True, eq=False)
class Outline:
    """The outline of a distractor of some kind, [n, 2] px from the sprite's top left corner."""

    kind: int
    points: Array

    def alpha(self) -> F32Array:
        """The outline filled, with soft edges."""
        w, h = np.ceil(self.points.max(0)).astype(int) + 4
        alpha = np.zeros((h, w), np.float32)
        sixteenths = np.round(self.points * 16).astype(np.int32)
        cv2.fillPoly(alpha, [sixteenths], 1.0, cv2.LINE_AA, 4)
        return blur(alpha, 0.6)


def draw_distractor(rng: Rng, gsd_m: float) -> F32Array:
    """A leaf, stone, twig or shard that is no object of any class: a sprite."""
    outline = _draw_outline(rng, gsd_m)
    alpha = outline.alpha()
    h, w = alpha.shape
    palette = LEAVES_AND_STONES if rng.random() < 0.6 else MATERIALS
    base = pick(rng, palette)
    colour = base * rng.uniform(0.6, 1.25) + rng.normal(0, 10, 3)
    gradient = _light_gradient(rng, h, w, rng.uniform(0.05, 0.5))
    shade: Array = gradient * (1 + rng.uniform(0, 0.15) * rng.standard_normal((h, w)))
    if outline.kind == LEAF and rng.random() < 0.5:
        points = outline.points
        ends = [np.round(p).astype(int).tolist() for p in (points[0], points[len(points) // 2])]
        vein = np.zeros((h, w), np.float32)
        cv2.line(vein, tuple(ends[0]), tuple(ends[1]), 1.0, 1, cv2.LINE_AA)
        shade = shade * (1 + vein * rng.uniform(-0.4, 0.5))
    rgb = np.clip(colour * shade[..., None], 0, 255)
    return np.dstack([rgb * alpha[..., None], alpha]).astype(np.float32)


def _draw_outline(rng: Rng, gsd_m: float) -> Outline:
    """The outline of some distractor, 4 to 40 cm long."""
    kind = int(rng.choice(4, p=DISTRACTOR_SHARES))
    length_m = rng.uniform(0.04, 0.16) if kind in (LEAF, STONE) else rng.uniform(0.05, 0.4)
    long = length_m / gsd_m
    wide = max(1.6, long * rng.uniform(*SLENDERNESS[kind]))
    theta = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)
    r = np.ones_like(theta)
    if kind == LEAF:
        r += rng.uniform(0, 0.3) * np.cos(rng.integers(5, 12) * theta + rng.uniform(0, 6))  # lobes
    for k in range(2, 6):
        wave = rng.normal(0, 0.3 / k) * np.cos(k * theta + rng.uniform(0, 6))
        r += wave * (0.3 if kind == TWIG else 1)
    x = np.clip(r, 0.3, 2) * np.cos(theta) * long / 2
    y = np.clip(r, 0.3, 2) * np.sin(theta) * wide / 2
    if kind == LEAF:
        y *= 1 - np.abs(np.cos(theta)) ** 3 * rng.uniform(0, 0.9)  # pointed ends
    if kind == SHARD:
        corners = rng.choice(OUTLINE_POINTS, rng.integers(3, 7), replace=False)
        corners = np.sort(corners)
        x, y = x[corners], y[corners]
    y = y + rng.uniform(-0.6, 0.6) * (x**2 / max(long, 1)) * (kind in (LEAF, TWIG))  # bent
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    points = np.stack([x * cos - y * sin, x * sin + y * cos], 1)
    points -= points.min(0) - 3
    return Outline(kind, points)


def _change_material(rng: Rng, rgb: Array, a: Array, ground: Array) -> Array:
    """The light and shade of a sprite in another material."""
    grey = (rgb @ LUMA)[..., None]
    mean = (grey * a).sum() / np.maximum(a.sum(), 1)
    base: Array = pick(rng, MATERIALS) + rng.normal(0, 12, 3)
    if rng.random() < 0.15:
        base = rng.uniform(20, 235, 3)
    if rng.random() < 0.35:
        # As bright as the ground, or nearly.
        base = base * (ground @ LUMA) * rng.uniform(0.6, 1.6) / max(float(base @ LUMA), 10)
    shade = np.clip(grey / max(mean, 8), 0.2, 2.2) ** rng.uniform(0.5, 1.5)
    own = (rgb - grey) * rng.uniform(0, 0.4)
    made: Array = base * rng.uniform(0.6, 1.15) * shade + own
    return made


def _soil(rng: Rng, rgb: Array, ground: Array) -> Array:
    """Dust, mud or snow in patches."""
    h, w = rgb.shape[:2]
    k = max(2, int(max(h, w) / rng.uniform(4, 16)))
    field = smooth_noise(rng.standard_normal((k, k), dtype=np.float32), w, h)
    share = np.clip(field * 1.5 + rng.uniform(-0.8, 0.8), 0, 1)[..., None] * rng.uniform(0.3, 0.9)
    soils: list[Array] = [ground, MUD, SNOW * rng.uniform(0.6, 1)]
    dirt = soils[rng.choice(3, p=[0.6, 0.25, 0.15])]
    soiled: Array = rgb * (1 - share) + (dirt + rng.normal(0, 6, 3)) * share
    return soiled


def _light_gradient(rng: Rng, h: int, w: int, strength: float) -> Array:
    """Brightness that falls across h x w px, 1 in the middle."""
    angle = rng.uniform(0, 2 * np.pi)
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    across = (xx - w / 2) * np.cos(angle) + (yy - h / 2) * np.sin(angle)
    gradient: Array = 1 + strength * (across * 2 / max(h, w, 1))
    return gradient
