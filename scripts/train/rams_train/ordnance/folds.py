"""The stage of the folds: each site of recipe.toml is judged by a model that never read it.

The fold of the shipped run is judged by that run, each other by a short run of its own, from the
backbone's weights on. A site's own pixels tell how high a score has to be for so many false alarms
a hectare; recall at that score is of the objects that lie there, and of those of the scenes painted
on the photographs of ground that the fold holds out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rams_train.common.stages import Workspace
from rams_train.ordnance.classes import FAMILIES, FAMILY_OF, Fold
from rams_train.ordnance.dataset import AnnotatedImage, load_scenes
from rams_train.ordnance.export import load_decoder
from rams_train.ordnance.holdout_eval import (
    JudgedDetection,
    held_out_images,
    hits_above,
    judge,
    score_floor,
    valid_m2,
)
from rams_train.ordnance.tiled_inference import Run, detect

BUDGETS = (20, 50, 100)  # false alarms a hectare
PHOTOGRAPHS = "photographs"  # of all kinds that a fold holds out: one alone is too small a ground
ALL = "all classes"


@dataclass(frozen=True)
class JudgedPlace:
    """What was found on some images, and what there is: objects by family, hectares."""

    found: Sequence[JudgedDetection]
    objects: Mapping[int, int]
    hectares: float

    @classmethod
    def of(cls, run: Run, images: Sequence[AnnotatedImage]) -> "JudgedPlace":
        """Look at the images."""
        found = [d for image in images for d in judge(image, detect(run, image))]
        families = [FAMILY_OF[o.cls] for image in images for o in image.objects]
        objects = {family: families.count(family) for family in set(families)}
        return cls(found, objects, sum(map(valid_m2, images)) / 1e4)

    def recall(self, floor: float, families: Sequence[int]) -> list[int] | None:
        """How many objects of `families` were found above a score, of how many."""
        objects = sum(self.objects.get(f, 0) for f in families)
        return [hits_above(self.found, floor, families), objects] if objects else None


def judge_fold(w: Workspace, fold: Fold, run: Path) -> None:
    """folds/<name>.json: what a run found on all that its fold holds out."""
    net = load_decoder(run)
    scenes = JudgedPlace.of(net, load_scenes(w.path("scenes", f"ground-{fold.name}")))
    held = held_out_images(w.data, w.path("cache"), fold)
    photographs = [image for kind in fold.kinds for image in held.pop(kind)]
    places = {**held, PHOTOGRAPHS: photographs}
    judged = {site: JudgedPlace.of(net, images) for site, images in places.items()}
    found = {site: at_budgets(place, scenes) for site, place in judged.items()}
    w.write_json({"sites": found}, "folds", f"{fold.name}.json", indent=1)


def at_budgets(site: JudgedPlace, scenes: JudgedPlace) -> dict[str, Any]:
    """Recall at budgets of false alarms on a site: of its own objects and of those in scenes.

    Of all classes at one score, and of each family by itself.
    """
    groups = {ALL: list(range(len(FAMILIES))), **{f: [i] for i, f in enumerate(FAMILIES)}}
    figures: dict[str, Any] = {"hectares": site.hectares, "families": {}}
    for name, families in groups.items():
        own, painted = {}, {}
        for budget in BUDGETS:
            floor = score_floor(site.found, site.hectares, budget, families)
            own[budget] = site.recall(floor, families)
            painted[budget] = scenes.recall(floor, families)
        figures["families"][name] = {"own": own, "scenes": painted}
    return figures
