"""Tests of one's own labels and classes: read, trained on, exported, surveyed with."""

import json
import subprocess
import tempfile
import tomllib
import unittest
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyogrio
import rasterio
import shapely
import torch
from rasterio.transform import from_origin
from rasterio.warp import transform as transform_points

from rams_train.ordnance import calibration, export, import_labels, train
from rams_train.ordnance.calibration import SurveyedTruth
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.coco_truth import truth_of_flights
from rams_train.ordnance.dataset import load_flight, read_labels
from rams_train.ordnance.geometry import CROP
from rams_train.ordnance.losses import detection_loss
from rams_train.ordnance.model import Decoder, Detector
from rams_train.ordnance.predictions import Predictions
from rams_train.ordnance.targets import CropObject, target_maps
from tests import RAMS

TWO = """
[dataset]
name = "two"
version = "1.0"
weights_licence = "CC-BY-4.0"
[[class]]
name = "butterfly"
label = 'the "butterfly"'
indicator = "mine_surface"
eo_category = "AP_MINE"
short_m = 0.06
size_m = [0.05, 0.16]
[[class]]
name = "plate"
indicator = "mine_surface"
eo_category = "AV_MINE"
size_m = [0.2, 0.38]
[[flight]]
key = "one"
file = "one.tif"
labels = "one.gpkg"
ground = "field"
[[flight]]
key = "two"
file = "two.tif"
labels = "two.gpkg"
ground = "orchard"
"""
GSD_M = 0.005
WEST_M, NORTH_M = 499_999.0, 1.0  # of UTM zone 36: px 200, 200 is 33 degrees east on the equator


class Folder(unittest.TestCase):
    """A folder with a dataset of two classes and an orthomosaic of 400 x 300 px."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.write("two.toml", TWO)
        self.image(np.full((3, 300, 400), 128, np.uint8))

    def write(self, name, content):
        """Write a text, or JSON."""
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text)

    def image(self, bands, crs="EPSG:32636", gsd_m=GSD_M, nodata=None):
        """Write the orthomosaic one.tif."""
        profile = {
            "driver": "GTiff",
            "count": bands.shape[0],
            "height": bands.shape[1],
            "width": bands.shape[2],
            "dtype": bands.dtype.name,
            "transform": from_origin(WEST_M, NORTH_M, gsd_m, gsd_m),
        }
        with rasterio.open(self.folder / "one.tif", "w", crs=crs, nodata=nodata, **profile) as out:
            out.write(bands)

    def layer(self, name, shapes, crs, **fields):
        """Write a vector layer of well-known texts."""
        columns = [np.array(values, object) for values in fields.values()]
        pyogrio.raw.write(
            self.folder / name,
            shapely.to_wkb(shapely.from_wkt(shapes)),
            columns,
            list(fields),
            geometry_type="Unknown",
            crs=crs,
        )

    def imported(self, labels, *more):
        """The rows that an import writes: class, box, ignored."""
        out = self.folder / "one.gpkg"
        out.unlink(missing_ok=True)
        places = [str(self.folder / name) for name in ("one.tif", labels)]
        dataset = ["--dataset", str(self.folder / "two.toml"), "--out", str(out)]
        import_labels.main([*places, *dataset, *more])
        return [(la.cls, np.round(la.box, 2).tolist(), la.ignored) for la in read_labels(out)]

    def refused(self, words, *more):
        """Assert that an import ends with these words."""
        with self.assertRaisesRegex(SystemExit, words):
            self.imported(*more)


def square(x, y, side):
    """A square about a place, as well-known text."""
    return shapely.box(x - side / 2, y - side / 2, x + side / 2, y + side / 2).wkt


class Vectors(Folder):
    def test_outlines_in_other_units_become_boxes_in_px(self):
        # In km: a square of 10 cm about 1.5 m east and 0.5 m south of the corner, px 300, 100; and
        # a rhomb of 30 cm about px 100, 200.
        rhomb = (
            "POLYGON ((499.99935 0, 499.9995 0.00015, 499.99965 0, 499.9995 -0.00015, 499.99935 0))"
        )
        shapes = [square(500.0005, 0.0005, 0.0001), rhomb]
        self.layer("km.gpkg", shapes, "+proj=utm +zone=36 +datum=WGS84 +units=km", kind=["A", "B"])
        rows = self.imported("km.gpkg", "--class-field", "kind", "--map", "A=butterfly", "B=plate")
        self.assertEqual(
            rows,
            [("butterfly", [290, 90, 310, 110], False), ("plate", [70, 170, 130, 230], False)],
        )

    def test_points_have_the_size_that_is_given(self):
        point = {"type": "Point", "coordinates": [33.0, 0.0]}
        several = {"type": "MultiPoint", "coordinates": [[33.0, 0.0], [33.0, 0.0]]}
        features = [
            {"type": "Feature", "geometry": g, "properties": {"what": what, "wide": wide}}
            for g, what, wide in ((point, "butterfly", 0.1), (several, "plate", 0.3))
        ]
        self.write("points.geojson", {"type": "FeatureCollection", "features": features})
        field = ("points.geojson", "--class-field", "what")
        small, large = [190, 190, 210, 210], [170, 170, 230, 230]
        rows = self.imported(*field, "--size-field", "wide")
        self.assertEqual([r[1] for r in rows], [small, large, large])
        rows = self.imported(*field, "--size-m", "0.1")
        self.assertEqual([r[1] for r in rows], [small] * 3)
        self.refused("feature 1: it is a point.*--size-m METRES", *field)

    def test_tables_have_the_crs_that_is_given(self):
        rows = f'WKT,kind\n"{square(500_000, 0, 0.1)}",plate\n'
        self.write("labels.csv", rows)
        field = ("labels.csv", "--class-field", "kind")
        self.assertEqual(
            self.imported(*field, "--crs", "EPSG:32636"), [("plate", [190, 190, 210, 210], False)]
        )
        self.refused("labels.csv, layer labels: it has no CRS; give it with --crs", *field)

    def test_what_is_unsure_or_hardly_in_view_is_ignored(self):
        bands = np.full((3, 300, 400), 128, np.uint8)
        bands[:, 200:, :] = 0
        self.image(bands, nodata=0)
        # Whole; unsure by its field; by its class; ground; 4 of 20 px of its box in the image;
        # 10 of 20 rows without pixels.
        x, y = 500_000, 0.5
        shapes = [square(x, y, 0.1) for _ in range(4)]
        shapes += [square(WEST_M - 0.03, y, 0.1), square(x, 0, 0.1)]
        kinds = ["plate", "plate", "odd", "stone", "plate", "plate"]
        unsure = ["", "yes", "no", "no", "0", "false"]
        self.layer("l.gpkg", shapes, "EPSG:32636", kind=kinds, unsure=unsure)
        options = ("--class-field", "kind", "--ignore-field", "unsure")
        rows = self.imported("l.gpkg", *options, "--map", "odd=ignore", "stone=skip")
        self.assertEqual(
            rows,
            [
                ("plate", [190, 90, 210, 110], False),
                ("plate", [190, 90, 210, 110], True),
                # Of each class.
                ("butterfly", [190, 90, 210, 110], True),
                ("plate", [190, 90, 210, 110], True),
                ("plate", [0, 90, 4, 110], True),
                ("plate", [190, 190, 210, 210], True),
            ],
        )
        truth = truth_of_flights(self.folder, "field", Dataset.read(self.folder / "two.toml"))
        self.assertEqual([a["iscrowd"] for a in truth["annotations"]], [0, 1, 1, 1, 1, 1])

    def test_errors_name_what_is_wrong_and_what_to_do(self):
        here, far = square(500_000, 0, 0.1), square(600_000, 0, 0.1)
        self.layer("l.gpkg", [here, far], "EPSG:32636", kind=["PFM", "plate"], note=["a", "b"])
        self.refused(
            "it has no field type; --class-field takes one of kind, note",
            "l.gpkg",
            "--class-field",
            "type",
        )
        self.refused("give --class-field, one of kind, note, or --class NAME", "l.gpkg")
        field = ("l.gpkg", "--class-field", "kind")
        self.refused("no class is called 'PFM' .1.; give --map.*butterfly, plate", *field)
        self.refused(
            "--map PFM=mine: give VALUE=CLASS.*butterfly, plate", *field, "--map", "PFM=mine"
        )
        all_plates = ("l.gpkg", "--class", "plate")
        outside = "feature 2: 1 of 2 labels lie outside .*one.tif, this one at px .20000190"
        self.refused(f"{outside}.*--skip-outside", *all_plates)
        self.assertEqual(len(self.imported(*all_plates, "--skip-outside")), 1)
        self.layer("far.gpkg", [far], "EPSG:32636")
        self.refused(
            "1 of 1 labels lie outside.*CRS", "far.gpkg", "--class", "plate", "--skip-outside"
        )
        self.layer("line.gpkg", ["LINESTRING (500000 0, 500001 0)"], "EPSG:32636")
        self.refused(
            "feature 1: its box has no width or no height", "line.gpkg", "--class", "plate"
        )
        self.refused("no such file", "none.gpkg", "--class", "plate")
        self.write("bad.gpkg", "no database")
        self.refused("cannot read .*bad.gpkg", "bad.gpkg", "--class", "plate")

    def test_only_square_pixels_of_8_bits_in_metres_are_taken(self):
        self.layer("l.gpkg", [square(500_000, 0, 0.1)], "EPSG:32636")
        labels = ("l.gpkg", "--class", "plate")
        self.image(np.full((3, 300, 400), 128, np.uint16))
        self.refused("3 bands of uint16.*gdal_translate", *labels)
        self.image(np.full((1, 300, 400), 128, np.uint8))
        self.refused("1 bands of uint8", *labels)
        bands = np.full((3, 300, 400), 128, np.uint8)
        self.image(bands, crs=None)
        self.refused("it has no CRS.*gdal_edit", *labels)
        # Feet for metres.
        self.image(bands, crs="+proj=utm +zone=36 +datum=WGS84 +units=us-ft")
        self.refused("a pixel is 0.0015 x 0.0015 m on the ground.*gdalwarp", *labels)


class Pixels(Folder):
    def test_coco(self):
        coco = {
            "images": [
                {"id": 7, "file_name": "images/one.tif", "width": 400, "height": 300},
                {"id": 8, "file_name": "other.tif", "width": 9, "height": 9},
            ],
            "categories": [{"id": 3, "name": "plate"}, {"id": 5, "name": "fin"}],
            "annotations": [
                {"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 20, 30, 40]},
                {"id": 2, "image_id": 8, "category_id": 5, "bbox": [1, 2, 3, 4]},
                {"id": 3, "image_id": 7, "category_id": 5, "bbox": [5, 6, 7, 8], "iscrowd": 1},
            ],
        }
        self.write("coco.json", coco)
        rows = self.imported("coco.json", "--map", "fin=butterfly")
        self.assertEqual(
            rows, [("plate", [10, 20, 40, 60], False), ("butterfly", [5, 6, 12, 14], True)]
        )
        coco["images"][0]["width"] = 200
        self.write("coco.json", coco)
        self.refused("its image is 200 x 300 px, one.tif is 400 x 300", "coco.json")

    def test_yolo(self):
        self.write("one.txt", "0 0.5 0.5 0.1 0.2\n1 0.25 0.1 0.5 0.1 0.5 0.3 0.25 0.3\n")
        rows = self.imported("one.txt", "--map", "0=plate", "1=butterfly")
        self.assertEqual(
            rows,
            [("plate", [180, 120, 220, 180], False), ("butterfly", [100, 30, 200, 90], False)],
        )
        self.write("one.txt", "0 0.5 0.5 0.1\n")
        self.refused("line 1: '0 0.5 0.5 0.1' is no label of YOLO", "one.txt", "--map", "0=plate")


class OwnClasses(unittest.TestCase):
    def setUp(self):
        self.two = Dataset(tomllib.loads(TWO), Path("two.toml"))

    def refused(self, words, old, new):
        """Assert that a changed description ends with these words."""
        with self.assertRaisesRegex(SystemExit, f"cannot use two.toml: {words}"):
            Dataset(tomllib.loads(TWO.replace(old, new)), Path("two.toml"))

    def test_a_class_is_its_own_family_and_has_limits_by_its_size(self):
        self.assertEqual(self.two.classes, ["butterfly", "plate"])
        self.assertEqual((self.two.families, self.two.named), (["butterfly", "plate"], []))
        # 8 px over 0.06 m; over 0.2 m more than the coarsest, 0.03 m.
        self.assertEqual(self.two.class_of["butterfly"]["gsd_max_m"], 0.0075)
        self.assertEqual(self.two.class_of["plate"]["gsd_max_m"], 0.025)
        self.assertNotIn("gsd_name_m", self.two.class_of["plate"])

    def test_the_limits_of_the_shipped_classes_follow_the_rule(self):
        for entry in SHIPPED.class_of.values():
            free = {k: v for k, v in entry.items() if not k.startswith("gsd_")}
            table = {**SHIPPED.table, "class": [free], "family": list(SHIPPED.family.values())}
            own = Dataset({**table, "flight": [], "background": []}, Path("x")).class_of
            # Finer where less than half is found in such pixels.
            self.assertLessEqual(entry["gsd_max_m"], own[entry["name"]]["gsd_max_m"] + 1.01e-4)

    def test_errors(self):
        self.refused("class plate: size_m is .0.4, 0.38.", "[0.2, 0.38]", "[0.4, 0.38]")
        self.refused("class plate: size_m ends at 3.8 m.* 0.384 m", "0.38]", "3.8]")
        self.refused("class plate has no eo_category", 'eo_category = "AV_MINE"\n', "")
        self.refused("the name butterfly is taken", '"plate"', '"butterfly"')
        self.refused("the name ignore is taken", '"plate"', '"ignore"')
        self.refused('it has no weights_licence = "..."', "weights_licence", "license")
        self.refused("..flight.. number 2 has no ground", 'ground = "orchard"', "")
        self.refused(
            "class plate is of the family round, which has no",
            'name = "plate"',
            'name = "plate"\nfamily = "round"',
        )

    def test_a_network_of_families_alone(self):
        net = Detector(5, self.two)
        self.assertIsNone(net.name)
        out = net(torch.zeros(1, 3, 64, 64))
        self.assertEqual(out.shape, (1, 2 + 4, 16, 16))
        plate = CropObject(1, np.array([60.0, 81.0, 92.0, 97.0]), 0.3, 0.25)
        seen = np.ones((CROP, CROP), np.uint8)
        maps = [torch.from_numpy(m)[None] for m in target_maps([plate], [], seen, 0.004, self.two)]
        p = maps[0].clip(1e-4, 1 - 1e-4)
        ideal = torch.cat([torch.log(p / (1 - p)), maps[1]], 1)
        losses = detection_loss(ideal, *maps, dataset=self.two)
        self.assertEqual(losses[1].item(), 0)
        self.assertAlmostEqual(losses[2].item(), 0, places=5)
        best = Decoder(lambda _: ideal, self.two)(torch.zeros(1, 3, CROP, CROP))[0, 0]
        np.testing.assert_allclose(best.numpy(), [60, 81, 92, 97, 1, 1], atol=1e-3)

    def test_a_family_of_two(self):
        pair = TWO.replace("eo_category", 'family = "round"\neo_category')
        family = '[[family]]\nname = "round"\nlabel = "round"\nindicator = "mine_surface"\n'
        both = Dataset(tomllib.loads(f'{pair}{family}eo_category = "UNKNOWN"'), Path("x"))
        self.assertEqual(both.classes, ["butterfly", "plate", "round"])
        self.assertEqual(Detector(5, both)(torch.zeros(1, 3, 64, 64)).shape[1], 1 + 2 + 4)
        self.assertEqual(both.class_of["plate"]["gsd_name_m"], 0.0125)
        self.assertEqual(both.class_of["plate"]["eo_category"], "AV_MINE")

    def test_a_fit_needs_no_scenes(self):
        notes = [
            {"image_id": 1, "category_id": 2, "bbox": [50 * i, 0, 40, 20], "iscrowd": 0}
            for i in range(20)
        ]
        image = {"id": 1, "file_name": "a.tif", "valid_m2": 500.0}
        truth = {"images": [image], "annotations": notes}
        finds = [[1, 1, 50 * i, 0, 50 * i + 40, 20, 0.6] for i in range(20)]
        finds += [[1, 1, 50 * i, 500, 50 * i + 40, 520, 0.3] for i in range(2)]
        sites = {"field": SurveyedTruth(truth, Predictions.from_rows(finds), self.two)}
        fit = calibration.calibrate(sites, dataset=self.two)
        plate, other = fit["families"]["plate"], fit["families"]["butterfly"]
        # Two false alarms tell no tail.
        points = dict.fromkeys(calibration.ALARMS_PER_HA, calibration.LOWEST)
        self.assertEqual((plate["threshold"], plate["hits"], plate["finds"]), (points, 20, 22))
        self.assertEqual((other["slope"], other["intercept"]), (1.0, 0.0))
        self.assertEqual(fit["points"]["strict"]["found"]["field"], {"plate": (20, 20)})
        self.assertEqual(fit["checks"], [])


@unittest.skipUnless(RAMS, "the program is not built: cargo build")
class FromForeignLabelsToASurvey(Folder):
    NAMES: ClassVar = {"pfm-1": "Schmetterling", "tm-62m": "Teller", "tm-57": "Teller"}

    def rams(self, *words):
        """What the program prints; a survey may have gaps."""
        command = [str(RAMS), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 3), done.stderr + done.stdout)
        return done.stdout

    def paint(self):
        """Paint one.tif, and its truth as a stranger's GeoJSON; returns the true boxes."""
        image = self.folder / "one.tif"
        look = ["--seed", "5", "--size", "1024x1024", "--gsd", "0.004", "--layout", "dense"]
        self.rams("scene", image, *look)
        coco = json.loads((self.folder / "one_truth.json").read_text())
        names = {c["id"]: c["name"] for c in coco["categories"]}
        features, boxes = [], []
        with rasterio.open(image) as src:
            for a in coco["annotations"]:
                x, y, w, h = a["bbox"]
                corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]
                points = [src.transform * corner for corner in corners]
                lon, lat = transform_points(src.crs, "EPSG:4326", *zip(*points, strict=True))
                shape = {"type": "Polygon", "coordinates": [list(zip(lon, lat, strict=True))]}
                kind = self.NAMES.get(names[a["category_id"]], "anderes")
                features.append({"type": "Feature", "geometry": shape, "properties": {"art": kind}})
                boxes.append([x, y, x + w, y + h])
        self.write("fremd.geojson", {"type": "FeatureCollection", "features": features})
        return np.array(boxes)

    def test_the_whole_way(self):
        boxes, f = self.paint(), self.folder
        mapping = ["--map", "Schmetterling=butterfly", "Teller=plate", "--others", "ignore"]
        rows = self.imported("fremd.geojson", "--class-field", "art", *mapping)
        rows = [row for i, row in enumerate(rows) if not i or row[1:] != rows[i - 1][1:]]
        self.assertGreater(sum(cls == "plate" for cls, _, _ in rows), 0)
        np.testing.assert_allclose([box for _, box, _ in rows], boxes.clip(0, 1024), atol=0.03)
        flight = load_flight(f, "one", f / "cache", Dataset.read(f / "two.toml"))
        self.assertEqual(len(flight.objects), sum(not ignored for _, _, ignored in rows))

        own = ["--dataset", str(f / "two.toml"), "--data", str(f)]
        small = ["--steps", "2", "--batch", "2", "--workers", "0", "--threads", "1", "--mine"]
        run, device = str(f / "runs" / "a"), ["--device", "cpu"]
        real = ["--objects", "real", "--train-ground", "field"]
        train.main([*own, *real, *small, *device, "--out", run])
        export.main(["--weights", run, "--out", str(f / "probe"), "--probe"])
        model = tomllib.loads((f / "probe" / "model.toml").read_text())
        self.assertEqual((model["name"], model["licence"]), ("two", "CC-BY-4.0"))
        # Neither scenes nor the orchard, which it never saw.
        self.assertEqual(model["training_data"], ["one.tif, licence not stated"])
        self.assertEqual(model["class"][0]["label"], 'the "butterfly"')
        told = self.rams("models", "--model", f / "probe")
        self.assertIn('the "butterfly"', told)

        self.rams("survey", f / "one.tif", "-o", f / "surveys" / "one", "--model", f / "probe")
        fit = str(f / "fit.json")
        calibration.main([*own, "--ground", "field", "--surveys", str(f / "surveys"), "--out", fit])
        export.main(["--weights", run, "--out", str(f / "model"), "--fit", fit])
        self.assertIn("butterfly", self.rams("models", "--model", f / "model"))
        evaluated = self.rams(
            "evaluate", f / "one.gpkg", f / "surveys" / "one", "--model", f / "probe", "--json"
        )
        self.assertIn("plate", evaluated)
        with self.assertRaisesRegex(SystemExit, "are not for the 7 families and 18 classes"):
            export.load_decoder(Path(run))
        with self.assertRaises(SystemExit):
            train.parse_options(
                [*own, "--objects", "real", "--train-ground", "meadow", "--out", run]
            )


if __name__ == "__main__":
    unittest.main()
