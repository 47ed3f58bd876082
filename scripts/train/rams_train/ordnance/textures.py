"""Photographs of ground from straight above, as ground of any size.

`python -m rams_train.ordnance.textures --data DIR --out FOLDER --count N`

A texture is material for rendering, without much light of its own: it is scaled within what is
known of its size, turned, mirrored, lit by a sun from its height map where it has one, mixed with
another and stained. The command writes squares of SIDE_PX for `rams scene --ground`; they hold
third-party pixels: keep FOLDER outside the repository.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array, Rng, U8Array
from rams_train.common.images import blur, shrink, smooth_noise
from rams_train.common.rasters import invented_place, write_rgb
from rams_train.common.sampling import pick
from rams_train.ordnance.classes import FOLDS, HELD_OUT, RECIPE, Fold
from rams_train.ordnance.geometry import NATIVE_M

SIDE_PX = 1536  # of NATIVE_M: 3.8 m
FINEST_MM = 1.0  # a crop is never finer than NATIVE_M


@dataclass(frozen=True, eq=False)
class Texture:
    """A photograph at several sizes, each half of the one before.

    `levels` are uint8 [h, w, 3] RGB, or [h, w, 4] with the height 0..255; `mm_per_px` is of the
    first level, and known within the factor `within`.
    """

    file: str
    kind: str
    within: float
    mm_per_px: float
    levels: Sequence[U8Array]


@dataclass(frozen=True)
class Light:
    """Direction of the light in the image (radians), and the cotangent of the sun's height."""

    direction: float
    cotangent: float


def load_textures(data: Path, fold: Fold = HELD_OUT, held_out: bool = False) -> list[Texture]:
    """The textures to train on, or those of the kinds that are held out."""
    entries = RECIPE["texture"]["image"]
    return [load_texture(data, e) for e in entries if (e["kind"] in fold.kinds) == held_out]


def load_texture(data: Path, entry: Mapping[str, Any]) -> Texture:
    """The texture of an entry of recipe.toml, with its coarser levels."""
    image: Array = _read(data / entry["file"], cv2.IMREAD_COLOR)[..., ::-1]
    if "height" in entry:
        height = _read(data / entry["height"], cv2.IMREAD_GRAYSCALE)
        image = np.dstack([image, shrink(height, image.shape[1], image.shape[0])])
    mm = entry["metres"] * 1000 / image.shape[1]
    levels: list[U8Array] = [np.ascontiguousarray(image)]
    if mm < FINEST_MM:
        width, height_px = (max(1, round(s * mm / FINEST_MM)) for s in image.shape[1::-1])
        levels, mm = [shrink(levels[0], width, height_px)], FINEST_MM
    while min(levels[-1].shape[:2]) > 64 and len(levels) < 5:
        half = cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        levels.append(np.asarray(half, np.uint8))
    return Texture(entry["file"], entry["kind"], entry["within"], mm, levels)


def mm_per_px(data: Path, file: str) -> float:
    """Millimetres per px of a texture's file."""
    entry = next(e for e in RECIPE["texture"]["image"] if e["file"] == file)
    width: int = _read(data / file, cv2.IMREAD_COLOR).shape[1]
    metres: float = entry["metres"]
    return metres * 1000 / width


def paint_ground(rng: Rng, textures: Sequence[Texture], n: int, gsd_m: float) -> U8Array:
    """A square of `n` px of `gsd_m`, of one to three textures: uint8 [n, n, 3]."""
    # One light for all that is mixed.
    light = Light(rng.uniform(0, 2 * np.pi), np.tan(np.radians(90 - rng.uniform(20, 70))))
    crop = render_texture(rng, pick(rng, textures), n, gsd_m, light)
    for _ in range(rng.choice(3, p=[0.6, 0.3, 0.1])):
        other = render_texture(rng, pick(rng, textures), n, gsd_m, light)
        crop = mix(rng, crop, other, gsd_m)
    if rng.random() < 0.5:
        crop = stain(rng, crop, gsd_m)
    return np.clip(crop, 0, 255).astype(np.uint8)


def render_texture(rng: Rng, texture: Texture, n: int, gsd_m: float, light: Light) -> Array:
    """A texture somewhere, at some size and turn, under a light: float32 [n, n, 3]."""
    zoom = texture.mm_per_px / (gsd_m * 1000) * texture.within ** rng.uniform(-1, 1)
    level = 0
    while zoom < 0.7 and level + 1 < len(texture.levels):
        level, zoom = level + 1, zoom * 2
    image = texture.levels[level]
    h, w = image.shape[:2]
    centre = float(rng.uniform(0, w)), float(rng.uniform(0, h))
    place = cv2.getRotationMatrix2D(centre, rng.uniform(0, 360), zoom)
    place[:, 2] += n / 2 - place @ np.array([w / 2, h / 2, 1])
    out: Array = cv2.warpAffine(
        image, place, (n, n), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
    )
    if rng.random() < 0.5:
        out = out[:, ::-1]
    rgb: Array = np.ascontiguousarray(out[..., :3]).astype(np.float32)
    if out.shape[2] == 4 and rng.random() < 0.8:
        rgb *= relief_light(rng, out[..., 3].astype(np.float32) / 255, light)[..., None]
    return rgb


def relief_light(rng: Rng, height: Array, light: Light) -> F32Array:
    """Light on a relief [h, w] 0..1 of unknown height, 1 on level ground.

    Hollows see less of the sky.
    """
    # 8 bit have steps, which would show as terraces.
    height = blur(height, 0.8)
    gy, gx = np.gradient(height)
    slope = np.hypot(gx, gy).std() + 1e-4
    steep = rng.uniform(0.03, 0.3) / slope
    facing = gx * np.cos(light.direction) + gy * np.sin(light.direction)
    direct = 1 - light.cotangent * steep * facing
    sky = 1 - rng.uniform(0, 0.4) * (height.max() - height)
    lit: F32Array = (np.clip(direct, 0.25, 1.9) * sky).astype(np.float32)
    return lit


def noise_field(rng: Rng, n: int, cell: float) -> F32Array:
    """Smooth noise [n, n] of mean 0 and deviation about 1, features of `cell` px and half of it."""
    out = np.zeros((n, n), np.float32)
    for c, gain in ((cell, 0.8), (cell / 2, 0.4), (cell / 4, 0.2)):
        k = max(2, int(np.ceil(n / max(c, 2))) + 2)
        out += gain * smooth_noise(rng.standard_normal((k, k), dtype=np.float32), n, n)
    return out


def mix(rng: Rng, a: Array, b: Array, gsd_m: float) -> Array:
    """Two grounds side by side: patches a few decimetres wide.

    Their edges are ragged as the brighter parts of one reach into the other.
    """
    field = noise_field(rng, a.shape[0], rng.uniform(0.15, 1.5) / gsd_m) + rng.uniform(-1, 1)
    detail = a.mean(2)
    field = field + rng.uniform(0, 0.02) * (detail - blur(detail, 4))
    steepness = np.exp(rng.uniform(0.5, 3))
    share = 1 / (1 + np.exp(-np.clip(field * steepness, -30, 30)))[..., None]
    mixed: Array = a * (1 - share) + b * share
    return mixed


def stain(rng: Rng, crop: Array, gsd_m: float) -> Array:
    """Wet, dusty or trodden patches."""
    field = noise_field(rng, crop.shape[0], rng.uniform(0.1, 1.0) / gsd_m)
    share = np.clip(field * rng.uniform(0.5, 3) + rng.uniform(-0.5, 0.5), 0, 1)[..., None]
    share = share * rng.uniform(0.2, 0.8)
    if rng.random() < 0.5:
        wet: Array = crop * (1 - 0.6 * share)
        return wet
    dust = rng.uniform(60, 220) * rng.uniform(0.85, 1.1, 3).astype(np.float32)
    dusty: Array = crop * (1 - share) + dust * share
    return dusty


def _read(path: Path, how: int) -> Array:
    image: Array | None = cv2.imread(str(path), how)
    if image is None:
        raise SystemExit(f"cannot read {path}: it is missing or no image")
    return image


def write_ground(rng: Rng, textures: Sequence[Texture], file: Path) -> None:
    """Write a square of SIDE_PX as GeoTIFF at an invented place."""
    rgb = paint_ground(rng, textures, SIDE_PX, NATIVE_M)
    write_rgb(rgb.transpose(2, 0, 1), file, *invented_place(NATIVE_M))


def main() -> None:
    """The command line: squares of mixed textures."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--count", type=int, required=True)
    ap.add_argument("--seed", type=int, default=RECIPE["run"]["seed"])
    ap.add_argument(
        "--held-out",
        choices=FOLDS,
        help="of the kinds that this fold holds out [default: of those that the run is trained on]",
    )
    args = ap.parse_args()
    fold = FOLDS[args.held_out] if args.held_out else HELD_OUT
    textures = load_textures(Path(args.data), fold, bool(args.held_out))
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    for number in range(args.count):
        write_ground(np.random.default_rng([args.seed, number]), textures, out / f"{number:04}.tif")
    print(f"{args.count} grounds of {len(textures)} textures")


if __name__ == "__main__":
    main()
