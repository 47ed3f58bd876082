"""Write the model's CARD.md: the prose of card_template.md, every figure from RUNS.

`write_card(runs, folder)` reads RUNS/eval/*/evaluation.json, fit.json and variants.json as the
retraining leaves them. A figure that was not measured stands as a dash; a missing file is an error.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rams_train.common.card_tables import (
    Evaluation,
    backgrounds_table,
    fill,
    number,
    read_evaluation,
    table,
)
from rams_train.ordnance.classes import COARSE, FAMILIES, TABLE
from rams_train.ordnance.gsd_plot import plot_gsd

TEMPLATE = Path(__file__).with_name("card_template.md")
RUNS: dict[str, dict[str, Any]] = {r["name"]: r for r in TABLE["run"]}
TESTS = [(name, ground) for name, run in RUNS.items() for ground in run["test"]]

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
        "sim_to_real": sim_to_real_table(runs),
        "own_ground": own_ground_table(runs),
        "quiet": quiet_table(runs),
        "gsd": gsd_table(curve),
        "named": named_table(curve),
        "thresholds": thresholds_table(fit),
        "checks": checks_table(fit),
        "reliability": reliability_table(runs),
        "variants": variants_table(runs),
        "runs": runs_table(),
        "flights": flights_table(),
        "backgrounds": backgrounds_table(TABLE["background"]),
        "recall": f"{100 * fit['recall']:g}",
        "alarms_per_ha": f"{fit['alarms_per_ha']:g}",
        "alarms_per_hit": f"{fit['alarms_per_hit']:g}",
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


def recall_at_budget(figures: Mapping[str, Any], budget: float = 20.0) -> str:
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
        limit = f"{c['gsd_max_m'] * 1000:.1f}" if c["gsd_max_m"] else "no"
        name = f"{c['gsd_name_m'] * 1000:.1f}" if "gsd_name_m" in c else "-"
        short = f"{c['short_m'] * 1000:.0f}"
        rows.append([f"`{c['name']}`", f"`{c['family']}`", c["eo_category"], short, limit, name])
    head = ["class", "family", "EO category", "short side mm", "looked for up to mm/px"]
    return table([*head, "named up to mm/px"], rows)


def sim_to_real_table(runs: Path) -> str:
    """What runs find on real ground that they never saw."""
    rows = []
    for family in ("pfm-1", "carrier"):
        for name, ground in TESTS:
            evaluation = read_evaluation(runs, f"{name}-{ground}")
            figures = evaluation["by_family"]["all"]["classes"].get(family)
            if figures is None:
                continue
            rows.append(
                [
                    f"`{family}`",
                    RUNS[name]["objects"],
                    ", ".join(RUNS[name]["ground"]) or "no flight",
                    f"**{ground}**",
                    str(figures["objects"]),
                    number(figures["ap50"]),
                    recall_at_budget(figures),
                    found_and_recall(figures["centre"]),
                    alarm_rate(figures["centre"]),
                ]
            )
    head = ["family", "objects trained on", "ground trained on", "tested on", "objects", "AP50"]
    last = ["recall at 20/ha", "found, recall at threshold", "false alarms per ha"]
    return table([*head, *last], rows)


def own_ground_table(runs: Path) -> str:
    """False alarms on the withheld flights apart from their objects, by flight and family."""
    rows = []
    for name, ground in TESTS:
        if RUNS[name]["objects"] != "both":
            continue
        evaluation = read_evaluation(runs, f"{name}-{ground}")
        for flight, part in evaluation["by_family"]["flights"].items():
            rate = alarm_rate(part["pooled"]["centre"])
            rows.append([flight, f"{part['hectares']:.3f}", rate, alarms_by_family(part)])
    head = ["flight (withheld)", "ha", "false alarms per ha, all classes", "of which"]
    return table(head, rows)


def quiet_table(runs: Path) -> str:
    """False alarms on aerial images without known ordnance."""
    held = {Path(b["file"]).stem for b in TABLE["background"] if b.get("held_out")}
    rows = []
    for size, words in (("own", "its own"), ("as-4mm", "4 mm, pretended")):
        evaluation = read_evaluation(runs, f"final-empty-{size}")
        for image, part in evaluation["by_family"]["flights"].items():
            rows.append(
                [
                    image,
                    "held out" if image in held else "trained on",
                    words,
                    number(part["hectares"], 4),
                    alarm_rate(part["pooled"]["centre"]),
                    alarms_by_family(part),
                ]
            )
    return table(["image", "", "pixel size", "ha", "false alarms per ha", "of which"], rows)


def gsd_figures(runs: Path) -> Curve:
    """Evaluations of the held-out scenes by mm per px."""
    entry = next(s for s in TABLE["scenes"] if s["name"] == "held-out")
    sizes = [g * 1000 for g in entry["gsd_m"]]
    return {mm: read_evaluation(runs, f"final-held-out-{mm:g}mm") for mm in sizes}


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
            f"{f['threshold']:.3f}",
            f"{f['slope']:.2f}",
            f"{f['intercept']:.2f}",
            f["fitted_on"],
            f"{f['finds']}, {f['hits']}",
        ]
        for n, f in fit["families"].items()
    ]
    return table(["family", "threshold", "slope", "intercept", "fitted on", "finds, hits"], rows)


def checks_table(fit: Fit) -> str:
    """Calibration errors on finds that a fit did not see."""
    rows = [
        [
            f"`{c['family']}`",
            c["split"],
            str(c["finds"]),
            number(c["ece"]),
            str(c["finds_above_threshold"]),
            number(c["ece_above_threshold"]),
        ]
        for c in fit["checks"]
        if c["finds"]
    ]
    head = ["family", "fitted on -> checked on", "finds", "calibration error"]
    return table([*head, "finds above threshold", "calibration error of these"], rows)


def reliability_table(runs: Path) -> str:
    """The share of finds that were right by their probability, on ground the fit did not see."""
    places = [f"{n}-{g}" for n, g in TESTS if RUNS[n]["objects"] == "both"]
    rows = []
    for place in [*places, "final-held-out-2.5mm"]:
        found = read_evaluation(runs, place)["reliability"]
        if found is None:  # nothing was found
            continue
        bins = [f"{b['right']:.2f} ({b['count']})" if b["count"] else "-" for b in found["bins"]]
        rows.append([place, number(found["expected_calibration_error"]), *bins])
    return table(
        ["run - ground", "calibration error", *(f"p {i / 10:.1f}" for i in range(10))], rows
    )


def variants_table(runs: Path) -> str:
    """What int8 and bf16 change."""
    found = json.loads((runs / "variants.json").read_text())
    ap = {
        variant: read_evaluation(runs, name)["by_family"]["all"]["pooled"]["ap50"]
        for variant, name in (("fp32", "final-held-out-2.5mm"), ("int8", "int8-held-out-2.5mm"))
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


def runs_table() -> str:
    """The runs, and what each saw."""
    rows = [
        [
            r["name"],
            r["objects"],
            ", ".join(r["ground"]) or "-",
            ", ".join(r["scenes"]) or "-",
            ", ".join(r["test"]) or "held-out scenes",
            r.get("init", "ImageNet"),
            str(r["steps"]),
            str(r["seed"]),
        ]
        for r in RUNS.values()
    ]
    head = ["run", "objects", "ground", "scenes", "tested on", "starts from", "steps", "seed"]
    return table(head, rows)


def flights_table() -> str:
    """The flights with their licences."""
    rows = [
        [
            f["key"],
            Path(f["file"]).name,
            f["ground"] + (" (composited)" if f["composited"] else ""),
            f["licence"],
        ]
        for f in TABLE["flight"]
    ]
    return table(["flight", "file", "ground", "licence"], rows)
