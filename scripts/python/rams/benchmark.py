"""Models side by side on public flights: who finds what at which rate of false alarms.

    python -m rams.benchmark RECIPE.toml --data DIR --model A --model B -o page.html

A recipe names flights with known objects, their digests and sites (datasets/benchmarks/ of the
checkout has some). Each flight is surveyed by each model at its sensitive operating point, and each
site is evaluated by itself: objects of one ground are not independent of each other.
"""

import argparse
import hashlib
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rams.benchmark_page import Result, page
from rams.evaluations import evaluate
from rams.program import RamsError
from rams.surveys import read_survey, survey


@dataclass(frozen=True)
class Flight:
    """An orthomosaic with known objects; files are relative to the data folder."""

    site: str
    orthomosaic: str
    sha256: str
    truth: str
    truth_sha256: str


@dataclass(frozen=True)
class Recipe:
    """A public set: where it is from, under which licence, and its flights."""

    name: str
    source: str
    licence: str
    notes: str
    flights: tuple[Flight, ...]


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; a key that is missing or unknown is a RamsError that names it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        flights = tuple(Flight(**flight) for flight in table.pop("flight", []))
        recipe = Recipe(**table, flights=flights)
    except (OSError, ValueError, TypeError) as error:
        raise RamsError(f"cannot read the recipe {path}: {error}") from error
    if not flights:
        raise RamsError(f"the recipe {path} has no [[flight]]")
    return recipe


def check_files(recipe: Recipe, data: Path) -> None:
    """Compare the digests of all files; what is missing or another file is a RamsError."""
    for flight in recipe.flights:
        for name, wanted in (
            (flight.orthomosaic, flight.sha256),
            (flight.truth, flight.truth_sha256),
        ):
            try:
                with (data / name).open("rb") as file:
                    found = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise RamsError(f"cannot read {data / name}: {error.strerror}") from error
            if found != wanted:
                raise RamsError(
                    f"{data / name} is not the file of {recipe.name}: its SHA-256 is {found}, that "
                    f"of the recipe {wanted}"
                )


def measure(recipe: Recipe, data: Path, models: Sequence[str], work: Path) -> list[Result]:
    """Survey each flight with each model, where that is not done, and evaluate each site."""
    results = []
    for site in dict.fromkeys(flight.site for flight in recipe.flights):
        flights = [flight for flight in recipe.flights if flight.site == site]
        for model in models:
            surveys = work / Path(model).name / site
            for flight in flights:
                ortho = data / flight.orthomosaic
                out = surveys / ortho.stem
                try:
                    read_survey(out)
                except RamsError:
                    survey(ortho, out, models=model, operating_point="sensitive")
            truth = [data / flight.truth for flight in flights]
            evaluation = evaluate(truth, surveys, model=model)
            results.append(Result(site, Path(model).name, evaluation))
    return results


def main() -> None:
    """Run the command line."""
    about = (__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(prog="python -m rams.benchmark", description=about)
    parser.add_argument("recipe", type=Path, metavar="RECIPE.toml")
    parser.add_argument("--data", type=Path, required=True, help="folder of the recipe's files")
    parser.add_argument(
        "--model",
        action="append",
        required=True,
        help="a folder, an .onnx, or the name of a model; may be given more than once",
    )
    parser.add_argument(
        "--surveys",
        type=Path,
        default=Path("benchmark"),
        help="folder for the surveys; finished ones are taken as they are [default: benchmark]",
    )
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="PAGE.html")
    given = parser.parse_args()
    try:
        recipe = read_recipe(given.recipe)
        check_files(recipe, given.data)
        results = measure(recipe, given.data, given.model, given.surveys)
    except RamsError as error:
        sys.exit(f"error: {error}")
    text = page(recipe.name, recipe.source, recipe.licence, recipe.notes, results)
    given.out.write_text(text, encoding="utf-8")
    print(given.out)


if __name__ == "__main__":
    main()
