// The paragraphs that match, a page at a time.
const PER_PAGE = 50;
const PRINTED = 1000; // paper has an end too
let results = [];

// Match again and draw. A paragraph asked for is looked up among the results; if filters hide it, they are cleared.
function update() {
  results = matching();
  if (state.target !== null) {
    if (!results.includes(state.target)) {
      const { target } = state;
      clearState();
      state.target = target;
      results = matching();
    }
    state.page = Math.floor(results.indexOf(state.target) / PER_PAGE);
  }
  state.page = Math.max(0, Math.min(state.page, Math.ceil(results.length / PER_PAGE) - 1));
  showFilters();
  drawResults();
  writeHash();
}

// A filter changed: from the first page.
function refilter(changes) {
  Object.assign(state, changes, { page: 0, target: null });
  update();
}

// From a chart: only what was clicked, and there.
function show(changes) {
  clearState();
  refilter(changes);
  goTo($("reader"));
}

function goTo(element) {
  element.scrollIntoView();
  element.focus({ preventScroll: true });
}

function drawResults() {
  const first = state.page * PER_PAGE;
  drawList(results.slice(first, first + PER_PAGE), results[first - 1]);
  const inDocuments = new Set(results.map((i) => paragraphs[i].d)).size;
  $("count").textContent = results.length
    ? t("count", { n: number(results.length), all: number(paragraphs.length), documents: number(inDocuments) })
    : t("nothing");
  const pages = Math.ceil(results.length / PER_PAGE);
  for (const id of ["pager", "pager-bottom"]) drawPager($(id), state.page, pages, turn);
  for (const id of ["csv", "jsonl"]) $(id).disabled = !results.length;
}

function turn(page) {
  Object.assign(state, { page, target: null });
  drawResults();
  writeHash();
  goTo($("reader"));
}

// Previous, where one is, next. `go` gets the page to turn to.
function drawPager(place, page, pages, go) {
  place.replaceChildren();
  if (pages < 2) return;
  const step = (key, to) => {
    const button = make("button", "", { type: "button", "data-to": to }, t(key));
    button.disabled = to < 0 || to >= pages;
    button.addEventListener("click", () => go(to));
    return button;
  };
  const where = t("page", { page: number(page + 1), pages: number(pages) });
  place.append(step("previous", page - 1), make("span", "where", {}, where), step("next", page + 1));
}

// On paper there are no pages to turn.
function startPrinting() {
  addEventListener("beforeprint", () => {
    drawList(results.slice(0, PRINTED));
    const cut = results.length > PRINTED;
    $("printed").textContent = cut ? t("printed", { n: number(PRINTED), all: number(results.length) }) : "";
  });
  addEventListener("afterprint", drawResults);
}
