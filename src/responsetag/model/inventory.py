"""The inventory of a folder of models: one row a model, with its digest, data and figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from responsetag.errors import ModelError
from responsetag.model.manifest import Manifest

INVENTORY = "inventory.json"


def read_inventory(folder: Path) -> list[dict[str, Any]]:
    """The rows, oldest first; none where the folder keeps no inventory.

    Raises:
        ModelError: the file is malformed.
    """
    file = folder / INVENTORY
    if not file.exists():
        return []
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return [dict(row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"{file}: malformed ({error}); fetch the models again") from error


def check_inventory(folder: Path, manifest: Manifest) -> None:
    """Refuse a model whose digest is not the one that the inventory names for its version.

    A manifest holds its own digest; this one stands apart from it.
    """
    released = [
        row.get("digest")
        for row in read_inventory(folder)
        if row.get("name") == manifest.name and row.get("version") == manifest.version
    ]
    if released != [manifest.digest]:
        raise ModelError(
            f"{folder / manifest.name / manifest.version}: is not the model that was released "
            f"(its digest is not the one in {INVENTORY}); fetch the models again"
        )


def add_to_inventory(folder: Path, manifest: Manifest, note: str) -> None:
    """Add the row of a model that was just written.

    Args:
        note: what is different from the model before.
    """
    rows = read_inventory(folder)
    rows.append(
        {
            "name": manifest.name,
            "version": manifest.version,
            "digest": manifest.digest,
            "paragraphs": manifest.corpus["paragraphs"],
            "sentences": manifest.corpus["sentences"],
            "corpus": manifest.corpus["digest"],
            "micro_f1": manifest.metrics["micro_f1"],
            "macro_f1": manifest.metrics["macro_f1"],
            "features": manifest.features["words"] + sum(manifest.features["runs"]),
            "bytes": sum(entry["bytes"] for entry in manifest.files.values()),
            "note": note,
        }
    )
    temporary = folder / f".{INVENTORY}"
    temporary.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder / INVENTORY)
