"""Tests of truth, matching, calibration, thresholds and model.toml."""

import hashlib
import json
import tempfile
import tomllib
import unittest
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import onnx
import rasterio
from onnx import TensorProto, helper

from rams_train.common.calibration import PlattScaling, calibration_error, fit_platt
from rams_train.common.stages import gsd_levels
from rams_train.ordnance import calibration, card, coco_truth, export
from rams_train.ordnance.calibration import Judged, SurveyedTruth
from rams_train.ordnance.classes import (
    CLASSES,
    FAMILIES,
    FAMILY_OF_CLASS,
    HELD_OUT,
    LEAVES,
    RECIPE,
    TABLE,
)
from rams_train.ordnance.predictions import Predictions, coco_results, match_predictions
from rams_train.ordnance.retrain import EMPTY, SETS


def flat(*objects):
    """A truth of one image: (class, x, y, w, h, ignored)."""
    notes = [
        {"image_id": 1, "category_id": CLASSES.index(c) + 1, "bbox": box, "iscrowd": skip}
        for c, *box, skip in objects
    ]
    return {"images": [{"id": 1, "file_name": "a.tif", "valid_m2": 500.0}], "annotations": notes}


def find(cls, x0, y0, x1, y1, score, image=1):
    """A row of predictions."""
    return [image, CLASSES.index(cls), x0, y0, x1, y1, score]


NOTHING = Predictions.from_rows([])


class Match(unittest.TestCase):
    truth = flat(
        ("pmn-2", 0, 0, 40, 40, 0), ("pfm-1", 100, 0, 40, 20, 0), ("pfm-1", 200, 0, 40, 20, 1)
    )

    def check(self, expected, *rows):
        found = match_predictions(self.truth, Predictions.from_rows(rows))
        self.assertEqual(found.tolist(), expected)

    def test_the_family_counts_not_the_type(self):
        self.check([1], find("pmn-1", 5, 5, 35, 35, 0.9))
        self.check([1], find("ap-round", 5, 5, 35, 35, 0.9))
        self.check([0], find("tm-57", 5, 5, 35, 35, 0.9))

    def test_the_best_score_takes_the_object(self):
        self.check([-1, 1], find("ap-round", 5, 5, 35, 35, 0.5), find("pmn-2", 5, 5, 35, 35, 0.9))

    def test_ignored_objects_count_neither_way(self):
        self.check([-1], find("pfm-1", 205, 0, 235, 20, 0.9))

    def test_the_same_place_in_another_image_is_nothing(self):
        self.check([0], find("pmn-2", 5, 5, 35, 35, 0.9, image=2))

    def test_results_go_back_to_ids_from_one(self):
        one = Predictions.from_rows([find("pmn-2", 1, 2, 11, 22, 0.9)])
        row = coco_results(one, np.array([0.7]))[0]
        self.assertEqual(row["category_id"], CLASSES.index("pmn-2") + 1)
        self.assertEqual((row["bbox"], row["confidence"]), ([1, 2, 10, 20], 0.7))
        self.assertNotIn("confidence", coco_results(one, None)[0])


class Calibrate(unittest.TestCase):
    def test_platt_finds_the_law_of_the_finds(self):
        rng = np.random.default_rng(1)
        score = rng.uniform(0.05, 0.95, 8000)
        p = PlattScaling(2.0, -1.0).probability(score)
        hit = (rng.random(8000) < p).astype(float)
        platt = fit_platt(score, hit)
        self.assertAlmostEqual(platt.slope, 2.0, delta=0.15)
        self.assertAlmostEqual(platt.intercept, -1.0, delta=0.15)
        self.assertLess(calibration_error(p, hit), 0.02)
        self.assertGreater(calibration_error(1 - p, hit), 0.3)

    def test_nothing_found_changes_nothing(self):
        self.assertEqual(fit_platt(np.zeros(0), np.zeros(0)), PlattScaling(1.0, 0.0))

    def test_a_threshold_is_read_off_the_tail_of_the_alarms(self):
        # 20,000 scores whose logits fall off with a mean of 0.5 above 0: P(logit > 1.5) is exp(-3).
        rng = np.random.default_rng(3)
        scores = 1 / (1 + np.exp(-rng.exponential(0.5, 20_000)))
        with mock.patch.object(calibration, "TAIL", 5000):
            found = calibration.threshold_of_tail(scores, 20_000 * np.exp(-3))
            beyond = calibration.threshold_of_tail(scores, 20_000 * np.exp(-12))
        self.assertAlmostEqual(found, 1 / (1 + np.exp(-1.5)), delta=0.003)
        # Further out than any alarm.
        self.assertAlmostEqual(beyond, 1 / (1 + np.exp(-6)), delta=0.001)
        # Few alarms tell nothing; many that are allowed need no threshold.
        self.assertEqual(calibration.threshold_of_tail(np.full(5, 0.9), 1.0), calibration.LOWEST)
        self.assertEqual(calibration.threshold_of_tail(scores, 1e9), calibration.LOWEST)

    def test_pfm_1_has_half_of_the_false_alarms(self):
        rng = np.random.default_rng(4)
        n = len(FAMILIES)
        score = 1 / (1 + np.exp(-rng.exponential(0.5, (n, 4000))))
        family = np.repeat(np.arange(n), 4000)
        none = np.zeros(n * 4000, int)
        site = Judged(none, family, score.ravel(), none, hectares=2.0)
        with mock.patch.object(calibration, "TAIL", 1000):
            found = calibration.thresholds_for([site], 500, FAMILIES)
        raised = [(site.alarms(f) >= t).sum() for f, t in enumerate(found.values())]
        # 1000 on both hectares; of twelve parts PFM-1 has six.
        self.assertAlmostEqual(raised[FAMILIES.index("pfm-1")], 500, delta=50)
        self.assertAlmostEqual(raised[FAMILIES.index("carrier")], 83, delta=20)
        self.assertAlmostEqual(site.rate(found), 500, delta=40)

    def test_a_site_is_checked_by_what_the_others_say(self):
        objects = [("pfm-1", 50 * i, 0, 40, 20, 0) for i in range(20)]
        right = np.array([find("pfm-1", 50 * i, 0, 50 * i + 40, 20, 0.6) for i in range(20)])
        wrong = np.add(right, [0, 0, 0, 500, 0, 500, 0])
        sites = {
            place: SurveyedTruth(flat(*objects), Predictions.from_rows(rows))
            for place, rows in (("a", right), ("b", wrong))
        }
        fit = calibration.calibrate(sites)
        balanced = fit["points"]["balanced"]
        # All twenty alarms have one score: that is where the tail ends.
        self.assertEqual(balanced["by_place"], {"a": 0, "b": 400})
        self.assertEqual(balanced["found"]["a"], {"pfm-1": (20, 20)})
        checks = {c["split"]: c for c in fit["checks"] if c["family"] == "pfm-1"}
        self.assertGreater(checks["others -> a"]["ece"], 0.9)
        self.assertGreater(checks["others -> b"]["ece"], 0.9)


class Truth(unittest.TestCase):
    def test_scenes(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            profile = {
                "driver": "GTiff",
                "width": 64,
                "height": 32,
                "count": 4,
                "dtype": "uint8",
                "transform": rasterio.transform.from_origin(0, 0, 0.01, 0.01),
            }
            with rasterio.open(folder / "7.tif", "w", **profile) as out:
                pixels = np.full((4, 32, 64), 255, np.uint8)
                pixels[3, :, :32] = 0
                out.write(pixels)
                out.colorinterp = [
                    rasterio.enums.ColorInterp[c] for c in ("red", "green", "blue", "alpha")
                ]
            notes = [
                {"category_id": 3, "bbox": [1, 2, 10, 20], "visibility": v} for v in (0.9, 0.1)
            ]
            notes.append({"category_id": 4, "bbox": [3, 4, 10, 20], "visibility": 0.9})
            kinds = [{"id": 3, "name": "tm-57"}, {"id": 4, "name": "m095"}]
            (folder / "7_truth.json").write_text(
                json.dumps({"categories": kinds, "annotations": notes})
            )
            coco = coco_truth.truth_of_scenes(folder)
        image = coco["images"][0]
        self.assertEqual(image["file_name"], "7.tif")
        self.assertAlmostEqual(image["valid_m2"], 32 * 32 * 0.01**2)
        self.assertEqual([a["iscrowd"] for a in coco["annotations"]], [0, 1, 0])
        self.assertEqual(coco["annotations"][0]["bbox"], [1, 2, 10, 20])
        category = coco["categories"][coco["annotations"][0]["category_id"] - 1]
        self.assertEqual((category["name"], category["supercategory"]), ("tm-57", "av-round"))
        self.assertNotIn("supercategory", coco["categories"][0])
        # M095 is not listed: it is a submunition.
        category = coco["categories"][coco["annotations"][2]["category_id"] - 1]
        self.assertEqual(category["name"], "submunition")
        self.assertNotIn("supercategory", category)


class ModelToml(unittest.TestCase):
    fit: ClassVar[dict[str, Any]] = {
        "families": {
            f: {
                "threshold": {"balanced": 0.3 + 0.01 * i, "strict": 0.6},
                "slope": 2,
                "intercept": -1,
            }
            for i, f in enumerate(FAMILIES)
        },
        "sites": ["yard", "park"],
        "points": {
            "balanced": {
                "false_alarms_per_ha": 48.4,
                "found": {"yard": {"pfm-1": (22, 25)}, "park": {}, "scenes": {"pfm-1": (1, 9)}},
            }
        },
    }

    def read(self, fit, probe):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.onnx"
            file.write_bytes(b"weights")
            long, end = Path(folder) / "long", Path(folder) / "end"
            options = {"objects": "wide", "train_ground": ["pitch", "court"], "scenes": ["s"]}
            for run, start in ((long, {}), (end, {"cool_from": str(long)})):
                run.mkdir()
                (run / "args.json").write_text(json.dumps({**options, "init": None, **start}))
            return tomllib.loads(export.model_toml(file, fit, probe, run=end))

    def test_the_tree(self):
        model = self.read(self.fit, False)
        self.assertEqual(
            (model["onnx"], model["digest"]),
            ("x.onnx", "sha256:" + hashlib.sha256(b"weights").hexdigest()),
        )
        found = {c["name"]: c for c in model["class"]}
        self.assertEqual([c["name"] for c in model["class"]], CLASSES)
        for name in set(LEAVES) - {"m095"}:
            leaf, family = found[name], FAMILIES[FAMILY_OF_CLASS[CLASSES.index(name)]]
            self.assertEqual(leaf["threshold"], self.fit["families"][family]["threshold"])
            if name != family:
                self.assertEqual(leaf["parent"], family)
                self.assertLessEqual(leaf["gsd_max_m"], found[family]["gsd_max_m"])
                self.assertEqual(leaf["indicator"], found[family]["indicator"])
        self.assertEqual(
            {tuple(c["hidden_by"]) for c in model["class"]},
            {("vegetation", "shadow", "saturation", "blur")},
        )
        self.assertEqual(
            model["operating_point"]["balanced"],
            {
                "recall": 0.88,
                "false_alarms_per_ha": 48,
                "measured_on": "ground not trained on: 25 objects, false alarms on yard, park",
            },
        )
        used = " ".join(model["training_data"])
        self.assertIn("M600_191105_F01.tif", used)
        self.assertIn("caliterra_IMG_9354.jpg", used)
        for held in ("Phan4_200316_F03", "garfield", "gravel", "DJI_0030"):
            self.assertNotIn(held, used)
        self.assertNotIn("parent", found["pfm-1"])
        self.assertEqual(found["carrier"]["eo_category"], "UNKNOWN")
        self.assertLess(
            max(c["size_m"][1] for c in model["class"]),
            model["input"]["halo_px"] * model["input"]["gsd_m"] + 1e-9,
        )

    def test_an_output_of_embeddings_is_named_where_there_is_one(self):
        image, boxes, looks = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
            for name in ("image", "boxes", "embedding")
        )
        for outputs, name in (([boxes], None), ([boxes, looks], "embedding")):
            nodes = [helper.make_node("Identity", ["image"], [o.name]) for o in outputs]
            graph = helper.make_graph(nodes, "g", [image], outputs)
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "x.onnx"
                onnx.save(helper.make_model(graph), str(file))
                export.describe_model(file, self.fit, False)
                model = tomllib.loads(file.with_name("model.toml").read_text())
            self.assertEqual(model["output"].get("embedding"), name)

    def test_a_probe_looks_for_everything(self):
        model = self.read(None, True)
        self.assertEqual({c["threshold"] for c in model["class"]}, {export.PROBE["threshold"]})
        self.assertEqual({c["gsd_max_m"] for c in model["class"]}, {export.PROBE_GSD_M})


class Description(unittest.TestCase):
    def test_held_out_scenes_share_no_ground_with_others(self):
        held = SETS["held-out"]
        kept = {Path(b["file"]).name for b in TABLE["background"] if b.get("held_out")}
        self.assertLessEqual(set(held["background"]), kept)
        for entry in RECIPE["scenes"]:
            self.assertFalse(set(entry.get("ground", [])) & set(held["ground"]))
            self.assertFalse(set(entry.get("background", [])) & kept)
        self.assertEqual(len(gsd_levels(held)), 5)

    def test_what_is_judged_was_not_trained_on(self):
        used = {Path(e["file"]) for e in export.recipe_material(HELD_OUT)}
        judged = {Path(file) for files in EMPTY.values() for file, _ in files}
        self.assertFalse(used & judged)
        self.assertEqual(set(EMPTY), {"gravel", "snow", "forest_floor", "garfield", "aerial"})


class Card(unittest.TestCase):
    def test_a_missing_figure_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(SystemExit):
            card.write_card(Path(folder), Path(folder))


if __name__ == "__main__":
    unittest.main()
