"""Write ``src/responsetag/text/common_characters.txt`` from the written corpus."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Characters beyond ASCII by frequency, equal ones by code point; those seen once are left out."""
    counts: Counter[str] = Counter()
    for file in sorted((ROOT / "data" / "corpus").glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            for sentence in json.loads(line)["sentences"]:
                counts.update(c for c in sentence["text"] if ord(c) > 0x7F and not c.isspace())
    common = sorted((c for c, n in counts.items() if n > 1), key=lambda c: (-counts[c], c))
    target = ROOT / "src" / "responsetag" / "text" / "common_characters.txt"
    target.write_text("".join(common) + "\n", encoding="utf-8")
    print(f"{len(common)} characters written to {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
