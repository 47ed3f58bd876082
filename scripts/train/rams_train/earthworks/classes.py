"""The classes of `datasets/earthworks/dataset.toml`.

MASKS are what the network tells apart, in the order of its logits after the ground's. PLANES are what the .onnx gives:
the same and `trench`, for what is a trench of a kind that cannot be told.
"""
import tomllib
from pathlib import Path

DATASET = Path(__file__).resolve().parents[4] / "datasets" / "earthworks" / "dataset.toml"
TABLE = tomllib.loads(DATASET.read_text())

CLASS = {c["name"]: c for c in TABLE["class"]}
FAMILY = "trench"
MASKS = [c["name"] for c in TABLE["class"] if c["name"] != FAMILY]
PLANES = list(CLASS)
KINDS = [MASKS.index(n) for n in MASKS if CLASS[n].get("parent") == FAMILY]  # the kinds of trench
