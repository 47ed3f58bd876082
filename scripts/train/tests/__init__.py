"""Tests of the training; some want the survey program."""

import os
import shutil
from pathlib import Path

from rams_train.common.paths import REPOSITORY

TARGET = REPOSITORY / "target"
BUILT = [Path(os.environ.get("RAMS", "")), TARGET / "release" / "rams", TARGET / "debug" / "rams"]
RAMS = next((str(file) for file in BUILT if file.is_file()), shutil.which("rams"))
