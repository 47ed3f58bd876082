"""Tests that a run goes on from its checkpoint as if it had not been stopped.

And that the checkpoint's format stays: a run that an earlier version began must be able to go on.
"""

import argparse
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch import nn

from rams_train.common import loop
from rams_train.earthworks import crops as earthworks_crops
from rams_train.earthworks import train as earthworks_train
from rams_train.earthworks.dataset import LabelledImage
from rams_train.earthworks.model import Segmenter
from rams_train.ordnance import train as ordnance_train
from rams_train.ordnance.crops import Crops
from rams_train.ordnance.dataset import AnnotatedImage
from rams_train.ordnance.hard_negatives import HardNegative
from rams_train.ordnance.losses import TERMS, detection_loss
from rams_train.ordnance.model import Detector

# What args.json holds; all but until and cool_from since the first run that could be resumed.
SHARED_OPTIONS = {
    *("data", "out", "steps", "batch", "lr", "seed", "device", "threads", "workers", "frozen"),
    *("mine", "init", "until", "cool_from", "resume"),
}
ALARM = ("photo", 200.0, 180.0, 20.0, 24.0)  # as last.pt holds it


class StoppedError(Exception):
    """The run is stopped from outside."""


def photograph():
    """Ground without objects, not all of one colour."""
    rgba = np.random.default_rng(0).integers(0, 255, (300, 300, 4), np.uint8)
    rgba[..., 3] = 255
    return AnnotatedImage("photo", Path("photo"), rgba, 0.02)


class SomeSteps(Crops):
    """Crops that stop the run after some of them."""

    def __init__(self, crops):
        super().__init__([], [], [photograph()], "real")
        self.mix = np.zeros(3)  # nothing but ground
        self.left = crops

    def sample(self, rng):
        self.left -= 1
        if self.left < 0:
            raise StoppedError
        return super().sample(rng)


def options(out, *more):
    """A run of four steps of two crops, with a search for false alarms before the third."""
    ap = argparse.ArgumentParser()
    loop.add_options(ap, batch=2, mine=[0.5])
    fixed = ["--data", str(out), "--out", str(out), "--steps", "4", "--resume"]
    machine = ["--device", "cpu", "--threads", "1", "--workers", "0"]
    return ap.parse_args([*fixed, *machine, *more], namespace=loop.Options())


def train(out, crops, *more):
    """Train in `out`, writing a checkpoint after each step."""

    def search(net, device, step):
        crops.set_hard([HardNegative(*ALARM)])

    task = loop.Task(Detector, crops, detection_loss, TERMS, search, "test")
    with mock.patch.object(loop, "SAVE_S", -1):
        loop.train(options(out, *more), task)


def checkpoint(out):
    """What last.pt holds."""
    return torch.load(out / "last.pt", weights_only=False)


class Resume(unittest.TestCase):
    def assert_equal_states(self, a, b):
        """All weights, averages and moments agree bit for bit."""
        for part in ("net", "mean"):
            self.assertEqual(list(a[part]), list(b[part]))
            self.assertTrue(all(torch.equal(a[part][k], b[part][k]) for k in a[part]), part)
        self.assertEqual(a["opt"]["param_groups"], b["opt"]["param_groups"])
        for k, moments in a["opt"]["state"].items():
            other = b["opt"]["state"][k]
            self.assertTrue(all(torch.equal(v, other[name]) for name, v in moments.items()))
        self.assertEqual((a["step"], a["hard"]), (b["step"], b["hard"]))

    def test_a_stopped_run_ends_as_one_that_was_not(self):
        with tempfile.TemporaryDirectory() as folder:
            whole, stopped = Path(folder) / "whole", Path(folder) / "stopped"
            train(whole, SomeSteps(100))
            for steps in (1, 2):  # before and after the search for false alarms
                with self.assertRaises(StoppedError):
                    train(stopped, SomeSteps(2 * steps))
            self.assertEqual(checkpoint(stopped)["step"], 3)
            train(stopped, SomeSteps(100))
            self.assert_equal_states(checkpoint(whole), checkpoint(stopped))
            weights = torch.load(stopped / "weights.pt", weights_only=True)
            self.assertEqual(list(weights), list(checkpoint(stopped)["mean"]))

    def test_a_run_that_ends_another_begins_with_all_of_it_and_cools_in_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            long, end = Path(folder) / "long", Path(folder) / "end"
            train(long, SomeSteps(100), "--until", "3")
            before = checkpoint(long)
            rate = before["opt"]["param_groups"][1]["lr"]
            cool = ("--cool-from", str(long), "--seed", "2")
            with self.assertRaises(StoppedError):
                train(end, SomeSteps(2), *cool)
            state = checkpoint(end)
            self.assertEqual((state["step"], state["hard"]), (1, before["hard"]))
            self.assertEqual(state["opt"]["param_groups"][1]["lr"], rate)
            moments = list(state["opt"]["state"].values())
            self.assertEqual({int(m["step"]) for m in moments}, {before["step"] + 1})
            train(long, SomeSteps(100))  # that it goes on changes nothing
            train(end, SomeSteps(100), *cool)
            last = checkpoint(end)["opt"]["param_groups"][1]["lr"]
            self.assertAlmostEqual(last, rate * (0.25 * 0.98 + 0.02))

    def test_a_run_goes_on_only_as_what_it_was_begun_as(self):
        with tempfile.TemporaryDirectory() as folder:
            begun = argparse.Namespace(seed=1, steps=100, threads=2, out=folder)
            (Path(folder) / "args.json").write_text(json.dumps(vars(begun)))
            same = argparse.Namespace(seed=1, steps=100, threads=8, out=folder)
            loop.refuse_another(Path(folder), same)
            # An option that came later, as its default.
            loop.refuse_another(Path(folder), argparse.Namespace(**vars(same), dataset=None))
            with self.assertRaisesRegex(SystemExit, "another dataset"):
                loop.refuse_another(
                    Path(folder), argparse.Namespace(**vars(same), dataset="a.toml")
                )
            other = argparse.Namespace(seed=2, steps=100, threads=2, out=folder)
            with self.assertRaisesRegex(SystemExit, "another seed.*delete"):
                loop.refuse_another(Path(folder), other)


class Format(unittest.TestCase):
    def test_a_checkpoint_is_plain(self):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            train(out, SomeSteps(100))
            state = checkpoint(out)
            self.assertEqual(set(state), {"net", "mean", "opt", "step", "hard"})
            # No class of this package in it, so that it outlives a change of names.
            self.assertEqual(state["hard"], [ALARM])
            self.assertIs(type(state["hard"][0]), tuple)
            self.assertNotIn(b"rams_train", (out / "last.pt").read_bytes())
            groups = [len(group["params"]) for group in state["opt"]["param_groups"]]
            self.assertEqual(sum(groups), sum(p.requires_grad for p in Detector(3).parameters()))

    def test_alarms_of_a_checkpoint_are_drawn_again(self):
        crops = SomeSteps(0)
        crops.set_hard_rows([ALARM])
        self.assertEqual(crops.hard, [HardNegative(*ALARM)])
        self.assertEqual(crops.hard_rows(), [ALARM])
        rgb, label = np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8)
        image = LabelledImage("p", rgb, label, None, 0.1, np.zeros((0, 3), np.float32))
        works = earthworks_crops.Crops([], [image], 0.5)
        # As earlier versions wrote it: numbers of numpy.
        works.set_hard_rows([(0, np.float64(3.5), np.float64(4.5), 1.25, 0.1)])
        self.assertEqual(works.hard_rows(), [(0, 3.5, 4.5, 1.25, 0.1)])

    def test_the_options_have_the_names_of_args_json(self):
        place = ["--data", "d", "--out", "o"]
        detector = ordnance_train.parse_options(
            [*place, "--objects", "real", "--train-ground", "pitch"]
        )
        own = {"objects", "train_ground", "scenes", "mixed", "fold", "cache", "dataset"}
        self.assertEqual(set(vars(detector)), SHARED_OPTIONS | own)
        segmenter = earthworks_train.parse_options([*place, "--scenes", "s"])
        self.assertEqual(set(vars(segmenter)), SHARED_OPTIONS | {"scenes", "works", "fold"})

    def test_the_weights_have_the_names_of_earlier_runs(self):
        body = {"stem", "blocks", "lateral", "smooth", "shared"}
        heads = {"heat", "box", "name"}
        self.assertEqual(self.parts(Detector()), body | heads)
        self.assertEqual(self.parts(Segmenter()), body | {"wide", "relief", "head"})
        names = Detector().state_dict()
        self.assertEqual(len(names), 84)
        self.assertIn("blocks.10.layers.2.weight", names)
        self.assertIn("lateral.2.bias", names)

    @staticmethod
    def parts(net: nn.Module):
        """The first words of the names of all weights."""
        return {name.split(".")[0] for name in net.state_dict()}


if __name__ == "__main__":
    unittest.main()
