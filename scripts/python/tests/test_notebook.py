"""The notebook of the manual runs as it is, and is kept without what it printed."""

import re

import pytest

from tests.conftest import ROOT

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytest.importorskip("matplotlib")

NOTEBOOK = ROOT / "docs" / "examples" / "survey.ipynb"


def test_the_notebook_runs_from_its_first_cell_to_its_last(tmp_path, monkeypatch):
    # Its folders go with the test.
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count is None and not cell.outputs for cell in code), "strip it"
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    printed = {cell.id: cell.outputs for cell in code}
    for plot in ("map", "recall"):
        assert "image/png" in printed[plot][-1].data, plot
    table = printed["evaluate"][-1].data["text/plain"]
    (counts,) = re.findall(r"^all +(\d+) +(\d+)", table, re.MULTILINE)
    objects, hits = map(int, counts)
    # One object in two at least, of those that the seed lays.
    assert objects / 2 < hits <= objects
    assert "no_model" in printed["gaps"][-1].data["text/plain"]
