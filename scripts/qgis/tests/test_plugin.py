"""The plugin in a QGIS without a window, with a toy model that knows red squares."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ["RAMS"]).resolve()
WORK = tempfile.TemporaryDirectory(prefix="rams-qgis-")
FOLDER = Path(WORK.name)
# Settings and plugins of whoever runs the tests are left alone.
OWN = {name: str(FOLDER / name) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
os.environ.update(OWN, QT_QPA_PLATFORM="offscreen", PATH=f"{PROGRAM.parent}:{os.environ['PATH']}")

from osgeo import gdal, osr  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor  # noqa: E402

QCoreApplication.setOrganizationName("rams tests")
APP = QgsApplication([], False)
APP.initQgis()
sys.path += [str(Path(APP.pkgDataPath()) / "python/plugins"), str(Path(__file__).parents[1])]

import processing  # noqa: E402
from processing.core.Processing import Processing  # noqa: E402
from processing.core.ProcessingConfig import ProcessingConfig  # noqa: E402

from rams_processing import program  # noqa: E402
from rams_processing.inputs import write_geopackage  # noqa: E402
from rams_processing.provider import RamsProvider  # noqa: E402
from rams_processing.run import Bar  # noqa: E402

PROVIDER = RamsProvider()
MODEL = ROOT / "tests/models/red-boxes"
SQUARES = [(60, 60), (200, 90), (120, 250), (300, 300)]
WEST, NORTH, CM = 500_000.0, 1_000.0, 0.01


def setUpModule():
    Processing.initialize()
    assert QgsApplication.processingRegistry().addProvider(PROVIDER)


def tearDownModule():
    QgsProject.instance().clear()
    WORK.cleanup()


class Log(QgsProcessingFeedback):
    """What a person would see."""

    def __init__(self):
        super().__init__(False)
        self.shares, self.warnings, self.infos = [], [], []
        self.progressChanged.connect(self.shares.append)

    def pushWarning(self, text):  # noqa: N802
        self.warnings.append(text)

    def pushInfo(self, text):  # noqa: N802
        self.infos.append(text)


def paint(path, side=400, gsd=CM):
    """Grey ground with red squares of 11 pixels."""
    image = gdal.GetDriverByName("GTiff").Create(str(path), side, side, 3, gdal.GDT_Byte)
    image.SetGeoTransform([WEST, gsd, 0, NORTH, 0, -gsd])
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    image.SetProjection(crs.ExportToWkt())
    line = bytes(90 + (at * 2_654_435_761 >> 7) % 40 for at in range(2 * side))
    for number in (1, 2, 3):
        grey = bytearray(b"".join(line[row * 37 % side :][:side] for row in range(side)))
        for left, top in SQUARES:
            for row in range(top, top + 11):
                value = 255 if number == 1 else 0
                grey[row * side + left : row * side + left + 11] = bytes([value]) * 11
        image.GetRasterBand(number).WriteRaster(0, 0, side, side, bytes(grey))
    return str(path)


def run(command, feedback=None, project=None, **parameters):
    context = QgsProcessingContext()
    if project:
        context.setProject(project)
    return processing.run(
        f"rams:{command}", parameters, context=context, feedback=feedback or Log()
    )


def survey(name, feedback=None, project=None, **parameters):
    parameters = {
        "ORTHOMOSAICS": [str(FOLDER / "field.tif")],
        "MODEL": str(MODEL),
        "DIR": str(FOLDER / name),
        **parameters,
    }
    return run("survey", feedback, project, **parameters)


def rows(name, sql):
    with closing(sqlite3.connect(FOLDER / name / "survey.gpkg")) as file:
        return file.execute(sql).fetchall()


def polygon_layer(wkt, crs="EPSG:32633", fields=""):
    layer = QgsVectorLayer(f"Polygon?crs={crs}{fields}", "drawn", "memory")
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    assert layer.dataProvider().addFeature(feature)
    return layer


def box(left, top, right, bottom):
    """Of pixels of the field, as WKT."""
    west, east = (WEST + CM * value for value in (left, right))
    north, south = (NORTH - CM * value for value in (top, bottom))
    return QgsGeometry.fromRect(QgsRectangle(west, south, east, north)).asWkt(3)


def render(layers, project):
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setExtent(QgsRectangle(WEST - 6, NORTH - 10, WEST + 10, NORTH + 6))
    settings.setOutputSize(QSize(800, 800))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


class Surveys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        paint(FOLDER / "field.tif")
        cls.project = QgsProject()
        survey("done", project=cls.project, LOAD=False)

    def test_layers_come_in_grouped_styled_and_related(self):
        project, log = QgsProject.instance(), Log()
        project.clear()
        result = survey("styled", log, project)
        self.assertEqual(result["SURVEY"], str(FOLDER / "styled/survey.gpkg"))
        self.assertEqual(rows("styled", "SELECT count(*) FROM features"), [(len(SQUARES),)])
        self.assertEqual(log.shares, sorted(log.shares))
        self.assertEqual(log.warnings, [])
        survey("again", project=project)

        groups = project.layerTreeRoot().children()
        self.assertEqual([group.name() for group in groups], ["Survey again", "Survey styled"])
        for group in groups:
            tree = [
                (within.name(), [leaf.name() for leaf in within.children()])
                for within in group.children()
            ]
            evidence = ["Finds, points", "Stretches of lines", "Detections"]
            areas = ["SHAs and indications", "Belts of indications"]
            self.assertEqual(tree[:2], [("Evidence", evidence), ("Hazardous areas", areas)])
            self.assertEqual(tree[2], ("Assessed or not", ["Gaps", "Assessed"]))
            self.assertEqual(tree[4], ("Imagery", ["field"]))
            self.assertEqual([leaf.name() for leaf in group.findLayers() if not leaf.layer()], [])
            layers = {leaf.name(): leaf.layer() for leaf in group.findLayers()}
            self.assertTrue(all(layer.isValid() for layer in layers.values()))
            for name in ("Finds, points", "SHAs and indications", "Gaps"):
                self.assertEqual(layers[name].renderer().type(), "RuleRenderer", name)
            self.assertEqual(layers["Finds, points"].featureCount(), len(SQUARES))
            shown = {leaf.name(): leaf.itemVisibilityChecked() for leaf in group.findLayers()}
            self.assertTrue(shown["Gaps"] and not shown["Detections"])
        relations = project.relationManager().relations().values()
        self.assertEqual(len(relations), 4)
        self.assertTrue(all(relation.isValid() for relation in relations))
        self.assertEqual(project.crs().authid(), "EPSG:32633")

        order = [leaf.layer() for leaf in groups[1].findLayers() if leaf.isVisible()]
        order = [layer for layer in order if layer.isSpatial()]
        image = render([layer for layer in order if layer.name() != "field"], project)
        # A mark on each square, on the ground of an area.
        for left, top in SQUARES:
            x, y = (int((6 + CM * (value + 5.5)) * 50) for value in (left, top))
            self.assertGreater(image.pixelColor(x, y).hsvSaturation(), 200)
            self.assertLess(image.pixelColor(x, y + 20).hsvSaturation(), 60)
            self.assertNotEqual(image.pixelColor(x, y + 20), QColor("white"))
        self.assertEqual(image.pixelColor(5, 5), QColor("white"))
        if "RAMS_QGIS_PICTURE" in os.environ:
            render(order, project).save(os.environ["RAMS_QGIS_PICTURE"])

        # What QGIS has open is read by the program, and not replaced.
        run("report", DIR=str(FOLDER / "styled"))
        with self.assertRaises(QgsProcessingException) as caught:
            survey("styled", OVERWRITE=True)
        self.assertIn("close it there", str(caught.exception))

    def test_nothing_is_loaded_that_was_not_asked_for(self):
        self.assertEqual(self.project.mapLayers(), {})

    def test_a_cancel_keeps_what_is_done(self):
        paint(FOLDER / "large.tif", 2400)
        large = {"ORTHOMOSAICS": [str(FOLDER / "large.tif")]}
        # Written anew for each run: one with other bytes would be refused.
        large["AOI"] = polygon_layer(box(0, 0, 2300, 2300))
        stopped = Log()
        stopped.progressChanged.connect(lambda _: stopped.cancel())
        survey("stopped", stopped, **large)
        done = "SELECT count(*) FROM gaps WHERE reason = 'interrupted'"
        self.assertGreater(rows("stopped", done)[0][0], 0)
        self.assertTrue((FOLDER / "stopped/survey.journal").exists())
        self.assertIn("goes on from there", " ".join(stopped.infos))

        log = Log()
        time.sleep(1.1)
        survey("stopped", log, **large)
        self.assertEqual(rows("stopped", done), [(0,)])
        self.assertFalse((FOLDER / "stopped/survey.journal").exists())

    def test_gaps_that_were_not_expected_are_a_warning(self):
        paint(FOLDER / "coarse.tif", gsd=0.2)
        log = Log()
        survey("coarse", log, ORTHOMOSAICS=[str(FOLDER / "coarse.tif")])
        (warning,) = log.warnings
        self.assertIn("should have been assessed was not", warning)
        self.assertIn("gsd too coarse", warning.replace("_", " "))

    def test_an_error_is_told_in_the_words_of_the_program(self):
        with self.assertRaises(QgsProcessingException) as caught:
            survey("none", MODEL="nothing")
        self.assertTrue(str(caught.exception).startswith("cannot find model nothing: give"))

        with self.assertRaises(QgsProcessingException) as caught:
            survey("done")
        self.assertIn("--overwrite", str(caught.exception))

    def test_limit_and_evidence_are_layers_of_any_kind(self):
        # The limit in degrees, drawn in QGIS and never saved.
        limit = polygon_layer(box(0, 0, 400, 200))
        degrees = processing.run(
            "native:reprojectlayer",
            {"INPUT": limit, "TARGET_CRS": "EPSG:4326", "OUTPUT": "memory:"},
        )["OUTPUT"]
        witness = polygon_layer(
            box(180, 60, 260, 140), fields="&field=what:string&field=eo_category:string"
        )
        witness.startEditing()
        for feature in witness.getFeatures():
            witness.changeAttributeValues(feature.id(), {0: "villager", 1: "AP_MINE"})
        witness.commitChanges()
        mapping = FOLDER / "mapping.toml"
        mapping.write_text(
            '[layer.drawn]\nfields.kind = "what"\n[layer.drawn.words.kind]\nvillager = "witness"\n'
        )
        survey("limited", AOI=degrees, EVIDENCE=[witness], MAPPING=str(mapping))
        kinds = rows("limited", "SELECT kind, eo_category FROM external_evidence")
        self.assertIn(("witness", "AP_MINE"), kinds)
        # Two of the four squares lie in the limit; the tiles of the others were not read.
        found = {int(x) for (x,) in rows("limited", "SELECT px_x0 FROM features")}
        self.assertTrue(
            any(abs(x - 60) < 4 for x in found) and any(abs(x - 200) < 4 for x in found)
        )
        self.assertFalse(any(abs(x - 300) < 4 for x in found))

    def test_the_same_layer_is_the_same_file(self):
        layer = polygon_layer(box(0, 0, 400, 200))
        first = Path(write_geopackage(layer, "limit", FOLDER / "first")).read_bytes()
        time.sleep(1.1)
        second = Path(write_geopackage(layer, "limit", FOLDER / "second")).read_bytes()
        self.assertEqual(first, second)

    def test_report_and_export(self):
        told = str(FOLDER / "done")
        page = Path(run("report", DIR=told)["REPORT"])
        self.assertEqual(page, FOLDER / "done/report.html")
        self.assertIn("red-square", page.read_text())
        formats = program.formats()
        for name in ("geojson", "kml", "shp", "fgb", "csv", "xlsx", "imsma", "gdb"):
            self.assertIn(name, formats)
        out = FOLDER / "told.geojson"
        run("export", DIR=told, FORMAT="geojson", OUTPUT=str(out))
        layer = QgsVectorLayer(str(out), "told", "ogr")
        self.assertEqual(layer.crs().authid(), "EPSG:4326")
        squares = [f for f in layer.getFeatures() if f["layer"] == "features"]
        self.assertEqual(len(squares), len(SQUARES))
        # QGIS names a temporary output of any kind `.file`.
        out = Path(run("export", DIR=told, FORMAT="kml", OUTPUT="TEMPORARY_OUTPUT")["OUTPUT"])
        self.assertEqual(out.suffix, ".kml")
        self.assertIn("red-square", out.read_text())

    def test_a_review_is_started_and_goes_on(self):
        result = run("review", DIR=str(FOLDER / "done"), AS="Ana")
        try:
            with urllib.request.urlopen(result["ADDRESS"].split("#")[0], timeout=10) as answer:
                self.assertEqual(answer.status, 200)
        finally:
            os.kill(int(result["PROCESS"]), signal.SIGINT)
        log = Path(result["LOG"])
        self.assertEqual(log.stat().st_mode & 0o777, 0o600)
        for _ in range(100):
            if "head" in log.read_text():
                break
            time.sleep(0.1)
        self.assertRegex(log.read_text(), "log of 0 event.*, head [0-9a-f]{64}")
        log.unlink()


class Programs(unittest.TestCase):
    def tearDown(self):
        ProcessingConfig.setSettingValue(program.SETTING, "")

    def test_it_is_named_or_on_the_path(self):
        self.assertEqual(program.find(), str(PROGRAM))
        ProcessingConfig.setSettingValue(program.SETTING, shutil.which("true"))
        self.assertEqual(program.find(), shutil.which("true"))
        words = FOLDER / "words.txt"
        words.write_text("no program")
        ProcessingConfig.setSettingValue(program.SETTING, str(words))
        with self.assertRaises(QgsProcessingException) as caught:
            program.find()
        self.assertIn(f"{words} is no program", str(caught.exception))

    def test_models_are_those_that_the_program_lists(self):
        shipped = sorted(path.parent.name for path in ROOT.glob("models/*/model.toml"))
        self.assertEqual(sorted(program.models()), shipped)

    def test_progress_is_that_of_all_passes(self):
        log = Log()
        bar = Bar(log, 2)
        drawn = (
            "a notice\n\r\x1b[2Ka on b ██░ 1/4 tiles, 1s left\r\x1b[2K3 finds ████ 4/4 tiles, 0s"
        )
        drawn += " left\r\x1b[2K ░ 0/4 tiles, 0s left\r\x1b[2K ░ 0/2 tiles\r\x1b[2K █░ 1/2 tiles\r"
        for at in range(0, len(drawn), 7):
            bar.take(drawn[at : at + 7])
        bar.end()
        self.assertEqual(log.shares, [12.5, 50, 75])
        self.assertEqual(log.infos, ["a notice"])


# Debian's script of that name passes on options of the desktop, which it does not know.
QGIS_PROCESS = shutil.which("qgis_process.bin") or shutil.which("qgis_process")


@unittest.skipUnless(QGIS_PROCESS, "qgis_process is not installed")
class Process(unittest.TestCase):
    def test_the_zip_in_qgis_process(self):
        package = [str(ROOT / "scripts/qgis/package")]
        archive = subprocess.run(package, check=True, capture_output=True, text=True).stdout.strip()
        plugins = FOLDER / "plugins"
        shutil.unpack_archive(archive, plugins)
        environment = {**os.environ, "QGIS_PLUGINPATH": str(plugins)}

        def process(*arguments):
            command = [QGIS_PROCESS, *arguments]
            return subprocess.run(command, env=environment, capture_output=True, text=True)

        process("plugins", "enable", "rams_processing")
        image = paint(FOLDER / "process.tif")
        out = f"--DIR={FOLDER / 'process'}"
        inputs = [f"--ORTHOMOSAICS={image}", out]
        ran = process("run", "rams:survey", f"--MODEL={MODEL}", *inputs)
        self.assertEqual(ran.returncode, 0, ran.stdout + ran.stderr)
        self.assertIn(f"SURVEY:\t{FOLDER / 'process/survey.gpkg'}", ran.stdout)
        self.assertEqual(rows("process", "SELECT count(*) FROM features"), [(len(SQUARES),)])
        ran = process("run", "rams:survey", "--MODEL=nothing", *inputs)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("cannot find model nothing", ran.stderr)


if __name__ == "__main__":
    unittest.main()
