"""How a retraining is done: piece by piece, each once.

A finished piece leaves a stamp in RUNS/stamps with its command and the stamps of what it was made from, and is skipped
until those change. The program and these scripts are not in it: delete stamps to do pieces again with new ones. RUNS
holds third-party pixels: keep it outside the repository.
"""
import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


class Work:
    """The folder of all runs, and how a piece of work is done once."""

    def __init__(self, args):
        self.args, self.data, self.out, self.rams = args, Path(args.data), Path(args.out).resolve(), args.rams

    def path(self, *parts):
        file = self.out.joinpath(*parts)
        file.parent.mkdir(parents=True, exist_ok=True)
        return file

    def once(self, name, made_from, action):
        """Do `action` unless it was done from the same before."""
        stamp, text = self.path("stamps", name), json.dumps(made_from, indent=1, default=str)
        if stamp.exists() and stamp.read_text() == text:
            print(f"{name}: done before", flush=True)
            return
        print(f"{name} ...", flush=True)
        action()
        stamp.write_text(text)

    def stamp(self, name):
        """A short form of a piece's stamp, to be part of what depends on it."""
        file = self.out / "stamps" / name
        if not file.exists():
            raise SystemExit(f"cannot go on: {name} is not done in {self.out}; run its stage first")
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]

    def call(self, *command, good=(0,)):
        command = [str(c) for c in command]
        code = subprocess.run(command, cwd=HERE, stdout=sys.stderr).returncode
        if code not in good:
            raise SystemExit(f"cannot go on: exit code {code} of {' '.join(command)}")

    def json(self, *parts):
        return json.loads(self.path(*parts).read_text())

    def survey(self, orthomosaic, out, model, *options):
        # 3: done, with gaps on the map, as where the mosaic has none.
        self.call(self.rams, "survey", orthomosaic, "-o", out, "--model", model, "--overwrite", *options, good=(0, 3))


def digests(w, entries):
    """Checks files of the data folder, [(name, sha256)]."""
    def check():
        for name, digest in entries:
            file = w.data / name
            if not file.exists() or hashlib.file_digest(file.open("rb"), "sha256").hexdigest() != digest:
                raise SystemExit(f"cannot use {file}: it is missing or not the file of dataset.toml (sha256 {digest})")

    w.once("digests", [entries, str(w.data)], check)


def levels(entry):
    """(folder, metres per px) of a scene set: one, or one for each GSD."""
    gsd = entry["gsd_m"]
    return [(f"{entry['name']}-{g * 1000:g}mm", g) for g in gsd] if isinstance(gsd, list) else [(entry["name"], gsd)]


def paint(w, table, layout, of_flights=lambda entry: []):
    """The scene sets of a dataset.toml, in RUNS/scenes."""
    for entry in table["scenes"]:
        photos = [w.data / b["file"] for b in table["background"] if Path(b["file"]).name in entry.get("background", [])]
        ground = [x for g in [*entry.get("ground", []), *photos, *of_flights(entry)] for x in ("--ground", g)]
        first = levels(entry)[0][1]
        for folder, gsd in levels(entry):
            side = round(entry["size_px"] * first / gsd)
            command = ["scene", w.path("scenes", folder), "--seed", entry["seed"], "--count", entry["count"], "--size", f"{side}x{side}", "--gsd", gsd,
                       "--layout", layout, "--camera", "varied", *ground]

            def act():
                # Arrays decoded from earlier scenes would be stale.
                shutil.rmtree(w.path("scenes", folder), ignore_errors=True)
                w.call(w.rams, *command)

            w.once(f"scenes-{folder}", command, act)


def main(about, stages):
    """`stages`: {name: function of a Work}, in order."""
    ap = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--rams", default="rams", help="the survey program")
    ap.add_argument("--device", help="of the training: cpu or cuda [default: cuda if there is one]")
    ap.add_argument("--stage", nargs="+", choices=stages, default=list(stages), help="only these [default: all]")
    args = ap.parse_args()
    work = Work(args)
    for name, action in stages.items():
        if name in args.stage:
            action(work)
