"""Write the model's CARD.md: the prose of card_template.md, the tables from the evaluations in RUNS.

`write(runs, folder)` reads RUNS/eval/*/evaluation.json, fit.json, variants.json and speed.json as retrain.py leaves
them. A figure that was not measured stands as a dash; a missing file is an error.
"""
import json
from pathlib import Path

from rams_train.common.card_tables import backgrounds, evaluation, fill, number, table
from rams_train.common.stages import levels

from .classes import CLASS, PLANES, TABLE

HERE = Path(__file__).resolve().parent
HELD_OUT = {gsd: folder for folder, gsd in levels(next(s for s in TABLE["scenes"] if s["name"] == "held-out"))}
SUN, ANY_SUN = ((0, 20), (20, 35), (35, 90)), (0, 90)  # degrees above the horizon
FAMILIES = [n for n in PLANES if "parent" not in CLASS[n]]
COLOURS = dict(zip(FAMILIES, ("#b2182b", "#2166ac", "#1b7837", "#762a83", "#e08214", "#4d4d4d")))
MODES = {"rgb": "colours", "dsm": "colours and heights"}


def write(runs, folder):
    """CARD.md and curves.svg in `folder`."""
    runs, folder = Path(runs), Path(folder)
    by_gsd = {m: {gsd: evaluation(runs, f"{m}-{ground}")["works"]["by_family"]["all"]["classes"] for gsd, ground in HELD_OUT.items()} for m in MODES}
    by_sun = {m: sun_figures(runs, m) for m in MODES}
    (folder / "curves.svg").write_text(plot(by_gsd["rgb"], {span: by_sun["rgb"][span] for span in SUN}))
    fit = json.loads((runs / "fit.json").read_text())
    parts = {
        "version": TABLE["dataset"]["version"],
        "classes": classes_table(),
        "ground": ground(runs, f"rgb-{HELD_OUT[0.1]}"),
        "heights": heights_table(by_gsd, runs),
        "gsd": gsd_table(by_gsd["rgb"]),
        "sun_ground": ground(runs, "rgb-sun"),
        "sun": sun_table(by_sun),
        "by_ground": ground_table(runs),
        "kinds": kinds(runs),
        "quiet": quiet(runs),
        "thresholds": thresholds(fit),
        "recall": f"{100 * fit['recall']:g}",
        "precision": f"{100 * fit['precision']:g}",
        "checks": checks(fit),
        "reliability": reliability(runs),
        "variants": variants(runs),
        "speed": speed(runs),
        "country": country(runs),
        "runs": runs_table(),
        "backgrounds": backgrounds(TABLE["background"]),
    }
    (folder / "CARD.md").write_text(fill(HERE / "card_template.md", parts))


def has_truth(f):
    return f is not None and (f["length"]["true_m"] if f["length"] else f["objects"]["objects"]) > 0


def recall(f):
    return None if f is None else f["length"]["recall"] if f["length"] else f["objects"]["recall"]


def precision(f):
    return None if f is None else f["length"]["precision"] if f["length"] else f["objects"]["precision"]


def iou(f):
    return None if f is None else f["overlap"]["iou"]


def three(f):
    return ", ".join(number(v(f), 2) for v in (iou, recall, precision))


def amount(f):
    """How much truth there is."""
    return "0" if f is None else f"{f['length']['true_m']:.0f} m" if f["length"] else str(f["objects"]["objects"])


def rate(f):
    low, high = f["false_alarms_per_km2_95"]
    return f"{f['false_alarms_per_km2']:.0f} [{low:.0f}, {high:.0f}] ({f['false_alarms']})"


def classes_table():
    rows = [[f"`{n}`", f"`{c['parent']}`" if "parent" in c else "-", c["geometry"], f"{c['gsd_max_m'] * 100:g}", f"{c['gsd_name_m'] * 100:g}" if "gsd_name_m" in c else "-"]
            for n, c in CLASS.items()]
    return table(["class", "kind of", "drawn as", "looked for up to cm/px", "named up to cm/px"], rows)


def ground(runs, name):
    works = evaluation(runs, name)["works"]
    return f"{len(works['by_family']['flights'])} scenes, {works['by_family']['all']['km2']:.3f} km²"


def heights_table(by_gsd, runs):
    rows = []
    for name in FAMILIES:
        for gsd in (0.05, 0.1):
            cells = [by_gsd[m][gsd].get(name) for m in MODES]
            rows.append([f"`{name}`", amount(cells[0]), f"{gsd * 100:g}", *(x for f in cells for x in ((three(f), rate(f)) if f else ("-", "-")))])
    pooled_rate = lambda mode, gsd: rate(evaluation(runs, f"{mode}-{HELD_OUT[gsd]}")["works"]["by_family"]["all"]["pooled"])
    rows += [["**all**", "", f"{gsd * 100:g}", *(x for m in MODES for x in ("", pooled_rate(m, gsd)))] for gsd in (0.05, 0.1)]
    return table(["family", "truth", "cm/px", *(x for m in MODES.values() for x in (f"{m}: IoU, recall, precision", "false alarms per km²"))], rows)


def gsd_table(by_gsd):
    # In brackets: coarser than the class is looked for.
    cell = lambda n, gsd, f: three(f) if gsd <= CLASS[n]["gsd_max_m"] else f"({three(f)})"
    rows = [[f"`{n}`", *(cell(n, gsd, classes.get(n)) for gsd, classes in by_gsd.items())] for n in FAMILIES]
    return table(["family", *(f"{g * 100:g} cm" for g in by_gsd)], rows)


def sun_figures(runs, mode):
    """{(low, high): {family: pooled figures}} over the scenes lit from such a height."""
    flights = evaluation(runs, f"{mode}-sun")["works"]["by_family"]["flights"]
    height = {f: json.loads((Path(runs) / "scenes" / "sun" / f"{f}_truth.json").read_text())["info"]["sun_height_deg"] for f in flights}
    return {span: {n: pooled([t["classes"][n] for f, t in flights.items() if span[0] <= height[f] < span[1] and n in t["classes"]]) for n in FAMILIES} for span in (*SUN, ANY_SUN)}


def pooled(figures):
    """IoU, recall and precision over some flights, from their sums."""
    if not figures:
        return None
    total = lambda part, key: sum(f[part][key] for f in figures)
    share = lambda a, b: a / b if b else None
    shared = total("overlap", "shared_m2")
    out = {"overlap": {"iou": share(shared, total("overlap", "true_m2") + total("overlap", "found_m2") - shared)}, "length": None, "objects": None}
    part, true, hit, found, right = ("length", "true_m", "recalled_m", "found_m", "right_m") if figures[0]["length"] else ("objects", "objects", "found", "predictions", "right")
    out[part] = {true: total(part, true), "recall": share(total(part, hit), total(part, true)), "precision": share(total(part, right), total(part, found))}
    return out


def sun_table(by_sun):
    rows = []
    for name in FAMILIES:
        for mode, word in MODES.items():
            rows.append([f"`{name}`", word, *(f"{three(f[name])} ({amount(f[name])})" if has_truth(f[name]) else "-" for f in by_sun[mode].values())])
    return table(["family", "", *(f"sun at {a}-{b}°" for a, b in SUN), "any"], rows)


def ground_table(runs):
    """Lines by the ground that a scene stands on."""
    flights = {m: evaluation(runs, f"{m}-sun")["works"]["by_family"]["flights"] for m in MODES}
    on = {f: json.loads((Path(runs) / "scenes" / "sun" / f"{f}_truth.json").read_text())["info"]["ground"] for f in flights["rgb"]}
    rows = []
    for name in (n for n in FAMILIES if CLASS[n]["geometry"] == "line"):
        for place in sorted(set(on.values())):
            cells = [pooled([t["classes"][name] for f, t in flights[m].items() if on[f] == place and name in t["classes"]]) for m in MODES]
            rows.append([f"`{name}`", place, amount(cells[0]), *(three(c) if has_truth(c) else "-" for c in cells)])
    return table(["family", "ground", "truth", *(f"{m}: IoU, recall, precision" for m in MODES.values())], rows)


def kinds(runs):
    """What true trenches were called, metres."""
    found = evaluation(runs, f"rgb-{HELD_OUT[0.1]}")["works"]["confusion_m"]
    return table(["true \\ called", *found["columns"]], [[name, *map(str, counts)] for name, counts in zip(found["rows"], found["counts"])])


def quiet(runs):
    works = evaluation(runs, "shipped-empty")["works"]["by_family"]
    entries = {Path(b["file"]).stem: b for b in TABLE["background"]}
    rows = []
    for image, t in works["flights"].items():
        named = ", ".join(f"{n} {c['false_alarms']}" for n, c in t["classes"].items() if c["false_alarms"]) or "none"
        rows.append([image, "held out" if entries[image].get("held_out") else "trained on", f"{entries[image]['gsd_m'] * 100:g}", number(100 * t["km2"], 3), rate(t["pooled"]), named])
    rows.append(["**all**", "", "", number(100 * works["all"]["km2"], 3), rate(works["all"]["pooled"]), ""])
    return table(["image", "", "cm/px", "ha", "false alarms per km²", "of which"], rows)


def thresholds(fit):
    rows = [[f"`{n}`", f"{f['threshold']:.2f}", f"{f['slope']:.2f}", f"{f['intercept']:.2f}", f"{f['finds']}, {f['right']}"] for n, f in fit["classes"].items()]
    return table(["class", "threshold", "slope", "intercept", "finds, right"], rows)


def checks(fit):
    rows = [[f"`{c['family']}`", str(c["finds"]), number(c["ece"]), str(c["finds_above_threshold"]), number(c["ece_above_threshold"]), number(c["p"], 2), number(c["right"], 2)]
            for c in fit["checks"] if c["finds"]]
    return table(["family", "finds", "calibration error", "finds above threshold", "calibration error of these", "their mean p", "right of them"], rows)


def reliability(runs):
    found = evaluation(runs, f"shipped-{HELD_OUT[0.1]}")["works"]["reliability_m"]
    bins = [f"{b['right']:.2f} ({b['count']} m)" if b["count"] else "-" for b in found["bins"]]
    return table(["calibration error", *(f"p {i / 10:.1f}" for i in range(10))], [[number(found["expected_calibration_error"]), *bins]])


def variants(runs):
    seconds = json.loads((runs / "variants.json").read_text())
    rows = []
    for mode, word in MODES.items():
        for variant, where in (("fp32", f"{mode}-{HELD_OUT[0.1]}"), ("int8", f"int8-{mode}-{HELD_OUT[0.1]}")):
            classes = evaluation(runs, where)["works"]["by_family"]["all"]["classes"]
            rows.append([variant, word, *(three(classes.get(n)) for n in FAMILIES), number(seconds[variant], 2)])
    return table(["variant", "", *FAMILIES, "s a tile, one thread"], rows)


def speed(runs):
    s = json.loads((runs / "speed.json").read_text())
    hectares = 100 * evaluation(runs, "country")["works"]["by_family"]["all"]["km2"]
    return f"{hectares / s['seconds']:.2f} ha per second ({hectares:.1f} ha at {s['gsd_m'] * 100:g} cm in {s['seconds']:.0f} s on {s['cores']} cores, colours, fp32)"


def country(runs):
    works = evaluation(runs, "country")["works"]
    rows = []
    for name in FAMILIES:
        f = works["by_family"]["all"]["classes"].get(name)
        if f:
            rows.append([f"`{name}`", amount(f), str(f["features"]), three(f) if has_truth(f) else "-", str(f["false_alarms"])])
    longest = max(f["size_m"] for f in works["features"] if f["right"] and f["class"].startswith("trench"))
    return (f"{works['by_family']['all']['km2']:.2f} km²; the longest network is one feature of {longest:.0f} m.\n\n"
            + table(["family", "truth", "finds", "IoU, recall, precision", "false alarms"], rows))


def runs_table():
    rows = [[r["name"], ", ".join(r["scenes"]), f"{100 * r['works']:g} %", r.get("init", "ImageNet"), str(r["steps"]), str(r["seed"])] for r in TABLE["run"]]
    return table(["run", "scenes", "crops on works", "starts from", "steps of 8 crops", "seed"], rows)


def plot(by_gsd, by_sun):
    """IoU, recall and precision of each family against the input's GSD and against the sun, as SVG."""
    rows = (("input, cm per pixel", [f"{g * 100:g}" for g in by_gsd], list(by_gsd.values())), ("sun above the horizon, at 10 cm", [f"{a}-{b}°" for a, b in by_sun], list(by_sun.values())))
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 560" font-family="sans-serif" font-size="12">', '<rect width="980" height="560" fill="white"/>']
    for r, (what, ticks, columns) in enumerate(rows):
        y = lambda v: 250 - 200 * v + 270 * r
        for p, (title, value) in enumerate((("IoU", iou), ("recall (of length or of objects)", recall), ("precision (of length or of objects)", precision))):
            x = lambda i: 40 + 270 * p + 220 * i / (len(ticks) - 1)
            parts.append(f'<text x="{x(0)}" y="{y(1) - 14}" font-weight="bold">{title}</text>')
            for v in (0, 0.5, 1):
                parts.append(f'<path d="M{x(0)} {y(v)}H{x(len(ticks) - 1)}" stroke="#ccc"/><text x="{x(0) - 6}" y="{y(v) + 4}" text-anchor="end">{v:g}</text>')
            parts += [f'<text x="{x(i):.0f}" y="{y(0) + 16}" text-anchor="middle">{t}</text>' for i, t in enumerate(ticks)]
            for name, colour in COLOURS.items():
                points = [(i, value(c.get(name))) for i, c in enumerate(columns) if has_truth(c.get(name))]
                line = " ".join(f"{x(i):.0f},{y(v):.0f}" for i, v in points if v is not None)
                if line:
                    parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="400" y="{y(0) + 32}" text-anchor="middle">{what}</text>')
    parts += [f'<text x="850" y="{80 + 20 * i}" fill="{c}">{n}</text>' for i, (n, c) in enumerate(COLOURS.items())]
    return "\n".join(parts + ["</svg>"]) + "\n"
