"""Figures of an evaluation of earthworks: pooled over scenes, and as text for the card.

The figures of a class have `length` (of lines) or `objects` (of areas), and `overlap`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rams_train.common.card_tables import number

Figures = Mapping[str, Any]


def has_truth(f: Figures | None) -> bool:
    """Whether there was anything to find."""
    if f is None:
        return False
    truth = f["length"]["true_m"] if f["length"] else f["objects"]["objects"]
    return bool(truth > 0)


def recall(f: Figures | None) -> float | None:
    """Of length or of objects."""
    return _of_length_or_objects(f, "recall")


def precision(f: Figures | None) -> float | None:
    """Of length or of objects."""
    return _of_length_or_objects(f, "precision")


def _of_length_or_objects(f: Figures | None, key: str) -> float | None:
    if f is None:
        return None
    value: float | None = f["length"][key] if f["length"] else f["objects"][key]
    return value


def iou(f: Figures | None) -> float | None:
    """Intersection over union of the areas."""
    return None if f is None else f["overlap"]["iou"]


def three(f: Figures | None) -> str:
    """IoU, recall, precision."""
    return ", ".join(number(figure(f), 2) for figure in (iou, recall, precision))


def amount(f: Figures | None) -> str:
    """How much truth there is."""
    if f is None:
        return "0"
    return f"{f['length']['true_m']:.0f} m" if f["length"] else str(f["objects"]["objects"])


def alarm_rate(f: Figures) -> str:
    """False alarms per km², interval, count."""
    low, high = f["false_alarms_per_km2_95"]
    return f"{f['false_alarms_per_km2']:.0f} [{low:.0f}, {high:.0f}] ({f['false_alarms']})"


def pooled(figures: Sequence[Figures]) -> dict[str, Any] | None:
    """IoU, recall and precision over some flights, from their sums; None of no flights."""
    if not figures:
        return None
    shared, true, found = (
        _total(figures, "overlap", key) for key in ("shared_m2", "true_m2", "found_m2")
    )
    overlap = {"iou": _share(shared, true + found - shared)}
    if figures[0]["length"]:
        keys = ("true_m", "recalled_m", "found_m", "right_m")
        return {"overlap": overlap, "length": _pool(figures, "length", keys), "objects": None}
    keys = ("objects", "found", "predictions", "right")
    return {"overlap": overlap, "length": None, "objects": _pool(figures, "objects", keys)}


def _pool(figures: Sequence[Figures], part: str, keys: tuple[str, str, str, str]) -> dict[str, Any]:
    """Truth, recall and precision of a part. Keys: true, of it found, predicted, of it right."""
    true, hit, found, right = (_total(figures, part, key) for key in keys)
    return {keys[0]: true, "recall": _share(hit, true), "precision": _share(right, found)}


def _total(figures: Sequence[Figures], part: str, key: str) -> float:
    total: float = sum(f[part][key] for f in figures)
    return total


def _share(a: float, b: float) -> float | None:
    return a / b if b else None
