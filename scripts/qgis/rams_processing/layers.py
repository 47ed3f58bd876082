"""The project inside `survey.gpkg` -> a group of the project that is open."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import uuid
import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path

from qgis.core import (
    QgsLayerTreeGroup,
    QgsProcessingException,
    QgsProject,
)


def load(survey: Path, project: QgsProject) -> QgsLayerTreeGroup:
    """Adds the layers of a survey on top of a project: grouped, ordered, styled and related as the
    survey's own project has them.

    Raises QgsProcessingException where the file holds no project.
    """
    is_first = not project.mapLayers()
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "survey.qgs"
        document.write_text(_document(survey), encoding="utf-8")
        own = QgsProject()
        if not own.read(str(document)):
            raise QgsProcessingException(f"{survey} holds a project that cannot be read")
    relations = list(own.relationManager().relations().values())
    # A tree loses its layers when its project does.
    nodes = [node.clone() for node in own.layerTreeRoot().children()]
    for layer in list(own.mapLayers().values()):
        project.addMapLayer(own.takeMapLayer(layer), False)
    group = project.layerTreeRoot().insertGroup(0, f"{own.title()} {survey.parent.name}")
    group.insertChildNodes(0, nodes)
    group.resolveReferences(project)
    for relation in relations:
        project.relationManager().addRelation(relation)
    if is_first:
        project.setCrs(own.crs())
    return group


def _document(survey: Path) -> str:
    """The project as XML, with ids that no other survey has and paths that hold anywhere."""
    with closing(sqlite3.connect(f"{survey.resolve().as_uri()}?mode=ro", uri=True)) as file:
        row = file.execute("SELECT content FROM qgis_projects WHERE name = 'survey'").fetchone()
    if not row:
        raise QgsProcessingException(f"{survey} holds no project named survey")
    content = row[0].decode() if isinstance(row[0], bytes) else row[0]
    with zipfile.ZipFile(BytesIO(bytes.fromhex(content))) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".qgs"))
        document = archive.read(name).decode("utf-8")
    token = uuid.uuid4().hex[:8]
    document = re.sub("survey_(layer|image)_", rf"survey_{token}_\1_", document)

    def anywhere(found: re.Match[str]) -> str:
        return f"<datasource>{os.path.normpath(survey.resolve().parent / found[1])}"

    return re.sub(r"<datasource>(\.[^<|]*)", anywhere, document)
