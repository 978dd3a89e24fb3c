"""Tag a folder of pages.

You have saved pages from several places: an HTML page, a mirror in traditional characters, an old page in
GBK, and a table of posts. At the end you have their paragraphs with labels as JSONL and CSV, a report to
open in a browser, and you know what happens to input that cannot be read.

Takes about 10 seconds. Needs  pip install -e '.[html,report]'  in a checkout (or `make demo`, which
installs all), then

    python docs/tutorials/tag_a_folder.py [FOLDER]
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import responsetag
from tutorial import ROOT, go_to_folder, shell, step

folder = go_to_folder()

step("1. A folder of pages")
# Three pages as they come, in two encodings. Put your own in their place: .txt, .md and .html are pages.
demo = ROOT / "data" / "demo"
pages = folder / "pages"
pages.mkdir()
for name in ("community-page.html", "mirror-page.txt"):
    (pages / name).write_bytes((demo / name).read_bytes())
old_page = (demo / "accident-page.txt").read_text(encoding="utf-8")
(pages / "accident-page.txt").write_bytes(old_page.encode("gb18030"))

# A table is read row by row. Its text column is found by its name, here `text`; the id comes back with the
# row.
posts = [
    {"id": "post-1", "text": "消防员用冲锋舟把被困的三十户村民转移到镇中学。"},
    {"id": "post-2", "text": "今天的晚霞很好看。"},
    {"id": "post-3", "text": "！！！"},
]
(pages / "posts.jsonl").write_text(
    "".join(json.dumps(post, ensure_ascii=False) + "\n" for post in posts), encoding="utf-8"
)
print(*sorted(path.name for path in pages.iterdir()), sep="\n")

step("2. Tag it")
# The ending of the output says its form. A row comes out for each paragraph and each record, in order.
shell("responsetag tag pages -o run.jsonl")
shell("responsetag tag pages -o run.csv")

step("3. Read the rows in Python")
rows = [json.loads(line) for line in Path("run.jsonl").read_text(encoding="utf-8").splitlines()]
for document, n in Counter(row["document"] for row in rows).items():
    print(f"{document}: {n} paragraphs")
counts = Counter(label for row in rows for label in row["labels"])
for slug, n in counts.most_common(5):
    print(f"{n:3} {slug}")
# Every row has a status. `empty` is text without anything to read; it is no failure.
statuses = Counter(row["status"] for row in rows)
print(dict(statuses))
assert statuses["ok"] > 30
assert statuses["empty"] >= 1
assert "error" not in statuses
# The page in GBK was read as such: its text is there.
assert any(row["document"].endswith("accident-page.txt") and "化工仓库" in row["text"] for row in rows)
# CSV has the same rows. Lists are joined by `;`, for a spreadsheet.
with Path("run.csv").open(encoding="utf-8-sig", newline="") as file:
    table = list(csv.DictReader(file))
assert [row["labels"] for row in table] == [";".join(row["labels"]) for row in rows]

step("4. Look at the evidence of a row")
# Each label comes with the clauses that show it. Places count characters of your text, from 0.
row = next(row for row in rows if row["labels"] and row["document"].endswith("mirror-page.txt"))
label = row["labels"][0]
span = row["evidence"][label]
print(row["text"])
print(f"{label}, score {row['scores'][label]}: {span['text']!r}, characters {span['start']} to {span['end']}")
for word in span["words"]:
    print(f"  {word['text']}  {word['share']:.0%} of what speaks for it")
assert span["text"] in row["text"]
# The traditional mirror is read as if it were simplified, and the glosses in brackets are passed over; the
# text of the row stays as it was on the page. On a terminal `explain` colours the same.
shell("responsetag explain 消防员用冲锋舟把被困的三十户村民转移到镇中学。")

# In Python there is no need for files. One model serves any number of calls.
tagger = responsetag.load()
tagging = tagger.tag("供电公司连夜抢修线路，凌晨四点恢复供电。")
print(tagging.labels, tagging.tags[0].name, round(tagging.tags[0].score, 2))

step("5. What cannot be read")
# A line of a table is cut off. Its row comes out all the same, with status `error` and a message that says
# where the damage is; all other rows are tagged. The exit code 1 says that some failed.
with (pages / "posts.jsonl").open("a", encoding="utf-8") as file:
    file.write('{"id": "post-4", "text": "志愿者\n')
shell("responsetag tag pages -o again.jsonl", code=1)
again = [json.loads(line) for line in Path("again.jsonl").read_text(encoding="utf-8").splitlines()]
bad = [row for row in again if row["status"] == "error"]
print(bad[0]["message"])
assert len(bad) == 1
assert len(again) == len(rows) + 1
assert [row for row in again if row["status"] != "error"] == rows
# A command that cannot run at all writes nothing and ends with 2. In a script:
#     responsetag tag pages -o run.jsonl || [ $? -eq 1 ]    # go on where some rows failed, stop at all else
shell("responsetag tag pages -o other.jsonl --model no-such-model", code=2)
assert not Path("other.jsonl").exists()

step("6. A page to show")
# From the finished run (nothing is tagged again) or from the pages. From the pages it also knows titles and
# dates that only the HTML says.
shell("responsetag report run.jsonl -o run.html")
(pages / "posts.jsonl").unlink()
shell("responsetag report pages -o pages.html")
print(f"open {folder / 'pages.html'} in a browser; it is one file and asks nothing of a network")
assert "<script src" not in Path("pages.html").read_text(encoding="utf-8")

# Next: docs/scale.md is about large folders: --workers, and --resume after a kill. docs/report.md is about
# the page.
