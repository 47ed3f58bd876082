"""Tests of textures, of domain randomisation, and from a painted scene to a training step."""

import argparse
import itertools
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import cv2
import numpy as np
import rasterio
import torch

from rams_train.common import loop
from rams_train.ordnance import domain_randomisation, textures
from rams_train.ordnance.classes import FAMILIES, FAMILY_OF, FOLDS, HELD_OUT, LEAVES, RECIPE, TABLE
from rams_train.ordnance.crops import Crops
from rams_train.ordnance.dataset import (
    AnnotatedImage,
    LabelledObject,
    leaves_of_categories,
    load_folder,
    load_scene,
)
from rams_train.ordnance.folds import ALL, JudgedPlace, at_budgets
from rams_train.ordnance.hard_negatives import (
    REAL_TURNS,
    SCENE_TURNS,
    HardNegative,
    due_images,
)
from rams_train.ordnance.holdout_eval import JudgedDetection, hits_above, judge, score_floor
from rams_train.ordnance.losses import TERMS, detection_loss
from rams_train.ordnance.model import Detector
from tests import RAMS


def truth_of(*categories):
    """A scene's truth with one object of each category."""
    notes = [
        {
            "id": i,
            "category_id": i,
            "bbox": [10 * i, 5, 8, 8],
            "visibility": 1,
            "segmentation": [[10 * i, 5, 10 * i + 8, 5, 10 * i + 8, 13]],
        }
        for i, _ in enumerate(categories, 1)
    ]
    names = [{"id": i, "name": n} for i, n in enumerate(categories, 1)]
    return {"images": [{"id": 1, "gsd_m": 0.0025}], "categories": names, "annotations": notes}


class Scenes(unittest.TestCase):
    def test_an_earthwork_is_ground(self):
        with tempfile.TemporaryDirectory() as folder:
            profile = {
                "driver": "GTiff",
                "width": 64,
                "height": 32,
                "count": 3,
                "dtype": "uint8",
                "transform": rasterio.transform.from_origin(0, 0, 0.0025, 0.0025),
            }
            with rasterio.open(Path(folder) / "7.tif", "w", **profile) as out:
                out.write(np.zeros((3, 32, 64), np.uint8))
            file = Path(folder) / "7_truth.json"
            file.write_text(json.dumps(truth_of("trench_fire", "tm-57", "crater")))
            scene = load_scene(file)
        self.assertEqual([LEAVES[o.cls] for o in scene.objects], ["tm-57"])
        self.assertEqual(scene.objects[0].box.tolist(), [20, 5, 28, 13])
        self.assertEqual(len(scene.ignore), 0)

    def test_an_object_of_an_unknown_class_is_an_error_and_a_mere_name_is_none(self):
        coco = truth_of("tm-57", "pmn-9")
        with self.assertRaisesRegex(SystemExit, "pmn-9.*dataset.toml names"):
            leaves_of_categories(coco, Path("7_truth.json"))
        coco["annotations"].pop()
        self.assertEqual(
            leaves_of_categories(coco, Path("7_truth.json")), {1: LEAVES.index("tm-57")}
        )


def sites_of(scenes):
    """The sites of the aerial images under a scene set."""
    named = scenes.get("background", [])
    return {b["site"] for b in TABLE["background"] if Path(b["file"]).name in named}


class Split(unittest.TestCase):
    def test_the_run_sees_nothing_of_what_it_is_tested_on(self):
        sets = {s["name"]: s for s in RECIPE["scenes"]}
        for fold in FOLDS.values():
            trained_on = RECIPE["run"]["scenes"] if fold == HELD_OUT else fold.scenes
            self.assertTrue(trained_on)
            for scenes in (sets[name] for name in trained_on):
                self.assertLessEqual(set(scenes.get("flight", [])), set(fold.train_grounds))
                self.assertFalse(sites_of(scenes) & set(fold.sites))
                # Squares of the kinds that the shipped run is trained on are for it alone.
                allowed = {None, *(f for f in FOLDS if f != fold.name)}
                allowed |= {"trained on"} if fold == HELD_OUT else set()
                self.assertIn(scenes.get("mixed"), allowed)

    def test_each_site_is_held_out_by_one_fold(self):
        def all_of(part):
            return sorted(site for fold in FOLDS.values() for site in getattr(fold, part))

        images = TABLE["background"] + RECIPE["site"]["image"]
        self.assertEqual(all_of("grounds"), sorted({f["ground"] for f in TABLE["flight"]}))
        self.assertEqual(all_of("kinds"), sorted({t["kind"] for t in RECIPE["texture"]["image"]}))
        self.assertEqual(all_of("sites"), sorted({i["site"] for i in images}))
        self.assertEqual(FOLDS["pitch"].train_grounds, ["yard", "court"])

    def test_no_seed_is_used_twice(self):
        sets = sorted(
            (s["seed"], s["seed"] + s["count"]) for s in TABLE["scenes"] + RECIPE["scenes"]
        )
        self.assertTrue(all(a[1] <= b[0] for a, b in itertools.pairwise(sets)))


def texture(mm, shape, within=1.0):
    """A flat texture with one disc of 40 px."""
    image = np.full((*shape, 3), 90, np.uint8)
    cv2.circle(image, (shape[1] // 2, shape[0] // 2), 20, (200, 200, 200), -1)
    with tempfile.TemporaryDirectory() as folder:
        cv2.imwrite(f"{folder}/a.png", image)
        entry = {"file": "a.png", "kind": "sand", "metres": shape[1] * mm / 1000, "within": within}
        return textures.load_texture(Path(folder), entry)


class Textures(unittest.TestCase):
    def test_a_texture_has_its_true_size(self):
        # One disc of 40 mm in each 0.2 m square: its share of the ground does not depend on the
        # pixel, coarse levels included.
        for mm, gsd_m in ((1.0, 0.001), (1.0, 0.0025), (1.0, 0.004), (0.5, 0.004)):
            side = round(200 / mm)
            flat = texture(mm, (side, side))
            n = round(2.0 / gsd_m)
            light = textures.Light(0, 1)
            out = textures.render_texture(np.random.default_rng(3), flat, n, gsd_m, light)
            share = (out.mean(2) - 90).mean() / 110
            self.assertAlmostEqual(
                share, np.pi * (20 * mm) ** 2 / 200**2, delta=0.15 * np.pi * (20 * mm) ** 2 / 200**2
            )

    def test_the_sun_lights_the_side_that_faces_it(self):
        ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (64, 1)) + np.random.default_rng(
            0
        ).normal(0, 0.01, (64, 64)).astype(np.float32)
        # Light that comes along +x falls on slopes that fall towards +x.
        light = textures.Light(0.0, 1.0)
        rising, falling = (
            textures.relief_light(np.random.default_rng(1), relief, light)[8:-8, 8:-8].mean()
            for relief in (ramp, ramp[:, ::-1].copy())
        )
        self.assertLess(rising + 0.1, falling)

    def test_mixed_ground_is_read_back_without_objects(self):
        grounds = [texture(1.0, (200, 200))]
        rgb = textures.paint_ground(np.random.default_rng(0), grounds, 64, 0.0025)
        self.assertEqual((rgb.shape, rgb.dtype), ((64, 64, 3), np.uint8))
        with tempfile.TemporaryDirectory() as folder:
            profile = {
                "driver": "GTiff",
                "width": 64,
                "height": 64,
                "count": 3,
                "dtype": "uint8",
                "transform": rasterio.transform.from_origin(0, 0, 0.0025, 0.0025),
            }
            with rasterio.open(Path(folder) / "0.tif", "w", **profile) as out:
                out.write(rgb.transpose(2, 0, 1))
            ground = load_folder(Path(folder))[0]
            self.assertEqual(
                (ground.gsd_m, ground.objects, ground.rgba.shape), (0.0025, (), (64, 64, 4))
            )


class DomainRandomisation(unittest.TestCase):
    sprite = np.zeros((30, 40, 4), np.float32)
    sprite[5:25, 5:35] = (120, 100, 60, 1)

    def test_another_material_keeps_the_outline(self):
        grey = np.array([90, 90, 90])
        looks = [
            domain_randomisation.randomise_appearance(np.random.default_rng(i), self.sprite, grey)
            for i in range(40)
        ]
        for look in looks:
            np.testing.assert_array_equal(look[..., 3], self.sprite[..., 3])
            self.assertTrue(look.min() >= 0 and look.max() <= 255)
        self.assertGreater(np.std([look[10:20, 10:30, :3].mean() for look in looks]), 30)

    def test_a_cover_hides_part_of_it(self):
        whole = self.sprite[..., 3].sum()
        rngs = [np.random.default_rng(i) for i in range(60)]
        left = [domain_randomisation.occlude(rng, self.sprite)[..., 3].sum() for rng in rngs]
        shares = [1 - visible / whole for visible in left]
        self.assertLess(max(shares), 0.66)
        self.assertGreater(np.mean(np.array(shares) > 0.1), 0.5)

    def test_hues_turn_and_grey_stays(self):
        for angle in (0.5, 2.0, 4.0):
            turn = domain_randomisation.hue_matrix(angle)
            np.testing.assert_allclose(turn @ [80, 80, 80], [80, 80, 80], rtol=1e-5)
        third = domain_randomisation.hue_matrix(2 * np.pi / 3)
        np.testing.assert_allclose(third @ [200, 50, 20], [20, 200, 50], atol=0.01)

    def test_a_distractor_has_an_outline_of_its_size(self):
        for seed in range(60):
            sprite = domain_randomisation.draw_distractor(np.random.default_rng(seed), 0.004)
            self.assertTrue(np.isfinite(sprite).all())
            self.assertGreater(sprite[..., 3].max(), 0.5)
            self.assertLess(max(sprite.shape), 0.9 / 0.004)


class HeldOut(unittest.TestCase):
    def test_recall_at_a_rate_of_false_alarms(self):
        def box(x):
            return np.array([x, 0.0, x + 40, 20])

        objects = [LabelledObject(str(x), 0, box(x), 0.1, 0.06) for x in (0, 100, 200)]
        rgba, ignore = np.zeros((1, 1, 4), np.uint8), np.array([box(300)])
        image = AnnotatedImage("g", Path("g"), rgba, 0.0025, objects, ignore)
        round_mine = LEAVES.index("tm-57")
        rows = np.array(
            [
                (*box(x), score, cls)
                for x, score, cls in [
                    (0, 0.9, 0),
                    (0, 0.8, 0),
                    (400, 0.7, 0),
                    (300, 0.65, 0),
                    (100, 0.6, 0),
                    (500, 0.5, round_mine),
                    (200, 0.4, 0),
                    (600, 0.3, 0),
                ]
            ]
        )
        found = judge(image, rows)
        self.assertEqual([d.verdict for d in found], [1, -1, 0, -1, 1, 0, 1, 0])
        # 0.01 ha: one false alarm is 100 per hectare.
        for rate, families, hits in (
            (50, {0}, 1),
            (100, {0}, 3),
            (100, {0, FAMILY_OF[round_mine]}, 2),
            (200, {0, FAMILY_OF[round_mine]}, 3),
        ):
            floor = score_floor(found, 0.01, rate, families)
            self.assertEqual(hits_above(found, floor), hits)

    def test_a_site_without_objects_is_judged_by_the_scenes(self):
        wrong, hit = 0, 1
        site = JudgedPlace(
            [JudgedDetection(s, 0, wrong) for s in np.array([0.8, 0.5, 0.2])], {}, 0.02
        )
        finds = [(0.9, 0, hit), (0.6, 0, hit), (0.7, 1, hit), (0.95, 1, wrong)]
        scenes = JudgedPlace([JudgedDetection(s, f, v) for s, f, v in finds], {0: 3, 1: 2}, 1.0)
        figures = at_budgets(site, scenes)["families"]
        # On 0.02 ha 20 and 49 a hectare allow none, 50 one, 100 two.
        self.assertEqual(figures[ALL]["scenes"], {20: [1, 5], 50: [3, 5], 100: [3, 5]})
        self.assertEqual(figures["pfm-1"]["scenes"], {20: [1, 3], 50: [2, 3], 100: [2, 3]})
        # The second family raises no alarm there, so all of its finds count.
        self.assertEqual(figures[FAMILIES[1]]["scenes"][20], [1, 2])
        self.assertIsNone(figures[FAMILIES[2]]["scenes"][20])
        json.dumps(figures)  # as the stage writes it
        self.assertEqual(figures[ALL]["own"], {20: None, 50: None, 100: None})


class Mining(unittest.TestCase):
    def test_all_ground_has_its_turn_real_ground_more_often(self):
        times = np.zeros(60, int)
        for turn in range(SCENE_TURNS):
            times[due_images(turn, 3, 40, 60)] += 1
        self.assertEqual(set(times[3:43]), {1})
        self.assertEqual(set(times[:3]) | set(times[43:]), {SCENE_TURNS // REAL_TURNS})


@unittest.skipUnless(RAMS, "the program is not built: cargo build")
class FromASceneToAStep(unittest.TestCase):
    def test_what_is_painted_can_be_trained_on(self):
        with tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scenes"
            look = ["--size", "768x768", "--gsd", "0.0025", "--layout", "dense"]
            subprocess.run(
                [str(RAMS), "scene", scene, "--seed", "3", "--count", "2", *look],
                check=True,
                capture_output=True,
            )
            painted = load_scene(next(scene.glob("*_truth.json")))
            self.assertGreater(len(painted.objects), 2)
            rgba = np.full((400, 400, 4), 255, np.uint8)
            photo = AnnotatedImage("p", Path("p"), rgba, 0.02)
            for mix, more in (("real", ()), ("wide", ([texture(1.0, (200, 200))], [photo]))):
                crops = Crops([painted], [painted], [photo], mix, *more)
                ap = argparse.ArgumentParser()
                loop.add_options(ap, batch=4, mine=[])
                out = Path(folder) / mix
                places = ["--data", folder, "--out", str(out)]
                small = ["--steps", "1", "--workers", "0", "--device", "cpu"]
                options = ap.parse_args([*places, *small], namespace=loop.Options())
                before = {k: v.clone() for k, v in Detector().state_dict().items()}
                task = loop.Task(Detector, crops, detection_loss, TERMS, lambda *_: None, mix)
                loop.train(options, task)
                after = torch.load(out / "last.pt", weights_only=False)["net"]
                self.assertTrue(all(torch.isfinite(v).all() for v in after.values()))
                self.assertTrue(any(not torch.equal(after[k], before[k]) for k in before))
                self.assertEqual(after["heat.weight"].shape[0], len(FAMILIES))
                # A false alarm on a photograph comes back as a crop without objects.
                crops.set_hard([HardNegative("p", 200.0, 200.0, 20.0, 20.0)])
                view = crops._around_alarm(np.random.default_rng(0), 0.004)
                self.assertEqual((view.objects, view.ignore), ([], []))


if __name__ == "__main__":
    unittest.main()
