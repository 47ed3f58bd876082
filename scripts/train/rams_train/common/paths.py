"""Where the repository keeps what the training reads and writes."""

from pathlib import Path

SCRIPTS = (
    Path(__file__).resolve().parents[2]
)  # the folder from which `python -m rams_train...` runs
REPOSITORY = SCRIPTS.parents[1]
DATASETS = REPOSITORY / "datasets"
MODELS = REPOSITORY / "models"
