"""Tests of the class tree, the crops' geometry, the target maps and the decoder."""

import unittest
from pathlib import Path

import numpy as np
import torch

from rams_train.ordnance.classes import CLASSES, FAMILIES, FAMILY_OF, LEAVES, NAMED, SPLIT
from rams_train.ordnance.dataset import AnnotatedImage, LabelledObject
from rams_train.ordnance.geometry import CELLS, CROP, mirror, quarter_turn
from rams_train.ordnance.losses import detection_loss
from rams_train.ordnance.model import TOP_K, WIDTH, Decoder, Detector, EmbeddingDecoder
from rams_train.ordnance.object_pool import ObjectPool
from rams_train.ordnance.targets import CropObject, target_maps

SEEN = np.ones((CROP, CROP), np.uint8)
BOX = np.array([60.0, 81.0, 92.0, 97.0])


def decoded(heat, reg, leaf_logits):
    """What the decoder makes of target maps and the logits of all cells."""
    p = np.clip(heat, 1e-4, 1 - 1e-4)
    name = np.zeros((len(NAMED), *heat.shape[1:])) + np.array(leaf_logits)[:, None, None]
    maps = torch.from_numpy(np.concatenate([np.log(p / (1 - p)), name, reg]).astype(np.float32))[
        None
    ]
    return Decoder(lambda _: maps)(torch.zeros(1, 3, CROP, CROP))[0].numpy()


class Tree(unittest.TestCase):
    def test_the_order_of_the_output(self):
        # M095 is learned and not named.
        self.assertEqual((len(LEAVES), len(CLASSES)), (18, 23))
        self.assertNotIn("m095", CLASSES)
        self.assertEqual(CLASSES[0], "pfm-1")
        self.assertEqual(
            CLASSES[17:],
            [
                "ap-round",
                "ap-fragmentation",
                "ap-directional",
                "av-round",
                "submunition",
                "carrier",
            ],
        )
        self.assertEqual(len(NAMED), 17)
        leaf = Decoder(torch.nn.Identity()).leaf.long().tolist()
        called = {LEAVES[c]: CLASSES[i] for c, i in zip(NAMED, leaf, strict=True)}
        self.assertEqual((called["m095"], called["ptab-1m"]), ("submunition", "ptab-1m"))
        # The decoder and the targets rely on the classes of a family lying side by side.
        self.assertEqual(FAMILY_OF, sorted(FAMILY_OF))


class Geometry(unittest.TestCase):
    def test_boxes_follow_the_picture(self):
        picture = np.zeros((CROP, CROP), np.uint8)
        picture[10:20, 30:70] = 1
        box = np.array([30, 10, 70, 20])
        for change, move in ((np.fliplr, mirror), (np.rot90, quarter_turn)):
            x0, y0, x1, y1 = move(box)
            self.assertTrue(change(picture)[y0:y1, x0:x1].all())
            self.assertEqual((x1 - x0) * (y1 - y0), 400)

    def test_a_window_over_the_edge_is_invalid_there(self):
        image = AnnotatedImage("g", Path("g"), np.full((100, 100, 4), 255, np.uint8), 0.0025)
        patch = image.patch(0, 50, 64, 32)
        self.assertEqual((patch.x0, patch.y0), (-32, 18))
        self.assertEqual(patch.valid[:, :16].sum(), 0)
        self.assertEqual(patch.valid[:, 16:].mean(), 1)
        self.assertEqual(patch.rgb[:, 16:].min(), 255)


class Draw(unittest.TestCase):
    def test_only_what_can_be_seen_at_the_gsd(self):
        av, small = LEAVES.index("tm-62m"), LEAVES.index("shoab-0.5")
        objects = [
            LabelledObject("a", av, BOX, 0.28, 0.32),
            LabelledObject("s", small, BOX, 0.053, 0.06),
        ]
        rgba = np.zeros((1, 1, 4), np.uint8)
        pool = ObjectPool([AnnotatedImage("g", Path("g"), rgba, 0.0025, objects)])
        rng = np.random.default_rng(0)
        self.assertEqual({pool.draw(rng, 0.03).item.cls for _ in range(40)}, {av})
        self.assertEqual({pool.draw(rng, 0.004).item.cls for _ in range(40)}, {av, small})


class Targets(unittest.TestCase):
    def test_too_small_for_the_source_is_neither_positive_nor_ground(self):
        heat, _, weight, care, _, _ = target_maps(
            [CropObject(0, BOX, 0.066, 0.061)], [], SEEN, 0.02
        )
        self.assertEqual((heat.max(), weight.max()), (0, 0))
        self.assertEqual(care[20:24, 15:23].max(), 0)
        self.assertEqual(care[0, 0], 1)

    def test_a_type_is_learned_only_where_it_can_be_told(self):
        pom = LEAVES.index("pom-2")
        for g, learned in ((0.004, True), (0.009, False)):
            maps = target_maps([CropObject(pom, BOX, 0.106, 0.063)], [], SEEN, g)
            self.assertEqual(maps.heat[FAMILY_OF[pom]].max(), 1)
            self.assertEqual(maps.leaf_weight.max() > 0, learned)
            if learned:
                self.assertEqual(NAMED[maps.leaf[maps.leaf_weight == 1][0]], pom)

    def test_masked_objects_are_ignored(self):
        valid = SEEN.copy()
        valid[:, 70:] = 0
        maps = target_maps([CropObject(0, BOX, 0.066, 0.061)], [], valid, 0.004)
        self.assertEqual(maps.heat.max(), 0)
        self.assertEqual(maps.care[22, 18], 0)

    def test_the_name_competes_within_its_family_only(self):
        pom = LEAVES.index("pom-2")
        one = target_maps([CropObject(pom, BOX, 0.106, 0.063)], [], SEEN, 0.004)
        maps = [torch.from_numpy(m)[None] for m in one]
        out = torch.zeros(1, len(FAMILIES) + len(NAMED) + 4, CELLS, CELLS)
        base = detection_loss(out, *maps)[1]
        self.assertAlmostEqual(base.item(), np.log(3), places=4)
        other, rival = (len(FAMILIES) + NAMED.index(LEAVES.index(n)) for n in ("tm-57", "pom-3"))
        out[:, other] = 5
        self.assertAlmostEqual(detection_loss(out, *maps)[1].item(), base.item(), places=4)
        out[:, rival] = 5
        self.assertGreater(detection_loss(out, *maps)[1].item(), 4)


class Decode(unittest.TestCase):
    def check(self, name, logits, expected):
        cls = LEAVES.index(name)
        maps = target_maps([CropObject(cls, BOX, 0.2, 0.2)], [], SEEN, 0.004)
        out = decoded(maps.heat, maps.reg, logits)
        self.assertEqual(out.shape, (TOP_K, 6))
        np.testing.assert_allclose(out[0, :4], BOX, atol=0.01)
        self.assertEqual(CLASSES[int(out[0, 5])], expected)
        self.assertLess(out[1, 4], 0.01)

    def test_a_likely_type_is_named(self):
        for name in ("pmn-2", "tm-57", "shoab-0.5", "rbk-part"):
            logits = np.zeros(len(NAMED))
            logits[NAMED.index(LEAVES.index(name))] = 4
            self.check(name, logits, name)

    def test_else_the_family(self):
        self.check("pmn-2", np.zeros(len(NAMED)), "ap-round")
        # A logit of another family says nothing.
        logits = np.zeros(len(NAMED))
        logits[NAMED.index(LEAVES.index("tm-57"))] = 9
        self.check("mon-90", logits, "ap-directional")

    def test_a_family_of_one_is_its_class(self):
        self.check("pfm-1", np.zeros(len(NAMED)), "pfm-1")
        self.assertNotIn(0, SPLIT)

    def test_an_embedding_is_that_of_the_peak(self):
        class Painted(Detector):
            """Features that say where they are, and the maps of one object."""

            def __init__(self):
                torch.nn.Module.__init__(self)

            def features(self, x):
                rows, cols = torch.meshgrid(*[torch.arange(CELLS)] * 2, indexing="ij")
                return torch.stack([rows, cols] + [torch.ones(CELLS, CELLS)] * (WIDTH - 2))[None]

            def heat(self, features):  # type: ignore[override]
                maps = target_maps([CropObject(0, BOX, 0.2, 0.2)], [], SEEN, 0.004)
                p = np.clip(maps.heat, 1e-4, 1 - 1e-4)
                return torch.from_numpy(np.log(p / (1 - p)).astype(np.float32))[None]

            def rest(self, features):
                maps = target_maps([CropObject(0, BOX, 0.2, 0.2)], [], SEEN, 0.004)
                rows, cols = features[0, :2].long()
                reg = torch.from_numpy(maps.reg.astype(np.float32))[:, rows, cols]
                return torch.cat([torch.zeros(len(NAMED), *rows.shape), reg])[None]

        boxes, embeddings = EmbeddingDecoder(Painted())(torch.zeros(1, 3, CROP, CROP))
        np.testing.assert_allclose(boxes[0, 0, :4], BOX, atol=0.01)
        self.assertEqual(embeddings.shape, (1, TOP_K, WIDTH))
        # The centre of the box is (76, 89) px, in the cell of 4 px (19, 22).
        self.assertEqual(embeddings[0, 0, :3].tolist(), [22, 19, 1])


if __name__ == "__main__":
    unittest.main()
