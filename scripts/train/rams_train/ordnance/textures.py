"""Photographs of ground from straight above, as ground of any size: `textures.py --data DIR --out FOLDER --count N`.

A texture is material for rendering, without much light of its own: it is scaled within what is known of its size, turned,
mirrored, lit by a sun from its height map where it has one, mixed with another and stained. The command writes squares of
SIDE px for `rams scene --ground`; they hold third-party pixels: keep FOLDER outside the repository.
"""
import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import rasterio

from rams_train.ordnance.classes import WIDE
from rams_train.ordnance.dataset import NATIVE_M

SIDE = 1536  # px of NATIVE_M: 3.8 m
FINEST_MM = 1.0  # a crop is never finer than NATIVE_M


@dataclass
class Texture:
    """A photograph at several sizes, each half of the one before: rgb and height 0..1 as float32 [h, w, 4], or [h, w, 3]."""

    file: str
    kind: str
    within: float  # factor within which the size is known
    mm: float  # per px of the first level
    levels: list


def load_textures(data, held_out=False):
    """The textures to train on, or those of the kinds that are held out."""
    held = WIDE["run"]["held_out_kinds"]
    return [load(Path(data), e) for e in WIDE["texture"]["image"] if (e["kind"] in held) == held_out]


def load(data, entry):
    image = _read(data / entry["file"], cv2.IMREAD_COLOR)[..., ::-1]
    if "height" in entry:
        height = _read(data / entry["height"], cv2.IMREAD_GRAYSCALE)
        image = np.dstack([image, cv2.resize(height, image.shape[1::-1], interpolation=cv2.INTER_AREA)])
    mm = entry["metres"] * 1000 / image.shape[1]
    levels = [np.ascontiguousarray(image)]
    if mm < FINEST_MM:
        size = [max(1, round(s * mm / FINEST_MM)) for s in image.shape[1::-1]]
        levels, mm = [cv2.resize(levels[0], size, interpolation=cv2.INTER_AREA)], FINEST_MM
    while min(levels[-1].shape[:2]) > 64 and len(levels) < 5:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return Texture(entry["file"], entry["kind"], entry["within"], mm, levels)


def paint(rng, textures, n, gsd_m):
    """A square of `n` px of `gsd_m`: uint8 [n, n, 3]."""
    # One sun for all that is mixed.
    sun = rng.uniform(0, 2 * np.pi), np.tan(np.radians(90 - rng.uniform(20, 70)))
    crop = lit(rng, textures[rng.integers(len(textures))], n, gsd_m, sun)
    for _ in range(rng.choice(3, p=[0.6, 0.3, 0.1])):
        other = lit(rng, textures[rng.integers(len(textures))], n, gsd_m, sun)
        crop = mix(rng, crop, other, gsd_m)
    if rng.random() < 0.5:
        crop = stain(rng, crop, gsd_m)
    return np.clip(crop, 0, 255).astype(np.uint8)


def lit(rng, texture, n, gsd_m, sun):
    """A texture somewhere, at some size and turn, under a sun (direction, cotangent of its height): float32 [n, n, 3]."""
    zoom = texture.mm / (gsd_m * 1000) * texture.within ** rng.uniform(-1, 1)
    level = 0
    while zoom < 0.7 and level + 1 < len(texture.levels):
        level, zoom = level + 1, zoom * 2
    image = texture.levels[level]
    h, w = image.shape[:2]
    place = cv2.getRotationMatrix2D((float(rng.uniform(0, w)), float(rng.uniform(0, h))), rng.uniform(0, 360), zoom)
    place[:, 2] += n / 2 - place @ np.array([w / 2, h / 2, 1])
    out = cv2.warpAffine(image, place, (n, n), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    if rng.random() < 0.5:
        out = out[:, ::-1]
    rgb = np.ascontiguousarray(out[..., :3]).astype(np.float32)
    if out.shape[2] == 4 and rng.random() < 0.8:
        rgb *= light(rng, out[..., 3].astype(np.float32) / 255, sun)[..., None]
    return rgb


def light(rng, height, sun):
    """Light on a relief of unknown height, 1 on level ground; hollows see less of the sky."""
    angle, low = sun
    # 8 bit have steps, which would show as terraces.
    height = cv2.GaussianBlur(height, (0, 0), 0.8)
    gy, gx = np.gradient(height)
    slope = np.hypot(gx, gy).std() + 1e-4
    steep = rng.uniform(0.03, 0.3) / slope
    direct = 1 - low * steep * (gx * np.cos(angle) + gy * np.sin(angle))
    sky = 1 - rng.uniform(0, 0.4) * (height.max() - height)
    return (np.clip(direct, 0.25, 1.9) * sky).astype(np.float32)


def noise(rng, n, cell):
    """Smooth noise [n, n] of mean 0 and deviation about 1, features of `cell` px and half of it."""
    out = np.zeros((n, n), np.float32)
    for c, gain in ((cell, 0.8), (cell / 2, 0.4), (cell / 4, 0.2)):
        k = max(2, int(np.ceil(n / max(c, 2))) + 2)
        out += gain * cv2.resize(rng.standard_normal((k, k), dtype=np.float32), (n, n), interpolation=cv2.INTER_CUBIC)
    return out


def mix(rng, a, b, gsd_m):
    """Two grounds side by side: patches a few decimetres wide, edges ragged as the brighter parts of one reach into the other."""
    field = noise(rng, a.shape[0], rng.uniform(0.15, 1.5) / gsd_m) + rng.uniform(-1, 1)
    detail = a.mean(2)
    field = field + rng.uniform(0, 0.02) * (detail - cv2.GaussianBlur(detail, (0, 0), 4))
    share = 1 / (1 + np.exp(-np.clip(field * np.exp(rng.uniform(0.5, 3)), -30, 30)))[..., None]
    return a * (1 - share) + b * share


def stain(rng, crop, gsd_m):
    """Wet, dusty or trodden patches."""
    field = noise(rng, crop.shape[0], rng.uniform(0.1, 1.0) / gsd_m)
    share = np.clip(field * rng.uniform(0.5, 3) + rng.uniform(-0.5, 0.5), 0, 1)[..., None] * rng.uniform(0.2, 0.8)
    if rng.random() < 0.5:
        return crop * (1 - 0.6 * share)
    dust = rng.uniform(60, 220) * rng.uniform(0.85, 1.1, 3).astype(np.float32)
    return crop * (1 - share) + dust * share


def _read(path, how):
    image = cv2.imread(str(path), how)
    if image is None:
        raise SystemExit(f"cannot read {path}: it is missing or no image")
    return image


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--count", type=int, required=True)
    ap.add_argument("--seed", type=int, default=WIDE["run"]["seed"])
    args = ap.parse_args()
    textures = load_textures(args.data)
    Path(args.out).mkdir(parents=True, exist_ok=True)
    for number in range(args.count):
        rgb = paint(np.random.default_rng([args.seed, number]), textures, SIDE, NATIVE_M)
        profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": "EPSG:32631",
                   "transform": rasterio.transform.from_origin(500000, 1000, NATIVE_M, NATIVE_M), "compress": "deflate"}
        with rasterio.open(Path(args.out) / f"{number:04}.tif", "w", **profile) as out:
            out.write(rgb.transpose(2, 0, 1))
    print(f"{args.count} grounds of {len(textures)} textures")


if __name__ == "__main__":
    main()
