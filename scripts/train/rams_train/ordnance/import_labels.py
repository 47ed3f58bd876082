"""Labels of your own on an orthomosaic, made into the labels of a flight.

`python -m rams_train.ordnance.import_labels ORTHOMOSAIC LABELS --dataset FILE --class-field FIELD
[--map VALUE=CLASS ...]`

LABELS is a vector layer that OGR opens (GeoPackage, GeoJSON, shapefile, KML, CSV with WKT, ...) in
any CRS: outlines, boxes, or points with a size in metres; or COCO (.json) or YOLO (.txt) in px of
the whole orthomosaic. What is written is what training reads and `rams evaluate` takes as truth:
a layer `labels` with class, the box in px, and `ignored` for what is neither object nor ground, in
<name of ORTHOMOSAIC>_labels.gpkg beside it.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.warp import transform as transform_points
from rasterio.windows import Window

from rams_train.common.arrays import F64Array
from rams_train.ordnance.annotations import Annotation, Reading, read_annotations
from rams_train.ordnance.classes import IGNORE, SKIP, Dataset, add_dataset_option, chosen_dataset
from rams_train.ordnance.targets import MIN_VALID, ROOT_PX

UNEQUAL = 0.02  # metres and what an orthomosaic calls metres differ less in UTM
EARTH_M = 6371008.8


@dataclass(frozen=True, eq=False)
class FlightLabel:
    """A row of the layer: the class, the box in px, whether it is ignored."""

    cls: str
    box: F64Array
    ignored: bool


def check_orthomosaic(image: rasterio.DatasetReader) -> None:
    """End the program unless its pixels are colours of 8 bits, and square metres of ground."""
    name = image.name
    if image.crs is None:
        raise SystemExit(
            f"cannot use {name}: it has no CRS; "
            f"if you know it: gdal_edit.py -a_srs EPSG:CODE {name}"
        )
    if image.count < 3 or set(image.dtypes[:3]) != {"uint8"}:
        raise SystemExit(
            f"cannot use {name}: it has {image.count} bands of {image.dtypes[0]}, not red, green "
            "and blue of 8 bits; gdal_translate -b 1 -b 2 -b 3 -ot Byte -scale makes such a file"
        )
    stated, (across, down) = image.res[0], _ground_size(image)
    if max(abs(across / stated - 1), abs(down / stated - 1)) > UNEQUAL:
        raise SystemExit(
            f"cannot use {name}: a pixel is {across:.4f} x {down:.4f} m on the ground, and "
            f"{stated:g} in its CRS; gdalwarp -t_srs EPSG:CODE to the UTM zone of the place"
        )


def _ground_size(image: rasterio.DatasetReader) -> tuple[float, float]:
    """Width and height of a pixel of the middle on the ground, m."""
    step = 100
    x, y = image.width / 2, image.height / 2
    px = np.array([[x, x + step, x], [y, y, y + step]])
    lon, lat = np.radians(transform_points(image.crs, "EPSG:4326", *(image.transform * px)))
    east, north = (lon[1:] - lon[0]) * np.cos(lat[0]), lat[1:] - lat[0]
    across, down = np.hypot(east, north) * EARTH_M / step
    return float(across), float(down)


def parse_mapping(words: Sequence[str], dataset: Dataset) -> dict[str, str]:
    """What `--map VALUE=CLASS ...` says, beside the names and labels of the classes themselves."""
    known = {entry["label"]: name for name, entry in dataset.class_of.items()}
    known |= {name: name for name in dataset.leaves}
    for word in words:
        value, equals, cls = word.rpartition("=")
        if not equals or cls not in (*dataset.leaves, IGNORE, SKIP):
            raise SystemExit(
                f"--map {word}: give VALUE=CLASS, a class of {dataset.file} "
                f"({', '.join(dataset.leaves)}), {IGNORE} or {SKIP}"
            )
        known[value] = cls
    return known


def into_classes(
    annotations: Sequence[Annotation],
    classes: dict[str, str],
    others: str | None,
    file: Path,
    dataset: Dataset,
) -> list[tuple[str, Annotation]]:
    """The labels that are not skipped, with their class or IGNORE.

    `others` is what values are that `classes` does not have, None if they are a mistake.
    """
    if others:
        classes = {a.value: others for a in annotations} | classes
    unknown = Counter(a.value for a in annotations if a.value not in classes)
    if unknown:
        told = ", ".join(f"{value!r} ({count})" for value, count in unknown.most_common(10))
        raise SystemExit(
            f"cannot use {file}: no class is called {told}; give --map VALUE=CLASS with one of "
            f"{', '.join(dataset.leaves)} ({dataset.file}), VALUE={IGNORE} for what is neither an "
            f"object nor ground, VALUE={SKIP} for what is ground, or either for all --others"
        )
    named = [(classes[a.value], a) for a in annotations]
    return [(cls, a) for cls, a in named if cls != SKIP]


def place_labels(
    labels: Sequence[tuple[str, Annotation]],
    image: rasterio.DatasetReader,
    leaves: Sequence[str],
    skip_outside: bool,
) -> list[FlightLabel]:
    """The labels that lie on the orthomosaic; those that are hardly seen on it are ignored."""
    placed, outside = [], []
    edge = np.array([image.width, image.height] * 2, float)
    for cls, annotation in labels:
        box = np.clip(annotation.box, 0, edge)
        seen = _share_in_view(image, annotation.box, box)
        if seen == 0:
            outside.append(annotation)
        else:
            ignored = annotation.ignored or cls == IGNORE or seen < MIN_VALID
            # A row of each class: an evaluation takes ignored rows class by class.
            names = leaves if cls == IGNORE else [cls]
            placed += [FlightLabel(name, box, ignored) for name in names]
    if outside and (not placed or not skip_outside):
        remedy = "check that they were drawn on this orthomosaic, and their CRS (--crs)"
        if placed:
            remedy = "leave them out with --skip-outside"
        raise SystemExit(
            f"cannot use {outside[0].place}: {len(outside)} of {len(labels)} labels lie outside "
            f"{image.name}, this one at px {np.round(outside[0].box).astype(int).tolist()} of "
            f"{image.width} x {image.height}; {remedy}"
        )
    return placed


def _share_in_view(image: rasterio.DatasetReader, whole: F64Array, part: F64Array) -> float:
    """The share of a box that is on the orthomosaic and has pixels there."""
    x0, y0, x1, y1 = part
    if x1 <= x0 or y1 <= y0:
        return 0.0
    left, top = int(x0), int(y0)
    window = Window(left, top, int(np.ceil(x1)) - left, int(np.ceil(y1)) - top)
    valid = (image.dataset_mask(window=window) > 0).mean()
    share = (x1 - x0) * (y1 - y0) / ((whole[2] - whole[0]) * (whole[3] - whole[1]))
    return float(share * valid)


def write_labels(labels: Sequence[FlightLabel], image: rasterio.DatasetReader, out: Path) -> None:
    """Write the layer `labels` of a GeoPackage, with the boxes as polygons of the image's CRS."""
    out.parent.mkdir(parents=True, exist_ok=True)
    stem = Path(image.name).stem
    boxes = np.array([label.box for label in labels])
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    x, y = image.transform * (corners[..., 0], corners[..., 1])
    fields = {
        "id": np.array([f"{stem}-{n:04d}" for n in range(len(labels))], object),
        "class": np.array([label.cls for label in labels], object),
        **{f"px_{name}": boxes[:, i] for i, name in enumerate(("x0", "y0", "x1", "y1"))},
        "ignored": np.array([label.ignored for label in labels]),
    }
    pyogrio.raw.write(
        out,
        geometry=shapely.to_wkb(shapely.polygons(np.stack([x, y], 2))),
        field_data=list(fields.values()),
        fields=list(fields),
        layer="labels",
        driver="GPKG",
        geometry_type="Polygon",
        crs=image.crs.to_wkt(),
    )


def describe(labels: Sequence[FlightLabel], gsd_m: float, dataset: Dataset) -> list[str]:
    """A line for each class, with what may be wrong with its sizes."""
    lines = []
    for cls in dataset.leaves:
        boxes = np.array([la.box for la in labels if la.cls == cls and not la.ignored])
        if not len(boxes):
            continue
        sides = (boxes[:, 2:] - boxes[:, :2]) * gsd_m
        longer, small = sides.max(1), np.sqrt(0.6 * sides.prod(1)) < ROOT_PX * gsd_m
        text = f"{cls}: {len(boxes)} objects, {longer.min():.3f} to {longer.max():.3f} m long"
        low, high = dataset.class_of[cls]["size_m"]
        odd = int(((longer < low) | (longer > high)).sum())
        if odd:
            text += f"; {odd} not within size_m = [{low}, {high}] of {dataset.file}"
        if small.any():
            text += f"; {small.sum()} too small to be learned in pixels of {gsd_m:g} m"
        lines.append(text)
    ignored = {tuple(label.box) for label in labels if label.ignored}
    return [*lines, f"ignored: {len(ignored)}"]


def parse_options(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("orthomosaic")
    ap.add_argument("labels")
    add_dataset_option(ap)
    ap.add_argument("--out", help="another GeoPackage to write")
    ap.add_argument("--layer", help="of LABELS, if it has more than one")
    classes = ap.add_mutually_exclusive_group()
    classes.add_argument("--class-field", help="the field that says what an object is")
    classes.add_argument("--class", dest="one_class", help="what all objects are")
    ap.add_argument("--map", nargs="*", default=[], metavar="VALUE=CLASS")
    ap.add_argument("--others", choices=(IGNORE, SKIP), help="what all other values are")
    ap.add_argument("--ignore-field", help="where it is true, neither object nor ground")
    ap.add_argument("--crs", help="of LABELS, in place of what the file says, as EPSG:4326")
    ap.add_argument("--size-m", type=float, help="of points: the longer side of the object")
    ap.add_argument("--size-field", help="of points: the field that has it, in metres")
    ap.add_argument("--skip-outside", action="store_true", help="leave out labels elsewhere")
    return ap.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    options = parse_options(argv)
    image_file, file = Path(options.orthomosaic), Path(options.labels)
    # `rams evaluate` knows by its name which orthomosaic it is of.
    out = Path(options.out or image_file.with_name(f"{image_file.stem}_labels.gpkg"))
    if out.exists():
        raise SystemExit(f"cannot write {out}: it is there; delete it or give another --out")
    dataset = chosen_dataset(options.dataset)
    how = Reading(**{name: getattr(options, name) for name in Reading.__dataclass_fields__})
    with rasterio.open(image_file) as image:
        check_orthomosaic(image)
        annotations = read_annotations(file, image, how)
        classes = parse_mapping(options.map, dataset)
        labels = into_classes(annotations, classes, options.others, file, dataset)
        placed = place_labels(labels, image, dataset.leaves, options.skip_outside)
        if not placed:
            raise SystemExit(f"cannot use {file}: it has no label")
        write_labels(placed, image, out)
        print("\n".join([*describe(placed, image.res[0], dataset), str(out)]))


if __name__ == "__main__":
    main()
