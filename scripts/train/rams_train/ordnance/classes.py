"""The class tree of `datasets/surface-ordnance/dataset.toml`: families and their classes.

A family is a channel of the heat map. The output's class index counts the classes in the table's
order, then the coarse classes: the families that have more than one class, in the families' order.
"""

import tomllib
from typing import Any

import numpy as np

from rams_train.common.paths import DATASETS

DATASET = DATASETS / "surface-ordnance" / "dataset.toml"
TABLE: dict[str, Any] = tomllib.loads(DATASET.read_text())
# The second recipe.
RECIPE: dict[str, Any] = tomllib.loads(DATASET.with_name("recipe.toml").read_text())

FAMILIES: list[str] = [f["name"] for f in TABLE["family"]]
LEAVES: list[str] = [c["name"] for c in TABLE["class"]]
FAMILY_OF = [FAMILIES.index(c["family"]) for c in TABLE["class"]]  # leaf index -> family index
# Families whose classes must be told apart. The others have one class, which is the family itself.
SPLIT = [f for f in range(len(FAMILIES)) if FAMILY_OF.count(f) > 1]
# The leaves that have a logit, in the order of the logits.
NAMED = [c for c, f in enumerate(FAMILY_OF) if f in SPLIT]
COARSE = [FAMILIES[f] for f in SPLIT]
CLASSES = LEAVES + COARSE
FAMILY_OF_CLASS = np.array(FAMILY_OF + SPLIT)  # class index -> family index, coarse ones included
HALO_M: float = max(c["size_m"][1] for c in TABLE["class"])  # the largest object
