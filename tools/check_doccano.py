"""What doccano itself makes of our files: into a project of its own and out again, in a database of its own.

    python -m venv build/doccano
    build/doccano/bin/pip install 'doccano==1.8.4' 'setuptools<81' 'marshmallow<4' 'numpy<2'
    cd build  # for each TASK of labels, spans and both:
    responsetag annotate export PATH... --to doccano --task TASK -o in.jsonl
    doccano/bin/python ../tools/check_doccano.py TASK in.jsonl in.labels.json out.jsonl
    responsetag annotate import out.jsonl --from doccano -o gold.jsonl

It runs what doccano's server runs for an upload and a download: the serializer of label types,
``load_dataset`` and ``create_collaborative_dataset``. By hand, as doccano wants versions of pandas and
numpy that this project has left behind.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

PROJECTS = {
    "labels": "DocumentClassification",
    "spans": "SequenceLabeling",
    "both": "IntentDetectionAndSlotFilling",
}


def main(task: str, rows: str, types: str, output: str) -> None:
    """Import, export, and say what went wrong on the way."""
    with tempfile.TemporaryDirectory(prefix="doccano-") as home:
        _start(home)
        project, user = _project(task)
        _import_types(task, project, types)
        errors = _import_rows(task, project, user, rows)
        from data_export.celery_tasks import create_collaborative_dataset
        from data_export.pipeline.factories import create_formatter, create_writer

        formatters, writer = create_formatter(project, "JSONL"), create_writer("JSONL")
        create_collaborative_dataset(project, home, False, formatters, writer)
        shutil.copy(Path(home, "all.jsonl"), output)
    count = len(Path(output).read_text(encoding="utf-8").splitlines())
    print(f"doccano took {count} rows and gave them back in {output}; its complaints: {errors or 'none'}")


def _start(home: str) -> None:
    import importlib.util

    found = importlib.util.find_spec("backend")
    if found is None or not found.submodule_search_locations:
        sys.exit("doccano is not installed here; see the head of this file")
    sys.path.insert(0, next(iter(found.submodule_search_locations)))
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings.development",
        DATABASE_URL=f"sqlite:///{home}/db.sqlite3",
        STANDALONE="True",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("create_roles")


def _project(task: str) -> tuple[Any, Any]:
    from django.contrib.auth.models import User
    from projects import models

    user = User.objects.create_user("annotator", password="no secret")  # noqa: S106 - of a database that goes
    kind = {
        "labels": models.TextClassificationProject,
        "spans": models.SequenceLabelingProject,
        "both": models.IntentDetectionAndSlotFillingProject,
    }[task]
    # Other projects with spans have no such option: doccano drops what overlaps.
    options = {"allow_overlapping": True} if task == "spans" else {}
    project = kind.objects.create(
        name="check", project_type=PROJECTS[task], created_by=user, collaborative_annotation=True, **options
    )
    return project, user


def _import_types(task: str, project: Any, types: str) -> None:
    from label_types.serializers import CategoryTypeSerializer, SpanTypeSerializer
    from label_types.views import camel_to_snake_dict

    labels = [camel_to_snake_dict(row) for row in json.loads(Path(types).read_text(encoding="utf-8"))]
    used = {"labels": [CategoryTypeSerializer], "spans": [SpanTypeSerializer]}
    for serializer_class in used.get(task, [CategoryTypeSerializer, SpanTypeSerializer]):
        serializer = serializer_class(data=labels, many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save(project_id=project.pk)


def _import_rows(task: str, project: Any, user: Any, rows: str) -> list[Any]:
    from data_import.datasets import load_dataset
    from data_import.pipeline.catalog import create_file_format
    from data_import.pipeline.readers import FileName

    files = [FileName(full_path=rows, generated_name=rows, upload_name=rows)]
    dataset = load_dataset(PROJECTS[task], create_file_format("JSONL"), files, project)
    dataset.save(user)
    return [error.dict() for error in dataset.errors]


if __name__ == "__main__":
    main(*sys.argv[1:])
