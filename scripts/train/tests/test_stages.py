"""Tests of the stages: what was done is skipped, what they start exists, where things lie."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from rams_train.common.paths import DATASETS, MODELS, REPOSITORY, SCRIPTS
from rams_train.common.stages import Workspace, gsd_levels, paint_scenes
from rams_train.earthworks import card as earthworks_card
from rams_train.earthworks import retrain as earthworks_retrain
from rams_train.ordnance import card as ordnance_card
from rams_train.ordnance import retrain as ordnance_retrain
from rams_train.ordnance import training_stages


class Once(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.work = Workspace(Path("data"), Path(folder.name), "rams", None)

    def test_a_step_is_done_again_only_when_what_it_was_made_from_changes(self):
        done: list[str] = []
        for made_from in ({"a": 1}, {"a": 1}, {"a": 2}):
            self.work.once("step", made_from, done.append, "x")
        self.assertEqual(done, ["x", "x"])

    def test_a_step_that_failed_leaves_no_stamp(self):
        def fail():
            raise SystemExit("cannot go on")

        with self.assertRaises(SystemExit):
            self.work.once("step", 1, fail)
        with self.assertRaisesRegex(SystemExit, "step is not done"):
            self.work.stamp("step")

    def test_the_stamp_of_scenes_is_their_command(self):
        entry = {"name": "s", "seed": 3, "count": 2, "size_px": 100, "gsd_m": [0.01, 0.02]}
        self.assertEqual(gsd_levels(entry), {"s-10mm": 0.01, "s-20mm": 0.02})
        with mock.patch.object(Workspace, "call") as call:
            paint_scenes(self.work, [{**entry, "ground": ["sand"]}], [], "dense")
        self.assertEqual(call.call_count, 2)
        stamp = json.loads((self.work.out / "stamps" / "scenes-s-20mm").read_text())
        place = str(self.work.out / "scenes" / "s-20mm")
        options = ["--seed", 3, "--count", 2, "--size", "50x50", "--gsd", 0.02]
        look = ["--layout", "dense", "--camera", "varied", "--ground", "sand"]
        self.assertEqual(stamp, ["scene", place, *options, *look])


class Places(unittest.TestCase):
    def test_how_threads_wait_is_said_before_torch_loads(self):
        code = (
            "import os, sys, rams_train;"
            "print(os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules)"
        )
        environment = {k: v for k, v in os.environ.items() if k != "OMP_WAIT_POLICY"}
        told = subprocess.check_output(
            [sys.executable, "-B", "-c", code], cwd=SCRIPTS, env=environment, text=True
        )
        self.assertEqual(told.split(), ["PASSIVE", "False"])

    def test_the_repository_is_where_it_is_looked_for(self):
        self.assertTrue((REPOSITORY / "Cargo.toml").is_file())
        self.assertTrue((SCRIPTS / "pyproject.toml").is_file())
        for name in ("surface-ordnance", "earthworks"):
            self.assertTrue((DATASETS / name / "dataset.toml").is_file())
            self.assertTrue((MODELS / name / "model.toml").is_file())
        self.assertEqual(ordnance_retrain.MODEL, MODELS / "surface-ordnance")
        self.assertEqual(earthworks_retrain.MODEL, MODELS / "earthworks")
        for card in (ordnance_card, earthworks_card):
            self.assertTrue(card.TEMPLATE.is_file())

    def test_the_modules_that_stages_start_can_be_run(self):
        started = set()
        for module in (ordnance_retrain, training_stages, earthworks_retrain):
            for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text())):
                if isinstance(node, ast.Constant) and str(node.value).startswith("rams_train."):
                    started.add(str(node.value))
        self.assertEqual(len(started), 5)
        for name in started:
            spec = importlib.util.find_spec(name)
            assert spec and spec.origin
            self.assertIn('if __name__ == "__main__"', Path(spec.origin).read_text(), name)


if __name__ == "__main__":
    unittest.main()
