"""Tests of the scoring core, the target maps and the decoder. No data is needed: `python -m unittest test_score`."""
import unittest

import numpy as np
import torch

from infer import merge
from model import TOP_K, Decoder
from scene import CROP, Scenes, _flip, _turn
from score import ap50, clopper_pearson, match, poisson, score


def rows(*boxes):
    return np.array([(*b, 0) for b in boxes], float).reshape(-1, 6)


class Match(unittest.TestCase):
    truth = np.array([[0, 0, 40, 20], [100, 100, 140, 120]], float)
    none = np.zeros((0, 4))

    def test_best_score_takes_the_object_and_the_second_is_false_under_iou(self):
        r = rows((0, 0, 40, 20, 0.5), (1, 0, 41, 20, 0.9))
        self.assertEqual(match(r, self.truth, self.none, "iou").tolist(), [-1, 0])

    def test_the_second_is_a_duplicate_under_centre(self):
        r = rows((0, 0, 40, 20, 0.5), (1, 0, 41, 20, 0.9))
        self.assertEqual(match(r, self.truth, self.none, "centre").tolist(), [-3, 0])

    def test_a_small_box_on_the_mine_hits_by_centre_only(self):
        r = rows((15, 5, 25, 15, 0.9))
        self.assertEqual(match(r, self.truth, self.none, "iou").tolist(), [-1])
        self.assertEqual(match(r, self.truth, self.none, "centre").tolist(), [0])

    def test_ignore_region_is_neither(self):
        r = rows((200, 200, 240, 220, 0.9))
        self.assertEqual(match(r, self.truth, np.array([[195, 195, 245, 225.0]]), "centre").tolist(), [-2])

    def test_no_truth(self):
        self.assertEqual(match(rows((0, 0, 4, 4, 0.9)), self.none, self.none, "centre").tolist(), [-1])

    def test_ap_is_one_when_all_are_found_first(self):
        r = rows((0, 0, 40, 20, 0.9), (100, 100, 140, 120, 0.8), (300, 300, 340, 320, 0.1))
        self.assertAlmostEqual(ap50(r, self.truth, self.none), 1.0, places=6)

    def test_figures(self):
        r = rows((0, 0, 40, 20, 0.9), (300, 300, 340, 320, 0.6), (100, 100, 140, 120, 0.4))
        s = score(r, self.truth, self.none, 0.05, 0.5)["centre"]
        self.assertEqual((s["hits"], s["false"], s["recall"]), (1, 1, 0.5))
        self.assertAlmostEqual(s["false_per_ha"], 20)
        self.assertAlmostEqual(s["at_recall_0.8"]["score"], 0.4)


class Intervals(unittest.TestCase):
    def test_known_values(self):
        low, high = clopper_pearson(8, 10)
        self.assertAlmostEqual(low, 0.4439, places=4)
        self.assertAlmostEqual(high, 0.9748, places=4)
        self.assertEqual(clopper_pearson(0, 5)[0], 0.0)
        low, high = poisson(3, 1.0)
        self.assertAlmostEqual(low, 0.6187, places=4)
        self.assertAlmostEqual(high, 8.7673, places=4)


class Geometry(unittest.TestCase):
    def test_boxes_follow_the_picture(self):
        picture = np.zeros((CROP, CROP), np.uint8)
        picture[10:20, 30:70] = 1
        box = np.array([30, 10, 70, 20])
        for change, move in ((lambda p: p[:, ::-1], _flip), (np.rot90, _turn)):
            x0, y0, x1, y1 = move(box)
            self.assertTrue(change(picture)[y0:y1, x0:x1].all())
            self.assertEqual((x1 - x0) * (y1 - y0), 400)

    def test_merge_keeps_the_best(self):
        kept = merge(rows((0, 0, 40, 20, 0.5), (2, 0, 42, 20, 0.9), (100, 100, 140, 120, 0.3)))
        self.assertEqual(sorted(kept[:, 4].tolist()), [0.3, 0.9])


class Decode(unittest.TestCase):
    def test_targets_survive_the_decoder(self):
        box = np.array([60.0, 81.0, 92.0, 97.0])
        heat, reg, _, _ = Scenes._targets([(1, box)], [], np.ones((CROP, CROP), np.uint8))
        p = np.clip(heat, 1e-4, 1 - 1e-4)
        maps = torch.from_numpy(np.concatenate([np.log(p / (1 - p)), reg]).astype(np.float32))[None]
        out = Decoder(lambda _: maps)(torch.zeros(1, 3, CROP, CROP))[0].numpy()
        self.assertEqual(out.shape, (TOP_K, 6))
        np.testing.assert_allclose(out[0, :4], box, atol=0.01)
        self.assertEqual(out[0, 5], 1)
        self.assertLess(out[1, 4], 0.01)


if __name__ == "__main__":
    unittest.main()
