"""Surveys of a flight whose answers are known."""

import json

import numpy as np
import pytest

import rams
from tests.conftest import GSD_M, MODELS, SQUARE_PX, SQUARES, paint


def test_layers_hold_what_was_painted_where_it_was_painted(surveyed):
    assert surveyed.unexpected_gaps is False
    features = surveyed.features
    middles = [
        (500_000 + (x + SQUARE_PX / 2) * GSD_M, 1_000 - (y + SQUARE_PX / 2) * GSD_M)
        for x, y in SQUARES
    ]
    found = list(zip(features.geometry.x, features.geometry.y, strict=True))
    assert np.allclose(sorted(found), sorted(middles), atol=1e-6)
    assert features.crs.to_epsg() == 32633
    assert features["class"].tolist() == ["red-square"] * 4
    assert sorted(features["px_x0"]) == [40, 122, 200, 230]
    # The square on the corner was seen in four tiles.
    assert len(surveyed.detections) == 7
    # Metres of the ground: UTM's scale is 0.9996 on its central meridian.
    assert surveyed.assessed["area_m2"].sum() == pytest.approx(9 / 0.9996**2, rel=1e-4)
    assert surveyed.gaps["reason"].tolist() == ["no_model"]
    assert surveyed.hazard_areas["eo_category"].tolist() == ["AP_MINE"]
    for empty in ("external_evidence", "indication_belts", "feature_parts"):
        assert len(getattr(surveyed, empty)) == 0
        assert getattr(surveyed, empty).crs is not None


def test_a_survey_is_read_as_it_was_made(surveyed):
    read = rams.read_survey(surveyed.folder)
    assert (read.summary, read.unexpected_gaps) == (None, None)
    assert read.record == surveyed.summary["record"]
    assert read.record["models"][0]["name"] == "red-embeddings"
    assert read.features.equals(surveyed.features)
    assert surveyed.summary["features"] == {"red-square": 4}
    assert read.metadata["task"] == "T-12"
    assert read.metadata["nearest_place"] == "The Buoy"
    assert read.metadata["operator"] is None
    assert set(read.layer("chips")["feature"]) == set(read.features["id"])


def test_embeddings_are_beside_their_rows(surveyed):
    rows, vectors = surveyed.embeddings()
    assert vectors.shape == (4, 3)
    assert vectors.dtype == np.float32
    by_x = dict(zip(surveyed.features.loc[rows, "px_x0"], vectors, strict=True))
    # The colours are red, and (12, 5, 0) and (12, 0, 5) of length 13.
    assert by_x[40].tolist() == [1, 0, 0]
    assert by_x[122].tolist() == [1, 0, 0]
    assert by_x[40] @ by_x[200] == pytest.approx(12 / 13, abs=1e-3)
    assert by_x[200] @ by_x[230] == pytest.approx(144 / 169, abs=1e-3)
    rows, vectors = surveyed.embeddings("detections")
    assert vectors.shape == (7, 3)
    reds = surveyed.detections.loc[rows, "px_x0"].isin([40, 122])
    assert (vectors[reds] == [1, 0, 0]).all()
    rows, vectors = surveyed.embeddings(model="another")
    assert (len(rows), vectors.shape) == (0, (0, 0))


def test_of_the_detections_of_a_feature_the_surest_and_largest_one_counts(surveyed):
    detections = surveyed.detections
    corner = detections.index[detections["px_x0"] == 122]
    features = surveyed.features[surveyed.features["px_x0"] == 122]
    assert len(corner) == 4
    changed = detections.assign(score=0.6)
    changed.loc[corner[1:3], "score"] = 0.9
    changed.loc[corner[2], "px_x1"] += 1
    rows, chosen = rams.surveys.best_detections(features, changed)
    assert (rows.tolist(), chosen.tolist()) == (features.index.tolist(), [corner[2]])


def test_ground_that_should_have_been_assessed_is_never_silent(tmp_path):
    coarse = paint(tmp_path / "coarse.tif", gsd_m=0.03)
    with pytest.warns(rams.UnexpectedGaps, match="gsd_too_coarse"):
        survey = rams.survey(coarse, tmp_path / "out", models=[MODELS / "red-boxes"])
    assert survey.unexpected_gaps is True
    assert "gsd_too_coarse" in set(survey.gaps["reason"])
    assert survey.embeddings()[1].shape == (0, 0)


def test_what_the_program_refuses_is_an_error_with_its_text(surveyed, flight, tmp_path):
    with pytest.raises(rams.RamsError, match="--overwrite") as refused:
        rams.survey(flight, surveyed.folder, models=MODELS / "red-boxes")
    assert refused.value.exit_code == 1
    assert not str(refused.value).startswith("error")
    with pytest.raises(rams.RamsError, match="sensitive, balanced or strict") as misused:
        rams.survey(flight, tmp_path / "out", operating_point="bold")  # type: ignore[arg-type]
    assert misused.value.exit_code == 2
    with pytest.raises(rams.RamsError, match=r"nowhere.survey\.gpkg"):
        rams.read_survey(tmp_path / "nowhere")
    with pytest.raises(rams.RamsError, match="no layer labels; it has features, hazard_areas"):
        surveyed.layer("labels")


def test_options_reach_the_program(flight, tmp_path):
    limit = tmp_path / "limit.geojson"
    # A square of 1 x 1 m in the upper left corner, where one red square lies.
    ring = [[500_000, 1_000], [500_001, 1_000], [500_001, 999], [500_000, 999], [500_000, 1_000]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}
    square = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {}, "geometry": square}
    collection = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    limit.write_text(json.dumps(collection))
    survey = rams.survey(
        [flight],
        tmp_path / "out",
        models=[MODELS / "red-boxes", MODELS / "red-embeddings"],
        aoi=limit,
        operating_point="strict",
        min_confidence=0.25,
        threads=1,
        scale=None,
    )
    assert survey.record["operating_point"] == "strict"
    assert survey.record["left_out"]["min_confidence"] == 0.25
    assert survey.record["threads"] == 1
    assert [model["name"] for model in survey.record["models"]] == ["red-boxes", "red-embeddings"]
    for _, of_model in survey.assessed.groupby("model"):
        assert of_model["area_m2"].sum() == pytest.approx(1 / 0.9996**2, rel=1e-3)
    assert survey.embeddings()[1].tolist()[0] == [1, 0, 0]
