"""What the cards of all models are put together with."""
import json
import re
from pathlib import Path


def evaluation(runs, name):
    file = Path(runs) / "eval" / name / "evaluation.json"
    if not file.exists():
        raise SystemExit(f"cannot write the card: {file} is missing; run the stages evaluate and variants")
    return json.loads(file.read_text())


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(r) + " |" for r in rows)])


def number(value, digits=3):
    return "-" if value is None else f"{value:.{digits}f}"


def fill(template, parts):
    """The text of a template with {{name}} replaced; both must hold the same names."""
    text = Path(template).read_text()
    asked = set(re.findall(r"{{(\w+)}}", text))
    if asked != set(parts):
        raise SystemExit(f"cannot write the card: {template} and the figures differ in {sorted(asked ^ set(parts))}")
    return re.sub(r"{{(\w+)}}", lambda m: parts[m[1]], text)


def backgrounds(entries):
    return table(["image", "mm/px", "use", "licence"], [[Path(b["file"]).name, f"{b['gsd_m'] * 1000:g}", "held out" if b.get("held_out") else "trained on", b["licence"]]
                                                    for b in entries])
