"""What the cards of all models are put together with: evaluations, Markdown tables, a template."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Evaluation = dict[str, Any]  # evaluation.json of `rams evaluate`, or a part of it


def read_evaluation(runs: Path, name: str) -> Evaluation:
    """RUNS/eval/<name>/evaluation.json."""
    file = runs / "eval" / name / "evaluation.json"
    if not file.exists():
        raise SystemExit(
            f"cannot write the card: {file} is missing; run the stages evaluate and variants"
        )
    found: Evaluation = json.loads(file.read_text())
    return found


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def number(value: float | None, digits: int = 3) -> str:
    """A figure with so many decimals; a dash where none was measured."""
    return "-" if value is None else f"{value:.{digits}f}"


def fill(template: Path, parts: Mapping[str, str]) -> str:
    """The text of a template with {{name}} replaced; both must hold the same names."""
    text = template.read_text()
    asked = set(re.findall(r"{{(\w+)}}", text))
    if asked != set(parts):
        raise SystemExit(
            f"cannot write the card: {template} and the figures differ in "
            f"{sorted(asked ^ set(parts))}"
        )
    return re.sub(r"{{(\w+)}}", lambda m: parts[m[1]], text)


def backgrounds_table(entries: Iterable[Mapping[str, Any]]) -> str:
    """The aerial images of a dataset.toml with their use and licence."""
    rows = [
        [
            Path(b["file"]).name,
            f"{b['gsd_m'] * 1000:g}",
            "held out" if b.get("held_out") else "trained on",
            b["licence"],
        ]
        for b in entries
    ]
    return table(["image", "mm/px", "use", "licence"], rows)


def textures_table(entries: Sequence[Mapping[str, Any]], held_out_kinds: Collection[str]) -> str:
    """Photographs of ground by kind, with use and licences."""
    rows = []
    for kind in dict.fromkeys(t["kind"] for t in entries):
        own = [t for t in entries if t["kind"] == kind]
        use = "held out" if kind in held_out_kinds else "trained on"
        licences = Counter(t["licence"].split(",")[0] for t in own)
        words = ", ".join(f"{name} ({n})" for name, n in licences.items())
        rows.append([kind, str(len(own)), use, words])
    return table(["kind", "photographs", "use", "licences"], rows)
