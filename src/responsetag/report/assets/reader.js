// Documents with their paragraphs.

const labelled = paragraphs.some((p) => p.tags.length);
const evident = paragraphs.some((p) => p.tags.some((tag) => tag.e));

function drawList(places, before) {
  pointed = null;
  const list = $("list");
  const blocks = [];
  let last = null;
  for (const i of places) {
    const paragraph = paragraphs[i];
    if (!last || last.d !== paragraph.d) {
      const goesOn = before !== undefined && paragraphs[before].d === paragraph.d && !last;
      last = { d: paragraph.d, items: make("ol", "paragraphs", { role: "list" }) };
      blocks.push(make("section", "document", {}, heading(paragraph.d, goesOn), last.items));
    }
    last.items.append(item(i));
  }
  list.replaceChildren(...blocks);
  const chipKey = evident ? t("chip_key") : t("no_evidence_key");
  $("key").textContent = labelled ? `${chipKey} ${t("low_key", { low: data.low })}` : "";
}

function heading(d, goesOn) {
  const { title, name, date } = documents[d];
  const head = make("header", "head");
  head.append(make("h3", "", {}, outside(title || name), goesOn ? " …" : ""));
  const about = make("p", "about");
  about.append(title ? outside(name) : t("untitled"), " · ", date ?? t("undated"));
  head.append(about);
  return head;
}

function item(i) {
  const paragraph = paragraphs[i];
  const element = make("li", `paragraph ${paragraph.st}`, { "data-i": i, tabindex: "-1" });
  if (state.target === i) element.classList.add("target");
  const link = make("a", "place", {
    href: `#p=${placeOf(paragraph)}`, title: t("link", { n: paragraph.n }), "aria-label": t("link", { n: paragraph.n }),
  }, paragraph.n ? `${paragraph.n}` : "–");
  const body = make("div", "body");
  element.append(link, body);
  if (paragraph.id !== null) body.append(make("p", "about", {}, `${t("id")} `, outside(paragraph.id)));
  if (paragraph.st === "error")
    body.append(make("p", "message", {}, `${t("status_error")}: `, outside(paragraph.m ?? "")));
  else if (paragraph.m) body.append(make("p", "warned", {}, outside(paragraph.m)));
  if (paragraph.t) {
    body.append(make("p", "", {}, make("bdi", "text", { lang: "zh", dir: "auto" })));
    repaint(element, i);
    more(element, i);
  } else if (paragraph.st === "empty") body.append(make("p", "quiet", {}, t("is_empty")));
  if (paragraph.tags.length) {
    const chips = make("ul", "chips", { role: "list", "aria-label": t("labels") });
    chips.append(...paragraph.tags.map((_, k) => make("li", "", {}, chip(i, k))));
    body.append(chips);
  }
  return element;
}

// A long text is shown in steps, each longer than the one before.
function more(element, i) {
  element.querySelector(".more")?.remove();
  const { t: text } = paragraphs[i];
  const shown = shownUpTo.get(i) ?? FIRST_CUT;
  const left = text.length - shown;
  if (left <= 0) return;
  const next = Math.min(left, Math.max(NEXT_CUT, shown));
  const button = make("button", "more", { type: "button" }, t("more", { n: number(next), left: number(left) }));
  button.addEventListener("click", () => {
    shownUpTo.set(i, shown + next);
    repaint(element, i);
    more(element, i);
    (element.querySelector(".more") ?? element).focus({ preventScroll: true });
  });
  element.querySelector(".text").parentElement.after(button);
}

// The number of a paragraph is its address: it goes to the clipboard, and with the filters into the address bar.
async function copyLink(i) {
  state.target = i;
  writeHash();
  for (const element of document.querySelectorAll("[data-i]"))
    element.classList.toggle("target", Number(element.dataset.i) === i);
  let key = "copied";
  try {
    await navigator.clipboard.writeText(addressOf(`p=${placeOf(paragraphs[i])}`));
  } catch {
    key = "not_copied";
  }
  say(t(key));
  const note = make("span", "flash", { "aria-hidden": "true" }, t(key));
  document.querySelector(".target .body")?.prepend(note);
  setTimeout(() => note.remove(), 1600);
}

function showTarget() {
  const element = document.querySelector("#list .target");
  if (element) goTo(element);
}

function startReader() {
  $("list").addEventListener("click", (event) => {
    const link = event.target.closest(".place");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    copyLink(paragraphOf(link));
  });
}
