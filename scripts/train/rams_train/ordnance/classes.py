"""What a `dataset.toml` says: classes in families, flights with labels, aerial images without.

A family is a channel of the heat map. The output's class index counts the classes in the table's
order, then the coarse classes: the families that have more than one class, in the families' order.
The shipped dataset is the default; `--dataset FILE` names another of the same form.
"""

import argparse
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rams_train.common.arrays import F32Array, F64Array
from rams_train.common.paths import DATASETS
from rams_train.ordnance.geometry import GSD_M, HALO

DATASET = DATASETS / "surface-ordnance" / "dataset.toml"
LARGEST_M = HALO * GSD_M  # a box is whole in one tile only if the halo holds it
# Coarsest pixels where an entry gives none: so many px over the short side, within these limits.
LOOKED_FOR_PX, NAMED_PX, COARSEST_M = 8, 16, 0.03
# What a mapping of labels may say instead of a class.
IGNORE, SKIP = "ignore", "skip"

Entry = dict[str, Any]


class Dataset:
    """A `dataset.toml`, read and checked.

    `leaves` are the classes that are learned, `classes` those that are named and the coarse ones: a
    class with `listed = false` is found too seldom, and its objects are called by their family.
    `family_of` and `family_of_class` give the family's index for an index of either. `split` are
    the families whose classes must be told apart: the others have one class, which is the family
    itself. `named` are the leaves that have a logit, in the order of the logits.
    """

    def __init__(self, table: Mapping[str, Any], file: Path) -> None:
        """`file` is where the table is from, for messages."""
        self.table, self.file = table, file
        about = self._section("dataset")
        self.name, self.version = self._text(about, "name"), self._text(about, "version")
        self.weights_licence = self._text(about, "weights_licence")
        entries = [self._complete(c) for c in self._list("class")]
        if not entries:
            raise self.error("it has no [[class]]")
        self.family: dict[str, Entry] = {f["name"]: f for f in self._list("family")}
        for entry in entries:
            self._into_family(entry)
        self.class_of: dict[str, Entry] = {c["name"]: c for c in entries}
        self.families: list[str] = list(dict.fromkeys(c["family"] for c in entries))
        self.leaves: list[str] = list(self.class_of)
        self.family_of = [self.families.index(c["family"]) for c in entries]
        count = range(len(self.families))
        self.split = [f for f in count if self.family_of.count(f) > 1]
        self.named = [c for c, f in enumerate(self.family_of) if f in self.split]
        self.coarse = [self.families[f] for f in self.split]
        self._check_names(entries)
        listed = [c for c in range(len(entries)) if entries[c].get("listed", True)]
        self.classes = [self.leaves[c] for c in listed] + self.coarse
        self.family_of_class = np.array([self.family_of[c] for c in listed] + self.split)
        for entry in entries:
            self._complete_limits(entry)
        # How often a class is drawn, among those that can be.
        self.weights: F64Array = np.array([float(c.get("weight", 1.0)) for c in entries])
        # Row: a class with a logit; 0 for the classes of its family, far below for all others.
        own = self.family_of
        rows = [[0.0 if own[a] == own[b] else -1e4 for b in self.named] for a in self.named]
        self.rivals: F32Array = np.array(rows, np.float32)
        self.flights: dict[str, Entry] = {
            self._text(f, "key"): f for f in self._list("flight", "file", "labels", "ground")
        }
        self.backgrounds = self._list("background", "file", "gsd_m")

    @classmethod
    def read(cls, file: Path) -> "Dataset":
        """The dataset of a file."""
        try:
            return cls(tomllib.loads(file.read_text()), file)
        except OSError as error:
            raise SystemExit(f"cannot read {file}: {error.strerror}") from error
        except tomllib.TOMLDecodeError as error:
            raise SystemExit(f"cannot read {file}: {error}") from error

    def error(self, why: str) -> SystemExit:
        """What ends the program where the dataset cannot be used."""
        return SystemExit(f"cannot use {self.file}: {why}")

    def leaf(self, name: str, where: Path) -> int:
        """The index of a class that a file names."""
        if name not in self.class_of:
            raise SystemExit(
                f"cannot use {where}: it has the class {name}; "
                f"{self.file} names {', '.join(self.leaves)}"
            )
        return self.leaves.index(name)

    def called(self, name: str) -> str:
        """What an object of a class is called: the class, or its family if that is not listed."""
        if name in self.classes:
            return name
        family: str = self.class_of[name]["family"]
        return family

    def flights_of(self, grounds: Collection[str]) -> list[str]:
        """The keys of the flights over these grounds."""
        return [key for key, f in self.flights.items() if f["ground"] in grounds]

    # --- how it is read ---

    def _section(self, name: str) -> Entry:
        section: Entry = self.table.get(name, {})
        return section

    def _list(self, name: str, *needed: str) -> list[Entry]:
        entries: list[Entry] = [dict(e) for e in self.table.get(name, [])]
        for number, entry in enumerate(entries, 1):
            for key in needed:
                if key not in entry:
                    raise self.error(f"[[{name}]] number {number} has no {key}")
        return entries

    def _text(self, entry: Mapping[str, Any], key: str) -> str:
        value = entry.get(key)
        if not isinstance(value, str) or not value:
            raise self.error(f'it has no {key} = "..." beside {dict(entry)}')
        return value

    def _complete(self, entry: Entry) -> Entry:
        """The entry of a class, with its label."""
        name = self._text(entry, "name")
        size = entry.get("size_m", [])
        if len(size) != 2 or not 0 < size[0] <= size[1]:
            raise self.error(
                f"class {name}: size_m is {size}; give [least, most] of its longer side"
            )
        if size[1] > LARGEST_M:
            raise self.error(
                f"class {name}: size_m ends at {size[1]} m, and the detector sees what is at most "
                f"{LARGEST_M:.3f} m long; leave it out, or bring a model of another scale"
            )
        return {"label": name, "family": name} | entry

    def _into_family(self, entry: Entry) -> None:
        """Give a class what its family says, or make a family of the class alone."""
        own: Entry = {k: entry[k] for k in ("indicator", "eo_category") if k in entry}
        if entry["family"] == entry["name"]:
            alone: Entry = {"name": entry["name"], "label": entry["label"], **own}
            self.family.setdefault(entry["name"], alone)
        family = self.family.get(entry["family"])
        if family is None:
            raise self.error(
                f"class {entry['name']} is of the family {entry['family']}, which has no "
                "[[family]] with name, label, indicator, eo_category"
            )
        for key in ("indicator", "eo_category"):
            entry.setdefault(key, family.get(key))
            if not entry[key]:
                raise self.error(f"class {entry['name']} has no {key}; see docs/glossary.md")

    def _check_names(self, entries: list[Entry]) -> None:
        """No name may stand for two things."""
        names = [c["name"] for c in entries] + self.coarse
        twice = sorted({n for n in names if names.count(n) > 1} | ({IGNORE, SKIP} & set(names)))
        if twice:
            raise self.error(f"the name {twice[0]} is taken: give each class another")

    def _complete_limits(self, entry: Entry) -> None:
        """Give a class the coarsest pixels in which it is looked for, and named."""
        short: float = entry.setdefault("short_m", entry["size_m"][0])
        entry.setdefault("gsd_max_m", round(min(COARSEST_M, short / LOOKED_FOR_PX), 4))
        if self.families.index(entry["family"]) in self.split:
            entry.setdefault("gsd_name_m", round(max(GSD_M, short / NAMED_PX), 4))


@cache
def chosen_dataset(file: str | None) -> Dataset:
    """The dataset of a `--dataset` option: the shipped one without it."""
    return Dataset.read(Path(file)) if file else SHIPPED


def add_dataset_option(ap: argparse.ArgumentParser) -> None:
    """Declare `--dataset`."""
    ap.add_argument(
        "--dataset",
        help="classes and images, a .toml of your own [default: that of the repository]",
    )


SHIPPED = Dataset.read(DATASET)
# The shipped dataset by itself, for what makes and judges the shipped model alone.
TABLE: Mapping[str, Any] = SHIPPED.table
FAMILIES, LEAVES, FAMILY_OF = SHIPPED.families, SHIPPED.leaves, SHIPPED.family_of
NAMED, SPLIT, COARSE = SHIPPED.named, SHIPPED.split, SHIPPED.coarse
CLASSES, FAMILY_OF_CLASS = SHIPPED.classes, SHIPPED.family_of_class
# How the shipped model is made.
RECIPE: dict[str, Any] = tomllib.loads(DATASET.with_name("recipe.toml").read_text())


@dataclass(frozen=True)
class Fold:
    """Sites that a run does not read: flown grounds, kinds of textures, places of aerial images.

    `scenes` are the sets that a short run of the fold is trained on.
    """

    name: str
    grounds: list[str]
    kinds: list[str]
    sites: list[str]
    scenes: list[str] = field(default_factory=list)

    @property
    def train_grounds(self) -> list[str]:
        """The flown grounds that are left to train on."""
        flown = dict.fromkeys(f["ground"] for f in TABLE["flight"])
        return [ground for ground in flown if ground not in self.grounds]


FOLDS = {entry["name"]: Fold(**entry) for entry in RECIPE["fold"]}
# What the shipped model never saw.
HELD_OUT = FOLDS[RECIPE["run"]["fold"]]
