"""The program `rams`: where it is, what it offers, and a run of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from processing.core.ProcessingConfig import ProcessingConfig
from qgis.core import QgsProcessingException, QgsSettings

SETTING = "RAMS_PROGRAM"

# Windows opens a console for each program that does not say that it needs none.
NO_WINDOW: dict[str, Any] = {}
if sys.platform == "win32":
    NO_WINDOW["creationflags"] = subprocess.CREATE_NO_WINDOW


def find() -> str:
    """The program that the setting names, else the one on the PATH, else that of the checkout in
    which this file lies.

    Raises QgsProcessingException where there is none.
    """
    named = (ProcessingConfig.getSetting(SETTING) or "").strip()
    if named:
        found = shutil.which(named)
        if not found:
            raise QgsProcessingException(
                f"{named} is no program: name another in Settings > Options > Processing > "
                "Providers > rams"
            )
        return found
    builds = [str(folder / "target/release") for folder in Path(__file__).resolve().parents]
    for path in (None, *builds):
        found = shutil.which("rams", path=path)
        if found:
            return found
    raise QgsProcessingException(
        "cannot find the program rams: put it on the PATH, or name it in Settings > Options > "
        "Processing > Providers > rams"
    )


def models() -> list[str]:
    """Names of the models that the program has; none where it cannot be asked."""
    listed = _remembered("models", ["models", "--json"], _models)
    return [Path(path).name for path in listed]


def formats() -> list[str]:
    """The formats that the program exports to; none where it cannot be asked."""
    return _remembered("formats", ["export", "--help"], _formats)


def _models(text: str) -> list[str]:
    return [model["path"] for model in json.loads(text)]


def _formats(text: str) -> list[str]:
    """Of a help that says `--format <FORMAT>`, then `geojson, kml or fgb (a word on it)`."""
    found = re.search(r"^ +--format <FORMAT>\s+(.*?)\n\s*\n", text, re.DOTALL | re.MULTILINE)
    words = re.sub(r"\(.*?\)", "", found[1], flags=re.DOTALL) if found else ""
    return [word for word in re.split(r"[,\s]+", words) if word and word != "or"]


def _remembered(what: str, arguments: list[str], read: Any) -> list[str]:
    """What the program says, asked once and again when it or its folder of models has changed:
    each model answers on a tile before it is listed, which takes seconds.
    """
    try:
        program = find()
    except QgsProcessingException:
        return []
    settings, key = QgsSettings(), f"rams/{what}"
    kept = json.loads(settings.value(key) or "{}")
    if kept.get("state") == _state(program, kept.get("said", [])):
        return list(kept["said"])
    try:
        # Of models that do not work the exit code tells; they are listed all the same.
        run = subprocess.run(
            [program, *arguments], capture_output=True, encoding="utf-8", timeout=120, **NO_WINDOW
        )
        said: list[str] = read(run.stdout)
    except (OSError, ValueError, KeyError, subprocess.TimeoutExpired):
        return []
    settings.setValue(key, json.dumps({"state": _state(program, said), "said": said}))
    return said


def _state(program: str, said: list[str]) -> list[Any]:
    """What changes when the program is built again or a model comes or goes."""
    folders = sorted({str(Path(path).parent) for path in said if Path(path).is_absolute()})
    paths = [program, *folders]
    return [[path, Path(path).stat().st_mtime] for path in paths if Path(path).exists()]
