// Labels of a paragraph as chips: pointing at one shows its evidence, a click pins it.
const pinned = new Map(); // place of the paragraph -> place of the tag
const shownUpTo = new Map(); // place of the paragraph -> units of text that are shown
const FIRST_CUT = 3000;
const NEXT_CUT = 20000;
let pointed = null; // the chip that is pointed at or has the focus

function chip(i, k) {
  const tag = paragraphs[i].tags[k];
  const name = nameOf(labels[tag.l], labels[tag.l].slug);
  const low = tag.p < data.low;
  const button = make("button", `chip g${colours.get(tag.l)}${low ? " low" : ""}`, {
    type: "button", "data-k": k, "data-slug": labels[tag.l].slug, "aria-pressed": String(pinned.get(i) === k),
    title: t("score", { score: tag.p.toFixed(4) }),
  });
  button.append(outside(name.shown));
  if (name.other !== name.shown) button.append(make("span", "other", { lang: language === "zh" ? "en" : "zh-Hans" }, outside(name.other)));
  button.append(make("span", "p", {}, tag.p.toFixed(2)));
  if (low) button.append(make("span", "doubt", { "aria-hidden": "true" }, "?"), make("span", "hidden", {}, t("low")));
  return button;
}

const paragraphOf = (element) => Number(element.closest("[data-i]").dataset.i);

// Draw the text of a paragraph with what is pointed at, else pinned, and with the words searched for.
function repaint(item, i) {
  const { t: text, tags } = paragraphs[i];
  const shown = wholeCut(text, Math.min(text.length, shownUpTo.get(i) ?? FIRST_CUT));
  const active = pointed && paragraphOf(pointed) === i ? Number(pointed.dataset.k) : pinned.get(i);
  const hits = wordsOf(state.text).flatMap((word) =>
    [...text.slice(0, shown).matchAll(wordPattern(word, "gi"))].slice(0, 500)
      .map((hit) => ({ from: hit.index, to: hit.index + hit[0].length, kind: "hit" })));
  // Evidence beyond what is shown comes with a pin only: more text under the pointer would move the chip away.
  const far = rangesOf(text, tags[pinned.get(i)])[0];
  paint(item.querySelector(".text"), text, shown, [...rangesOf(text, tags[active]), ...hits], far);
}

function point(chipElement) {
  if (chipElement === pointed) return;
  const before = pointed;
  pointed = chipElement;
  for (const element of new Set([before, pointed]))
    if (element?.isConnected) repaint(element.closest("[data-i]"), paragraphOf(element));
}

function pin(chipElement) {
  const i = paragraphOf(chipElement);
  const k = Number(chipElement.dataset.k);
  const on = pinned.get(i) !== k;
  if (on) pinned.set(i, k);
  else pinned.delete(i);
  const item = chipElement.closest("[data-i]");
  press(item.querySelectorAll(".chip"), (one) => on && one === chipElement);
  repaint(item, i);
  const { t: text, tags } = paragraphs[i];
  const label = plain(labelName(tags[k].l));
  if (!on) say(t("unpinned"));
  else if (tags[k].e) say(t("evidence", { label, text: plain(evidenceText(text, tags[k])) }));
  else say(t("no_evidence", { label }));
}

// For screen readers, of things that others see.
function say(text) {
  $("said").textContent = text;
}

function startChips() {
  const list = $("list");
  const chipAt = (event) => event.target.closest?.(".chip") ?? null;
  list.addEventListener("pointerover", (event) => point(chipAt(event)));
  list.addEventListener("pointerleave", () => point(null));
  list.addEventListener("focusin", (event) => point(chipAt(event)));
  list.addEventListener("focusout", () => point(null));
  list.addEventListener("click", (event) => {
    if (chipAt(event)) pin(chipAt(event));
  });
}
