"""An orthomosaic in other colours: what a detector still finds there, it finds by shape.

`python -m rams_train.ordnance.recolour FLIGHT.tif LABELS OUT.tif --hue DEGREES|--grey
[--objects-only]`

LABELS is the GeoPackage of the flight's labels. Turning hues keeps saturation and value (HSV), grey
keeps luma (ITU-R BT.601). With --objects-only the ground keeps its colours: each labelled object is
cut out of its box, with an edge of some 3 px, and one that does not part from its ground is taken
as the ellipse in its box. OUT.tif has the same pixels, place, mask and further bands, with lossless
deflate, so that whatever is not recoloured is the same to the last bit. It holds third-party
pixels: keep it outside the repository.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.windows import Window

from rams_train.common.arrays import F32Array, U8Array
from rams_train.common.images import blur
from rams_train.ordnance.cutouts import MARGIN_PX, separate
from rams_train.ordnance.dataset import Label, read_labels

BLOCK_PX = 256
EDGE_PX = 0.8  # deviation of the soft edge of an ellipse, as that of a cut-out

Recolouring = Callable[[U8Array], U8Array]


@dataclass(frozen=True, eq=False)
class ObjectMask:
    """How much of each pixel is an object: alpha float32 [h, w] 0..1, top left corner in px."""

    alpha: F32Array
    x0: int
    y0: int
    is_cut_out: bool


def turn_hue(rgb: U8Array, degrees: float) -> U8Array:
    """The hue of uint8 [h, w, 3] turned, red to green at 120; saturation and value as they are."""
    hsv = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    turned: U8Array = np.round(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255).astype(np.uint8)
    return turned


def to_grey(rgb: U8Array) -> U8Array:
    """Grey of the same luma as uint8 [h, w, 3], in three equal bands."""
    grey: U8Array = np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    return grey


def mask_object(src: rasterio.DatasetReader, label: Label) -> ObjectMask:
    """The mask of a labelled object."""
    x0, y0, x1, y1 = label.box.round().astype(int)
    w, h = max(1, x1 - x0), max(1, y1 - y0)
    side = 2 * MARGIN_PX
    window = Window(x0 - MARGIN_PX, y0 - MARGIN_PX, w + side, h + side)
    bands = src.read([1, 2, 3], window=window, boundless=True, fill_value=0)
    alpha = separate(np.ascontiguousarray(bands.transpose(1, 2, 0)), w, h)
    is_cut_out = alpha is not None
    if alpha is None:
        alpha = np.zeros((h + side, w + side), np.float32)
        inner = alpha[MARGIN_PX : MARGIN_PX + h, MARGIN_PX : MARGIN_PX + w]
        ys, xs = np.mgrid[:h, :w]
        inner[((xs + 0.5) / w * 2 - 1) ** 2 + ((ys + 0.5) / h * 2 - 1) ** 2 <= 1] = 1
        alpha = blur(alpha, EDGE_PX)
    return ObjectMask(alpha, x0 - MARGIN_PX, y0 - MARGIN_PX, is_cut_out)


def alpha_within(masks: Sequence[ObjectMask], window: Window) -> F32Array:
    """The masks in a window of the image, 1 where an object is; of several the greatest."""
    alpha = np.zeros((window.height, window.width), np.float32)
    for mask in masks:
        h, w = mask.alpha.shape
        x0, y0 = max(mask.x0, window.col_off), max(mask.y0, window.row_off)
        x1 = min(mask.x0 + w, window.col_off + window.width)
        y1 = min(mask.y0 + h, window.row_off + window.height)
        if x0 < x1 and y0 < y1:
            part = mask.alpha[y0 - mask.y0 : y1 - mask.y0, x0 - mask.x0 : x1 - mask.x0]
            left, top = x0 - window.col_off, y0 - window.row_off
            there = alpha[top : top + y1 - y0, left : left + x1 - x0]
            np.maximum(there, part, out=there)
    return alpha


def recolour_block(
    bands: U8Array, valid: U8Array, alpha: F32Array | None, nodata: float | None, to: Recolouring
) -> None:
    """Recolour the first three bands of uint8 [n, h, w] where `valid`, by the share `alpha`."""
    rgb = np.ascontiguousarray(bands[:3].transpose(1, 2, 0))
    out = to(rgb)
    if alpha is not None:
        share = alpha[..., None]
        out = np.round(rgb * (1 - share) + out * share).astype(np.uint8)
    out[valid == 0] = rgb[valid == 0]
    if nodata is not None:
        # A near-black pixel that turns black is not to become one without image.
        lost = (valid > 0) & (out == nodata).all(axis=2) & (rgb != nodata).any(axis=2)
        out[lost] = rgb[lost]
    bands[:3] = out.transpose(2, 0, 1)


def recolour(
    flight: Path, out: Path, to: Recolouring, labels: Sequence[Label] | None
) -> Sequence[ObjectMask]:
    """Write `flight` in other colours, block by block: its labelled objects or all of it."""
    with rasterio.open(flight) as src:
        if src.count < 3 or set(src.dtypes) != {"uint8"}:
            raise SystemExit(
                f"cannot recolour {flight}: it has {src.count} bands of {src.dtypes[0]}; "
                "give red, green and blue of 8 bits"
            )
        masks = [mask_object(src, label) for label in labels or ()]
        profile = {
            "driver": "GTiff",
            "width": src.width,
            "height": src.height,
            "count": src.count,
            "dtype": "uint8",
            "nodata": src.nodata,
            "crs": src.crs,
            "transform": src.transform,
            "photometric": "RGB",
            "tiled": True,
            "blockxsize": BLOCK_PX,
            "blockysize": BLOCK_PX,
            "compress": "deflate",
            "predictor": 2,
            "bigtiff": "IF_SAFER",
        }
        flags = src.mask_flag_enums[0]
        has_mask = MaskFlags.per_dataset in flags and MaskFlags.alpha not in flags
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
            rasterio.open(out, "w", **profile) as dst,
        ):
            dst.colorinterp = src.colorinterp
            if src.gcps[0]:
                dst.gcps = src.gcps
            for _, window in dst.block_windows(1):
                bands, valid = src.read(window=window), src.dataset_mask(window=window)
                alpha = None if labels is None else alpha_within(masks, window)
                recolour_block(bands, valid, alpha, src.nodata, to)
                dst.write(bands, window=window)
                if has_mask:
                    dst.write_mask(valid, window=window)
    return masks


def main() -> None:
    """Run from the command line."""
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("flight", type=Path)
    ap.add_argument("labels", type=Path)
    ap.add_argument("out", type=Path)
    how = ap.add_mutually_exclusive_group(required=True)
    how.add_argument("--hue", type=float, metavar="DEGREES", help="60, 120 and 180 tell most")
    how.add_argument("--grey", action="store_true")
    ap.add_argument("--objects-only", action="store_true")
    args = ap.parse_args()
    if args.out.resolve() == args.flight.resolve():
        raise SystemExit(f"cannot write {args.out}: it is the flight itself; name another file")
    labels = read_labels(args.labels)

    def turn(rgb: U8Array) -> U8Array:
        return turn_hue(rgb, args.hue)

    to = to_grey if args.grey else turn
    masks = recolour(args.flight, args.out, to, labels if args.objects_only else None)
    ellipses = sum(not mask.is_cut_out for mask in masks)
    what = f"{len(masks)} objects, {ellipses} of them as ellipses" if masks else "the whole image"
    print(f"{args.out}: {what} recoloured, of {len(labels)} labels; lossless deflate")


if __name__ == "__main__":
    main()
