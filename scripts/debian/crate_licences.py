"""Prints the licences of all Rust crates that are linked into the program, each text once."""

import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path

COMMAND = ["cargo", "metadata", "--format-version=1", "--locked", "--offline"]
COMMAND += ["--filter-platform=x86_64-unknown-linux-gnu"]
IS_LICENCE = re.compile(r"(licen[cs]e|copying|notice|unlicense|copyright|ufl|ofl)", re.IGNORECASE)

metadata = json.loads(subprocess.run(COMMAND, check=True, capture_output=True).stdout)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

linked: set[str] = set()
to_visit = [metadata["resolve"]["root"]]
while to_visit:
    crate = to_visit.pop()
    if crate in linked:
        continue
    linked.add(crate)
    for edge in nodes[crate]["deps"]:
        if any(kind["kind"] is None for kind in edge["dep_kinds"]):
            to_visit.append(edge["pkg"])

crates_of: dict[str, list[str]] = defaultdict(list)
for package in sorted((packages[crate] for crate in linked), key=lambda each: each["name"]):
    name = f"{package['name']} {package['version']} ({package['license']})"
    print(name, package["repository"] or "", sep="  ")
    if package["source"]:
        folder = Path(package["manifest_path"]).parent
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in (path for path in files if IS_LICENCE.match(path.name)):
            crates_of[path.read_text(errors="replace").strip()].append(name)
for text, names in crates_of.items():
    print("\n" + "=" * 80, *names, "-" * 80, text, sep="\n")
