"""Each site of recipe.toml is judged by a segmenter that never read it.

A site's own ground tells how high a score has to be for so many false alarms per km², all families
at one score; recall at that score is of the length of trenches in the held-out scenes at the same
pixel size. And the other way round: the false alarms per km² where so much of it is found.
"""

from pathlib import Path
from typing import Any

from rams_train.common.stages import Workspace, gsd_levels, paint_scenes
from rams_train.earthworks.calibration import Works
from rams_train.earthworks.classes import FAMILIES, TABLE
from rams_train.earthworks.grounds import SITES
from rams_train.earthworks.holdout_eval import (
    SCENES,
    TRUTH,
    false_alarms,
    ground_km2,
    place_grounds,
    place_model,
    survey,
    trench_recall,
)
from rams_train.earthworks.surveys import SETS
from rams_train.ordnance.classes import Fold

LEVEL, LEVEL_M = "100mm", 0.10  # at which sites and scenes are seen
BUDGETS = (10, 30, 100)  # false alarms per km²
RECALLS = (0.75, 0.85)  # of the length of trenches
STEPS = [round(0.3 + 0.01 * i, 2) for i in range(70)]  # scores


def scenes_without(fold: Fold) -> list[str]:
    """The scene sets of recipe.toml that show no site of a fold."""
    site_of = {Path(b["file"]).name: b["site"] for b in [*TABLE["background"], *SITES]}
    held = set(fold.grounds + fold.sites)
    sets = [s for s in SETS.values() if s["name"].startswith("wide")]
    return [s["name"] for s in sets if not held & shown_sites(s, site_of)]


def shown_sites(scenes: dict[str, Any], site_of: dict[str, str]) -> set[str]:
    """The sites that a scene set lies on; `site_of` by the name of an image's file."""
    return {*scenes.get("site", []), *(site_of[b] for b in scenes.get("background", []))}


def judge_fold(w: Workspace, fold: Fold, run: Path) -> None:
    """folds/<name>.json: what a run raised on all that its fold holds out."""
    h = Workspace(w.data, w.path("holdout"), w.rams, w.device)
    name = place_model(h, run)
    at = {**SCENES, "gsd_m": [LEVEL_M], "size_px": round(SCENES["size_px"] / 2)}
    paint_scenes(h, [at], TABLE["background"], "earthworks")
    (folder,) = gsd_levels(at)
    scenes = survey(h, name, h.path("scenes", folder), h.path("scenes", folder), folder)
    found = {}
    for site, levels in place_grounds(h, fold, [LEVEL]).items():
        for level in levels:
            place = h.path("ground", site, level)
            works = survey(h, name, place, place / TRUTH, f"{site}-{level}")
            found[site] = at_budgets(works, scenes)
    w.write_json({"sites": found}, "folds", f"{fold.name}.json", indent=1)


def at_budgets(site: Works, scenes: Works) -> dict[str, Any]:
    """Recall at budgets of false alarms on a site, and the false alarms at given recalls."""
    km2 = ground_km2(site)[0]
    alarms = {at: sum(false_alarms(site, dict.fromkeys(FAMILIES, at)).values()) for at in STEPS}
    recalls = {at: trench_recall(scenes, at) for at in STEPS}
    return {
        "km2": km2,
        "recall": {
            budget: max((recalls[at] for at in STEPS if alarms[at] <= budget * km2), default=0.0)
            for budget in BUDGETS
        },
        "alarms": {
            wanted: min((alarms[at] for at in STEPS if recalls[at] >= wanted), default=None)
            for wanted in RECALLS
        },
    }
