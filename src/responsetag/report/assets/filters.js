// The form that asks.

function drawFilters() {
  const select = $("f-document");
  select.replaceChildren(new Option(t("all_documents"), "-1"));
  documents.forEach(({ title, name, date }, d) => {
    select.append(new Option(plain([date, title || name].filter(Boolean).join(" "), 80), String(d)));
  });
  $("f-labels").replaceChildren(...groups.map(labelGroup));
  showFilters();
}

function labelGroup(group) {
  const legend = make("legend", "", {}, make("span", `swatch g${group.colour}`, { "aria-hidden": "true" }, group.id.slice(0, 1)), " ");
  legend.append(outside(group.id || group.zh ? nameOf(group, group.id).shown : t("no_group")));
  const set = make("fieldset", "", {}, legend);
  for (const l of group.labels) {
    const box = make("input", "", { type: "checkbox", "data-l": l });
    const name = nameOf(labels[l], labels[l].slug);
    const count = make("span", "quiet", {}, number(data.summary.labels[l]));
    const definition = labels[l][language === "zh" ? "definition_zh" : "definition_en"];
    set.append(make("label", "", { title: plain([name.other, definition].filter(Boolean).join(" · ")) }, box, " ", outside(name.shown), " ", count));
  }
  return set;
}

const scoreAsked = () => Math.min(1, Math.max(0, Number($("f-score").value) || 0));
const scoreShown = (score) => (score ? String(score) : "");

// Make the form say what the state is.
function showFilters() {
  const put = (id, value) => {
    if ($(id).value !== value) $(id).value = value;
  };
  put("f-text", state.text);
  put("f-document", String(state.document));
  // What is being typed and means the same stays as it is: "0.0" on the way to "0.05".
  if (scoreAsked() !== state.score) put("f-score", scoreShown(state.score));
  for (const name of ["actions", "low", "failures"]) $(`f-${name}`).checked = state[name];
  for (const box of document.querySelectorAll("[data-l]")) box.checked = state.labels.has(Number(box.dataset.l));
  for (const radio of document.querySelectorAll("[name=match]")) radio.checked = radio.value === state.match;
  $("picked").textContent = state.labels.size ? `(${state.labels.size})` : "";
  for (const button of document.querySelectorAll("[data-label]"))
    button.setAttribute("aria-pressed", String(state.labels.has(Number(button.dataset.label))));
}

function startFilters() {
  const form = $("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  let waiting = 0;
  const later = (change) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => refilter(change()), 120);
  };
  const searched = () => later(() => ({ text: $("f-text").value }));
  // While characters are composed (pinyin on the way to Han), nothing is searched for yet.
  $("f-text").addEventListener("input", (event) => event.isComposing || searched());
  $("f-text").addEventListener("compositionend", searched);
  $("f-score").addEventListener("input", () => later(() => ({ score: scoreAsked() })));
  $("f-score").addEventListener("change", () => {
    $("f-score").value = scoreShown(scoreAsked());
  });
  $("f-document").addEventListener("change", () => refilter({ document: Number($("f-document").value) }));
  for (const name of ["actions", "low", "failures"])
    $(`f-${name}`).addEventListener("change", () => refilter({ [name]: $(`f-${name}`).checked }));
  for (const radio of document.querySelectorAll("[name=match]"))
    radio.addEventListener("change", () => refilter({ match: radio.value }));
  $("f-labels").addEventListener("change", () => {
    const boxes = [...document.querySelectorAll("[data-l]")].filter((box) => box.checked);
    refilter({ labels: new Set(boxes.map((box) => Number(box.dataset.l))) });
  });
  $("clear").addEventListener("click", () => {
    clearState();
    update();
  });
  if (matchMedia("(max-width: 60rem)").matches) document.querySelector(".pick").open = false;
}
