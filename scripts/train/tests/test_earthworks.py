"""Tests of the earthworks' crops, targets, disjoint planes, thresholds and splits."""

import itertools
import tempfile
import tomllib
import unittest
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from rams_train.earthworks.calibration import (
    RULES,
    Rule,
    calibrate,
    choose_threshold,
    choose_thresholds,
)
from rams_train.earthworks.classes import CLASS, FAMILY, MASKS, PLANES, RECIPE, TABLE
from rams_train.earthworks.crops import Crops, HardNegative
from rams_train.earthworks.dataset import IGNORE, LabelledImage, draw_labels
from rams_train.earthworks.export import PIXEL, model_toml
from rams_train.earthworks.figures import pooled
from rams_train.earthworks.geometry import CELLS, CROP, GSD_M, Window, cut_window
from rams_train.earthworks.losses import segmentation_loss
from rams_train.earthworks.model import Planes, Segmenter
from rams_train.earthworks.planes import make_crop, plain_planes
from rams_train.earthworks.retrain import HELD_OUT, NATIVE
from rams_train.earthworks.surveys import SETS
from rams_train.earthworks.targets import target_maps


def coco(*works):
    """Outlines as `rams scene` writes them: (class, [x, y, ...], visibility)."""
    names = sorted({w[0] for w in works})
    rows = [
        {
            "category_id": 1 + names.index(n),
            "segmentation": [ring],
            "area": 1.0 + i,
            "visibility": v,
        }
        for i, (n, ring, v) in enumerate(works)
    ]
    return {
        "images": [{"width": 100, "height": 80, "gsd_m": 0.05}],
        "categories": [{"id": 1 + i, "name": n} for i, n in enumerate(names)],
        "annotations": rows,
    }


def says(**shares):
    """The planes of a net that gives these probabilities everywhere; the ground has the rest."""
    p = [1 - sum(shares.values())] + [shares.get(n, 0.0) for n in MASKS]
    logits = torch.log(torch.tensor(p).clamp(min=1e-9))[None, :, None, None].expand(1, -1, 2, 2)
    out = Planes(lambda _: logits)(None)[0, :, 0, 0]
    return {n: round(float(v), 3) for n, v in zip(PLANES, out, strict=True) if v > 1e-6}


class Labels(unittest.TestCase):
    def test_an_outline_covers_its_pixels_and_no_others(self):
        drawn = draw_labels(coco(("berm", [10, 20, 30, 20, 30, 40, 10, 40], 1.0)))
        label, spots = drawn.label, drawn.spots
        self.assertTrue((label[20:40, 10:30] == 1 + MASKS.index("berm")).all())
        self.assertEqual((label > 0).sum(), 400)
        self.assertTrue((spots[:, 0] == MASKS.index("berm")).all())

    def test_what_hardly_shows_is_ignored_and_not_sought(self):
        drawn = draw_labels(coco(("crater", [10, 20, 30, 20, 30, 40, 10, 40], 0.1)))
        label, spots = drawn.label, drawn.spots
        self.assertEqual(set(np.unique(label)), {0, IGNORE})
        self.assertEqual(len(spots), 0)


class Targets(unittest.TestCase):
    def test_cells_hold_shares(self):
        label = np.zeros((CROP, CROP), np.uint8)
        label[:, :2] = 1  # half of the first column of cells
        share, care = target_maps(label, 0.05)
        np.testing.assert_allclose(share[1, :, 0], 0.5)
        np.testing.assert_allclose(share.sum(0), 1)
        self.assertEqual(care.min(), 1)

    def test_a_foxhole_too_small_for_the_source_is_not_asked_for(self):
        label = np.zeros((CROP, CROP), np.uint8)
        label[100:110, 100:110] = 1 + MASKS.index("foxhole")  # 1 m
        self.assertEqual(target_maps(label, 0.05).care.min(), 1)
        self.assertEqual(target_maps(label, 0.20).care[25, 25], 0)

    def test_a_window_over_the_edge_is_not_seen_there(self):
        rgb, label = np.full((200, 200, 3), 90, np.uint8), np.zeros((200, 200), np.uint8)
        image = LabelledImage("g", rgb, label, None, 0.1, np.zeros((0, 3), np.float32))
        window = cut_window(image, 0, 100, 1.0)
        self.assertIsNone(window.height)
        self.assertTrue((window.label[:, : CROP // 2 - 1] == IGNORE).all())
        planes, seen = plain_planes(window, CROP)
        self.assertEqual(np.abs(planes[:, ~seen]).max(), 0)

    def test_picture_height_and_label_turn_together(self):
        side = round(CROP * GSD_M / 0.05)
        label = np.zeros((side, side), np.uint8)
        label[40:120, 300:420] = 1 + MASKS.index("berm")
        rgb = np.where(label[..., None] > 0, 250, 5).astype(np.uint8).repeat(3, 2)
        height = np.where(label > 0, 3.0, 0.0)[::2, ::2].astype(np.float32)
        tried = 0
        for seed in range(12):
            window = Window(rgb, label, height)
            planes, share, _ = make_crop(np.random.default_rng(seed), window, 0.1)
            works = np.kron(share[1 + MASKS.index("berm")], np.ones((4, 4))) > 0.99
            ground = np.kron(share[0], np.ones((4, 4))) > 0.99
            self.assertGreater(planes[1][works].mean(), planes[1][ground].mean() + 0.5)
            known = planes[4] > 0
            if (works & known).any():
                tried += 1
                self.assertGreater(
                    planes[3][works & known].mean(), planes[3][ground & known].mean() + 1
                )
        self.assertGreater(tried, 2)


class Output(unittest.TestCase):
    def test_a_sure_kind_is_named_with_all_of_the_trench(self):
        self.assertEqual(says(trench_fire=0.6, trench_comm=0.1), {"trench_fire": 0.7})

    def test_two_likely_kinds_are_the_family(self):
        self.assertEqual(says(trench_fire=0.3, trench_comm=0.3), {FAMILY: 0.6})

    def test_one_class_at_most(self):
        self.assertEqual(says(trench_fire=0.2, trench_comm=0.15, berm=0.3), {FAMILY: 0.35})
        self.assertEqual(says(trench_fire=0.2, berm=0.3), {"berm": 0.3})

    def test_without_height_its_values_do_not_matter(self):
        net = Segmenter().eval()
        x = torch.randn(1, 5, 64, 64)
        x[:, 4] = 0
        y = x.clone()
        y[:, 3] = 100
        with torch.no_grad():
            np.testing.assert_allclose(net(x).numpy(), net(y).numpy(), atol=1e-5)
            y[:, 4] = 1
            self.assertGreater((net(x) - net(y)).abs().max(), 1e-4)

    def test_the_loss_falls_towards_the_truth(self):
        share = torch.zeros(1, 1 + len(MASKS), CELLS, CELLS)
        share[:, 0], share[:, 0, :8], share[:, 1, :8] = 1, 0, 1
        care = torch.ones(1, CELLS, CELLS)
        right = (share * 10).requires_grad_()
        best = sum(segmentation_loss(right, share, care))
        self.assertLess(best, sum(segmentation_loss(share * 2, share, care)))
        self.assertLess(best, sum(segmentation_loss(1 - share * 10, share, care)))


class Draw(unittest.TestCase):
    def test_a_crop_is_made_from_any_ground(self):
        drawn = draw_labels(coco(("trench_fire", [10, 20, 30, 20, 30, 40, 10, 40], 1.0)))
        rgb, height = np.full((80, 100, 3), 120, np.uint8), np.zeros((40, 50), np.float32)
        scene = LabelledImage("s", rgb, drawn.label, height, 0.05, drawn.spots)
        rgb, bare = np.full((300, 300, 3), 60, np.uint8), np.zeros((300, 300), np.uint8)
        photo = LabelledImage("p", rgb, bare, None, 0.1, np.zeros((0, 3), np.float32))
        crops = Crops([scene], [photo], 0.6)
        crops.set_hard([HardNegative(1, 20.0, 20.0, 1.0, 0.1)])
        seen = 0
        for seed in range(20):
            planes, share, care = crops.sample(np.random.default_rng(seed))
            self.assertEqual(planes.shape, (5, CROP, CROP))
            self.assertEqual(share.shape, (1 + len(MASKS), CELLS, CELLS))
            self.assertEqual(care.shape, (CELLS, CELLS))
            self.assertTrue(np.isfinite(planes).all())
            seen += share[1].max() > 0.5
        self.assertGreater(seen, 3)


def sweep(recall, precision, alarms=None):
    """Steps of 0.1 from 0 on, as an evaluation gives them for a line."""
    alarms = alarms or [0] * len(recall)
    return [
        {
            "confidence": i / 10,
            "length_recall": r,
            "length_precision": p,
            "object_recall": None,
            "object_precision": None,
            "false_alarms": a,
        }
        for i, (r, p, a) in enumerate(zip(recall, precision, alarms, strict=False))
    ]


class ModelToml(unittest.TestCase):
    def read(self, fit):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x.onnx"
            file.write_bytes(b"weights")
            return tomllib.loads(model_toml(file, fit))

    def test_kinds_share_a_threshold_above_that_of_pixels(self):
        of_trenches = {"sensitive": 0.4, "balanced": 0.5, "strict": 0.7}
        classes = {
            n: {
                "threshold": of_trenches if n.startswith("trench") else dict.fromkeys(RULES, 0.6),
                "slope": 2,
                "intercept": -1,
            }
            for n in PLANES
        }
        measured = {point: {"recall": 0.8, "false_alarms_per_ha": 0.104} for point in RULES}
        model = self.read({"classes": classes, "points": measured})
        found = {c["name"]: c for c in model["class"]}
        self.assertEqual(list(found), PLANES)
        self.assertEqual(found["trench_fire"]["parent"], FAMILY)
        for name in ("trench", "trench_fire", "trench_comm"):
            self.assertEqual(found[name]["threshold"], of_trenches)
        self.assertEqual(model["operating_point"]["strict"]["false_alarms_per_ha"], 0.1)
        self.assertEqual({c["pixel_threshold"] for c in model["class"]}, {PIXEL})
        self.assertEqual(found["crater"]["gsd_max_m"], CLASS["crater"]["gsd_max_m"])

    def test_a_probe_keeps_all_that_has_a_pixel(self):
        self.assertTrue(
            all(c["threshold"] == PIXEL and c["gsd_max_m"] > 0.2 for c in self.read(None)["class"])
        )


RULE = Rule(recall=0.8, precision=0.85, quiet=True)


class Calibration(unittest.TestCase):
    recall: ClassVar = [1.0, 1.0, 1.0, 0.99, 0.97, 0.95, 0.91, 0.6, 0.2]

    def test_the_lowest_step_that_is_precise_and_quiet(self):
        precise = [0.1, 0.1, 0.1, 0.5, 0.9, 0.9, 0.9, 0.95, 1.0]
        self.assertEqual(choose_threshold(sweep(self.recall, precise), [], RULE), 0.4)
        self.assertEqual(
            choose_threshold(
                sweep(self.recall, precise),
                sweep(self.recall, precise, [90, 90, 90, 50, 9, 0, 0, 0, 0]),
                RULE,
            ),
            0.5,
        )

    def test_recall_comes_first(self):
        late = [0.1, 0.1, 0.1, 0.2, 0.3, 0.4, 0.5, 0.9, 1.0]
        self.assertEqual(choose_threshold(sweep(self.recall, late), [], RULE), 0.6)

    def test_a_tie_keeps_enough(self):
        self.assertEqual(
            choose_threshold(sweep([15 / 19] * 6 + [12 / 19, 11 / 19], [0.1] * 8), [], RULE), 0.6
        )

    def test_never_below_what_the_probe_kept(self):
        self.assertEqual(choose_threshold(sweep([1.0] * 9, [1.0] * 9), [], RULE), PIXEL)

    def test_a_stricter_point_asks_for_no_less(self):
        precise = [0.1, 0.1, 0.1, 0.7, 0.9, 0.9, 0.9, 0.97, 1.0]
        alarms = [90, 90, 90, 50, 9, 0, 0, 0, 0]
        scenes, empty = sweep(self.recall, precise), sweep(self.recall, precise, alarms)
        # 0.3: 60 % right, alarms or not. 0.5: 85 % right and quiet. 0.7: 95 %, 0.6 of all kept.
        points = {"sensitive": 0.3, "balanced": 0.5, "strict": 0.7}
        self.assertEqual(choose_thresholds(scenes, empty), points)
        # All is lost above 0.4: recall comes first, at each point.
        scenes = sweep([1.0] * 5 + [0.1] * 4, [0.5] * 9)
        self.assertEqual(set(choose_thresholds(scenes, empty).values()), {0.4})

    def test_kinds_share_a_fit_and_good_finds_are_likelier(self):
        rng = np.random.default_rng(0)
        scores = rng.uniform(0.3, 1, 400)
        finds: list[dict[str, Any]] = [
            {
                "class": ("trench_fire", "trench")[i % 2],
                "score": float(v),
                "right": bool(rng.random() < v),
            }
            for i, v in enumerate(scores)
        ]
        # On ignored ground.
        finds.append({"class": "trench", "score": 0.9, "right": None})
        table = {
            "all": {
                "classes": {
                    n: {"sweep": sweep(self.recall, [0.9] * 9)}
                    for n in PLANES
                    if "parent" not in CLASS[n]
                }
            }
        }
        alarm = {"class": "trench", "score": 0.95, "right": False, "verdict": "false_alarm"}
        quiet = {"by_family": {"all": {"classes": {}}}, "ground": {"a": {"truth_m2": 40_000}}}
        empty = {"features": [alarm], **quiet}
        scenes = {"features": finds, "by_family": table}
        out = calibrate(scenes, empty, {"features": finds[:200], "by_family": table})
        # One alarm on 4 ha; of the length what the sweep has at each threshold.
        threshold = out["classes"]["trench"]["threshold"]
        for point, measured in out["points"].items():
            at = self.recall[int(round(threshold[point] * 10, 6))]
            self.assertEqual(measured, {"recall": at, "false_alarms_per_ha": 0.25})
        self.assertEqual(set(out["classes"]), set(PLANES))
        self.assertEqual(out["classes"]["trench_comm"], out["classes"]["trench"])
        self.assertLess(abs(out["classes"]["trench"]["slope"] - 1), 0.3)
        check = next(c for c in out["checks"] if c["family"] == "trench")
        self.assertEqual(check["finds"], 200)
        self.assertLess(check["ece"], 0.1)

    def test_pooled_figures_are_of_sums(self):
        one = {
            "overlap": {"true_m2": 10, "found_m2": 10, "shared_m2": 5},
            "length": {"true_m": 100, "recalled_m": 90, "found_m": 50, "right_m": 50},
            "objects": None,
        }
        two = {
            "overlap": {"true_m2": 0, "found_m2": 5, "shared_m2": 0},
            "length": {"true_m": 0, "recalled_m": 0, "found_m": 50, "right_m": 0},
            "objects": None,
        }
        both = pooled([one, two])
        assert both is not None
        self.assertEqual(
            (both["overlap"]["iou"], both["length"]["recall"], both["length"]["precision"]),
            (0.25, 0.9, 0.5),
        )


class Split(unittest.TestCase):
    def test_no_seed_is_painted_twice(self):
        spans = sorted((s["seed"], s["seed"] + s["count"]) for s in SETS.values())
        self.assertTrue(
            all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans)), spans
        )

    def test_held_out_ground_is_never_trained_on(self):
        held = SETS["held-out"]
        self.assertEqual(
            {key: SETS["sun"][key] for key in ("ground", "background")},
            {key: held[key] for key in ("ground", "background")},
        )
        trained = RECIPE["scenes"]
        for key in ("ground", "background"):
            self.assertFalse(
                set(held[key] + SETS["tune"][key]) & {g for s in trained for g in s.get(key, [])}
            )
        kept = {b["file"].rsplit("/", 1)[-1] for b in TABLE["background"] if b.get("held_out")}
        self.assertTrue(set(held["background"]) <= kept)
        self.assertFalse(kept & {g for s in trained for g in s.get("background", [])})

        self.assertEqual(HELD_OUT[NATIVE], GSD_M)

    def test_kinds_are_looked_for_where_their_family_is(self):
        for c in CLASS.values():
            if "parent" in c:
                self.assertLessEqual(c["gsd_max_m"], CLASS[c["parent"]]["gsd_max_m"])


if __name__ == "__main__":
    unittest.main()
