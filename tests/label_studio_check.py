"""What Label Studio's own package makes of our files; run by tests with the Python of ``.venv/label-studio``.

    python label_studio_check.py CONFIG.xml TASKS.json FOLDER

Checks the labelling interface and every task with its predictions, makes each prediction an annotation, writes them
as Label Studio exports them (``export.json``), and has its converter make JSON-MIN of it (``result.json``).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface
from label_studio_sdk.label_interface.objects import AnnotationValue, TaskValue


def main(config: str, tasks: str, folder: str) -> None:
    interface = LabelInterface(Path(config).read_text(encoding="utf-8"))
    interface.validate()
    exported = []
    for number, task in enumerate(json.loads(Path(tasks).read_text(encoding="utf-8")), 1):
        TaskValue.model_validate(task)
        assert interface.validate_task({"data": task["data"]})
        annotations = []
        for prediction in task["predictions"]:
            errors = interface.validate_prediction(prediction, return_errors=True)
            assert not errors, errors
            result = [{**region, "origin": "prediction"} for region in prediction["result"]]
            annotation = AnnotationValue(completed_by=7, result=result, was_cancelled=False)
            assert interface.validate_annotation(annotation.model_dump())
            times = {"created_at": "2026-01-02T03:04:05Z", "updated_at": "2026-01-02T03:04:05Z"}
            annotations.append({"id": 100 + number, **annotation.model_dump(), **times})
        exported.append({"id": number, "data": task["data"], "annotations": annotations, "predictions": []})
    out = Path(folder, "export.json")
    out.write_text(json.dumps(exported, ensure_ascii=False), encoding="utf-8")
    Converter(config, folder, download_resources=False).convert_to_json_min(str(out), folder, is_dir=False)
    labels = interface.get_control("actions").labels
    found = {"choices": sorted(labels), "spans": sorted(interface.get_control("evidence").labels)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
