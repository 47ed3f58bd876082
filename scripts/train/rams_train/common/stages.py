"""How a retraining is done: in stages, stage by stage, each step once.

A finished step leaves a stamp in RUNS/stamps with its command and the stamps of what it was made
from, and is skipped until those change. The program and these scripts are not in it: delete stamps
to do steps again with new ones. RUNS holds third-party pixels: keep it outside the repository.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rams_train.common.paths import SCRIPTS

DONE, DONE_WITH_GAPS = 0, 3  # exit codes of `rams survey`; gaps: where the mosaic has none


class Workspace:
    """The folder of all runs (`out`), the data, and the program that surveys."""

    def __init__(self, data: Path, out: Path, rams: str, device: str | None) -> None:
        """`rams` is the survey program; `device` that of the training, None to choose."""
        self.data, self.out, self.rams, self.device = data, out.resolve(), rams, device

    def path(self, *parts: str) -> Path:
        """A path in RUNS; its folder is made."""
        file = self.out.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def once(
        self, name: str, made_from: Any, action: Callable[..., object], *args: Any, **kwargs: Any
    ) -> None:
        """Call `action(*args, **kwargs)` unless that was done from the same `made_from` before."""
        stamp, text = self.path("stamps", name), json.dumps(made_from, indent=1, default=str)
        if stamp.exists() and stamp.read_text() == text:
            print(f"{name}: done before", flush=True)
            return
        print(f"{name} ...", flush=True)
        action(*args, **kwargs)
        stamp.write_text(text)

    def stamp(self, name: str) -> str:
        """A short form of a step's stamp, to be part of what depends on it."""
        file = self.out / "stamps" / name
        if not file.exists():
            raise SystemExit(f"cannot go on: {name} is not done in {self.out}; run its stage first")
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]

    def call(self, *command: object, good: Sequence[int] = (DONE,)) -> None:
        """Run a program from scripts/train; any exit code but the good ones ends the retraining."""
        words = [str(c) for c in command]
        code = subprocess.run(words, cwd=SCRIPTS, stdout=sys.stderr).returncode
        if code not in good:
            raise SystemExit(f"cannot go on: exit code {code} of {' '.join(words)}")

    def python(self, module: str, *options: object) -> None:
        """Run a module of this package in a Python of its own."""
        self.call(sys.executable, "-m", module, *options)

    def json(self, *parts: str) -> Any:
        """What a JSON file in RUNS holds."""
        return json.loads(self.path(*parts).read_text())

    def write_json(self, value: Any, *parts: str, indent: int | None = None) -> None:
        """Write a JSON file in RUNS."""
        self.path(*parts).write_text(json.dumps(value, indent=indent))

    def survey(self, orthomosaic: Path, out: Path, model: Path, *options: object) -> None:
        """Survey one orthomosaic with a model."""
        command = [self.rams, "survey", orthomosaic, "-o", out, "--model", model, "--overwrite"]
        self.call(*command, *options, good=(DONE, DONE_WITH_GAPS))


Stage = Callable[[Workspace], object]


def check_digests(w: Workspace, entries: Sequence[tuple[str, str]]) -> None:
    """Check files of the data folder, pairs of a name and its SHA-256."""
    w.once("digests", [entries, str(w.data)], _check_digests, w.data, entries)


def _check_digests(data: Path, entries: Iterable[tuple[str, str]]) -> None:
    for name, digest in entries:
        check_digest(data / name, digest)


def check_digest(file: Path, digest: str) -> None:
    """End the program if a file is not the one that a description means."""
    if not file.exists() or _sha256(file) != digest:
        raise SystemExit(
            f"cannot use {file}: it is missing or not the file of dataset.toml (sha256 {digest})"
        )


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def gsd_levels(entry: Mapping[str, Any]) -> dict[str, float]:
    """The folders of a scene set with their metres per px: one, or one for each pixel size."""
    gsd = entry["gsd_m"]
    if isinstance(gsd, list):
        return {f"{entry['name']}-{g * 1000:g}mm": g for g in gsd}
    return {entry["name"]: gsd}


def _no_flights(entry: Mapping[str, Any]) -> list[Path]:
    return []


def paint_scenes(
    w: Workspace,
    sets: Iterable[Mapping[str, Any]],
    backgrounds: Sequence[Mapping[str, Any]],
    layout: str,
    photographs_of: Callable[[Mapping[str, Any]], Sequence[Path]] = _no_flights,
) -> None:
    """Paint scene sets of a dataset.toml in RUNS/scenes.

    `backgrounds` are the aerial images that a set may name as ground, `photographs_of` gives
    further ground of a set, `layout` is that of `rams scene`.
    """
    for entry in sets:
        named = entry.get("background", [])
        photos = [w.data / b["file"] for b in backgrounds if Path(b["file"]).name in named]
        grounds = [*entry.get("ground", []), *photos, *photographs_of(entry)]
        ground = [x for g in grounds for x in ("--ground", g)]
        levels = gsd_levels(entry)
        first = next(iter(levels.values()))
        for folder, gsd in levels.items():
            side = round(entry["size_px"] * first / gsd)
            command = [
                *("scene", w.path("scenes", folder)),
                *("--seed", entry["seed"], "--count", entry["count"]),
                *("--size", f"{side}x{side}", "--gsd", gsd),
                *("--layout", layout, "--camera", "varied", *ground),
            ]
            w.once(f"scenes-{folder}", command, _paint, w, folder, command)


def _paint(w: Workspace, folder: str, command: Sequence[object]) -> None:
    # Arrays decoded from earlier scenes would be stale.
    shutil.rmtree(w.path("scenes", folder), ignore_errors=True)
    w.call(w.rams, *command)


def run_stages(about: str | None, stages: Mapping[str, Stage]) -> None:
    """The command line of a retraining: all of `stages` in order, or those asked for."""
    ap = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--rams", default="rams", help="the survey program")
    ap.add_argument("--device", help="of the training: cpu or cuda [default: cuda if there is one]")
    ap.add_argument(
        "--stage",
        nargs="+",
        choices=stages,
        default=list(stages),
        help="only these [default: all]",
    )
    args = ap.parse_args()
    workspace = Workspace(Path(args.data), Path(args.out), args.rams, args.device)
    for name, action in stages.items():
        if name in args.stage:
            action(workspace)
