"""A planned survey as the driver needs it: its shards, and what they ask of a machine."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rams_cluster.program import rams


class PlanError(Exception):
    """The plan cannot be read."""


@dataclass(frozen=True)
class Shard:
    """A part of the survey: its number, its size and the model that reads it."""

    number: int
    megapixels: float
    model: str
    needs_gpu: bool


@dataclass(frozen=True)
class Plan:
    """A folder that `rams plan` made."""

    folder: Path
    shards: dict[int, Shard]
    # Whether machines need not answer alike to the last bit.
    any_kernels: bool

    @property
    def megapixels(self) -> float:
        """Of all shards, at the scale of their models."""
        return sum(shard.megapixels for shard in self.shards.values())

    def sealed(self) -> set[int]:
        """Numbers of the shards whose piece this machine sees."""
        names = (path.name for path in (self.folder / "pieces").glob("[0-9]*.piece"))
        return {int(name.partition("-")[0]) for name in names}

    def pieces(self, number: int) -> list[str]:
        """The names of the pieces of a shard: one, unless machines do not answer alike."""
        return sorted(path.name for path in (self.folder / "pieces").glob(f"{number:06d}-*.piece"))


def read(folder: Path) -> Plan:
    """Reads plan.json and shards.jsonl."""
    try:
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        lines = (folder / "shards.jsonl").read_text(encoding="utf-8").splitlines()
        runs_on = {
            name.removeprefix("model ").removesuffix(": runs on"): value
            for name, value in plan["identity"]
            if name.endswith(": runs on")
        }
        shards = [json.loads(line) for line in lines]
        by_number = {
            shard["shard"]: Shard(
                shard["shard"],
                shard["megapixels"],
                shard["model"],
                "CUDA" in runs_on.get(shard["model"], ""),
            )
            for shard in shards
        }
        return Plan(folder, by_number, plan["kernels"] == "any")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlanError(
            f"cannot read the plan in {folder}: {error}; plan the survey again"
        ) from error


def open_shards(folder: Path) -> tuple[set[int], set[int]]:
    """Numbers of the shards without a piece, and of those with tiles that may do better."""
    command = [rams(), "status", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        status = json.loads(done.stdout)
        return set(_numbers(status["missing"])), set(_numbers(status["unsettled"]))
    except (ValueError, KeyError) as error:
        raise PlanError(done.stderr.strip() or f"rams status {folder}: {error}") from error


def _numbers(runs: str) -> Iterator[int]:
    """`3 7-9` -> 3, 7, 8, 9."""
    for run in runs.split():
        first, _, last = run.partition("-")
        yield from range(int(first), int(last or first) + 1)
