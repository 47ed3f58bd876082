"""Tests of recoloured orthomosaics."""

import colorsys
import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.transform import from_origin
from rasterio.windows import Window

from rams_train.ordnance import recolour
from rams_train.ordnance.dataset import read_labels

GROUND = (110, 100, 90)
MINE = (40, 140, 60)
BOX = (100, 80, 140, 104)


def pixel(rgb):
    return np.array([[rgb]], np.uint8)


def labels_file(file, boxes):
    """A GeoPackage as far as the labels of a flight are read."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("create table gpkg_contents (table_name)")
        db.execute("insert into gpkg_contents values ('labels')")
        db.execute("create table labels (id, class, px_x0, px_y0, px_x1, px_y1, truncated)")
        for number, box in enumerate(boxes):
            row = (str(number), "pfm-1", *box, 0)
            db.execute("insert into labels values (?, ?, ?, ?, ?, ?, ?)", row)


def write_flight(file, **more):
    """Ground of a texture with one green ellipse in BOX; the left 20 columns are no image."""
    noise = np.random.default_rng(0).integers(-6, 7, (200, 300, 1))
    rgb = (np.array(GROUND) + noise).astype(np.uint8)
    x0, y0, x1, y1 = BOX
    centre, axes = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
    cv2.ellipse(rgb, centre, axes, 0, 0, 360, MINE, -1)
    profile = {
        "driver": "GTiff",
        "width": 300,
        "height": 200,
        "count": 3,
        "dtype": "uint8",
        "crs": "EPSG:32631",
        "transform": from_origin(500000, 1000, 0.0025, 0.0025),
        **more,
    }
    valid = np.full((200, 300), 255, np.uint8)
    valid[:, :20] = 0
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(file, "w", **profile) as out,
    ):
        out.write(rgb.transpose(2, 0, 1))
        if "nodata" not in more:
            out.write_mask(valid)
    return rgb


class Colours(unittest.TestCase):
    def test_a_colour_turns_to_its_known_neighbours(self):
        # (200, 50, 20) has a hue of 10 degrees; by hand at 70, 130 and 190.
        for degrees, expected in (
            (60, (170, 200, 20)),
            (120, (20, 200, 50)),
            (180, (20, 170, 200)),
            (360, (200, 50, 20)),
        ):
            turned = recolour.turn_hue(pixel((200, 50, 20)), degrees)[0, 0]
            np.testing.assert_array_equal(turned, expected)

    def test_hues_turn_by_the_angle_and_saturation_stays(self):
        rng = np.random.default_rng(1)
        rgb = rng.integers(0, 256, (1, 300, 3)).astype(np.uint8)
        for before, after in zip(rgb[0], recolour.turn_hue(rgb, 60)[0], strict=True):
            (h0, s0, v0), (h1, s1, v1) = (colorsys.rgb_to_hsv(*(c / 255)) for c in (before, after))
            self.assertAlmostEqual(v0, v1, delta=1e-6)
            self.assertAlmostEqual(s0, s1, delta=0.01)
            if s0 * v0 > 0.3:
                self.assertAlmostEqual((h1 - h0) % 1 * 360, 60, delta=1.5)

    def test_grey_has_no_hue_to_turn_and_the_luma_of_the_colour(self):
        for value in (0, 80, 255):
            grey = pixel((value,) * 3)
            np.testing.assert_array_equal(recolour.turn_hue(grey, 120), grey)
        # 0.299 x 200 + 0.587 x 50 + 0.114 x 20 = 91.4
        np.testing.assert_array_equal(recolour.to_grey(pixel((200, 50, 20)))[0, 0], (91,) * 3)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.flight = Path(folder.name) / "flight.tif"
        self.out = Path(folder.name) / "more" / "out.tif"
        self.labels = Path(folder.name) / "flight_labels.gpkg"
        self.rgb = write_flight(self.flight).astype(int)

    def recoloured(self, to, boxes=None):
        labels = None
        if boxes is not None:
            labels_file(self.labels, boxes)
            labels = read_labels(self.labels)
        masks = recolour.recolour(self.flight, self.out, to, labels)
        with rasterio.open(self.out) as out, rasterio.open(self.flight) as src:
            self.assertEqual((out.crs, out.transform), (src.crs, src.transform))
            self.assertEqual(out.compression.name, "deflate")
            np.testing.assert_array_equal(out.dataset_mask(), src.dataset_mask())
            return out.read().transpose(1, 2, 0).astype(int), masks

    def test_objects_alone_turn(self):
        rgb, masks = self.recoloured(lambda rgb: recolour.turn_hue(rgb, 120), [BOX])
        self.assertTrue(masks[0].is_cut_out)
        x0, y0, x1, y1 = BOX
        # (40, 140, 60) from green to blue.
        np.testing.assert_array_equal(rgb[(y0 + y1) // 2, (x0 + x1) // 2], (60, 40, 140))
        outside = np.ones(rgb.shape[:2], bool)
        outside[y0 - 4 : y1 + 4, x0 - 4 : x1 + 4] = False
        np.testing.assert_array_equal(rgb[outside], self.rgb[outside])
        # Of the ellipse all that is 3 px inside its edge is turned; of the corners of its box none.
        ys, xs = np.mgrid[:200, :300]
        ring = ((xs - 120) / 17) ** 2 + ((ys - 92) / 9) ** 2 <= 1
        np.testing.assert_array_equal(np.unique(rgb[ring], axis=0), [(60, 40, 140)])
        np.testing.assert_array_equal(rgb[y0 + 1, x0 + 1], self.rgb[y0 + 1, x0 + 1])

    def test_the_whole_image_turns_where_there_is_image(self):
        rgb, masks = self.recoloured(recolour.to_grey)
        self.assertEqual(masks, [])
        np.testing.assert_array_equal(rgb[:, :20], self.rgb[:, :20])
        seen = rgb[:, 20:]
        np.testing.assert_array_equal(seen[..., 0], seen[..., 1])
        luma = self.rgb[:, 20:] @ [0.299, 0.587, 0.114]
        self.assertLess(np.abs(seen[..., 2] - luma).max(), 0.51)

    def test_what_does_not_part_from_its_ground_is_an_ellipse(self):
        # Bare ground, partly beyond the image: no object is in this box.
        rgb, masks = self.recoloured(recolour.to_grey, [(270, 180, 310, 210)])
        self.assertFalse(masks[0].is_cut_out)
        grey = int(recolour.to_grey(pixel(self.rgb[195, 290]))[0, 0, 0])
        np.testing.assert_array_equal(rgb[195, 290], (grey,) * 3)
        np.testing.assert_array_equal(rgb[:176], self.rgb[:176])

    def test_a_mask_is_the_same_in_whichever_block(self):
        mask = recolour.ObjectMask(np.ones((4, 6), np.float32), 253, 254, True)
        alpha = recolour.alpha_within([mask], Window(0, 0, 600, 600))
        self.assertEqual((alpha.sum(), alpha[254:258, 253:259].sum()), (24, 24))
        blocks = [
            recolour.alpha_within([mask], Window(x, y, 256, 256))
            for y in (0, 256)
            for x in (0, 256)
        ]
        np.testing.assert_array_equal(np.block([blocks[:2], blocks[2:]]), alpha[:512, :512])

    def test_no_pixel_loses_its_image(self):
        # Luma of (0, 0, 1) is 0, which here means no image.
        bands = np.zeros((3, 1, 2), np.uint8)
        bands[2, 0, 1] = 1
        valid = np.array([[0, 255]], np.uint8)
        recolour.recolour_block(bands, valid, None, 0, recolour.to_grey)
        self.assertEqual(bands[:, 0, 1].tolist(), [0, 0, 1])

    def test_other_rasters_are_named(self):
        write_flight(self.flight, nodata=0)
        with rasterio.open(self.flight) as src:
            grey = src.read(1)
            profile = {**src.profile, "count": 1, "photometric": "MINISBLACK"}
        with rasterio.open(self.flight, "w", **profile) as out:
            out.write(grey, 1)
        with self.assertRaisesRegex(SystemExit, "1 bands of uint8"):
            recolour.recolour(self.flight, self.out, recolour.to_grey, [])


if __name__ == "__main__":
    unittest.main()
