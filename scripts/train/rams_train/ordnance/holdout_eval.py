"""What detectors find on ground that a fold of recipe.toml holds out.

`python -m rams_train.ordnance.holdout_eval --data DIR --cache DIR [--fold NAME] MODEL ...`

MODEL is a run (RUN/weights.pt) or a model folder's .onnx. Each sees the same ground at the same
pixels: the flights of its grounds with their labels, the textures of the kinds held out and
the middle of each aerial image held out, as if its pixels were the model's, without objects. A
table for each ground: recall of PFM-1 at several numbers of false alarms a hectare, of PFM-1 alone
and of all families. Only to look at: nothing is chosen by it.
"""

import argparse
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from rams_train.common.arrays import Array
from rams_train.common.quantisation import cpu_session
from rams_train.ordnance.classes import (
    FAMILIES,
    FAMILY_OF,
    FAMILY_OF_CLASS,
    FOLDS,
    HELD_OUT,
    RECIPE,
    SHIPPED,
    TABLE,
    Fold,
)
from rams_train.ordnance.dataset import AnnotatedImage, load_flight, load_image
from rams_train.ordnance.export import load_decoder
from rams_train.ordnance.geometry import GSD_M
from rams_train.ordnance.predictions import HIT, UNCOUNTED, WRONG
from rams_train.ordnance.textures import Texture, load_textures
from rams_train.ordnance.tiled_inference import Run, detect

PFM_1 = FAMILIES.index("pfm-1")
RATES = (20, 50, 100, 400)  # false alarms a hectare
SIDE_PX = 2048  # of an aerial image


@dataclass(frozen=True)
class JudgedDetection:
    """Score, family and HIT, WRONG or UNCOUNTED of a detection."""

    score: float
    family: int
    verdict: int


def held_out_images(
    data: Path, cache: Path, fold: Fold = HELD_OUT, wanted: Collection[str] = ()
) -> dict[str, list[AnnotatedImage]]:
    """What a fold holds out, by site: of all sites or of those `wanted`."""
    held = fold.grounds + fold.kinds + fold.sites
    wanted = wanted or held
    if unknown := set(wanted) - set(held):
        raise SystemExit(
            f"cannot look at {', '.join(sorted(unknown))}: "
            f"the fold {fold.name} holds out {', '.join(held)}"
        )
    sites: dict[str, list[AnnotatedImage]] = {}
    for place in (p for p in fold.grounds if p in wanted):
        keys = SHIPPED.flights_of([place])
        sites[place] = [load_flight(data, k, cache) for k in keys]
    for texture in load_textures(data, fold, held_out=True):
        if texture.kind in wanted:
            sites.setdefault(texture.kind, []).append(_texture_as_image(texture))
    for entry in TABLE["background"] + RECIPE["site"]["image"]:
        site = entry["site"]
        if site in fold.sites and site in wanted:
            middle = _middle(load_image(data, entry, cache))
            sites.setdefault(site, []).append(middle)
    return sites


def _texture_as_image(texture: Texture) -> AnnotatedImage:
    rgb = texture.levels[0][..., :3]
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
    return AnnotatedImage(texture.file, Path(texture.file), rgba, texture.mm_per_px / 1000)


def _middle(image: AnnotatedImage) -> AnnotatedImage:
    y, x = (max(0, s - SIDE_PX) // 2 for s in image.rgba.shape[:2])
    return replace(image, rgba=image.rgba[y : y + SIDE_PX, x : x + SIDE_PX], gsd_m=GSD_M)


def load_model(model: str) -> Run:
    """What tiled_inference.detect calls, of a run or an .onnx."""
    if not model.endswith(".onnx"):
        return load_decoder(Path(model))
    session = cpu_session(Path(model), torch.get_num_threads())

    def run(x: Tensor) -> Tensor:
        return torch.from_numpy(session.run(["boxes"], {"image": x.numpy()})[0])

    return run


def judge(image: AnnotatedImage, rows: Array) -> list[JudgedDetection]:
    """Detections (rows of tiled_inference.detect) against the labels, the likeliest first."""
    ignored = -1
    truth = [(o.box, FAMILY_OF[o.cls]) for o in image.objects]
    truth += [(b, ignored) for b in image.ignore]
    judged = []
    taken: set[int] = set()
    for x0, y0, x1, y1, score, cls in rows[np.argsort(-rows[:, 4], kind="stable")]:
        family, cx, cy = int(FAMILY_OF_CLASS[int(cls)]), (x0 + x1) / 2, (y0 + y1) / 2
        on = [(i, f) for i, (b, f) in enumerate(truth) if b[0] <= cx <= b[2] and b[1] <= cy <= b[3]]
        own = [i for i, f in on if f == family]
        free = [i for i in own if i not in taken]
        taken.update(free[:1])
        uncounted = own or any(f == ignored for _, f in on)
        verdict = HIT if free else UNCOUNTED if uncounted else WRONG
        judged.append(JudgedDetection(score, family, verdict))
    return judged


def score_floor(
    found: Iterable[JudgedDetection], hectares: float, rate: float, families: Collection[int]
) -> float:
    """The score above which `families` raise at most `rate` false alarms a hectare."""
    alarms = [d.score for d in found if d.verdict == WRONG and d.family in families]
    alarms.sort(reverse=True)
    allowed = int(rate * hectares)
    return alarms[allowed] if len(alarms) > allowed else 0.0


def hits_above(
    found: Iterable[JudgedDetection], floor: float, families: Collection[int] = (PFM_1,)
) -> int:
    """How many objects of `families` were found with a score above `floor`."""
    return sum(1 for d in found if d.verdict == HIT and d.family in families and d.score > floor)


def report(
    found: Sequence[JudgedDetection], objects: int, hectares: float, scores: Iterable[float]
) -> list[str]:
    """The lines about a model on a site: false alarms, and recall where there are PFM-1."""
    alarms, recalls = [], []
    for at in scores:
        wrong = [d.family for d in found if d.verdict == WRONG and d.score >= at]
        pfm_1 = wrong.count(PFM_1)
        alarms.append(f"{len(wrong) / hectares:.0f} (PFM-1 {pfm_1 / hectares:.0f}) at {at}")
        hits = sum(d.verdict == HIT and d.family == PFM_1 and d.score >= at for d in found)
        recalls.append(f"{hits / max(1, objects):.2f} at {at}")
    lines = [f"    false alarms a ha: {', '.join(alarms)}"]
    if objects:
        for name, families in (("PFM-1", {PFM_1}), ("all", set(range(len(FAMILIES))))):
            floors = {rate: score_floor(found, hectares, rate, families) for rate in RATES}
            at_rates = ", ".join(
                f"{hits_above(found, floor) / objects:.2f} at {rate}"
                for rate, floor in floors.items()
            )
            lines.append(f"    recall at false alarms a ha of {name}: {at_rates}")
        lines.append(f"    recall at scores: {', '.join(recalls)}")
    return lines


def valid_m2(image: AnnotatedImage) -> float:
    """The ground that an image shows, by every fourth pixel of both axes."""
    seen = int((image.rgba[::4, ::4, 3] == 255).sum()) * 16
    return seen * image.gsd_m**2


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--data", required=True)
    ap.add_argument("--cache", required=True)
    ap.add_argument("--threads", type=int, default=torch.get_num_threads())
    ap.add_argument(
        "--at",
        type=float,
        nargs="*",
        default=[0.2, 0.3, 0.5],
        help="scores at which false alarms are counted",
    )
    ap.add_argument("--fold", choices=FOLDS, default=HELD_OUT.name)
    ap.add_argument("--site", nargs="*", default=(), help="only these")
    ap.add_argument("models", nargs="+")
    args = ap.parse_args()
    torch.set_num_threads(args.threads)
    cv2.setNumThreads(args.threads)
    places = Path(args.data), Path(args.cache)
    for site, images in held_out_images(*places, FOLDS[args.fold], args.site).items():
        hectares = sum(map(valid_m2, images)) / 1e4
        objects = sum(FAMILY_OF[o.cls] == PFM_1 for i in images for o in i.objects)
        size = f"{len(images)} images, {hectares * 1e4:.0f} m2"
        print(f"{site}: {size}, {objects} PFM-1", flush=True)
        for model in args.models:
            run = load_model(model)
            found = [d for image in images for d in judge(image, detect(run, image))]
            lines = [f"  {model}", *report(found, objects, hectares, args.at)]
            print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
