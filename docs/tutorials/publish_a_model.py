"""Publish a model to colleagues.

At the end a model directory has gone to another place as an archive, the other side has checked that it is
what you sent, and you have seen what is refused: altered files, and tools that cut words otherwise.

Takes about 20 seconds. Needs  pip install -e '.[train]'  in a checkout to make the model; the other side
needs `pip install` of the light package alone. Then

    python docs/tutorials/publish_a_model.py [FOLDER]
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import responsetag
from responsetag.model.manifest import content_digest
from tutorial import go_to_folder, shell, step

folder = go_to_folder()

step("1. A model")
# Any model will do, as that of retrain_with_300_labels.py. Here three labels of the shipped one, for which
# nothing has to be trained. NAME and VERSION go into the model itself.
LABELS = "rescue_evacuation,medical_treatment,infrastructure_restoration"
shell(f"responsetag train --from zh-response --only {LABELS} --name desk --version 1.0.0")

step("2. What is in it")
# The directory is the model. All of it is plain data, so it can be read before it is trusted, and loading
# it runs nothing.
#   manifest.json        labels, thresholds, settings, figures, and the digest of each other file
#   vocabulary.json      the words and runs of characters that it knows
#   weights.safetensors  their weights
#   golden.jsonl         texts with the labels and scores that the model gave them when it was made
#   MODEL_CARD.md        what it is for, what it was trained on, how good it is, where it fails; and pictures
# Vocabulary and golden texts are of the rows that it was trained on. Where those are confidential, so is
# the model.
model = folder / "my-models" / "desk" / "1.0.0"
for file in sorted(model.iterdir()):
    print(f"{file.stat().st_size:9,} bytes  {file.name}")
manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
print(*(model / "MODEL_CARD.md").read_text(encoding="utf-8").splitlines()[:8], sep="\n")
# Read the card as a colleague will. It can be told more: a CARD.md beside the corpus goes into it when the
# model is trained. Once it is written it is under the digest, as every file.
assert set(manifest["files"]) == {file.name for file in model.iterdir()} - {"manifest.json"}

step("3. Send it")
# One file of the whole directory. Send the digest by another way than the file (by mail, or print it): the
# manifest holds the digests of all files, so this one number stands for the model.
archive = shutil.make_archive("desk-1.0.0", "zip", root_dir=model.parent, base_dir="1.0.0")
sent = responsetag.load(model).info
print(Path(archive).name, f"{Path(archive).stat().st_size:,} bytes")
print(sent.name, sent.version, sent.digest)

step("4. On the other side")
# Unpack it anywhere and load it by its path. Every file is checked by its digest before anything is built
# of it; that the digest is the one that was sent is for you to compare.
there = folder / "colleague" / "models" / "desk"
shutil.unpack_archive(archive, there)
tagger = responsetag.load(there / "1.0.0")
assert tagger.info.digest == sent.digest
print(tagger)
Path("page.txt").write_text("消防员连夜转移三十户村民，伤员送县医院救治。\n", encoding="utf-8")
shell("responsetag tag page.txt --model colleague/models/desk/1.0.0 --format table")
# The golden texts say whether it also computes the same here.
golden = [
    json.loads(line) for line in (there / "1.0.0" / "golden.jsonl").read_text(encoding="utf-8").splitlines()
]
for row, tagging in zip(golden, tagger.tag_many([row["text"] for row in golden]), strict=True):
    assert set(tagging.labels) == set(row["labels"])
    assert all(abs(tagging.scores[label] - score) < 0.001 for label, score in row["scores"].items())
print(f"{len(golden)} golden texts get the same labels and scores")

step("5. A file is altered")


def copy(name: str) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(there / "1.0.0", folder / name))


# One byte of the weights:
weights = copy("altered") / "weights.safetensors"
data = bytearray(weights.read_bytes())
data[-1] ^= 1
weights.write_bytes(data)
shell("responsetag tag page.txt --model ./altered", code=2)
# A threshold, in the manifest itself:
edited = copy("edited") / "manifest.json"
threshold = str(manifest["thresholds"][0])
text = edited.read_text(encoding="utf-8")
assert threshold in text
edited.write_text(text.replace(threshold, "0.9"), encoding="utf-8")
shell("responsetag tag page.txt --model ./edited", code=2)
# The pointer that git-lfs leaves where it was not installed:
(copy("pointer") / "weights.safetensors").write_text("version https://git-lfs.github.com/spec/v1\n", "utf-8")
shell("responsetag tag page.txt --model ./pointer", code=2)
# In Python all of them are responsetag.ModelError.
try:
    responsetag.load("./altered")
except responsetag.ModelError as error:
    print(f"ModelError: {error}")
else:
    raise AssertionError("an altered model was loaded")

step("6. What must be the same on the other side")
# - A package that reads the manifest's `format` and has its `normalization` (the version of the text rules).
# - The words: jieba and rjieba of versions that cut alike, or every score would be a little wrong. The
#   manifest has a fingerprint of the cuts, which is checked when it is loaded.
print({key: manifest[key] for key in ("format", "normalization", "tokenizer")})
# This is what a colleague sees whose jieba cuts otherwise. (The model is made to look like one of another
# jieba, with a digest that fits. It shows too what a digest is worth: who can write the files can write
# that as well. Only the number that you were told by another way tells the two apart.)
other = copy("other-jieba") / "manifest.json"
content = json.loads(other.read_text(encoding="utf-8"))
del content["digest"]
content["tokenizer"]["fingerprint"] = "0" * 64
other.write_text(json.dumps({"digest": content_digest(content), **content}), encoding="utf-8")
shell("responsetag tag page.txt --model ./other-jieba", code=2)

step("7. Versions")
# A version never changes once it is there. Made again from the same, it is compared; made from anything
# else, refused.
shell(f"responsetag train --from zh-response --only {LABELS} --name desk --version 1.0.0")
shell("responsetag train --from zh-response --only rescue_evacuation --name desk --version 1.0.0", code=2)
# Patch: labels and meaning stay. Minor: scores and thresholds may change. Major: labels change.
shell("responsetag train --from zh-response --only rescue_evacuation --name desk --version 2.0.0")
# The inventory has a row for each, with its digest: publish it with the models. A path names one version;
# there is no "newest" for a folder of your own. Each row of output names the model and version that made
# it.
for entry in json.loads(Path("my-models/inventory.json").read_text(encoding="utf-8")):
    print(entry["name"], entry["version"], entry["digest"][:16])

step("8. Ways to share")
# A shared folder: copy to another name first and rename at the end, so that nobody loads half a model:
shutil.copytree(model.parent / "2.0.0", there / ".2.0.0")
(there / ".2.0.0").rename(there / "2.0.0")
print(responsetag.load(there / "2.0.0"))
# Git, with the large files in git-lfs. `-text` matters: line ends that git changes are an altered file.
print("""\
git lfs install
echo 'my-models/** -text' >> .gitattributes
echo '*.safetensors filter=lfs diff=lfs merge=lfs -text' >> .gitattributes
git add .gitattributes my-models && git commit -m "desk 2.0.0\"""")
