"""Models as directories of plain data: reading, checking and finding them; ``model.writer`` writes them."""

from responsetag.model.artifact import Model, read_model
from responsetag.model.manifest import FORMAT_VERSION, Calibration, LabelInfo, Manifest
from responsetag.model.registry import find_model, list_models, open_model

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
]
