"""Train a model on 300 paragraphs of your own, with your own labels.

A city's emergency desk sorts reports by five labels of its own. At the end you have a model for them, you
know how good it is and how sure that is, whether more labelled rows helped, and how to set its thresholds.

Takes about a minute, most of it two trainings. Needs  pip install -e '.[train]'  in a checkout, then

    python docs/tutorials/retrain_with_300_labels.py [FOLDER]
"""

from __future__ import annotations

import csv
import json
import shlex
from pathlib import Path

import responsetag
from tutorial import ROOT, Paragraph, go_to_folder, paragraphs, shell, step

folder = go_to_folder()

step("1. The labels")
# A list of names would do. With `zh`, `en` and `definition` they are shown with these; slugs stand in the
# results.
Path("desk.yaml").write_text(
    """\
labels:
  - {slug: rescue, zh: 救人转移, en: Rescue, definition: {zh: 救出被困的人，把人转移到安全的地方}}
  - {slug: medical, zh: 医疗救治, en: Medical care, definition: {zh: 救治伤员和病人}}
  - {slug: traffic, zh: 交通管制, en: Traffic, definition: {zh: 封路、设卡、分流、放行}}
  - {slug: repair, zh: 抢修恢复, en: Repair, definition: {zh: 抢修水、电、路、通信}}
  - {slug: supplies, zh: 物资保障, en: Supplies, definition: {zh: 调运和分发物资，照顾受困的人}}
""",
    encoding="utf-8",
)
shell("responsetag labels --taxonomy desk.yaml")

step("2. The rows")
# Yours come from a spreadsheet. Here paragraphs of the project's own corpus play them, with its labels
# mapped onto the desk's. Many carry none of the five, and that is worth as much: it teaches what they are
# not.
DESK = {
    "rescue": {"rescue_evacuation"},
    "medical": {"medical_treatment"},
    "traffic": {"access_control"},
    "repair": {"infrastructure_restoration", "public_services"},
    "supplies": {"supply_guarantee", "resident_care"},
}


def desk_labels(paragraph: Paragraph) -> list[str]:
    """The desk's labels of a paragraph."""
    return [slug for slug, ours in DESK.items() if ours & paragraph.labels]


def write_csv(path: str, rows: list[Paragraph]) -> None:
    """A row a paragraph: its document, its text, and its labels with `;` between them.

    Paragraphs of one page share a document, so that none of them is judged by a model that was trained on its
    neighbours. Here each is from a page of its own.
    """
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["document", "text", "labels"])
        for row in rows:
            table.writerow([row.id, row.text, ";".join(desk_labels(row))])


write_csv("first-300.csv", paragraphs(0, 300))
print(*Path("first-300.csv").read_text(encoding="utf-8").splitlines()[:3], sep="\n")

step("3. Train")
# `responsetag train` is the same command. --report writes a page of curves; leave out --no-learning-curve to
# see what half of the rows would have given, which takes as long again.
shell(
    f"python {shlex.quote(f'{ROOT}/train.py')} --corpus first-300.csv --taxonomy desk.yaml "
    "--name desk --version 0.1.0 --report training.html --no-learning-curve"
)
# What it said first are findings: how many rows, documents and labels there are; duplicates, conflicts (one
# text with two answers) and labels of fewer than 10 paragraphs would be named there. Check that these
# counts are what you expect.
#
# The table is cross-validation: each paragraph is judged by a model that did not see its document. P is how
# many of the labels given are right, R how many of the right ones are given, F1 lies between. Micro counts
# all decisions alike, macro all labels. The 95% interval is how far the figure would move with other
# paragraphs: with 300, by four points either way. "Weak" is said of all models of fewer than 1,000
# paragraphs.
metrics = json.loads(Path("my-models/desk/0.1.0/manifest.json").read_text(encoding="utf-8"))["metrics"]
print(f"micro F1 {metrics['micro_f1']}")
assert 0.55 < metrics["micro_f1"] < 0.85
print(f"open {folder / 'training.html'} in a browser")

step("4. Check it on rows it never saw")
# `evaluate` takes rows as `train` does. Where rows name no `document`, an id such as news-12-3 is taken for
# paragraph 3 of document news-12.
write_csv("other-100.csv", paragraphs(300, 400))
shell("responsetag evaluate other-100.csv --model my-models/desk/0.1.0")
# The same for a program:
figures = json.loads(
    shell("responsetag evaluate other-100.csv --model my-models/desk/0.1.0 --json", show=False)
)
print(
    {name: round(figures["micro"][name], 3) for name in ("precision", "recall", "f1")},
    figures["intervals"]["micro"],
)
assert figures["paragraphs"] == 100
assert 0.4 < figures["micro"]["f1"] < 0.85
# Fewer rows, so a wider interval. Where it and that of training hardly meet, the rows are of another kind
# than those trained on: label some of those.

step("5. Tag with it")
# Every command takes the model by its path; so does responsetag.load.
Path("report.txt").write_text(
    "暴雨致三条公交线路中断，交警在两处路口封路分流。\n\n供电公司连夜抢修，凌晨恢复供电。\n\n今天天气很好。\n",
    encoding="utf-8",
)
shell("responsetag tag report.txt --model my-models/desk/0.1.0 --format table")

step("6. More rows, a second version")
# 300 more rows. A version that exists is never written over: give the new one its own number.
write_csv("all-600.csv", [*paragraphs(0, 300), *paragraphs(400, 700)])
shell("responsetag train --corpus all-600.csv --taxonomy desk.yaml --name desk --version 0.2.0")
# The tables of two trainings are over different rows. `compare` asks both models about the same ones, which
# neither was trained on: which one is better, by how much, and can 100 paragraphs show it? For single
# labels they often cannot ("too few", "not shown"), which does not say that they are equal. --changed has
# each paragraph that changed.
shell(
    "responsetag compare my-models/desk/0.1.0 my-models/desk/0.2.0 other-100.csv "
    "--changed changed.jsonl --show 2"
)
assert Path("changed.jsonl").read_text(encoding="utf-8")

step("7. Thresholds")
# A label is given from its own threshold on, which training set near where F1 is best. Scores are
# probabilities, so you can set others: a desk that must miss nothing takes a lower one and reads more false
# alarms.
tagger = responsetag.load("./my-models/desk/0.2.0")
print({slug: round(threshold, 2) for slug, threshold in tagger.thresholds.items()})
shell("responsetag tag report.txt --model my-models/desk/0.2.0 --min-score 0.1 --format table")
# In Python, one for each label:
others = paragraphs(300, 400)
scores = tagger.predict_proba([row.text for row in others])  # shape (100, 5)
rescue = tagger.labels.index("rescue")
truth = ["rescue" in desk_labels(row) for row in others]
missed = []
for threshold in (0.1, tagger.thresholds["rescue"], 0.8):
    given = scores[:, rescue] >= threshold
    missed.append(sum(t and not g for t, g in zip(truth, given, strict=True)))
    alarms = sum(g and not t for t, g in zip(truth, given, strict=True))
    print(f"rescue from {threshold:.2f} on: {missed[-1]} of {sum(truth)} missed, {alarms} false alarms")
assert missed == sorted(missed)

# Next: annotation_round_with_label_studio.py finds the rows that teach most; docs/train-your-own.md has all
# forms of rows, and says how good a model of 50, 300, 1,000 and 3,000 rows is.
