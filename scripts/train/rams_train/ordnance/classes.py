"""The class tree of `datasets/surface-ordnance/dataset.toml`: families (heat-map channels) and their classes.

The output's class index counts the classes in the table's order, then the coarse classes: the families that have
more than one class, in the families' order.
"""
import tomllib
from pathlib import Path

DATASET = Path(__file__).resolve().parents[4] / "datasets" / "surface-ordnance" / "dataset.toml"
TABLE = tomllib.loads(DATASET.read_text())
WIDE = tomllib.loads(DATASET.with_name("wide.toml").read_text())  # the second recipe

FAMILIES = [f["name"] for f in TABLE["family"]]
LEAVES = [c["name"] for c in TABLE["class"]]
FAMILY_OF = [FAMILIES.index(c["family"]) for c in TABLE["class"]]  # leaf index -> family index
# Families whose classes must be told apart. The others have one class, which is the family itself.
SPLIT = [f for f in range(len(FAMILIES)) if FAMILY_OF.count(f) > 1]
# The leaves that have a logit, in the order of the logits.
NAMED = [c for c, f in enumerate(FAMILY_OF) if f in SPLIT]
CLASSES = LEAVES + [FAMILIES[f] for f in SPLIT]
HALO_M = max(c["size_m"][1] for c in TABLE["class"])
