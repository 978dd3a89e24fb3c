"""A round of annotation with Label Studio.

Paragraphs are waiting to be labelled, more than anybody will read. At the end you have chosen those that a
model is unsure of, sent them to Label Studio, read back what two annotators said, settled where they
differ, judged the model by it, and trained another one on it.

Takes about a minute. Label Studio itself is not started: a function below plays the annotators and writes
what Label Studio exports. The text says where its own screens come in. Needs  pip install -e '.[train]'  in
a checkout, then

    python docs/tutorials/annotation_round_with_label_studio.py [FOLDER]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tutorial import Paragraph, go_to_folder, paragraphs, shell, step

folder = go_to_folder()

step("1. What there is")
# The labels as a file, for Label Studio and for training. Definitions are shown to annotators as hints.
LABELS = ("rescue_evacuation", "medical_treatment", "access_control", "infrastructure_restoration")
Path("labels.yaml").write_text(
    """\
labels:
  - {slug: rescue_evacuation, zh: 抢险转移, en: Rescue, definition: {zh: 抢险救人，把人转移到安全的地方}}
  - {slug: medical_treatment, zh: 医疗救治, en: Medical care, definition: {zh: 救治伤员和病人}}
  - {slug: access_control, zh: 出入管控, en: Access, definition: {zh: 封路、设卡、限制出入}}
  - {slug: infrastructure_restoration, zh: 抢修恢复, en: Repair, definition: {zh: 抢修水、电、路、通信}}
""",
    encoding="utf-8",
)
# Text without labels: 250 pages of two paragraphs.
pool = paragraphs(0, 500)
Path("pages").mkdir()
for number in range(0, len(pool), 2):
    page = "\n\n".join(row.text for row in pool[number : number + 2])
    Path(f"pages/page-{number // 2:03}.txt").write_text(page, encoding="utf-8")


def write_labelled(path: str, rows: list[Paragraph]) -> None:
    """Labelled paragraphs as JSONL, for training and judging."""
    with Path(path).open("w", encoding="utf-8") as file:
        for row in rows:
            labels = [slug for slug in LABELS if slug in row.labels]
            labelled = {"id": row.id, "document": row.id, "text": row.text, "labels": labels}
            file.write(json.dumps(labelled, ensure_ascii=False) + "\n")


# A first model, of the 200 paragraphs that were labelled up to now. The shipped model does as well where
# its labels are the ones wanted; without any, begin with 50 random paragraphs and `annotate export
# --no-predictions`.
Path("rounds").mkdir()
write_labelled("rounds/1.jsonl", paragraphs(500, 700))
shell("responsetag train --corpus rounds/1.jsonl --taxonomy labels.yaml --name desk --version 0.1.0")

step("2. Choose what to label")
# Not at random: 60 paragraphs that the model is unsure of and that differ from each other, each with its
# reason.
shell("responsetag suggest pages -n 60 -o next.jsonl --model my-models/desk/0.1.0")
chosen = [json.loads(line) for line in Path("next.jsonl").read_text(encoding="utf-8").splitlines()]
print(chosen[0]["text"])
print(chosen[0]["reason"])
assert len(chosen) == 60

step("3. Send it to Label Studio")
shell(
    "responsetag annotate export next.jsonl --to label-studio -o tasks.json "
    "--model my-models/desk/0.1.0 --taxonomy labels.yaml"
)
# Now in Label Studio (pip install label-studio, in an environment of its own; label-studio start):
#   Create Project > Labeling Setup > Custom template > Code: paste what stands in tasks.xml, Save
#   Import: tasks.json
#   Settings > Annotation: show predictions, so that annotators begin with what the model says
#   Label All Tasks: tick labels, mark the words that show them, Submit; or Skip what should not be judged
#   Export > JSON: save the file as export.json here
tasks = json.loads(Path("tasks.json").read_text(encoding="utf-8"))
print(Path("tasks.xml").read_text(encoding="utf-8")[:300], "...")
assert len(tasks) == 60
assert all(slug in Path("tasks.xml").read_text(encoding="utf-8") for slug in LABELS)

step("4. The labelling")
# In place of people: Ann knows the right labels. Ben labels the first 20 paragraphs too, and overlooks
# repairs. The results have the form that Label Studio gives them. Delete this section once you have an
# export.json of yours.
Judge = Callable[[str], list[str]]
truth = {row.text.strip(): [slug for slug in LABELS if slug in row.labels] for row in pool}


def ann(text: str) -> list[str]:
    """What the first annotator ticks."""
    return truth[text]


def ben(text: str) -> list[str]:
    """What the second one ticks."""
    return [slug for slug in truth[text] if slug != "infrastructure_restoration"]


def export(judges: Sequence[tuple[str, Judge, range]], skipped: set[int]) -> list[dict[str, Any]]:
    """The tasks with annotations, as Label Studio's export in JSON has them."""
    done = []
    for number, task in enumerate(tasks):
        annotations: list[dict[str, Any]] = []
        for email, judge, numbers in judges:
            if number in numbers:
                ticked = {"choices": judge(task["data"]["text"])}
                result = {"from_name": "actions", "to_name": "text", "type": "choices", "value": ticked}
                annotations.append(
                    {
                        "id": 100 * number + len(annotations),
                        "completed_by": {"email": email},
                        "was_cancelled": number in skipped,
                        "result": [result] if ticked["choices"] and number not in skipped else [],
                    }
                )
        done.append({"id": number + 1, "data": task["data"], "annotations": annotations})
    return done


people = [("ann@example.org", ann, range(60)), ("ben@example.org", ben, range(20))]
Path("export.json").write_text(json.dumps(export(people, {58}), ensure_ascii=False), encoding="utf-8")

step("5. Read it back")
# Where the two differ a row is refused, and the exit code is 1: --rest has these rows with their reasons.
shell(
    "responsetag annotate import export.json --from label-studio --taxonomy labels.yaml "
    "-o gold.jsonl --rest rest.jsonl",
    code=1,
)
rest = [json.loads(line) for line in Path("rest.jsonl").read_text(encoding="utf-8").splitlines()]
conflicts = [row for row in rest if row["status"] == "conflict"]
assert conflicts
assert [row["status"] for row in rest].count("skipped") == 1
# Talk about these: they show what the definitions leave open. Then let a third person label them, and take
# what most say. The answers to a paragraph may stand in several exports.
third = [("cem@example.org", ann, range(20))]
Path("third.json").write_text(json.dumps(export(third, set()), ensure_ascii=False), encoding="utf-8")
shell(
    "responsetag annotate import export.json third.json --from label-studio --taxonomy labels.yaml "
    "-o gold.jsonl --rest rest.jsonl --several majority"
)
gold = [json.loads(line) for line in Path("gold.jsonl").read_text(encoding="utf-8").splitlines()]
assert len(gold) == 59
assert all(row["labels"] == truth[row["text"]] for row in gold)

step("6. Judge the model by it")
# The paragraphs were chosen because the model is unsure of them, so these figures are lower than on all
# text. To know that, label a random sample and keep it for judging alone.
shell("responsetag evaluate gold.jsonl --model my-models/desk/0.1.0")

step("7. Train with it")
# A folder may hold files of several rounds: the 200 rows of before and the new ones.
Path("rounds/2.jsonl").write_bytes(Path("gold.jsonl").read_bytes())
shell("responsetag train --corpus rounds --taxonomy labels.yaml --name desk --version 0.2.0")
trained = json.loads(Path("my-models/desk/0.2.0/manifest.json").read_text(encoding="utf-8"))
assert trained["corpus"]["paragraphs"] == 259
# Cross-validation now also has the hard rows among those it judges, so its figures may fall though the
# model is better. Compare the two models on rows that neither saw and that nobody chose.
write_labelled("other.jsonl", paragraphs(700, 900))
shell("responsetag compare my-models/desk/0.1.0 my-models/desk/0.2.0 other.jsonl --show 0")

step("8. The next round")
# With the new model, and without what was labelled before.
shell(
    "responsetag suggest pages -n 20 -o more.jsonl --model my-models/desk/0.2.0 "
    "--labelled rounds/1.jsonl --labelled rounds/2.jsonl"
)
more = [json.loads(line) for line in Path("more.jsonl").read_text(encoding="utf-8").splitlines()]
assert not {row["text"] for row in more} & {row["text"] for row in gold}

# docs/suggest.md says what this saves; docs/annotation.md has doccano, spans and all that an import can
# meet.
