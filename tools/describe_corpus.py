"""Write ``data/corpus/SHA256SUMS`` and the tables of ``data/DATASHEET.md``.

    python tools/describe_corpus.py

Tables stand between ``<!-- name -->`` and ``<!-- end -->``. Form, event and level of a paragraph are found by
the words in ``corpus_rules.json``, so a few are counted wrongly.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from responsetag import load_taxonomy
from responsetag.training.digests import write_sums
from responsetag.training.sources.files import corpus_files

ROOT = Path(__file__).parent.parent
CORPUS, DATASHEET = ROOT / "data" / "corpus", ROOT / "data" / "DATASHEET.md"
AGREEMENT = ROOT / "data" / "agreement.json"

# The first rule that fits counts; for the form, the file's own genre where none does.
RULES: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("corpus_rules.json").read_text(encoding="utf-8")
)
FORMS, GENRES, EVENTS, LEVELS = (RULES[key] for key in ("forms", "genres", "events", "levels"))
Row = tuple[str, dict[str, Any]]


def main() -> None:
    """Write the digests and the tables."""
    files = corpus_files(CORPUS)
    write_sums(CORPUS, files)
    rows = [
        (file.stem, json.loads(line))
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    taxonomy = load_taxonomy()
    names = {label.slug: label.name.zh for label in taxonomy.labels}
    text = DATASHEET.read_text(encoding="utf-8")
    read_agreement = json.loads(AGREEMENT.read_text(encoding="utf-8"))
    tables = {
        "size": size(rows),
        "files": per_file(rows),
        "labels": per_label(rows, names),
        "form by event": matrix(rows, form, lambda text: find(text, EVENTS, "none named"), "form"),
        "label by event": by_label(rows, names, EVENTS, "none named"),
        "label by level": by_label(rows, names, LEVELS, "none named"),
        "label by form": by_label(rows, names, None, ""),
        "agreement": agreement("file", read_agreement["files"]),
        "agreement by label": agreement("label", read_agreement["labels"]),
    }
    for name, table in tables.items():
        text, found = re.subn(
            rf"(<!-- {name} -->\n).*?(<!-- end -->)",
            lambda m, t=table: f"{m[1]}{t}\n{m[2]}",
            text,
            flags=re.DOTALL,
        )
        if found != 1:
            raise SystemExit(
                f"{DATASHEET}: needs one place '<!-- {name} -->' ... '<!-- end -->', has {found}"
            )
    DATASHEET.write_text(text, encoding="utf-8")
    print(f"{len(rows)} paragraphs described in {DATASHEET.relative_to(ROOT)}")


def text_of(row: dict[str, Any]) -> str:
    """The whole paragraph."""
    return "".join(sentence["text"] for sentence in row["sentences"])


def labels_of(row: dict[str, Any]) -> set[str]:
    """The labels of any of its sentences."""
    return {label for sentence in row["sentences"] for label in sentence["labels"]}


def find(text: str, rules: dict[str, str], otherwise: str) -> str:
    """The name of the first rule that fits."""
    return next((name for name, rule in rules.items() if re.search(rule, text)), otherwise)


def form(row: dict[str, Any]) -> str:
    """What kind of text a paragraph is."""
    return find(text_of(row), FORMS, "") or find(row["genre"], GENRES, "")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""

    def line(cells: Sequence[object]) -> str:
        return "| " + " | ".join(f"{c:,}" if isinstance(c, int) else str(c) for c in cells) + " |"

    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, rows)])


def size(rows: Sequence[Row]) -> str:
    """How much there is."""
    lengths = sorted(len(text_of(row)) for _, row in rows)
    none = sum(not labels_of(row) for _, row in rows)
    several = sum(len(labels_of(row)) >= 3 for _, row in rows)
    sentences = sum(len(row["sentences"]) for _, row in rows)
    tenth, half, nine = (lengths[int(len(lengths) * share)] for share in (0.1, 0.5, 0.9))
    return (
        f"{len(rows):,} paragraphs, {sentences:,} sentences. {none:,} paragraphs ({none / len(rows):.0%}) "
        f"carry no label, {several:,} ({several / len(rows):.0%}) three or more. Lengths in characters: "
        f"a tenth below {tenth}, half below {half}, a tenth above {nine}, the longest {lengths[-1]}."
    )


def per_file(rows: Sequence[Row]) -> str:
    """Paragraphs and sentences of each file."""
    paragraphs = Counter(stem for stem, _ in rows)
    sentences: Counter[str] = Counter()
    for stem, row in rows:
        sentences[stem] += len(row["sentences"])
    genre = {stem: row["genre"] for stem, row in rows}
    found = ((f"`{stem}`", genre[stem], n, sentences[stem]) for stem, n in sorted(paragraphs.items()))
    return table(("file", "genre", "paragraphs", "sentences"), found)


def per_label(rows: Sequence[Row], names: dict[str, str]) -> str:
    """Sentences and paragraphs of each label."""
    sentences = Counter(label for _, row in rows for s in row["sentences"] for label in s["labels"])
    paragraphs = Counter(label for _, row in rows for label in labels_of(row))
    return table(
        ("label", "中文", "sentences", "paragraphs"),
        ((f"`{slug}`", name, sentences[slug], paragraphs[slug]) for slug, name in names.items()),
    )


def matrix(rows: Sequence[Row], down: Any, across: Any, title: str) -> str:
    """Paragraphs by two things at once."""
    counts = Counter((down(row), across(text_of(row))) for _, row in rows)
    forms = sorted({d for d, _ in counts}, key=lambda d: -sum(n for (e, _), n in counts.items() if e == d))
    events = [*EVENTS, "none named"]
    return table((title, *events), ((f, *(counts[f, e] for e in events)) for f in forms))


def by_label(rows: Sequence[Row], names: dict[str, str], rules: dict[str, str] | None, otherwise: str) -> str:
    """Paragraphs of each label by what their text names, or by form."""
    counts: Counter[tuple[str, str]] = Counter()
    for _, row in rows:
        column = form(row) if rules is None else find(text_of(row), rules, otherwise)
        counts.update((label, column) for label in labels_of(row) or {""})
    columns = sorted({c for _, c in counts}, key=lambda c: -sum(n for (_, d), n in counts.items() if d == c))
    entries = [*((slug, name) for slug, name in names.items()), ("", "no label")]
    return table(("label", *columns), ((name, *(counts[slug, c] for c in columns)) for slug, name in entries))


def agreement(title: str, entries: dict[str, dict[str, float]]) -> str:
    """Micro F1 over sentence labels, of each file (then also over all sentences) or of each label."""
    keys = ("first_second", "first_final", "second_final")
    sized = title == "file"
    counts = ("sentences", "disputed") if sized else ()
    lines: list[Sequence[object]] = [
        (f"`{name}`", *(int(entry[c]) for c in counts), *(f"{entry[key]:.3f}" for key in keys))
        for name, entry in entries.items()
    ]
    if sized:
        total, disputed = (sum(int(entry[c]) for entry in entries.values()) for c in counts)
        means = (sum(e[key] * e["sentences"] for e in entries.values()) / total for key in keys)
        lines.append(("**together**", total, disputed, *(f"{mean:.3f}" for mean in means)))
    head = (title, *counts, "first with second", "first with final", "second with final")
    return table(head, lines)


if __name__ == "__main__":
    main()
