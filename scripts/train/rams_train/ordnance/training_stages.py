"""The stages that train: the shipped run, and the short runs of the other folds."""

from collections.abc import Mapping, Sequence
from typing import Any

from rams_train.common.stages import Workspace
from rams_train.ordnance.classes import FOLDS, HELD_OUT, RECIPE, Fold
from rams_train.ordnance.folds import judge_fold

RUN: dict[str, Any] = RECIPE["run"]
COOL: dict[str, Any] = RECIPE["cool"]


def stage_train(w: Workspace) -> None:
    """Train the long run as far as it goes, cool it, train the short runs; or go on with one."""
    scenes = RUN["scenes"]
    material = training_material(w, HELD_OUT, scenes, ["mixed"])
    stamps = [w.stamp("mixed"), *[w.stamp(f"scenes-{s}") for s in scenes]]
    long = [*schedule(RUN), "--until", RUN["until"], *material]
    w.once(f"train-{RUN['name']}", [long, *stamps], train_run, w, RUN["name"], long)
    cool = [*schedule(COOL), "--cool-from", w.path("runs", RUN["name"]), *material]
    of = [cool, w.stamp(f"train-{RUN['name']}")]
    w.once(f"train-{COOL['name']}", of, train_run, w, COOL["name"], cool)
    for fold in FOLDS.values():
        if fold != HELD_OUT:
            train_fold(w, fold)


def train_fold(w: Workspace, fold: Fold) -> None:
    """The short run of a fold."""
    run = run_of(fold)
    mixed = [f"mixed-{other}" for other in FOLDS if other != fold.name]
    material = training_material(w, fold, fold.scenes, mixed)
    options = [*schedule(RECIPE["fold_run"]), "--fold", fold.name, *material]
    stamps = [w.stamp(m) for m in [*mixed, *(f"scenes-{s}" for s in fold.scenes)]]
    w.once(f"train-{run}", [options, *stamps], train_run, w, run, options)


def run_of(fold: Fold) -> str:
    """The run that read nothing of a fold: a short one, or the model's own."""
    return str(COOL["name"]) if fold == HELD_OUT else f"fold-{fold.name}"


def training_material(
    w: Workspace, fold: Fold, scenes: Sequence[str], mixed: Sequence[str]
) -> list[object]:
    """What a run of a fold is trained on: options of rams_train.ordnance.train."""
    material: list[object] = [
        *("--objects", "wide", "--train-ground", *fold.train_grounds),
        *("--scenes", *[w.path("scenes", s) for s in scenes]),
        *("--mixed", *map(w.path, mixed)),
    ]
    return [*material, "--device", w.device] if w.device else material


def schedule(run: Mapping[str, Any]) -> list[object]:
    """Steps, seed, and when false alarms are looked for."""
    steps, every = run["steps"], run["mine_every_steps"]
    search_at = [step / steps for step in range(every, steps, every)]
    return ["--steps", steps, "--seed", run["seed"], "--mine", *search_at]


def train_run(w: Workspace, name: str, options: list[object]) -> None:
    """One run, from its last checkpoint if there is one."""
    places = ["--data", w.data, "--out", w.path("runs", name), "--cache", w.path("cache")]
    w.python("rams_train.ordnance.train", *places, "--resume", *options)


def stage_folds(w: Workspace) -> None:
    """Judge each fold by the run that read nothing of it."""
    for fold in FOLDS.values():
        run = run_of(fold)
        judged_by = [w.stamp(f"train-{run}"), w.stamp(f"scenes-ground-{fold.name}")]
        w.once(f"judge-{fold.name}", judged_by, judge_fold, w, fold, w.path("runs", run))
