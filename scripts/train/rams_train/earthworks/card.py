"""Write the model's CARD.md: the prose of card_template.md, the tables from RUNS.

`write_card(runs, folder)` reads RUNS/eval/*/evaluation.json, fit.json, variants.json and speed.json
as the retraining leaves them. A figure that was not measured stands as a dash; a missing file is an
error.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rams_train.common.background_eval import poisson_interval
from rams_train.common.card_tables import (
    backgrounds_table,
    fill,
    number,
    read_evaluation,
    table,
    textures_table,
)
from rams_train.common.stages import gsd_levels
from rams_train.earthworks.classes import CLASS, FAMILIES, RECIPE, TABLE
from rams_train.earthworks.curves_plot import plot_curves
from rams_train.earthworks.figures import (
    Figures,
    alarm_rate,
    amount,
    has_truth,
    pooled,
    three,
)
from rams_train.earthworks.folds import BUDGETS, RECALLS
from rams_train.earthworks.grounds import HELD_OUT_FOLD, SITES, TEXTURES
from rams_train.earthworks.holdout_eval import rate
from rams_train.ordnance.classes import FOLDS

TEMPLATE = Path(__file__).with_name("card_template.md")
HELD_OUT_SET = next(s for s in TABLE["scenes"] if s["name"] == "held-out")
HELD_OUT = {gsd: folder for folder, gsd in gsd_levels(HELD_OUT_SET).items()}
SUN_HEIGHTS, ANY_SUN = ((0, 20), (20, 35), (35, 90)), (0, 90)  # degrees above the horizon
MODES = {"rgb": "colours", "dsm": "colours and heights"}

Span = tuple[int, int]  # of the sun's height, degrees
ByClass = Mapping[str, Figures]
ByGsd = Mapping[float, ByClass]  # by metres per px
BySun = Mapping[Span, Mapping[str, Figures | None]]


def write_card(runs: Path, folder: Path) -> None:
    """CARD.md and curves.svg in `folder`."""
    by_gsd = {mode: gsd_figures(runs, mode) for mode in MODES}
    by_sun = {mode: sun_figures(runs, mode) for mode in MODES}
    low_to_high = {span: by_sun["rgb"][span] for span in SUN_HEIGHTS}
    (folder / "curves.svg").write_text(plot_curves(by_gsd["rgb"], low_to_high))
    fit = json.loads((runs / "fit.json").read_text())
    parts = {
        "version": TABLE["dataset"]["version"],
        "classes": classes_table(),
        "ground": extent(runs, f"rgb-{HELD_OUT[0.1]}"),
        "heights": heights_table(by_gsd, runs),
        "gsd": gsd_table(by_gsd["rgb"]),
        "sun_ground": extent(runs, "rgb-sun"),
        "sun": sun_table(by_sun),
        "by_ground": ground_table(runs),
        "kinds": kinds_table(runs),
        "quiet": quiet_table(runs),
        "thresholds": thresholds_table(fit),
        "points": points_table(fit),
        "checks": checks_table(fit),
        "reliability": reliability_table(runs),
        "variants": variants_table(runs),
        "speed": speed(runs),
        "country": country(runs),
        "run": run_words(),
        "folds": folds_table(runs),
        "fold_steps": f"{RECIPE['fold_run']['steps']:,}",
        "holdout": (runs / "holdout" / "table.md").read_text().strip(),
        "backgrounds": backgrounds_table(aerial_images()),
        "textures": textures_table(TEXTURES, HELD_OUT_FOLD.kinds),
    }
    (folder / "CARD.md").write_text(fill(TEMPLATE, parts))


def read_works(runs: Path, name: str) -> dict[str, Any]:
    """What an evaluation says of earthworks."""
    works: dict[str, Any] = read_evaluation(runs, name)["works"]
    return works


def scene_info(runs: Path, flight: str) -> dict[str, Any]:
    """What a scene of the set `sun` says of how it was painted."""
    truth = json.loads((runs / "scenes" / "sun" / f"{flight}_truth.json").read_text())
    info: dict[str, Any] = truth["info"]
    return info


def gsd_figures(runs: Path, mode: str) -> dict[float, ByClass]:
    """The figures of the held-out scenes at each pixel size."""
    return {
        gsd: read_works(runs, f"{mode}-{folder}")["by_family"]["all"]["classes"]
        for gsd, folder in HELD_OUT.items()
    }


def sun_figures(runs: Path, mode: str) -> dict[Span, dict[str, Figures | None]]:
    """By the height of the sun: the pooled figures of each family over the scenes lit so."""
    flights = read_works(runs, f"{mode}-sun")["by_family"]["flights"]
    height = {f: scene_info(runs, f)["sun_height_deg"] for f in flights}

    def figures(span: Span, name: str) -> Figures | None:
        low, high = span
        return pooled(
            [
                t["classes"][name]
                for f, t in flights.items()
                if low <= height[f] < high and name in t["classes"]
            ]
        )

    return {span: {n: figures(span, n) for n in FAMILIES} for span in (*SUN_HEIGHTS, ANY_SUN)}


def classes_table() -> str:
    """The classes, and how coarse the input may be."""
    rows = [
        [
            f"`{n}`",
            f"`{c['parent']}`" if "parent" in c else "-",
            c["geometry"],
            f"{c['gsd_max_m'] * 100:g}",
            f"{c['gsd_name_m'] * 100:g}" if "gsd_name_m" in c else "-",
        ]
        for n, c in CLASS.items()
    ]
    head = ["class", "kind of", "drawn as", "looked for up to cm/px", "named up to cm/px"]
    return table(head, rows)


def extent(runs: Path, name: str) -> str:
    """How much ground an evaluation is of."""
    by_family = read_works(runs, name)["by_family"]
    return f"{len(by_family['flights'])} scenes, {by_family['all']['km2']:.3f} km²"


def heights_table(by_gsd: Mapping[str, ByGsd], runs: Path) -> str:
    """With and without heights: the figures and false alarms of each family."""
    rows = []
    for name in FAMILIES:
        for gsd in (0.05, 0.1):
            cells = [by_gsd[mode][gsd].get(name) for mode in MODES]
            texts = [x for f in cells for x in ((three(f), alarm_rate(f)) if f else ("-", "-"))]
            rows.append([f"`{name}`", amount(cells[0]), f"{gsd * 100:g}", *texts])
    for gsd in (0.05, 0.1):
        texts = []
        for mode in MODES:
            works = read_works(runs, f"{mode}-{HELD_OUT[gsd]}")
            texts += ["", alarm_rate(works["by_family"]["all"]["pooled"])]
        rows.append(["**all**", "", f"{gsd * 100:g}", *texts])
    head = ["family", "truth", "cm/px"]
    for words in MODES.values():
        head += [f"{words}: IoU, recall, precision", "false alarms per km²"]
    return table(head, rows)


def gsd_table(by_gsd: ByGsd) -> str:
    """The figures at each pixel size; in brackets: coarser than the class is looked for."""

    def cell(name: str, gsd: float, f: Figures | None) -> str:
        return three(f) if gsd <= CLASS[name]["gsd_max_m"] else f"({three(f)})"

    rows = [
        [f"`{n}`", *(cell(n, gsd, classes.get(n)) for gsd, classes in by_gsd.items())]
        for n in FAMILIES
    ]
    return table(["family", *(f"{g * 100:g} cm" for g in by_gsd)], rows)


def sun_table(by_sun: Mapping[str, BySun]) -> str:
    """The figures by the height of the sun, with and without heights of the ground."""

    def cell(f: Figures | None) -> str:
        return f"{three(f)} ({amount(f)})" if has_truth(f) else "-"

    rows = [
        [f"`{name}`", words, *(cell(f[name]) for f in by_sun[mode].values())]
        for name in FAMILIES
        for mode, words in MODES.items()
    ]
    spans = [f"sun at {low}-{high}°" for low, high in SUN_HEIGHTS]
    return table(["family", "", *spans, "any"], rows)


def ground_table(runs: Path) -> str:
    """Lines by the ground that a scene stands on."""
    flights = {m: read_works(runs, f"{m}-sun")["by_family"]["flights"] for m in MODES}
    ground_of = {f: scene_info(runs, f)["ground"] for f in flights["rgb"]}

    def figures(mode: str, name: str, ground: str) -> Figures | None:
        return pooled(
            [
                t["classes"][name]
                for f, t in flights[mode].items()
                if ground_of[f] == ground and name in t["classes"]
            ]
        )

    rows = []
    for name in (n for n in FAMILIES if CLASS[n]["geometry"] == "line"):
        for ground in sorted(set(ground_of.values())):
            cells = [figures(mode, name, ground) for mode in MODES]
            texts = [three(f) if has_truth(f) else "-" for f in cells]
            rows.append([f"`{name}`", ground, amount(cells[0]), *texts])
    columns = [f"{words}: IoU, recall, precision" for words in MODES.values()]
    return table(["family", "ground", "truth", *columns], rows)


def folds_table(runs: Path) -> str:
    """Recall at budgets of false alarms, and false alarms at recalls, of each site left out."""
    rows, missing = [], []
    for name, fold in FOLDS.items():
        file = runs / "folds" / f"{name}.json"
        if not file.exists():
            missing.append(f"`{name}`")
            continue
        judged = json.loads(file.read_text())
        for site, figures in judged["sites"].items():
            is_squares = site.startswith("textures-")
            words = f"photographs: {', '.join(fold.kinds)}".replace("_", " ")
            recalls = [number(figures["recall"][str(budget)], 2) for budget in BUDGETS]
            alarms = [figures["alarms"][str(wanted)] for wanted in RECALLS]
            rates = ["-" if n is None else rate(n, figures["km2"]) for n in alarms]
            hectares = number(100 * figures["km2"], 3)
            rows.append([name, words if is_squares else site, hectares, *recalls, *rates])
    head = ["fold", "site", "ha", *(f"recall at {b} per km²" for b in BUDGETS)]
    head += [f"false alarms per km² at recall {r:g}" for r in RECALLS]
    words = f"\n\n**Not judged yet: {', '.join(missing)}.**" if missing else ""
    return table(head, rows) + words


def kinds_table(runs: Path) -> str:
    """What true trenches were called, metres."""
    found = read_works(runs, f"rgb-{HELD_OUT[0.1]}")["confusion_m"]
    pairs = zip(found["rows"], found["counts"], strict=True)
    rows = [[name, *map(str, counts)] for name, counts in pairs]
    return table(["true \\ called", *found["columns"]], rows)


def quiet_table(runs: Path) -> str:
    """False alarms on aerial images without known earthworks."""
    by_family = read_works(runs, "shipped-empty")["by_family"]
    held = HELD_OUT_FOLD.sites
    sites: dict[str, list[dict[str, Any]]] = {}
    entries = {Path(b["file"]).stem: b for b in [*TABLE["background"], *SITES]}
    for image in by_family["flights"]:
        sites.setdefault(entries[image].get("site", image), []).append(entries[image])
    rows = []
    for site, images in sites.items():
        parts = [by_family["flights"][Path(e["file"]).stem] for e in images]
        km2 = sum(part["km2"] or 0 for part in parts)
        counts = Counter(
            {n: sum(p["classes"][n]["false_alarms"] for p in parts) for n in parts[0]["classes"]}
        )
        low, high = (bound / (km2 or 1) for bound in poisson_interval(counts.total()))
        rate = f"{counts.total() / km2:.0f} [{low:.0f}, {high:.0f}] " if km2 else ""
        rows.append(
            [
                f"{site} ({len(images)})",
                "held out" if images[0].get("held_out") or site in held else "trained on",
                f"{images[0]['gsd_m'] * 100:g}",
                number(100 * km2, 3),
                f"{rate}({counts.total()})",
                ", ".join(f"{n} {k}" for n, k in counts.items() if k) or "none",
            ]
        )
    hectares = number(100 * by_family["all"]["km2"], 3)
    rows.append(["**all**", "", "", hectares, alarm_rate(by_family["all"]["pooled"]), ""])
    return table(["site (images)", "", "cm/px", "ha", "false alarms per km²", "of which"], rows)


def thresholds_table(fit: Mapping[str, Any]) -> str:
    """The thresholds and calibrations of the classes."""
    rows = [
        [
            f"`{n}`",
            *(f"{t:.2f}" for t in f["threshold"].values()),
            f"{f['slope']:.2f}",
            f"{f['intercept']:.2f}",
            f"{f['finds']}, {f['right']}",
        ]
        for n, f in fit["classes"].items()
    ]
    return table(["class", *fit["points"], "slope", "intercept", "finds, right"], rows)


def points_table(fit: Mapping[str, Any]) -> str:
    """How the thresholds of each operating point were chosen, and what they find and raise."""
    rows = [
        [
            f"`{name}`",
            f"{100 * rule['recall']:g} %",
            f"{rule['precision']:g}",
            "no false alarm" if rule["quiet"] else "any",
            number(fit["points"][name]["recall"], 2),
            f"{100 * fit['points'][name]['false_alarms_per_ha']:.0f}",
        ]
        for name, rule in fit["rules"].items()
    ]
    head = ["point", "keeps at least", "precision on scenes", "on aerial images"]
    return table([*head, "recall of trench length", "false alarms per km²"], rows)


def checks_table(fit: Mapping[str, Any]) -> str:
    """Calibration errors on finds that the fit did not see."""
    rows = [
        [
            f"`{c['family']}`",
            str(c["finds"]),
            number(c["ece"]),
            str(c["finds_above_threshold"]),
            number(c["ece_above_threshold"]),
            number(c["p"], 2),
            number(c["right"], 2),
        ]
        for c in fit["checks"]
        if c["finds"]
    ]
    head = ["family", "finds", "calibration error", "finds above threshold"]
    return table([*head, "calibration error of these", "their mean p", "right of them"], rows)


def reliability_table(runs: Path) -> str:
    """The share of metres that were right by their probability."""
    found = read_works(runs, f"shipped-{HELD_OUT[0.1]}")["reliability_m"]
    bins = [f"{b['right']:.2f} ({b['count']} m)" if b["count"] else "-" for b in found["bins"]]
    row = [number(found["expected_calibration_error"]), *bins]
    return table(["calibration error", *(f"p {i / 10:.1f}" for i in range(10))], [row])


def variants_table(runs: Path) -> str:
    """What int8 changes."""
    seconds = json.loads((runs / "variants.json").read_text())
    rows = []
    for mode, words in MODES.items():
        place = f"{mode}-{HELD_OUT[0.1]}"
        for variant, name in (("fp32", place), ("int8", f"int8-{place}")):
            classes = read_works(runs, name)["by_family"]["all"]["classes"]
            figures = [three(classes.get(n)) for n in FAMILIES]
            rows.append([variant, words, *figures, number(seconds[variant], 2)])
    return table(["variant", "", *FAMILIES, "s a tile, one thread"], rows)


def speed(runs: Path) -> str:
    """How fast a survey is, from its start to its end."""
    s = json.loads((runs / "speed.json").read_text())
    hectares = 100 * read_works(runs, "country")["by_family"]["all"]["km2"]
    return (
        f"{hectares / s['seconds']:.2f} ha per second ({hectares:.1f} ha at "
        f"{s['gsd_m'] * 100:g} cm in {s['seconds']:.0f} s on {s['cores']} cores, colours, fp32)"
    )


def country(runs: Path) -> str:
    """What was found on one large scene."""
    works = read_works(runs, "country")
    pool = works["by_family"]["all"]
    rows = []
    for name in FAMILIES:
        f = pool["classes"].get(name)
        if f:
            figures = three(f) if has_truth(f) else "-"
            finds, alarms = str(f["features"]), str(f["false_alarms"])
            rows.append([f"`{name}`", amount(f), finds, figures, alarms])
    networks = [f for f in works["features"] if f["right"] and f["class"].startswith("trench")]
    longest = max(f["size_m"] for f in networks)
    words = f"{pool['km2']:.2f} km²; the longest network is one feature of {longest:.0f} m."
    head = ["family", "truth", "finds", "IoU, recall, precision", "false alarms"]
    return f"{words}\n\n" + table(head, rows)


def aerial_images() -> list[Mapping[str, Any]]:
    """All aerial images, with whether they are held out."""
    held = HELD_OUT_FOLD.sites
    return [*TABLE["background"], *({**s, "held_out": s["site"] in held} for s in SITES)]


def run_words() -> str:
    """What the run saw, and how long."""
    run, scenes = RECIPE["run"], sum(s["count"] for s in RECIPE["scenes"])
    return (
        f"{run['steps']:,} steps of 8 crops, {100 * run['works']:g} % of them on works of {scenes} "
        f"scenes, seed {run['seed']}, from version 0.1.0"
    )
