"""A survey: made by the program, read as data frames."""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio

from rams.program import (
    DONE_WITH_GAPS,
    Paths,
    RamsError,
    StrPath,
    UnexpectedGaps,
    options,
    paths,
    run,
)

SURVEY_FILE = "survey.gpkg"


@dataclass(frozen=True)
class Survey:
    """A finished survey. Read `gaps` first: a map without its gaps says less than no map.

    Layers are read when first asked for, with the columns of the file: the manual's page "What
    comes out" has them. Geometries are in the CRS of the first orthomosaic, columns that end in
    `_m` in metres, `_m2` in square metres, `px_` in pixels of the orthomosaic from its upper left
    corner. Where a column lists ids they are one text, with commas between.
    """

    folder: Path
    summary: dict[str, Any] | None = None
    """What `rams survey --json` printed; None of a survey that was read."""
    notices: tuple[str, ...] = field(default=(), repr=False)
    """What the program said meanwhile, a line each; empty of a survey that was read."""
    unexpected_gaps: bool | None = None
    """Whether ground that should have been assessed was not (exit code 3); None of a survey that
    was read: its file does not say, `gaps` does."""

    @property
    def path(self) -> Path:
        """Its file, a GeoPackage."""
        return self.folder / SURVEY_FILE

    def layer(self, name: str) -> gpd.GeoDataFrame:
        """Return a layer by its name; a table without geometry is a DataFrame."""
        layers = pyogrio.list_layers(self.path)[:, 0].tolist()
        if name not in layers:
            raise RamsError(f"{self.path} has no layer {name}; it has {', '.join(layers)}")
        return pyogrio.read_dataframe(self.path, layer=name)

    @cached_property
    def features(self) -> gpd.GeoDataFrame:
        """Objects and earthworks, one a row: points, lines and polygons; confidence 0 to 1."""
        return self.layer("features")

    @cached_property
    def feature_parts(self) -> gpd.GeoDataFrame:
        """Stretches of trenches and ditches, 50 m at most: centrelines with widths."""
        return self.layer("feature_parts")

    @cached_property
    def hazard_areas(self) -> gpd.GeoDataFrame:
        """Candidate suspected hazardous areas and indications; `land_class` tells them apart."""
        return self.layer("hazard_areas")

    @cached_property
    def external_evidence(self) -> gpd.GeoDataFrame:
        """What others reported, as it was given."""
        return self.layer("external_evidence")

    @cached_property
    def indication_belts(self) -> gpd.GeoDataFrame:
        """Bands beside earthworks in which mines may lie; `weight` is 1 beside it, and fades."""
        return self.layer("indication_belts")

    @cached_property
    def gaps(self) -> gpd.GeoDataFrame:
        """Ground that was not assessed, for which classes, and why (`reason`)."""
        return self.layer("gaps")

    @cached_property
    def assessed(self) -> gpd.GeoDataFrame:
        """Ground that a model has seen, and for which classes."""
        return self.layer("assessed")

    @cached_property
    def detections(self) -> gpd.GeoDataFrame:
        """What the models saw in each tile, boxes, down to the sensitive threshold.

        Those whose column `features` is empty are no finds.
        """
        return self.layer("detections")

    @cached_property
    def record(self) -> dict[str, Any]:
        """The record of the run: inputs and models with digests, parameters, software, times."""
        record: dict[str, Any] = json.loads(self.layer("run_record")["json"].iloc[0])
        return record

    @cached_property
    def metadata(self) -> dict[str, str | None]:
        """Who surveyed, when and where: a value for each field, None where nobody stated it."""
        table = self.layer("survey_metadata")
        values = [None if pd.isna(value) else str(value) for value in table["value"]]
        return dict(zip(table["field"], values, strict=True))

    def embeddings(
        self, of: Literal["features", "detections"] = "features", model: str | None = None
    ) -> tuple["pd.Index[Any]", npt.NDArray[np.float32]]:
        """Return how finds look to a model, as unit vectors: their dot product is a similarity.

        Row i of the array, float32 of shape (n, d), is that of `features.loc[rows[i]]` (or of
        `detections`), where rows is the first of the two that are returned. A feature looks as
        the detection with the highest score among those merged into it does, of equals that
        with the larger box. Rows of which the model gives no embedding are not among them; n and d
        are 0 where it gives none at all. `model` names it where several give embeddings, whose
        vectors cannot be compared.
        """
        found = self.detections
        if "embedding" not in found:
            return found.index[:0], np.empty((0, 0), dtype=np.float32)
        found = found[found["embedding"].notna()]
        models = sorted(set(found["model"]))
        if model is None and len(models) > 1:
            raise RamsError(f"several models give embeddings: name one of {', '.join(models)}")
        found = found[found["model"] == (model or "".join(models))]
        rows = found.index
        if of == "features":
            rows, chosen = best_detections(self.features, found)
            found = found.loc[chosen]
        vectors = [np.frombuffer(blob, "<f2").astype(np.float32) for blob in found["embedding"]]
        return rows, np.stack(vectors) if vectors else np.empty((0, 0), dtype=np.float32)


def best_detections(
    features: pd.DataFrame, detections: pd.DataFrame
) -> tuple["pd.Index[Any]", "pd.Index[Any]"]:
    """Return the rows of features, and for each that of the detection that it was measured on."""
    keys = ["orthomosaic", "model", "detections"]
    # An id with a colon is one in another orthomosaic, which no id of this one equals.
    parts = features[keys].assign(detections=features["detections"].str.split(",")).explode(keys[2])
    merged = parts.reset_index(names="feature").merge(
        detections.reset_index(names="detection"),
        left_on=keys,
        right_on=["orthomosaic", "model", "id"],
    )
    merged["box"] = (merged.px_x1 - merged.px_x0) * (merged.px_y1 - merged.px_y0)
    merged = merged.sort_values(["feature", "score", "box"], kind="stable")
    best = merged.drop_duplicates("feature", keep="last")
    return pd.Index(best["feature"]), pd.Index(best["detection"])


def read_survey(folder: StrPath) -> Survey:
    """Read the survey in a folder that `rams survey` wrote, or that `survey` did.

    A folder without `survey.gpkg` is a RamsError.
    """
    survey = Survey(Path(folder))
    if not survey.path.is_file():
        raise RamsError(f"cannot find {survey.path}; name the folder that a survey was written to")
    return survey


def survey(
    orthomosaics: Paths,
    out: StrPath,
    *,
    models: Paths | None = None,
    aoi: StrPath | None = None,
    dsm: StrPath | None = None,
    evidence: Paths | None = None,
    mapping: StrPath | None = None,
    operating_point: Literal["sensitive", "balanced", "strict"] | None = None,
    doctrine: StrPath | None = None,
    min_confidence: float | None = None,
    learn_from: Paths | None = None,
    metadata: StrPath | Mapping[str, str] | None = None,
    bands: Sequence[int] | None = None,
    scale: tuple[float, float] | None = None,
    alpha: int | None = None,
    assume_crs: str | None = None,
    allow_outside: bool = False,
    tile_px: int | None = None,
    threads: int | None = None,
    device: Literal["auto", "cpu", "openvino", "cuda"] | None = None,
    overwrite: bool = False,
    program: StrPath | None = None,
) -> Survey:
    """Survey one orthomosaic or several of the same ground into the folder `out`.

    Options are those of `rams survey`, whose page in the manual has them, and what is not given is
    left to the program. `models` are folders, .onnx files, or names of models that come with the
    program. `metadata` is a file like survey.toml, or fields (`{"task": "T-12"}`) with the names
    of `Survey.metadata`. `min_confidence` is 0 to 1, `tile_px` pixels of the model's scale.

    A survey that was interrupted goes on; one that is finished is replaced with `overwrite` only.
    What the program refuses is a RamsError with its text. Ground that should have been assessed
    and was not is the warning UnexpectedGaps, and `Survey.unexpected_gaps`.
    """
    fields = metadata if isinstance(metadata, Mapping) else {}
    given = options(
        {
            "out": out,
            "model": models,
            "aoi": aoi,
            "dsm": dsm,
            "evidence": evidence,
            "mapping": mapping,
            "operating-point": operating_point,
            "doctrine": doctrine,
            "min-confidence": min_confidence,
            "learn-from": learn_from,
            "survey-metadata": None if isinstance(metadata, Mapping) else metadata,
            "bands": ",".join(map(str, bands)) if bands else None,
            "scale": ",".join(map(str, scale)) if scale else None,
            "alpha": alpha,
            "assume-crs": assume_crs,
            "allow-outside": allow_outside,
            "tile": tile_px,
            "threads": threads,
            "device": device,
            "overwrite": overwrite,
            "json": True,
            **{name.replace("_", "-"): value for name, value in fields.items()},
        }
    )
    ran = run("survey", [*given, "--", *paths(orthomosaics)], program, (0, DONE_WITH_GAPS))
    has_gaps = ran.exit_code == DONE_WITH_GAPS
    done = Survey(Path(out), json.loads(ran.stdout), ran.notices, has_gaps)
    if has_gaps:
        reasons = ", ".join(sorted(set(done.gaps["reason"]))) or "none of the ground has an image"
        warnings.warn(
            f"{done.path}: ground that should have been assessed was not; gaps: {reasons}",
            UnexpectedGaps,
            stacklevel=2,
        )
    return done
