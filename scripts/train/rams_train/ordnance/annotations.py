"""Labels that people drew on an orthomosaic, in the files that their programs write.

Vector layers in any CRS, which OGR opens; COCO JSON and YOLO text in px of the whole orthomosaic.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.crs import CRS
from rasterio.warp import transform as transform_points

from rams_train.common.arrays import Array, F64Array

CENTIMETRE = 0.01  # what is smaller is a mistake in the unit


@dataclass(frozen=True, eq=False)
class Annotation:
    """One label.

    `value` is the class in the words of its author, `box` x0, y0, x1, y1 in px, `place` where it
    stands in the file, for messages.
    """

    value: str
    box: F64Array
    ignored: bool
    place: str


@dataclass(frozen=True)
class Reading:
    """How a vector layer is read: which layer, field of the class, CRS, and size of points in m.

    `one_class` is the class of all labels where no field tells it; `ignore_field` says of a label
    that it is neither an object nor ground.
    """

    layer: str | None = None
    class_field: str | None = None
    one_class: str | None = None
    ignore_field: str | None = None
    crs: str | None = None
    size_m: float | None = None
    size_field: str | None = None


def read_annotations(file: Path, image: rasterio.DatasetReader, how: Reading) -> list[Annotation]:
    """All labels of a file on an orthomosaic."""
    if not file.exists():
        raise SystemExit(f"cannot read {file}: there is no such file")
    if file.suffix.lower() == ".txt":
        return _read_yolo(file, image)
    if file.suffix.lower() == ".json":
        coco = json.loads(file.read_text())
        if isinstance(coco, dict) and {"images", "annotations", "categories"} <= set(coco):
            return _read_coco(coco, file, image)
    return _VectorLayer(file, image, how).annotations()


# --- vector layers ---


class _VectorLayer:
    """A layer of a file, and the orthomosaic whose px its labels come to be in."""

    def __init__(self, file: Path, image: rasterio.DatasetReader, how: Reading) -> None:
        self.file, self.image, self.how = file, image, how
        layer = self._layer()
        self.name = f"{file}, layer {layer}"
        meta, _, self.geometry, columns = pyogrio.raw.read(file, layer=layer)
        self.columns: dict[str, Array] = dict(zip(meta["fields"], columns, strict=True))
        stated = how.crs or meta["crs"]
        if not stated:
            raise SystemExit(f"cannot use {self.name}: it has no CRS; give it with --crs EPSG:CODE")
        self.crs = CRS.from_user_input(stated)

    def _layer(self) -> str:
        try:
            layers = [str(name) for name, _ in pyogrio.list_layers(self.file)]
        except pyogrio.errors.DataSourceError as error:
            raise SystemExit(f"cannot read {self.file}: {error}") from error
        if self.how.layer in layers:
            return str(self.how.layer)
        if len(layers) == 1 and not self.how.layer:
            return layers[0]
        raise SystemExit(
            f"cannot use {self.file}: it has the layers {', '.join(layers)}; choose with --layer"
        )

    def annotations(self) -> list[Annotation]:
        """All its labels; of a multipoint each point is one."""
        found = []
        for row in range(len(self.geometry)):
            place = f"{self.name}, feature {row + 1}"
            shape = shapely.from_wkb(self.geometry[row]) if self.geometry[row] else None
            if shape is None or shape.is_empty:
                raise SystemExit(f"cannot use {place}: it has no geometry; draw it or delete it")
            value, ignored = self._class(row, place), self._is_ignored(row)
            parts = shapely.get_parts(shape) if shape.geom_type == "MultiPoint" else [shape]
            for part in parts:
                found.append(Annotation(value, self._box(part, row, place), ignored, place))
        return found

    def _column(self, field: str, option: str) -> Array:
        if field not in self.columns:
            raise SystemExit(
                f"cannot use {self.name}: it has no field {field}; "
                f"{option} takes one of {', '.join(self.columns) or 'none: it has no fields'}"
            )
        return self.columns[field]

    def _class(self, row: int, place: str) -> str:
        if self.how.one_class:
            return self.how.one_class
        if not self.how.class_field:
            raise SystemExit(
                f"cannot use {self.name}: what its objects are is not told; give --class-field, "
                f"one of {', '.join(self.columns) or 'no fields'}, or --class NAME"
            )
        value = self._column(self.how.class_field, "--class-field")[row]
        if value is None or str(value) in ("", "nan"):
            raise SystemExit(f"cannot use {place}: its {self.how.class_field} is empty; fill it in")
        whole = isinstance(value, float | np.floating) and float(value).is_integer()
        return str(int(value) if whole else value)

    def _is_ignored(self, row: int) -> bool:
        if self.how.ignore_field is None:
            return False
        value = self._column(self.how.ignore_field, "--ignore-field")[row]
        return str(value).strip().lower() not in ("", "0", "0.0", "false", "no", "none", "nan")

    def _box(self, shape: Any, row: int, place: str) -> F64Array:
        """Its upright box in px of the orthomosaic; of a point a square of its size."""
        in_px = shapely.transform(shapely.force_2d(shape), self._to_px)
        box: F64Array = np.array(in_px.bounds)
        if shape.geom_type == "Point":
            half = self._size_m(row, place) / 2 / abs(self.image.res[0])
            box += [-half, -half, half, half]
            return box
        if min(box[2:] - box[:2]) <= 0:
            raise SystemExit(
                f"cannot use {place}: its box has no width or no height; "
                "draw the outline or the box of the object, or a point (--size-m)"
            )
        return box

    def _to_px(self, points: F64Array) -> F64Array:
        x, y = transform_points(self.crs, self.image.crs, *points.T.tolist())
        return np.stack(~self.image.transform * (np.array(x), np.array(y)), 1)

    def _size_m(self, row: int, place: str) -> float:
        size = self.how.size_m
        if self.how.size_field:
            size = self._column(self.how.size_field, "--size-field")[row]
        if size is None:
            raise SystemExit(
                f"cannot use {place}: it is a point; give the longer side of its object in metres "
                "with --size-m METRES, or the field that has it with --size-field"
            )
        if not float(size) >= CENTIMETRE:
            raise SystemExit(f"cannot use {place}: its size is {size} m; give metres, above 0.01")
        return float(size)


# --- px of the whole orthomosaic ---


def _read_coco(coco: dict[str, Any], file: Path, image: rasterio.DatasetReader) -> list[Annotation]:
    """The boxes of the COCO image that has the orthomosaic's file name, or of the only one."""
    images, name = coco["images"], Path(image.name).name
    own = [i for i in images if Path(i["file_name"]).name == name]
    if not own and len(images) == 1:
        own = images
    if len(own) != 1:
        names = ", ".join(i["file_name"] for i in images[:5])
        raise SystemExit(f"cannot use {file}: none of its images is {name}, but {names}")
    size = own[0]["width"], own[0]["height"]
    if size != (image.width, image.height):
        raise SystemExit(
            f"cannot use {file}: its image is {size[0]} x {size[1]} px, "
            f"{name} is {image.width} x {image.height}; label the orthomosaic itself"
        )
    names_of = {c["id"]: str(c["name"]) for c in coco["categories"]}
    found = []
    for a in coco["annotations"]:
        if a["image_id"] == own[0]["id"]:
            x, y, w, h = a["bbox"]
            place = f"{file}, annotation {a['id']}"
            box = _checked_box([x, y, x + w, y + h], place)
            found.append(Annotation(names_of[a["category_id"]], box, bool(a.get("iscrowd")), place))
    return found


def _read_yolo(file: Path, image: rasterio.DatasetReader) -> list[Annotation]:
    """Lines of a class number and a box (centre, size) or a polygon, as shares of the image."""
    found = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        words, place = line.split(), f"{file}, line {number}"
        if not words:
            continue
        try:
            values = np.array(words[1:], float)
        except ValueError as error:
            raise SystemExit(f"cannot use {place}: {line!r} is no label of YOLO") from error
        if len(values) == 4:
            centre, half = values[:2], values[2:] / 2
            corners = np.array([centre - half, centre + half])
        elif len(values) >= 6 and len(values) % 2 == 0:
            corners = values.reshape(-1, 2)
        else:
            raise SystemExit(f"cannot use {place}: {line!r} is no label of YOLO")
        corners = corners * [image.width, image.height]
        box = _checked_box([*corners.min(0), *corners.max(0)], place)
        found.append(Annotation(words[0], box, False, place))
    return found


def _checked_box(box: Sequence[float], place: str) -> F64Array:
    x0, y0, x1, y1 = box
    if not (x1 > x0 and y1 > y0):
        raise SystemExit(f"cannot use {place}: its box is {x1 - x0} x {y1 - y0} px; draw it anew")
    return np.array(box, float)
