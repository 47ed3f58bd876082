"""Write the model's CARD.md: the prose of card_template.md, every figure from the evaluations in RUNS.

`write(runs, folder)` reads RUNS/eval/*/evaluation.json, fit.json and variants.json as retrain.py leaves them. A figure
that was not measured stands as a dash; a missing file is an error.
"""
import json
from pathlib import Path

from rams_train.ordnance.classes import CLASSES, FAMILIES, LEAVES, TABLE
from rams_train.common.card_tables import backgrounds, evaluation, fill, number, table

HERE = Path(__file__).resolve().parent
COLOURS = ["#b2182b", "#2166ac", "#1b7837", "#762a83", "#e08214", "#01665e", "#4d4d4d"]
GROUNDS = {g: " and ".join(f["key"] for f in TABLE["flight"] if f["ground"] == g) for g in dict.fromkeys(f["ground"] for f in TABLE["flight"])}
RUNS = {r["name"]: r for r in TABLE["run"]}
TESTS = [(name, ground) for name, run in RUNS.items() for ground in run["test"]]


def write(runs, folder):
    """CARD.md and gsd.svg in `folder`."""
    runs, folder = Path(runs), Path(folder)
    curve = gsd_figures(runs)
    (folder / "gsd.svg").write_text(plot(curve))
    fit = json.loads((runs / "fit.json").read_text())
    parts = {
        "version": TABLE["dataset"]["version"], "classes": classes_table(), "sim_to_real": sim_to_real(runs), "own_ground": own_ground(runs),
        "quiet": quiet(runs), "gsd": gsd_table(curve), "named": named_table(curve), "thresholds": thresholds(fit), "checks": checks(fit),
        "reliability": reliability(runs), "variants": variants(runs), "runs": runs_table(), "flights": flights(), "backgrounds": backgrounds(TABLE["background"]),
        "recall": f"{100 * fit['recall']:g}", "alarms_per_ha": f"{fit['alarms_per_ha']:g}", "alarms_per_hit": f"{fit['alarms_per_hit']:g}",
    }
    (folder / "CARD.md").write_text(fill(HERE / "card_template.md", parts))


def share(part):
    """Found of all, recall and its interval."""
    total = f"{part['hits']}, {number(part['recall'], 2)}"
    return total + (f" [{part['recall_95'][0]:.2f}, {part['recall_95'][1]:.2f}]" if part["recall_95"] else "")


def rate(part):
    """False alarms per hectare, interval, count."""
    if part["false_alarms_per_hectare"] is None:
        return f"({part['false_alarms']})"
    low, high = part["false_alarms_per_hectare_95"]
    return f"{part['false_alarms_per_hectare']:.0f} [{low:.0f}, {high:.0f}] ({part['false_alarms']})"


def at_budget(figures, budget=20.0):
    """Recall with at most `budget` false alarms per hectare."""
    found = next((r for r in figures["recall_at"] if r["false_alarms_per_hectare"] == budget), None)
    return "-" if found is None else f"{found['recall']:.2f} [{found['recall_95'][0]:.2f}, {found['recall_95'][1]:.2f}]"


def classes_table():
    rows = []
    for c in TABLE["class"]:
        name = f"{c['gsd_name_m'] * 1000:.1f}" if "gsd_name_m" in c else "-"
        rows.append([f"`{c['name']}`", f"`{c['family']}`", c["eo_category"], f"{c['short_m'] * 1000:.0f}", f"{c['gsd_max_m'] * 1000:.1f}" if c["gsd_max_m"] else "no", name])
    return table(["class", "family", "EO category", "short side mm", "looked for up to mm/px", "named up to mm/px"], rows)


def sim_to_real(runs):
    rows = []
    for family in ("pfm-1", "carrier"):
        for name, ground in TESTS:
            figures = evaluation(runs, f"{name}-{ground}")["by_family"]["all"]["classes"].get(family)
            if figures is None:
                continue
            trained = ", ".join(RUNS[name]["ground"]) or "no flight"
            rows.append([f"`{family}`", RUNS[name]["objects"], trained, f"**{ground}**", str(figures["objects"]), number(figures["ap50"]),
                         at_budget(figures), share(figures["centre"]), rate(figures["centre"])])
    return table(["family", "objects trained on", "ground trained on", "tested on", "objects", "AP50", "recall at 20/ha", "found, recall at threshold", "false alarms per ha"], rows)


def own_ground(runs):
    """False alarms on the withheld flights apart from their objects, by flight and family."""
    rows = []
    for name, ground in TESTS:
        if RUNS[name]["objects"] == "both":
            for flight, part in evaluation(runs, f"{name}-{ground}")["by_family"]["flights"].items():
                rows.append([flight, f"{part['hectares']:.3f}", rate(part["pooled"]["centre"]), by_family(part)])
    return table(["flight (withheld)", "ha", "false alarms per ha, all classes", "of which"], rows)


def quiet(runs):
    held = {Path(b["file"]).stem for b in TABLE["background"] if b.get("held_out")}
    rows = []
    for size in ("own", "as-4mm"):
        for image, part in evaluation(runs, f"final-empty-{size}")["by_family"]["flights"].items():
            rows.append([image, "held out" if image in held else "trained on", "its own" if size == "own" else "4 mm, pretended",
                         number(part["hectares"], 4), rate(part["pooled"]["centre"]), by_family(part)])
    return table(["image", "", "pixel size", "ha", "false alarms per ha", "of which"], rows)


def by_family(part):
    found = {n: c["centre"]["false_alarms"] for n, c in part["classes"].items() if c["centre"]["false_alarms"]}
    return ", ".join(f"{n} {k}" for n, k in found.items()) or "none"


def gsd_figures(runs):
    """{mm per px: evaluation} of the held-out scenes."""
    entry = next(s for s in TABLE["scenes"] if s["name"] == "held-out")
    return {g * 1000: evaluation(runs, f"final-held-out-{g * 1000:g}mm") for g in entry["gsd_m"]}


def gsd_table(curve):
    rows = []
    for family in FAMILIES:
        cells = [e["by_family"]["all"]["classes"].get(family) for e in curve.values()]
        rows.append([f"`{family}`", str(cells[0]["objects"]) if cells[0] else "0",
                     *(f"{number(c['ap50'], 2)}, {number(c['centre']['recall'], 2)}" if c else "-" for c in cells)])
    return table(["family", "objects", *(f"{g:g} mm" for g in curve)], rows)


def named_table(curve):
    """At the native GSD: recall of each class under its own name, and with its family's name counted as well."""
    first = next(iter(curve.values()))
    confusion = first["confusion"]
    families = {c["name"]: c["family"] for c in TABLE["class"]}
    rows = []
    for name, counts in zip(confusion["rows"], confusion["counts"]):
        if name not in families or not sum(counts):
            continue
        called = dict(zip(confusion["columns"], counts))
        own, missed = called.get(name, 0), called.get("missed", 0)
        coarse = called.get(families[name], 0) if families[name] in CLASSES[len(LEAVES):] else 0
        kin = sum(called.get(n, 0) for n, f in families.items() if f == families[name] and n != name)
        ap = [e["by_class"]["all"]["classes"].get(name) for e in curve.values()]
        rows.append([f"`{name}`", str(sum(counts)), str(own), str(coarse), str(kin), str(sum(counts) - own - coarse - kin - missed), str(missed),
                     *(f"{number(a['ap50'], 2)}, {number(a['centre']['recall'], 2)}" if a else "-" for a in ap)])
    return table(["class", "objects", "named", "named as the family", "as a sister class", "as another family", "missed", *(f"{g:g} mm" for g in curve)], rows)


def thresholds(fit):
    rows = [[f"`{n}`", f"{f['threshold']:.3f}", f"{f['slope']:.2f}", f"{f['intercept']:.2f}", f["fitted_on"], f"{f['finds']}, {f['hits']}"]
            for n, f in fit["families"].items()]
    return table(["family", "threshold", "slope", "intercept", "fitted on", "finds, hits"], rows)


def checks(fit):
    rows = [[f"`{c['family']}`", c["split"], str(c["finds"]), number(c["ece"]), str(c["finds_above_threshold"]), number(c["ece_above_threshold"])]
            for c in fit["checks"] if c["finds"]]
    return table(["family", "fitted on -> checked on", "finds", "calibration error", "finds above threshold", "calibration error of these"], rows)


def reliability(runs):
    rows = []
    places = [f"{n}-{g}" for n, g in TESTS if RUNS[n]["objects"] == "both"] + ["final-held-out-2.5mm"]
    for place in places:
        found = evaluation(runs, place)["reliability"]
        if found is None:  # nothing was found
            continue
        bins = [f"{b['right']:.2f} ({b['count']})" if b["count"] else "-" for b in found["bins"]]
        rows.append([place, number(found["expected_calibration_error"]), *bins])
    return table(["run - ground", "calibration error", *(f"p {i / 10:.1f}" for i in range(10))], rows)


def variants(runs):
    found = json.loads((Path(runs) / "variants.json").read_text())
    fp32 = evaluation(runs, "final-held-out-2.5mm")["by_family"]["all"]["pooled"]["ap50"]
    int8 = evaluation(runs, "int8-held-out-2.5mm")["by_family"]["all"]["pooled"]["ap50"]
    ap = {"fp32": fp32, "int8": int8, "bf16": None}
    rows = [[n, number(v["score_mean"], 4), number(v["score_most"]), number(v["box_px_mean"], 2), number(v["lost"]), number(ap[n]), number(v["seconds_a_tile"], 2)]
            for n, v in found.items()]
    return table(["variant", "score differs by", "at most", "boxes differ by px", "share of finds lost", "AP50, held-out scenes", "s a tile"], rows)


def runs_table():
    rows = [[r["name"], r["objects"], ", ".join(r["ground"]) or "-", ", ".join(r["scenes"]) or "-", ", ".join(r["test"]) or "held-out scenes",
             r.get("init", "ImageNet"), str(r["steps"]), str(r["seed"])] for r in RUNS.values()]
    return table(["run", "objects", "ground", "scenes", "tested on", "starts from", "steps", "seed"], rows)


def flights():
    return table(["flight", "file", "ground", "licence"], [[f["key"], Path(f["file"]).name, f["ground"] + (" (composited)" if f["composited"] else ""), f["licence"]]
                                                       for f in TABLE["flight"]])


def plot(curve):
    """Recall and AP50 of each family against the input's GSD, side by side, as SVG."""
    sizes = list(curve)
    x = lambda panel, i: 60 + 330 * panel + 270 * i / max(1, len(sizes) - 1)
    y = lambda v: 260 - 220 * v
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 300" font-family="sans-serif" font-size="12">', '<rect width="860" height="300" fill="white"/>']
    for panel, title in enumerate(("recall at the threshold", "AP50")):
        parts.append(f'<text x="{x(panel, 0)}" y="24" font-weight="bold">{title}</text>')
        for v in (0, 0.5, 1):
            parts.append(f'<path d="M{x(panel, 0)} {y(v)}H{x(panel, len(sizes) - 1)}" stroke="#ccc"/><text x="{x(panel, 0) - 8}" y="{y(v) + 4}" text-anchor="end">{v:g}</text>')
        parts += [f'<text x="{x(panel, i)}" y="278" text-anchor="middle">{g:g}</text>' for i, g in enumerate(sizes)]
        for family, colour in zip(FAMILIES, COLOURS):
            found = [e["by_family"]["all"]["classes"].get(family) for e in curve.values()]
            values = [(f["ap50"] if panel else f["centre"]["recall"]) if f and f["objects"] else None for f in found]
            points = " ".join(f"{x(panel, i):.0f},{y(v):.0f}" for i, v in enumerate(values) if v is not None)
            if points:
                parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    parts += [f'<text x="690" y="{60 + 20 * i}" fill="{c}">{f}</text>' for i, (f, c) in enumerate(zip(FAMILIES, COLOURS))]
    return "\n".join(parts + ['<text x="330" y="295" text-anchor="middle">input, mm per pixel</text></svg>']) + "\n"
