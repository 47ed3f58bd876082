"""Tests of truth, matching, calibration, thresholds and model.toml."""

import hashlib
import json
import tempfile
import tomllib
import unittest
from pathlib import Path
from typing import ClassVar

import numpy as np
import onnx
import rasterio
from onnx import TensorProto, helper

from rams_train.common.calibration import PlattScaling, calibration_error, fit_platt
from rams_train.common.stages import gsd_levels
from rams_train.ordnance import calibration, card, coco_truth, export
from rams_train.ordnance.calibration import SurveyedTruth
from rams_train.ordnance.card import RUNS
from rams_train.ordnance.classes import CLASSES, FAMILIES, FAMILY_OF_CLASS, LEAVES, TABLE
from rams_train.ordnance.predictions import Predictions, coco_results, match_predictions
from rams_train.ordnance.retrain import SETS


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

    def test_without_real_labels_the_threshold_is_the_lowest_within_the_limits(self):
        real = np.array([[0.9, 1], [0.7, 0], [0.6, 1], [0.5, 0], [0.4, 1]])
        none = np.zeros((0, 2))
        # 0.05 ha: one false alarm is 20 per hectare, two are too many.
        self.assertAlmostEqual(calibration.threshold_by_false_alarms(real, 0.05, none), 0.55)
        self.assertAlmostEqual(calibration.threshold_by_false_alarms(real, 0.04, none), 0.8)
        self.assertAlmostEqual(
            calibration.threshold_by_false_alarms(real, 0.2, none), calibration.LOWEST
        )
        # On scenes one false alarm is allowed to begin with, then one in four hits.
        scenes = np.array([[0.8, 0], [0.7, 1], [0.3, 0]])
        self.assertAlmostEqual(calibration.threshold_by_false_alarms(none, 1.0, scenes), 0.5)
        self.assertAlmostEqual(
            calibration.threshold_by_false_alarms(none, 1.0, none), calibration.LOWEST
        )

    def test_with_real_labels_the_threshold_is_the_highest_that_finds_enough(self):
        real = np.array([[0.9, 1], [0.7, 0], [0.6, 1], [0.5, 0], [0.4, 1]])
        self.assertAlmostEqual(calibration.threshold_by_recall(real, 2), 0.55)
        # Three of three are wanted, then three of four, and there are three.
        self.assertAlmostEqual(
            calibration.threshold_by_recall(real, 3), (0.4 + calibration.LOWEST) / 2
        )
        self.assertAlmostEqual(calibration.threshold_by_recall(real, 4), calibration.LOWEST)

    def test_ground_is_judged_by_the_fit_of_the_other(self):
        objects = [("pfm-1", 50 * i, 0, 40, 20, 0) for i in range(20)]
        right = np.array([find("pfm-1", 50 * i, 0, 50 * i + 40, 20, 0.6) for i in range(20)])
        wrong = np.add(right, [0, 0, 0, 500, 0, 500, 0])
        real = {
            place: [SurveyedTruth(flat(*objects), Predictions.from_rows(rows))]
            for place, rows in (("a", right), ("b", wrong))
        }
        nothing = SurveyedTruth(flat(), Predictions.from_rows([]))
        found = calibration.calibrate(real, nothing)
        self.assertLess(found.real["a", 0].max(), 0.1)
        self.assertGreater(found.real["b", 0].min(), 0.9)
        checks = found.fit["checks"]
        check = next(c for c in checks if c["split"] == "other ground -> a")
        self.assertGreater(check["ece"], 0.9)


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
            (folder / "7_truth.json").write_text(
                json.dumps({"categories": [{"id": 3, "name": "tm-57"}], "annotations": notes})
            )
            coco = coco_truth.truth_of_scenes(folder)
        image = coco["images"][0]
        self.assertEqual(image["file_name"], "7.tif")
        self.assertAlmostEqual(image["valid_m2"], 32 * 32 * 0.01**2)
        self.assertEqual([a["iscrowd"] for a in coco["annotations"]], [0, 1])
        self.assertEqual(coco["annotations"][0]["bbox"], [1, 2, 10, 20])
        category = coco["categories"][coco["annotations"][0]["category_id"] - 1]
        self.assertEqual((category["name"], category["supercategory"]), ("tm-57", "av-round"))
        self.assertNotIn("supercategory", coco["categories"][0])


class ModelToml(unittest.TestCase):
    fit: ClassVar = {
        f: {"threshold": 0.3 + 0.01 * i, "slope": 2, "intercept": -1}
        for i, f in enumerate(FAMILIES)
    }

    def read(self, fit, probe):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.onnx"
            file.write_bytes(b"weights")
            return tomllib.loads(export.model_toml(file, fit, probe))

    def test_the_tree(self):
        model = self.read(self.fit, False)
        self.assertEqual(
            (model["onnx"], model["digest"]),
            ("x.onnx", "sha256:" + hashlib.sha256(b"weights").hexdigest()),
        )
        found = {c["name"]: c for c in model["class"]}
        self.assertEqual([c["name"] for c in model["class"]], CLASSES)
        for name in LEAVES:
            leaf, family = found[name], FAMILIES[FAMILY_OF_CLASS[CLASSES.index(name)]]
            self.assertEqual(leaf["threshold"], self.fit[family]["threshold"])
            if name != family:
                self.assertEqual(leaf["parent"], family)
                self.assertLessEqual(leaf["gsd_max_m"], found[family]["gsd_max_m"])
                self.assertEqual(leaf["indicator"], found[family]["indicator"])
        self.assertEqual(
            {tuple(c["hidden_by"]) for c in model["class"]},
            {("vegetation", "shadow", "saturation", "blur")},
        )
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
        model = self.read({}, True)
        self.assertEqual({c["threshold"] for c in model["class"]}, {export.PROBE["threshold"]})
        self.assertEqual({c["gsd_max_m"] for c in model["class"]}, {export.PROBE_GSD_M})


class Description(unittest.TestCase):
    def test_no_run_is_tested_on_what_it_saw(self):
        grounds = {f["ground"] for f in TABLE["flight"]}

        def flown(name):
            scenes = (SETS[s] for s in RUNS[name]["scenes"])
            return {*RUNS[name]["ground"], *(g for s in scenes for g in s.get("flight", []))}

        for name, run in RUNS.items():
            line = [name]
            while "init" in RUNS[line[-1]]:
                line.append(RUNS[line[-1]]["init"])
            for ancestor in line:
                self.assertLessEqual(set(RUNS[ancestor]["ground"]), grounds)
                self.assertFalse(flown(ancestor) & set(run["test"]), f"{name} by way of {ancestor}")
                self.assertNotIn("held-out", RUNS[ancestor]["scenes"])

    def test_held_out_scenes_share_no_seed_and_no_ground_with_others(self):
        held = SETS["held-out"]
        kept = {Path(b["file"]).name for b in TABLE["background"] if b.get("held_out")}
        self.assertLessEqual(set(held["background"]), kept)
        for name, entry in SETS.items():
            if name != "held-out":
                self.assertFalse(set(entry.get("ground", [])) & set(held["ground"]))
                self.assertFalse(set(entry.get("background", [])) & kept)
                self.assertLess(entry["seed"] + entry["count"], held["seed"])
        self.assertEqual(len(gsd_levels(held)), 5)


class Card(unittest.TestCase):
    def test_a_missing_figure_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(SystemExit):
            card.write_card(Path(folder), Path(folder))


if __name__ == "__main__":
    unittest.main()
