"""How well predictions and truth agree: the figures of `rams evaluate` as data frames."""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from rams.program import Option, Paths, RamsError, StrPath, options, paths, run
from rams.surveys import Survey

Figures = Mapping[str, Any]
Predictions = StrPath | Survey
POOLED = "all"
AP50_95 = "ap50_95"  # an average over IoUs, and no interval


@dataclass(frozen=True)
class Evaluation:
    """Predictions against a truth, on the ground that was assessed, and on that alone.

    Intervals (`_low`, `_high`) are exact, 95 %. A table is empty where truth and predictions have
    nothing for it: `by_class` of earthworks alone, `works` of ordnance alone.
    """

    figures: dict[str, Any] = field(repr=False)
    """All of evaluation.json, with the names and units that it has."""

    @property
    def by_class(self) -> pd.DataFrame:
        """Boxes: a row for each class and one, "all", for all together.

        Columns: objects, predictions, ap50, ap50_95; hits, recall, false_alarms,
        false_alarms_per_hectare, duplicates, excused and precision by the point on the map, and
        at an IoU of 0.5 with `_iou50` behind.
        """
        return boxes(self.figures.get("by_class", {}).get("all"))

    @property
    def by_family(self) -> pd.DataFrame:
        """Boxes: as `by_class`, of families of classes."""
        return boxes(self.figures.get("by_family", {}).get("all"))

    @property
    def by_flight(self) -> pd.DataFrame:
        """Boxes: as `by_class`, with the flight as first level of the index."""
        flights = self.figures.get("by_class", {}).get("flights", {})
        tables = {name: boxes(flight) for name, flight in flights.items()}
        return pd.concat(tables, names=["flight"]) if tables else boxes(None)

    @property
    def recall_at(self) -> pd.DataFrame:
        """Boxes: recall of each class within so many false alarms per hectare.

        Index: class, false_alarms_per_hectare. `exhausted`: there may be fewer false alarms than
        that, as the predictions hold nothing below.
        """
        return points(self.figures, "recall_at", "false_alarms_per_hectare")

    @property
    def curve(self) -> pd.DataFrame:
        """Boxes: hits and false alarms of each class from each threshold on.

        Index: class, threshold.
        """
        return points(self.figures, "curve", "threshold")

    @property
    def objects(self) -> pd.DataFrame:
        """True objects, one a row, and whether each was `found`; boxes in pixels (`px_x0`, ...)."""
        rows = []
        for it in self.figures.get("objects", []):
            box = {f"px_{side}": value for side, value in it["px"].items()}
            rows.append({name: value for name, value in it.items() if name != "px"} | box)
        return pd.DataFrame(rows)

    @property
    def confusion(self) -> pd.DataFrame:
        """Counts of objects: a row is a true class or "nothing", a column what it was called."""
        counts = self.figures.get("confusion")
        if not counts:
            return pd.DataFrame()
        return pd.DataFrame(counts["counts"], index=counts["rows"], columns=counts["columns"])

    @property
    def reliability(self) -> pd.DataFrame:
        """Tenths of confidence: how many predictions, their mean confidence, how many are right."""
        return pd.DataFrame((self.figures.get("reliability") or {}).get("bins", []))

    @property
    def works(self) -> pd.DataFrame:
        """Lines and areas (earthworks): a row for each class and one, "all".

        Columns begin with what they measure: overlap_ (m²), length_ (m), objects_ (number).
        """
        table = classes((self.figures.get("works") or {}).get("by_class", {}).get("all"))
        # What is null for a class without lines.
        return table.drop(columns=["overlap", "length", "objects"], errors="ignore")

    @property
    def areas(self) -> pd.DataFrame:
        """Hazard areas on assessed ground by EO category and land class.

        `share` of the true objects that lie inside, `true_inside` of the true mined ground.
        """
        rows = (self.figures.get("areas") or {}).get("agreement", [])
        return pd.DataFrame([flat(with_interval(row, "share")) for row in rows])


def with_interval(figures: Figures, name: str) -> dict[str, Any]:
    """Return figures with the share `[value, low, high]` taken apart."""
    value, low, high = figures[name] or (None, None, None)
    return {**figures, name: value, f"{name}_low": low, f"{name}_high": high}


def flat(figures: Figures, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    """Return figures without tables; intervals are taken apart, groups named as their prefix.

    >>> flat({"recall": 0.5, "recall_95": [0.1, 0.9], "length": {"found_m": 3.0}, "curve": []})
    {'recall': 0.5, 'recall_low': 0.1, 'recall_high': 0.9, 'length_found_m': 3.0}
    >>> flat({"recall_95": None})
    {'recall_low': None, 'recall_high': None}
    """
    row: dict[str, Any] = {}
    for name, value in figures.items():
        if name.endswith("_95") and name != AP50_95:
            stem = prefix + name.removesuffix("_95") + suffix
            # None where nothing was there to be found.
            row |= dict(zip((f"{stem}_low", f"{stem}_high"), value or (None, None), strict=True))
        elif isinstance(value, Mapping):
            row |= flat(value, f"{prefix}{name}_", suffix)
        elif not isinstance(value, list):
            row[prefix + name + suffix] = value
    return row


def each_class(section: Figures | None) -> dict[str, Figures]:
    """Return the figures of each class, and of all together at the end."""
    return {**section["classes"], POOLED: section["pooled"]} if section else {}


def classes(section: Figures | None) -> pd.DataFrame:
    """Return a row for each class and one for all together."""
    rows = {name: flat(figures) for name, figures in each_class(section).items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def boxes(section: Figures | None) -> pd.DataFrame:
    """Return a row for each class; the match by the point goes without a prefix."""
    rows = {
        name: flat({key: of for key, of in figures.items() if key not in ("centre", "iou50")})
        | flat(figures["centre"])
        | flat(figures["iou50"], suffix="_iou50")
        for name, figures in each_class(section).items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def points(figures: Figures, table: str, by: str) -> pd.DataFrame:
    """Return a table that each class has, under the class and one of its columns."""
    section = figures.get("by_class", {}).get("all")
    rows = [
        {"class": name, **flat(row)}
        for name, of in each_class(section).items()
        for row in of.get(table) or []
    ]
    return pd.DataFrame(rows).set_index(["class", by]) if rows else pd.DataFrame()


def folder(predictions: Predictions) -> StrPath:
    """Return where predictions are."""
    return predictions.folder if isinstance(predictions, Survey) else predictions


def evaluate(
    truth: Paths,
    predictions: Predictions,
    *,
    model: StrPath | None = None,
    threshold: float | None = None,
    skip: str | Sequence[str] | None = None,
    doctrine: StrPath | None = None,
    tile_px: int | None = None,
    max_detections: int | None = None,
    tolerance_m: float | None = None,
    out: StrPath | None = None,
    program: StrPath | None = None,
) -> Evaluation:
    """Compare predictions with a truth.

    `truth` is COCO JSON, a GeoPackage with labels, a folder of these, or several; `predictions`
    a Survey, the folder of one or of many, or COCO results. `model`, a folder or a name, gives
    thresholds and class tree, and of a survey what this model found. `threshold` is 0 to 1;
    `skip` leaves classes out. With `out` the program writes its tables and plots there, too.

    Ground that the model was trained on tells nothing: see `figures["training_overlaps"]`.
    """
    given = {
        "model": model,
        "threshold": threshold,
        "skip": skip,
        "doctrine": doctrine,
        "tile-px": tile_px,
        "max-detections": max_detections,
        "tolerance-m": tolerance_m,
        "out": out,
        "json": True,
    }
    ran = run("evaluate", words(given, truth, predictions), program)
    return Evaluation(json.loads(ran.stdout))


def words(given: Mapping[str, Option], truth: Paths, predictions: Predictions) -> list[str]:
    """Return the words of the command line after the command."""
    return [*options(given), "--", *paths(truth), *paths(folder(predictions))]


def side_by_side(
    truth: Paths,
    predictions: Sequence[Predictions],
    models: Paths | None,
    threshold: float | None,
    skip: str | Sequence[str] | None,
    program: StrPath | None,
) -> tuple[list[Evaluation], dict[str, pd.DataFrame]]:
    """Return the evaluation of each, and the tables that lay them beside each other."""
    if len(predictions) < 2:
        raise RamsError(f"two predictions are needed to compare, {len(predictions)} was given")
    first, *others = predictions
    with tempfile.TemporaryDirectory() as out:
        given: dict[str, Option] = {
            "against": [folder(other) for other in others],
            "model": models,
            "threshold": threshold,
            "skip": skip,
            "out": out,
        }
        run("evaluate", words(given, truth, first), program)
        figures = json.loads((Path(out) / "evaluation.json").read_text(encoding="utf-8"))
        tables = dict(read_tables(Path(out)))
    return [Evaluation(of) for of in figures["evaluations"]], tables


def read_tables(out: Path) -> Iterable[tuple[str, pd.DataFrame]]:
    """Return the tables of a comparison that a folder has, of boxes and of works."""
    for name, file in (("boxes", "side_by_side.csv"), ("works", "works_side_by_side.csv")):
        if (out / file).exists():
            # A class may be called "NA".
            table = pd.read_csv(out / file, keep_default_na=False, na_values=[""])
            yield name, table.set_index(["level", "class", "column"])


def compare(
    truth: Paths,
    predictions: Sequence[Predictions],
    *,
    models: Paths | None = None,
    of: Literal["boxes", "works"] = "boxes",
    threshold: float | None = None,
    skip: str | Sequence[str] | None = None,
    program: StrPath | None = None,
) -> pd.DataFrame:
    """Lay two predictions of one ground or more side by side.

    `models` is one for all, or one for each of `predictions`, in their order. The table is that of
    `rams evaluate --against`: a row for each level (class, family), class and column (A, B, ...,
    in the order of `predictions`). Of boxes: objects, ap50, recall and false alarms per hectare at
    the thresholds, with exact 95 % intervals, and what B and the others found of the same objects
    beside A: `found_by_both`, `found_by_first_alone`, `found_by_this_alone`, `recall_difference`
    and `p` (McNemar). `of="works"` is that of lines and areas.
    """
    _, tables = side_by_side(truth, predictions, models, threshold, skip, program)
    if of not in tables:
        raise RamsError(f"truth and predictions have no {of} to compare; ask of={[*tables]}")
    return tables[of]
