"""A benchmark of two toy models on a painted flight, and the recipes that are kept."""

import hashlib
import subprocess
import sys
import tomllib

import pytest

import rams
from rams.benchmark import check_files, read_recipe
from rams.benchmark_page import Result, across, cells, operating_curve, up
from tests.conftest import MODELS, ROOT


@pytest.fixture
def recipe(flight, truth, tmp_path):
    text = 'name = "squares"\nsource = "painted <here>"\nlicence = "none"\nnotes = ""\n[[flight]]\n'
    for key, file in (("sha256", flight), ("truth_sha256", truth)):
        text += f'{key} = "{hashlib.sha256(file.read_bytes()).hexdigest()}"\n'
    text += f'site = "yard"\northomosaic = "{flight.name}"\ntruth = "{truth.name}"\n'
    path = tmp_path / "squares.toml"
    path.write_text(text)
    return path


def test_a_page_has_a_row_for_each_class_and_a_curve_for_each_model(recipe, flight, tmp_path):
    models = [f"--model={MODELS / name}" for name in ("red-boxes", "red-embeddings")]
    words = [recipe, f"--data={flight.parent}", *models, f"--surveys={tmp_path / 'surveys'}"]
    out = tmp_path / "page.html"
    command = [sys.executable, "-m", "rams.benchmark", *words, "-o", out]
    subprocess.run(command, check=True)
    page = out.read_text()
    assert "<h2>yard</h2>" in page
    assert "painted &lt;here&gt;" in page
    # Three of four, and the fourth square of the picture, as counted in test_evaluations.
    assert "<td>4</td><td>0.750 [0.194, 0.994]</td><td>1111.1</td>" in page
    assert page.count("<circle") == 2
    # Without training data nobody knows what a model has seen.
    assert page.count("mixed, its training") == 2
    survey = tmp_path / "surveys" / "red-embeddings" / "yard" / "flight" / "survey.gpkg"
    made = survey.stat().st_mtime_ns
    subprocess.run(command, check=True)
    assert survey.stat().st_mtime_ns == made, "a finished survey is taken as it is"


def test_a_curve_goes_from_the_surest_find_to_the_last():
    pooled = {
        "objects": 4,
        "curve": [
            {"threshold": 0.2, "hits": 3, "false_alarms": 5},
            {"threshold": 0.9, "hits": 1, "false_alarms": 0},
        ],
    }
    section = {"hectares": 0.5, "pooled": pooled, "classes": {}}
    evaluation = rams.Evaluation({"by_class": {"all": section}})
    assert operating_curve(evaluation) == [(0.0, 0.25), (10.0, 0.75)]
    # The axes: 0.1 to 10,000 on 560 px from 56 on; recall 1 at 16, 0 at 312.
    assert (across(0), across(0.1), across(10_000)) == (56, 56, 616)
    assert across(10) == pytest.approx(56 + 560 * 2 / 5)
    assert (up(1), up(0)) == (16, 312)


def test_another_file_and_another_key_are_named(recipe, flight, tmp_path):
    with pytest.raises(rams.RamsError, match=r"cannot read .*flight\.tif"):
        check_files(read_recipe(recipe), tmp_path)
    (tmp_path / flight.name).write_bytes(b"another")
    with pytest.raises(rams.RamsError, match="is not the file of squares: its SHA-256"):
        check_files(read_recipe(recipe), tmp_path)
    recipe.write_text(recipe.read_text() + 'ground = "sand"\n')
    with pytest.raises(rams.RamsError, match=r"squares\.toml.*ground"):
        read_recipe(recipe)


def test_recipes_name_the_flights_of_the_training_by_the_same_digests():
    dataset = ROOT / "datasets" / "surface-ordnance" / "dataset.toml"
    flights = tomllib.loads(dataset.read_text())["flight"]
    keys = ("ground", "file", "sha256", "labels", "labels_sha256")
    trained = {tuple(flight[key] for key in keys) for flight in flights}
    for path in (ROOT / "datasets" / "benchmarks").glob("*.toml"):
        recipe = read_recipe(path)
        of = {
            (it.site, it.orthomosaic, it.sha256, it.truth, it.truth_sha256) for it in recipe.flights
        }
        assert recipe.name == path.stem
        assert of == trained


def test_a_class_without_objects_has_no_recall():
    point = {"recall": None, "recall_95": None, "false_alarms_per_hectare": 2.0}
    figures = {"objects": 0, "centre": point, "iou50": {}}
    section = {"hectares": 1.0, "pooled": figures, "classes": {"pfm-1": figures}}
    evaluation = rams.Evaluation({"by_class": {"all": section}})
    assert cells(Result("yard", "model", evaluation), "pfm-1") == ["0", "-", "2.0", "-"]
