"""Models as directories of plain data: reading, checking, writing and finding them."""

from responsetag.model.artifact import Model, read_model
from responsetag.model.manifest import FORMAT_VERSION, Calibration, LabelInfo, Manifest
from responsetag.model.registry import find_model, list_models, open_model
from responsetag.model.writer import write_model

__all__ = [
    "FORMAT_VERSION",
    "Calibration",
    "LabelInfo",
    "Manifest",
    "Model",
    "find_model",
    "list_models",
    "open_model",
    "read_model",
    "write_model",
]
