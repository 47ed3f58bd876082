"""The scene sets, and surveys of folders of orthomosaics."""

from pathlib import Path
from typing import Any

from rams_train.common.stages import Workspace
from rams_train.earthworks.classes import RECIPE, TABLE

SETS: dict[str, dict[str, Any]] = {s["name"]: s for s in TABLE["scenes"] + RECIPE["scenes"]}


def survey_folder(w: Workspace, folder: Path, out: Path, model: Path, with_heights: bool) -> None:
    """Each orthomosaic in a survey of its own: their invented places overlap."""
    for file in sorted(f for f in folder.glob("*.tif") if not f.stem.endswith("_dsm")):
        surface = file.with_name(f"{file.stem}_dsm.tif")
        w.survey(file, out / file.stem, model, *(["--dsm", surface] if with_heights else []))
