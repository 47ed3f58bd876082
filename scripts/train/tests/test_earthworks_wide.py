"""Tests of how earthworks is made: its crops, its search, its start, its evaluation."""

import unittest
from unittest import mock

import numpy as np
import onnxruntime as ort
import torch

from rams_train.common.backbone import read_weights
from rams_train.common.background_eval import poisson_interval
from rams_train.common.paths import MODELS
from rams_train.earthworks import crops as earthworks_crops
from rams_train.earthworks import holdout_eval
from rams_train.earthworks.classes import FAMILIES, MASKS, RECIPE, TABLE
from rams_train.earthworks.crops import Crops, HardNegative
from rams_train.earthworks.dataset import IGNORE, LabelledImage, without_works
from rams_train.earthworks.export import load_planes
from rams_train.earthworks.folds import at_budgets, scenes_without
from rams_train.earthworks.geometry import CELLS, CROP, cut_window
from rams_train.earthworks.grounds import HELD_OUT_FOLD, RUN, SITES, aerial_images
from rams_train.earthworks.model import Segmenter
from rams_train.earthworks.targets import ignore_faint, target_maps
from rams_train.ordnance.classes import FOLDS

SHIPPED = MODELS / "earthworks" / RUN["init"]
CRATER, DITCH, TRENCH = (1 + MASKS.index(n) for n in ("crater", "at_ditch", "trench_fire"))


def photograph(key="photo", side=512, gsd_m=0.1):
    """Ground without known earthworks."""
    rgb = np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8)
    return without_works(key, rgb, np.zeros((side, side), np.uint8), gsd_m)


class Windows(unittest.TestCase):
    def test_picture_label_and_height_turn_together(self):
        label = np.zeros((600, 600), np.uint8)
        label[300:302, 300:420] = DITCH  # from the middle to the right
        rgb = np.where(label[..., None] > 0, 200, 20).astype(np.uint8).repeat(3, 2)
        height = np.where(label > 0, 3.0, 0.0).astype(np.float32)
        image = LabelledImage("g", rgb, label, height, 0.1, np.zeros((0, 3), np.float32))
        window = cut_window(image, 300, 300, 1.0, np.pi / 2)
        assert window.height is not None
        self.assertEqual(window.label.shape, (CROP, CROP))
        # Counterclockwise: what lay to the right of the middle now lies above it.
        for found in (window.label == DITCH, window.rgb[..., 0] > 100, window.height > 1):
            rows, columns = np.nonzero(found)
            self.assertLess(rows.max(), 130)
            self.assertEqual(rows.min(), 8)
            self.assertLess(np.abs(columns - 128).max(), 3)

    def test_what_a_turned_window_does_not_see_is_ignored(self):
        window = cut_window(photograph(side=256), 128, 128, 1.0, np.pi / 4)
        self.assertEqual(window.label[0, 0], IGNORE)
        self.assertEqual(window.label[128, 128], 0)
        # A square turned by 45 degrees in a square of its size covers 2 * sqrt(2) - 2 of it.
        self.assertAlmostEqual((window.label == 0).mean(), 0.828, delta=0.01)


class Targets(unittest.TestCase):
    def test_a_narrow_work_in_coarse_pixels_neither_is_nor_is_not(self):
        label = np.zeros((CROP, CROP), np.uint8)
        label[100:140, :] = TRENCH
        label[180:240, :] = DITCH
        _, care = target_maps(label, 0.25)
        self.assertEqual(set(np.unique(care[25:35])), {0})
        self.assertEqual(care[45:60].min(), 1)
        self.assertEqual(care.sum(), CELLS * (CELLS - 10))
        self.assertEqual(target_maps(label, 0.20).care.min(), 1)

    def test_a_small_work_without_shadow_or_spoil_is_ignored(self):
        label = np.zeros((CROP, CROP), np.uint8)
        for x in (40, 120, 200):
            label[100:120, x : x + 20] = CRATER
        rgb = np.full((CROP, CROP, 3), 100, np.uint8)
        rgb[100:120, 40:60] = 106  # differs by less than 8
        rgb[100:120, 120:130] = 91  # a shadow
        rgb[100:120, 200:210] = 109  # spoil
        shown = ignore_faint(label, rgb)
        self.assertTrue((shown[100:120, 40:60] == IGNORE).all())
        self.assertTrue((shown[100:120, 120:140] == CRATER).all())
        self.assertTrue((shown[100:120, 200:220] == CRATER).all())
        self.assertEqual((label == IGNORE).sum(), 0)


class Search(unittest.TestCase):
    def test_new_alarms_come_first_and_old_ones_stay_while_there_is_room(self):
        crops = Crops([], [photograph()], 0.0)
        old = [HardNegative(0, float(i), 0.0, 1.0, 0.1) for i in range(3)]
        crops.set_hard(old)

        def two_alarms(net, image, centre, device, zoom, source_gsd_m):
            yield 9, 1.0, 2.0
            yield 12, 3.0, 4.0

        with (
            mock.patch.object(earthworks_crops, "search_view", two_alarms),
            mock.patch.object(earthworks_crops, "MOST", 4),
            mock.patch.object(earthworks_crops, "MOST_VIEWS", 1),
        ):
            crops.search(torch.nn.Identity(), torch.device("cpu"), 0, np.random.default_rng(0))
        self.assertEqual([(a.x, a.y) for a in crops.hard[:2]], [(3.0, 4.0), (1.0, 2.0)])
        self.assertEqual(crops.hard[2:], old[:2])

    def test_alarms_of_a_checkpoint_are_drawn_as_they_were_seen(self):
        crops = Crops([], [photograph()], 0.0)
        row = (0, 300.0, 200.0, 2.0, 0.2)
        crops.set_hard_rows([row])
        self.assertEqual(crops.hard_rows(), [row])
        with mock.patch.object(earthworks_crops, "ON_HARD", 1.0):
            views = [crops._view(np.random.default_rng(seed)) for seed in range(20)]
        for view in views:
            self.assertTrue(1.7 <= view.zoom <= 2.36 and 0.16 <= view.source_gsd_m <= 0.25)
            self.assertLess(np.hypot(view.x - 300, view.y - 200), 0.5 * CROP)

    def test_all_scenes_are_searched_in_eight_turns_and_photographs_each_time(self):
        scenes = [photograph(f"scene {i}", 64) for i in range(20)]
        seen = []

        def none(net, image, centre, device, zoom, source_gsd_m):
            seen.append(image.key)
            return iter(())

        crops = Crops(scenes, [photograph(side=64)], 0.0)
        with mock.patch.object(earthworks_crops, "search_view", none):
            for turn in range(8):
                rng = np.random.default_rng(turn)
                crops.search(torch.nn.Identity(), torch.device("cpu"), turn, rng)
        self.assertEqual(sorted(set(seen)), sorted(["photo", *(s.key for s in scenes)]))
        self.assertEqual(seen.count("photo"), 8)
        self.assertEqual(seen.count("scene 7"), 1)


class Draw(unittest.TestCase):
    def test_a_crop_is_whole_and_its_pixels_fit_its_class(self):
        label = np.zeros((400, 400), np.uint8)
        label[180:220, 100:300] = TRENCH
        spots = np.array([(TRENCH - 1, 200, 200)], np.float32)
        rgb = np.random.default_rng(1).integers(0, 255, (400, 400, 3), np.uint8)
        scene = LabelledImage("s", rgb, label, np.zeros((200, 200), np.float32), 0.1, spots)
        crops = Crops([scene], [photograph()], 1.0)
        for seed in range(20):
            self.assertLessEqual(crops._view(np.random.default_rng(seed)).source_gsd_m, 0.20)
            planes, share, care = crops.sample(np.random.default_rng(seed))
            self.assertEqual(planes.shape, (5, CROP, CROP))
            self.assertTrue(np.isfinite(planes).all())
            self.assertGreater((share[TRENCH] * care).max(), 0.9)


class Start(unittest.TestCase):
    def test_the_shipped_onnx_holds_every_weight_of_the_network(self):
        weights = read_weights(SHIPPED, torch.device("cpu"))
        own = Segmenter().state_dict()
        self.assertEqual(set(weights), set(own))
        self.assertTrue(all(weights[k].shape == own[k].shape for k in own))

    def test_a_network_from_an_onnx_says_what_the_onnx_says(self):
        session = ort.InferenceSession(str(SHIPPED), providers=["CPUExecutionProvider"])
        x = np.random.default_rng(0).normal(0, 1, (1, 5, 128, 128)).astype(np.float32)
        x[:, 4] = 1
        with torch.no_grad():
            masks = load_planes(SHIPPED)(torch.from_numpy(x)).numpy()
        self.assertLess(np.abs(masks - session.run(None, {"planes": x})[0]).max(), 1e-4)


class Split(unittest.TestCase):
    def test_no_scene_lies_on_ground_held_out(self):
        kept = {b["file"].rsplit("/", 1)[-1] for b in TABLE["background"] if b.get("held_out")}
        for scenes in RECIPE["scenes"]:
            self.assertFalse(kept & set(scenes.get("background", [])))
            self.assertFalse(set(HELD_OUT_FOLD.sites) & set(scenes.get("site", [])))

    def test_what_is_held_out_is_what_the_other_recipe_holds_out(self):
        held = [e["file"] for e in aerial_images(HELD_OUT_FOLD, held_out=True)]
        self.assertEqual(sum("garfield" in file for file in held), 14)
        self.assertEqual([f for f in held if "garfield" not in f], ["pfm1/Phan4_200316_F03.tif"])
        every = {e["file"] for e in [*TABLE["background"], *SITES]}
        rest = {e["file"] for e in aerial_images(HELD_OUT_FOLD, held_out=False)}
        self.assertEqual(rest | set(held), every)
        self.assertFalse(rest & set(held))

    def test_a_short_run_sees_no_scene_on_a_site_of_its_fold(self):
        self.assertEqual(scenes_without(FOLDS["pitch"]), ["wide-kinds", "wide-photo"])
        self.assertEqual(scenes_without(FOLDS["court"]), ["wide-kinds", "wide-site"])


class Evaluation(unittest.TestCase):
    def test_a_site_is_judged_by_what_its_false_alarms_leave_of_the_recall(self):
        scores = (0.9, 0.62, 0.5)
        finds = [{"class": "crater", "score": s, "verdict": "false_alarm"} for s in scores]
        ground = {"a": {"truth_m2": 40_000, "assessed_m2": 40_000}}
        site = {"features": finds, "ground": ground}
        steps = [(0.3, 0.95), (0.6, 0.9), (0.65, 0.8), (0.95, 0.3)]
        sweep = [{"confidence": c, "length_recall": r} for c, r in steps]
        scenes = {"by_family": {"all": {"classes": {"trench": {"sweep": sweep}}}}}
        # On 0.04 km² 10 a km² allow none, from 0.91 on; 30 one, from 0.63 on; 100 all three.
        figures = at_budgets(site, scenes)
        self.assertEqual(figures["recall"], {10: 0.8, 30: 0.9, 100: 0.95})
        self.assertEqual(figures["alarms"], {0.75: 0, 0.85: 1})

    def test_the_interval_is_that_of_the_tables(self):
        for count, low, high in ((0, 0, 3.6889), (1, 0.0253, 5.5716), (10, 4.7954, 18.3904)):
            self.assertAlmostEqual(poisson_interval(count)[0], low, places=4)
            self.assertAlmostEqual(poisson_interval(count)[1], high, places=4)

    def test_an_image_is_seen_as_it_is_and_in_every_coarser_pixel(self):
        levels = {"own": 0.036, "50mm": 0.05, "100mm": 0.1, "200mm": 0.2}
        self.assertEqual(holdout_eval.levels_of(0.036), levels)
        self.assertEqual(list(holdout_eval.levels_of(0.1)), ["own", "200mm"])
        self.assertEqual(list(holdout_eval.levels_of(0.0026)), ["50mm", "100mm", "200mm"])

    def test_false_alarms_count_by_family_from_its_threshold_on(self):
        finds = [
            {"class": "trench_fire", "score": 0.6, "verdict": "false_alarm"},
            {"class": "trench", "score": 0.5, "verdict": "false_alarm"},
            {"class": "crater", "score": 0.9, "verdict": "confused"},
            {"class": "crater", "score": 0.9, "verdict": "false_alarm"},
        ]
        at = dict.fromkeys(FAMILIES, 0.55)
        counts = holdout_eval.false_alarms({"features": finds}, at)
        self.assertEqual({n: c for n, c in counts.items() if c}, {"trench": 1, "crater": 1})

    def test_recall_is_that_of_the_step_below(self):
        steps = [{"confidence": c, "length_recall": r} for c, r in ((0.5, 0.9), (0.55, 0.8))]
        works = {"by_family": {"all": {"classes": {"trench": {"sweep": steps}}}}}
        self.assertEqual(holdout_eval.trench_recall(works, 0.55), 0.8)
        self.assertEqual(holdout_eval.trench_recall(works, 0.54), 0.9)


if __name__ == "__main__":
    unittest.main()
