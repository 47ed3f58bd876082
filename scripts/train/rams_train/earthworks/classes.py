"""The classes of `datasets/earthworks/dataset.toml`.

MASKS are what the network tells apart, in the order of its logits after the ground's. PLANES are
what the .onnx gives: the same and `trench`, for what is a trench of a kind that cannot be told.
"""

import tomllib
from typing import Any

from rams_train.common.paths import DATASETS

DATASET = DATASETS / "earthworks" / "dataset.toml"
TABLE: dict[str, Any] = tomllib.loads(DATASET.read_text())
# How the shipped model is made.
RECIPE: dict[str, Any] = tomllib.loads(DATASET.with_name("recipe.toml").read_text())

CLASS: dict[str, dict[str, Any]] = {c["name"]: c for c in TABLE["class"]}
FAMILY = "trench"
MASKS: list[str] = [c["name"] for c in TABLE["class"] if c["name"] != FAMILY]
PLANES = list(CLASS)
# The kinds of trench, as indices in MASKS.
KINDS = [MASKS.index(n) for n in MASKS if CLASS[n].get("parent") == FAMILY]
OTHERS = [i for i in range(len(MASKS)) if i not in KINDS]
FAMILIES = [n for n in PLANES if "parent" not in CLASS[n]]


def family_of(name: str) -> str:
    """The family of a class: its parent, or itself."""
    return str(CLASS[name].get("parent", name))
