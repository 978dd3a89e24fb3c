"""From bytes to clauses: reading, repair, normalisation and segmentation, with offsets kept."""

from responsetag.text.alignment import AlignedText, Edit
from responsetag.text.normalize import normalize, normalize_many
from responsetag.text.paragraphs import paragraphs
from responsetag.text.reading import Source, read_file, read_text
from responsetag.text.segment import Segments, segment

__all__ = [
    "AlignedText",
    "Edit",
    "Segments",
    "Source",
    "normalize",
    "normalize_many",
    "paragraphs",
    "read_file",
    "read_text",
    "segment",
]
