#!/usr/bin/env python3
"""A `rams` that does nothing, as it is told: by DIR/behaviour.json, and by FOREIGN and ANSWER.

behaviour.json: {"2": [1, 1, 0]} lets the attempts at shard 2 end with 1, 1 and 0, and the last of
these ever after. A number with a fraction is so many seconds of sleep before 0.
"""

import json
import os
import sys
import time
from pathlib import Path


def option(words: list[str], name: str) -> str:
    return words[words.index(name) + 1]


def plan(words: list[str]) -> int:
    folder = Path(option(words, "-o"))
    if "--bad" in words:
        return 2
    if (folder / "plan.json").exists():
        return 0
    (folder / "pieces").mkdir(parents=True)
    runs_on = "CUDA" if "--cuda" in words else "ONNX Runtime fp32"
    identity = [["model toy: runs on", runs_on]]
    numbers = range(int(option(words, "--shards")))
    lines = [{"shard": k, "megapixels": float(k + 1), "model": "toy"} for k in numbers]
    (folder / "shards.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    behaviour = option(words, "--behaviour") if "--behaviour" in words else "{}"
    (folder / "behaviour.json").write_text(behaviour)
    (folder / "plan.json").write_text(json.dumps({"kernels": "same", "identity": identity}))
    return 0


def shard(words: list[str]) -> int:
    folder, number = Path(words[0]), words[1]
    gpu = os.environ.get("CUDA_VISIBLE_DEVICES") or "none"
    with (folder / "attempts").open("a") as log:
        log.write(
            f"{number} {os.getppid()} {os.getpid()} {gpu} {'again' if '--again' in words else ''}\n"
        )
    if "FOREIGN" in os.environ:
        print(f"this machine cannot work on it: {os.environ['FOREIGN']}", file=sys.stderr)
        return 5
    lines = (folder / "attempts").read_text().splitlines()
    attempt = sum(line.startswith(f"{number} ") for line in lines) - 1
    told = json.loads((folder / "behaviour.json").read_text()).get(number, [0])
    answer = told[min(attempt, len(told) - 1)]
    if isinstance(answer, float):
        time.sleep(answer)
    code = 0 if isinstance(answer, float) else int(answer)
    if code in (0, 3):
        name = f"{int(number):06d}-{os.environ.get('ANSWER', 'answer')}.piece"
        (folder / "pieces" / name).write_text(str(code))
    else:
        print(f"error: shard {number} ends with {code}", file=sys.stderr)
    return code


def state(folder: Path) -> tuple[list[int], list[str]]:
    numbers = range(len((folder / "shards.jsonl").read_text().splitlines()))
    names = sorted(path.name for path in (folder / "pieces").glob("*.piece"))
    return [k for k in numbers if not any(name.startswith(f"{k:06d}") for name in names)], names


def main() -> int:
    command, words = sys.argv[1], sys.argv[2:]
    if command in ("plan", "shard"):
        return {"plan": plan, "shard": shard}[command](words)
    missing, names = state(Path(words[0]))
    if command == "status":
        print(json.dumps({"missing": " ".join(map(str, missing)), "unsettled": ""}))
        return 0
    if missing or len({name[:6] for name in names}) < len(names):
        print("error: cannot gather", file=sys.stderr)
        return 1
    (Path(words[0]) / "survey.gpkg").write_text(" ".join(names))
    return 0


if __name__ == "__main__":
    sys.exit(main())
