"""Look for near-duplicates in the corpus, and for text that it shares with others' text.

    python tools/check_corpus.py [--against FILE.jsonl ...]

Near-duplicates are paragraphs whose sets of three-character runs have a Jaccard similarity of 0.6 and more by
MinHash with locality-sensitive hashing (Broder 1997; the datasketch library). With ``--against``, rows of
``{"text"}`` that are not ours, neither near-duplicates of them nor runs of 24 word characters are allowed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from datasketch import MinHash, MinHashLSH

from responsetag.training.sources.files import corpus_files

ROOT = Path(__file__).parent.parent
_SIMILARITY, _PERMUTATIONS, _SHINGLE = 0.6, 64, 3
_RUN = 24
# Shorter paragraphs are headings, of which two may well be alike.
_SHORTEST = 12


def main() -> None:
    """Print what is found; exit with 1 if anything is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--against", type=Path, nargs="*", default=[], help="JSONL of {text} that is not ours"
    )
    options = parser.parse_args()
    index = MinHashLSH(threshold=_SIMILARITY, num_perm=_PERMUTATIONS)
    found = count = 0
    runs: dict[str, str] = {}
    for name, text in paragraphs():
        count += 1
        runs.update((text[i : i + _RUN], name) for i in range(len(text) - _RUN + 1))
        if len(text) < _SHORTEST:
            continue
        hashed = minhash(text)
        for other in index.query(hashed):
            found += 1
            print(f"{name} is nearly {other}: {text[:60]}")
        index.insert(name, hashed)
    for file in options.against:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            text = plain(json.loads(line)["text"])
            shared = {
                runs[text[i : i + _RUN]] for i in range(len(text) - _RUN + 1) if text[i : i + _RUN] in runs
            }
            alike = index.query(minhash(text)) if len(text) >= _SHORTEST else []
            for name in sorted({*shared, *alike}):
                found += 1
                print(f"{name} is too near to {file}:{number}: {text[:60]}")
    print(f"{count} paragraphs, {found} to look at")
    sys.exit(1 if found else 0)


def paragraphs() -> Iterator[tuple[str, str]]:
    """The id and the word characters of each paragraph."""
    for file in corpus_files(ROOT / "data" / "corpus"):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield row["id"], plain("".join(sentence["text"] for sentence in row["sentences"]))


def plain(text: str) -> str:
    """Without marks and spaces."""
    return re.sub(r"\W", "", text)


def minhash(text: str) -> MinHash:
    """Of the runs of three characters."""
    hashed = MinHash(_PERMUTATIONS)
    hashed.update_batch([text[i : i + _SHINGLE].encode() for i in range(max(1, len(text) - _SHINGLE + 1))])
    return hashed


if __name__ == "__main__":
    main()
