"""Figures against counts that were made by hand: see the fixture `truth`."""

import json

import pytest

import rams
from tests.conftest import MODELS, SQUARE_PX


@pytest.fixture(scope="module")
def evaluation(truth, surveyed):
    return rams.evaluate(truth, surveyed)


@pytest.fixture(scope="module")
def two_of_three(truth):
    """COCO results: two of the three squares, and nothing else."""
    rows = [
        {"image_id": 1, "category_id": 1, "bbox": [x, y, SQUARE_PX, SQUARE_PX], "score": 0.9}
        for x, y in [(40, 50), (122, 123)]
    ]
    path = truth.parent / "results.json"
    path.write_text(json.dumps(rows))
    return path


def test_three_of_four_are_found_with_one_false_alarm(evaluation):
    for row in ("red-square", "all"):
        of = evaluation.by_class.loc[row]
        counts = of[["objects", "predictions", "hits", "false_alarms", "duplicates"]]
        assert counts.tolist() == [4, 4, 3, 1, 0]
        assert of["recall"] == 0.75
        assert of["hits_iou50"] == 3
        # Clopper and Pearson, 3 of 4.
        assert of["recall_low"] == pytest.approx(0.19412, abs=1e-5)
        assert of["recall_high"] == pytest.approx(0.99369, abs=1e-5)
        assert of["false_alarms_per_hectare"] == pytest.approx(1e4 / 9.0)
    assert evaluation.by_family.index.tolist() == ["square", "all"]
    assert evaluation.by_flight.loc[("flight", "red-square"), "hits"] == 3
    assert evaluation.by_flight.index.names == ["flight", "class"]


def test_tables_agree_with_the_counts(evaluation):
    objects = evaluation.objects
    found = dict(zip(objects["px_x0"], objects["found"], strict=True))
    assert found == {40: True, 122: True, 200: True, 20: False}
    confusion = evaluation.confusion
    assert confusion.loc["red-square"].to_dict() == {"red-square": 3, "missed": 1}
    assert confusion.loc["nothing", "red-square"] == 1
    assert evaluation.reliability["count"].sum() == 4
    curve = evaluation.curve.loc["red-square"]
    assert (curve["hits"].max(), curve["false_alarms"].max()) == (3, 1)
    within = evaluation.recall_at.loc["red-square"]
    assert within.index.tolist() == [1, 5, 20, 50, 100, 200]
    areas = evaluation.areas.set_index(["eo_category", "land_class"])
    assert areas.loc[("AP_MINE", "SHA"), "objects"] == 4
    assert evaluation.works.empty


def test_options_reach_the_program(truth, surveyed, tmp_path):
    skipped = rams.evaluate(
        truth, surveyed.folder, threshold=1.0, tile_px=150, out=tmp_path / "figures"
    )
    assert skipped.figures["settings"]["tile_px"] == 150
    assert (tmp_path / "figures" / "evaluation.json").is_file()
    with pytest.raises(rams.RamsError, match=r"nothing\.json"):
        rams.evaluate(tmp_path / "nothing.json", surveyed)


def test_side_by_side_counts_the_same_objects(truth, surveyed, two_of_three):
    table = rams.compare(truth, [surveyed, two_of_three], models=MODELS / "red-embeddings")
    assert table.index.names == ["level", "class", "column"]
    first, second = (table.xs(("class", "red-square", column)) for column in "AB")
    assert (first["recall"], second["recall"]) == (0.75, 0.5)
    assert second["false_alarms_per_hectare"] == 0
    assert second["found_by_both"] == 2
    assert (second["found_by_first_alone"], second["found_by_this_alone"]) == (1, 0)
    assert (second["recall_difference"], second["p"]) == (-0.25, 1)
    with pytest.raises(rams.RamsError, match=r"no works to compare; ask of=\['boxes'\]"):
        rams.compare(truth, [surveyed, two_of_three], of="works")
    with pytest.raises(rams.RamsError, match="two predictions are needed"):
        rams.compare(truth, [surveyed])


def test_earthworks_have_a_table_of_their_own():
    pooled = {
        "overlap": {"iou": 0.5},
        "length": {"recall": 0.25},
        "objects": {"objects": 4, "recall_95": [0.1, 0.9]},
        "false_alarms": 2,
        "sweep": [{"confidence": 0.0}],
    }
    crater = pooled | {"length": None}
    section = {"pooled": pooled, "classes": {"crater": crater}}
    evaluation = rams.Evaluation({"works": {"by_class": {"all": section}}})
    assert evaluation.works.loc["all"].to_dict() == {
        "overlap_iou": 0.5,
        "length_recall": 0.25,
        "objects_objects": 4,
        "objects_recall_low": 0.1,
        "objects_recall_high": 0.9,
        "false_alarms": 2,
    }
    assert evaluation.works["length_recall"].isna().tolist() == [True, False]
    assert evaluation.by_class.empty
    assert evaluation.by_flight.empty
    assert evaluation.recall_at.empty
