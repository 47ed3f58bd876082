"""Tests of the earthworks' crops, targets and disjoint planes. No data is needed: `python -m unittest`."""
import unittest

import numpy as np
import torch

from earthworks.classes import FAMILY, MASKS, PLANES
from earthworks.crop import CROP, GSD_M, N, Crops, finish, plain, targets, window
from earthworks.grounds import IGNORE, Ground, draw
from earthworks.model import Planes, Segmenter
from earthworks.train import loss


def coco(*works):
    """Outlines as `rams scene` writes them: (class, [x, y, ...], visibility)."""
    names = sorted({w[0] for w in works})
    rows = [{"category_id": 1 + names.index(n), "segmentation": [ring], "area": 1.0 + i, "visibility": v} for i, (n, ring, v) in enumerate(works)]
    return {"images": [{"width": 100, "height": 80, "gsd_m": 0.05}], "categories": [{"id": 1 + i, "name": n} for i, n in enumerate(names)], "annotations": rows}


def says(**shares):
    """The planes of a net that gives these probabilities everywhere; the ground has the rest."""
    p = [1 - sum(shares.values())] + [shares.get(n, 0.0) for n in MASKS]
    logits = torch.log(torch.tensor(p).clamp(min=1e-9))[None, :, None, None].expand(1, -1, 2, 2)
    out = Planes(lambda _: logits)(None)[0, :, 0, 0]
    return {n: round(float(v), 3) for n, v in zip(PLANES, out) if v > 1e-6}


class Labels(unittest.TestCase):
    def test_an_outline_covers_its_pixels_and_no_others(self):
        label, spots = draw(coco(("berm", [10, 20, 30, 20, 30, 40, 10, 40], 1.0)))
        self.assertTrue((label[20:40, 10:30] == 1 + MASKS.index("berm")).all())
        self.assertEqual((label > 0).sum(), 400)
        self.assertTrue((spots[:, 0] == MASKS.index("berm")).all())

    def test_what_hardly_shows_is_ignored_and_not_sought(self):
        label, spots = draw(coco(("crater", [10, 20, 30, 20, 30, 40, 10, 40], 0.1)))
        self.assertEqual(set(np.unique(label)), {0, IGNORE})
        self.assertEqual(len(spots), 0)


class Targets(unittest.TestCase):
    def test_cells_hold_shares(self):
        label = np.zeros((CROP, CROP), np.uint8)
        label[:, :2] = 1  # half of the first column of cells
        share, care = targets(label, 0.05)
        np.testing.assert_allclose(share[1, :, 0], 0.5)
        np.testing.assert_allclose(share.sum(0), 1)
        self.assertEqual(care.min(), 1)

    def test_a_foxhole_too_small_for_the_source_is_not_asked_for(self):
        label = np.zeros((CROP, CROP), np.uint8)
        label[100:110, 100:110] = 1 + MASKS.index("foxhole")  # 1 m
        self.assertEqual(targets(label, 0.05)[1].min(), 1)
        self.assertEqual(targets(label, 0.20)[1][25, 25], 0)

    def test_a_window_over_the_edge_is_not_seen_there(self):
        ground = Ground("g", np.full((200, 200, 3), 90, np.uint8), np.zeros((200, 200), np.uint8), None, 0.1, np.zeros((0, 3)))
        rgb, label, height = window(ground, 0, 100, 1.0)
        self.assertIsNone(height)
        self.assertTrue((label[:, :CROP // 2 - 1] == IGNORE).all())
        planes, seen = plain(rgb, label, CROP)
        self.assertEqual(np.abs(planes[:, ~seen]).max(), 0)

    def test_picture_height_and_label_turn_together(self):
        side = round(CROP * GSD_M / 0.05)
        label = np.zeros((side, side), np.uint8)
        label[40:120, 300:420] = 1 + MASKS.index("berm")
        rgb = np.where(label[..., None] > 0, 250, 5).astype(np.uint8).repeat(3, 2)
        height = np.where(label > 0, 3.0, 0.0)[::2, ::2].astype(np.float32)
        tried = 0
        for seed in range(12):
            planes, share, care = finish(np.random.default_rng(seed), rgb, label, height, 0.1)
            works = np.kron(share[1 + MASKS.index("berm")], np.ones((4, 4))) > 0.99
            ground = np.kron(share[0], np.ones((4, 4))) > 0.99
            self.assertGreater(planes[1][works].mean(), planes[1][ground].mean() + 0.5)
            known = planes[4] > 0
            if (works & known).any():
                tried += 1
                self.assertGreater(planes[3][works & known].mean(), planes[3][ground & known].mean() + 1)
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
        share = torch.zeros(1, 1 + len(MASKS), N, N)
        share[:, 0], share[:, 0, :8], share[:, 1, :8] = 1, 0, 1
        care = torch.ones(1, N, N)
        right = (share * 10).requires_grad_()
        self.assertLess(sum(loss(right, share, care)), sum(loss(share * 2, share, care)))
        self.assertLess(sum(loss(right, share, care)), sum(loss(1 - share * 10, share, care)))


class Draw(unittest.TestCase):
    def test_a_crop_is_made_from_any_ground(self):
        label, spots = draw(coco(("trench_fire", [10, 20, 30, 20, 30, 40, 10, 40], 1.0)))
        scene = Ground("s", np.full((80, 100, 3), 120, np.uint8), label, np.zeros((40, 50), np.float32), 0.05, spots)
        photo = Ground("p", np.full((300, 300, 3), 60, np.uint8), np.zeros((300, 300), np.uint8), None, 0.1, np.zeros((0, 3)))
        crops = Crops([scene], [photo], 0.6)
        crops.hard = [(1, 20.0, 20.0)]
        seen = 0
        for seed in range(20):
            planes, share, care = crops.sample(np.random.default_rng(seed))
            self.assertEqual((planes.shape, share.shape, care.shape), ((5, CROP, CROP), (1 + len(MASKS), N, N), (N, N)))
            self.assertTrue(np.isfinite(planes).all())
            seen += share[1].max() > 0.5
        self.assertGreater(seen, 3)


if __name__ == "__main__":
    unittest.main()
