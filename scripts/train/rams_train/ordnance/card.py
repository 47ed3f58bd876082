"""Write the model's CARD.md: the prose of card_template.md, every figure from RUNS.

`write_card(runs, folder)` reads RUNS/eval/*/evaluation.json, fit.json and variants.json as the
retraining leaves them. A figure that was not measured stands as a dash; a missing file is an error.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from rams_train.common.card_tables import (
    Evaluation,
    backgrounds_table,
    fill,
    number,
    read_evaluation,
    table,
    textures_table,
)
from rams_train.ordnance.classes import COARSE, FAMILIES, FOLDS, HELD_OUT, RECIPE, TABLE
from rams_train.ordnance.folds import ALL, PHOTOGRAPHS
from rams_train.ordnance.folds import BUDGETS as FOLD_BUDGETS
from rams_train.ordnance.gsd_plot import plot_gsd

TEMPLATE = Path(__file__).with_name("card_template.md")
BEFORE, AFTER = "before", "after"
LABELLED = "yard"  # the site with objects
NATIVE, GROUND = "held-out-2.5mm", f"ground-{HELD_OUT.name}"
BUDGETS = (20.0, 50.0, 100.0)  # false alarms per hectare

Curve = Mapping[float, Evaluation]  # evaluations of the held-out scenes by mm per px
Fit = Mapping[str, Any]  # fit.json


def write_card(runs: Path, folder: Path) -> None:
    """CARD.md and gsd.svg in `folder`."""
    curve = gsd_figures(runs)
    (folder / "gsd.svg").write_text(plot_gsd(curve))
    fit = json.loads((runs / "fit.json").read_text())
    parts = {
        "version": TABLE["dataset"]["version"],
        "classes": classes_table(),
        "folds": folds_table(runs),
        "folds_by_family": folds_by_family_table(runs),
        "fold_steps": f"{RECIPE['fold_run']['steps']:,}",
        "sites": sites_table(runs),
        "alarms": alarms_table(runs, fit),
        "points": points_table(fit),
        "recoloured": recoloured_table(runs),
        "gsd": gsd_table(curve),
        "ground": families_table(runs),
        "named": named_table(curve),
        "thresholds": thresholds_table(fit),
        "checks": checks_table(fit),
        "variants": variants_table(runs),
        "flights": flights_table(),
        "backgrounds": backgrounds_table(aerial_images()),
        "textures": textures_table(RECIPE["texture"]["image"], HELD_OUT.kinds),
        "until": f"{RECIPE['run']['until']:,}",
        "schedule": f"{RECIPE['run']['steps']:,}",
        "cool": f"{RECIPE['cool']['steps']:,}",
        **{f"{p}_per_ha": f"{n:g}" for p, n in fit["alarms_per_ha"].items()},
        "lowest": f"{fit['lowest']:g}",
        "tail": str(fit["tail"]),
    }
    (folder / "CARD.md").write_text(fill(TEMPLATE, parts))


def interval(bounds: Iterable[float], digits: int) -> str:
    """A 95 % interval in brackets."""
    low, high = bounds
    return f"[{low:.{digits}f}, {high:.{digits}f}]"


def found_and_recall(part: Mapping[str, Any]) -> str:
    """How many were found, recall and its interval."""
    total = f"{part['hits']}, {number(part['recall'], 2)}"
    return f"{total} {interval(part['recall_95'], 2)}" if part["recall_95"] else total


def alarm_rate(part: Mapping[str, Any]) -> str:
    """False alarms per hectare, interval, count."""
    if part["false_alarms_per_hectare"] is None:
        return f"({part['false_alarms']})"
    bounds = interval(part["false_alarms_per_hectare_95"], 0)
    return f"{part['false_alarms_per_hectare']:.0f} {bounds} ({part['false_alarms']})"


def recall_at_budget(figures: Mapping[str, Any], budget: float) -> str:
    """Recall with at most `budget` false alarms per hectare."""
    for r in figures["recall_at"]:
        if r["false_alarms_per_hectare"] == budget:
            return f"{r['recall']:.2f} {interval(r['recall_95'], 2)}"
    return "-"


def ap_and_recall(figures: Mapping[str, Any] | None) -> str:
    """AP50, and recall at the threshold."""
    if not figures:
        return "-"
    return f"{number(figures['ap50'], 2)}, {number(figures['centre']['recall'], 2)}"


def alarms_by_family(part: Mapping[str, Any]) -> str:
    """The families with false alarms, and how many."""
    counts = {n: c["centre"]["false_alarms"] for n, c in part["classes"].items()}
    return ", ".join(f"{n} {k}" for n, k in counts.items() if k) or "none"


def classes_table() -> str:
    """The classes, and how coarse the input may be."""
    rows = []
    for c in TABLE["class"]:
        if not c.get("listed", True):
            continue
        limit = f"{c['gsd_max_m'] * 1000:.1f}"
        name = f"{c['gsd_name_m'] * 1000:.1f}" if "gsd_name_m" in c else "-"
        short = f"{c['short_m'] * 1000:.0f}"
        rows.append([f"`{c['name']}`", f"`{c['family']}`", c["eo_category"], short, limit, name])
    head = ["class", "family", "EO category", "short side mm", "looked for up to mm/px"]
    return table([*head, "named up to mm/px"], rows)


def folds_table(runs: Path) -> str:
    """Recall of all classes at budgets of false alarms, for each site that a fold held out."""
    rows = []
    for fold, site, figures in _fold_sites(runs):
        of_all = figures["families"][ALL]
        for of, words in (("own", "its own"), ("scenes", "of scenes")):
            cells = [_hit_share(of_all[of][str(b)]) for b in FOLD_BUDGETS]
            if set(cells) != {"-"}:
                rows.append([fold, site, number(figures["hectares"], 3), words, *cells])
    head = ["fold", "site", "ha", "objects", *(f"recall at {b}/ha" for b in FOLD_BUDGETS)]
    return table(head, rows)


def folds_by_family_table(runs: Path) -> str:
    """Recall of each family on scenes where the site lets 50 false alarms of it a hectare pass."""
    rows = []
    for fold, site, figures in _fold_sites(runs):
        parts = [figures["families"][f]["scenes"]["50"] for f in FAMILIES]
        rows.append([fold, site, *(_hit_share(part) for part in parts)])
    return table(["fold", "site", *(f"`{f}`" for f in FAMILIES)], rows)


def _fold_sites(runs: Path) -> Iterable[tuple[str, str, Mapping[str, Any]]]:
    for name, fold in FOLDS.items():
        judged = json.loads((runs / "folds" / f"{name}.json").read_text())
        for site, figures in judged["sites"].items():
            words = f"photographs: {', '.join(fold.kinds)}" if site == PHOTOGRAPHS else site
            yield name, words.replace("_", " "), figures


def _hit_share(hits: Sequence[int] | None) -> str:
    """Share of the objects that were found, with its exact interval and the counts."""
    if hits is None:
        return "-"
    found, objects = hits
    bounds = binomtest(found, objects).proportion_ci(0.95, method="exact")
    return f"{found / objects:.2f} {interval(bounds, 2)} ({found} of {objects})"


def sites_table(runs: Path) -> str:
    """Recall at budgets of false alarms on the site with objects that was left out."""
    rows = []
    for family in ("all classes", "pfm-1", "carrier"):
        for name, words in ((BEFORE, "0.2.0 (trained there)"), (AFTER, "this one")):
            evaluation = read_evaluation(runs, f"{name}-{LABELLED}")["by_family"]["all"]
            figures = evaluation["classes"].get(family, evaluation["pooled"])
            at_budgets = [recall_at_budget(figures, budget) for budget in BUDGETS]
            rest = [found_and_recall(figures["centre"]), alarm_rate(figures["centre"])]
            count = str(figures["objects"])
            ap50 = number(figures["ap50"])
            rows.append([f"`{family}`", words, count, ap50, *at_budgets, *rest])
    head = ["family", "model", "objects", "AP50", *(f"recall at {b:g}/ha" for b in BUDGETS)]
    return table([*head, "found, recall at threshold", "false alarms per ha"], rows)


def alarms_table(runs: Path, fit: Fit) -> str:
    """False alarms on each site that was left out, before and after."""
    rows = []
    for site in fit["points"]["balanced"]["by_place"]:
        if site in (NATIVE, GROUND):
            continue
        parts = [read_evaluation(runs, f"{m}-{site}")["by_family"]["all"] for m in (BEFORE, AFTER)]
        rows.append(
            [
                site,
                "its own" if site in fit["sites"] else "4 mm, pretended",
                number(parts[1]["hectares"], 4),
                *(alarm_rate(part["pooled"]["centre"]) for part in parts),
                alarms_by_family(parts[1]),
            ]
        )
    head = [
        "site",
        "pixel size",
        "ha",
        "0.2.0: false alarms per ha",
        "this one: false alarms per ha",
    ]
    return table([*head, "of which (this one)"], rows)


def points_table(fit: Fit) -> str:
    """What each operating point finds and raises."""
    rows = []
    for name, point in fit["points"].items():
        found = point["found"]
        rows.append(
            [
                f"`{name}`",
                f"{point['false_alarms_per_ha']:.0f}",
                *(" of ".join(map(str, found[LABELLED][f])) for f in ("pfm-1", "carrier")),
                *(_shares(found[place]) for place in (NATIVE, GROUND)),
            ]
        )
    head = ["point", "false alarms per ha", "PFM-1 of the yard found", "its carriers"]
    places = ["recall on held-out scenes", "on scenes on held-out photographs"]
    return table([*head, *places], rows)


def _shares(found: Mapping[str, Sequence[int]]) -> str:
    return ", ".join(f"`{family}` {hits / n:.2f}" for family, (hits, n) in found.items())


def recoloured_table(runs: Path) -> str:
    """Recall on the withheld flight in other colours."""
    rows = [
        [words, *(str(found[f"{model}-{key}"]) for model in (BEFORE, AFTER))]
        for found in [json.loads((runs / "recoloured.json").read_text())]
        for key, words in found["words"].items()
    ]
    return table(["PFM-1 of the yard", "0.2.0 (trained there)", "this one"], rows)


def families_table(runs: Path) -> str:
    """Recall and AP50 by family on scenes at the finest pixels, before and after."""
    rows = []
    for family in FAMILIES:
        row = [f"`{family}`"]
        for place in (NATIVE, GROUND):
            parts = [read_evaluation(runs, f"{m}-{place}")["by_family"] for m in (BEFORE, AFTER)]
            figures = [part["all"]["classes"].get(family) for part in parts]
            row += [str(figures[1]["objects"]) if figures[1] else "0", *map(ap_and_recall, figures)]
        rows.append(row)
    head = ["family", "objects", "held-out scenes: 0.2.0", "this one"]
    return table([*head, "objects", "on held-out photographs: 0.2.0", "this one"], rows)


def aerial_images() -> list[Mapping[str, Any]]:
    """All aerial images, with whether they are held out."""
    sites = RECIPE["site"]["image"]
    of_sites = [{**i, "held_out": i["site"] in HELD_OUT.sites} for i in sites]
    return [*TABLE["background"], *of_sites]


def gsd_figures(runs: Path) -> Curve:
    """Evaluations of the held-out scenes by mm per px."""
    entry = next(s for s in TABLE["scenes"] if s["name"] == "held-out")
    sizes = [g * 1000 for g in entry["gsd_m"]]
    return {mm: read_evaluation(runs, f"{AFTER}-held-out-{mm:g}mm") for mm in sizes}


def gsd_table(curve: Curve) -> str:
    """AP50 and recall of each family at each pixel size."""
    rows = []
    for family in FAMILIES:
        cells = [e["by_family"]["all"]["classes"].get(family) for e in curve.values()]
        objects = str(cells[0]["objects"]) if cells[0] else "0"
        rows.append([f"`{family}`", objects, *map(ap_and_recall, cells)])
    return table(["family", "objects", *(f"{g:g} mm" for g in curve)], rows)


def named_table(curve: Curve) -> str:
    """What objects of each class were called at the finest pixels; AP50 and recall by name."""
    confusion = next(iter(curve.values()))["confusion"]
    family_of = {c["name"]: c["family"] for c in TABLE["class"]}
    rows = []
    for name, counts in zip(confusion["rows"], confusion["counts"], strict=True):
        if name not in family_of or not sum(counts):
            continue
        called = dict(zip(confusion["columns"], counts, strict=True))
        own, missed = called.get(name, 0), called.get("missed", 0)
        family = family_of[name]
        coarse = called.get(family, 0) if family in COARSE else 0
        sisters = [n for n, f in family_of.items() if f == family and n != name]
        kin = sum(called.get(n, 0) for n in sisters)
        other = sum(counts) - own - coarse - kin - missed
        by_gsd = [e["by_class"]["all"]["classes"].get(name) for e in curve.values()]
        figures = [str(v) for v in (sum(counts), own, coarse, kin, other, missed)]
        rows.append([f"`{name}`", *figures, *map(ap_and_recall, by_gsd)])
    head = ["class", "objects", "named", "named as the family", "as a sister class"]
    return table(
        [*head, "as another family", "missed", *(f"{g:g} mm" for g in curve)],
        rows,
    )


def thresholds_table(fit: Fit) -> str:
    """The thresholds and calibrations of the families."""
    rows = [
        [
            f"`{n}`",
            *(f"{t:.3f}" for t in f["threshold"].values()),
            f"{f['slope']:.2f}",
            f"{f['intercept']:.2f}",
            f"{f['finds']}, {f['hits']}",
        ]
        for n, f in fit["families"].items()
    ]
    return table(["family", *fit["points"], "slope", "intercept", "finds, hits"], rows)


def checks_table(fit: Fit) -> str:
    """Calibration errors on finds that a fit did not see."""
    rows = [
        [
            f"`{c['family']}`",
            c["split"],
            str(c["finds"]),
            number(c["ece"]),
            str(c["finds_above_threshold"]),
            number(c["mean_p_above_threshold"], 2),
            number(c["right_above_threshold"], 2),
        ]
        for c in fit["checks"]
        if c["finds_above_threshold"]
    ]
    head = ["family", "fitted on -> checked on", "finds", "calibration error"]
    return table([*head, "finds above threshold", "their mean p", "right of them"], rows)


def variants_table(runs: Path) -> str:
    """What int8 and bf16 change."""
    found = json.loads((runs / "variants.json").read_text())
    ap = {
        variant: read_evaluation(runs, name)["by_family"]["all"]["pooled"]["ap50"]
        for variant, name in (("fp32", f"{AFTER}-{NATIVE}"), ("int8", f"int8-{NATIVE}"))
    }
    rows = [
        [
            n,
            number(v["score_mean"], 4),
            number(v["score_most"]),
            number(v["box_px_mean"], 2),
            number(v["lost"]),
            number(ap.get(n)),
            number(v["seconds_a_tile"], 2),
        ]
        for n, v in found.items()
    ]
    head = ["variant", "score differs by", "at most", "boxes differ by px", "share of finds lost"]
    return table([*head, "AP50, held-out scenes", "s a tile"], rows)


def flights_table() -> str:
    """The flights with their licences."""
    rows = [
        [
            f["key"],
            Path(f["file"]).name,
            f["ground"] + (" (composited)" if f["composited"] else ""),
            "trained on" if f["ground"] in HELD_OUT.train_grounds else "held out",
            f["licence"],
        ]
        for f in TABLE["flight"]
    ]
    return table(["flight", "file", "ground", "use", "licence"], rows)
