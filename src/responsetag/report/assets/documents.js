// Documents by labels: a page of rows at a time, so that thousands of documents do not weigh.
const ROWS = 40;
let matrixPage = 0;
let matrixSort = "order";

// Paragraphs by document and label, one row after another.
function countTags() {
  const counts = new Uint32Array(documents.length * labels.length);
  for (const { d, tags } of paragraphs) for (const { l } of tags) counts[d * labels.length + l]++;
  return counts;
}
const tagCounts = countTags();
const rowOf = (d) => tagCounts.subarray(d * labels.length, (d + 1) * labels.length);
const largest = tagCounts.reduce((a, b) => Math.max(a, b), 1);
const totals = documents.map((_, d) => rowOf(d).reduce((a, b) => a + b, 0));

function sortedDocuments() {
  const order = documents.map((_, d) => d);
  const date = (d) => documents[d].date ?? "9999";
  if (matrixSort === "date") order.sort((a, b) => (date(a) < date(b) ? -1 : date(a) > date(b) ? 1 : a - b));
  if (matrixSort === "tags") order.sort((a, b) => totals[b] - totals[a] || a - b);
  return order;
}

function drawMatrix() {
  const sort = $("matrix-sort");
  sort.replaceChildren(...["order", "date", "tags"].map((key) => new Option(t(`sort_${key}`), key)));
  sort.value = matrixSort;
  const head = make("tr", "", {}, make("th", "", { scope: "col" }, t("document")));
  for (const l of inOrder) {
    const up = make("span", "up", {}, outside(labelName(l)));
    head.append(make("th", `g${colours.get(l)}`, { scope: "col" }, up));
  }
  const body = make("tbody");
  const order = sortedDocuments();
  for (const d of order.slice(matrixPage * ROWS, (matrixPage + 1) * ROWS)) body.append(matrixRow(d));
  const table = make("table", "heat", { id: "matrix-table" });
  table.append(make("caption", "hidden", {}, t("matrix_table")), make("thead", "", {}, head), body);
  $("matrix-scroll").replaceChildren(table);
  makeGrid(table, (cell) => {
    const [d, l] = cell.dataset.cell.split(" ").map(Number);
    show({ document: d, labels: new Set([l]) });
  });
  drawPager($("matrix-pager"), matrixPage, Math.ceil(documents.length / ROWS), (page) => {
    matrixPage = page;
    drawMatrix();
    $("matrix-scroll").scrollTo(0, 0);
    $("matrix-scroll").focus({ preventScroll: true });
  });
}

function matrixRow(d) {
  const { title, name, date, failed } = documents[d];
  const button = make("button", "link", { type: "button", "data-document": d, title: plain(name) }, outside(title || name));
  const head = make("th", failed === null ? "" : "bad", { scope: "row" }, button, make("span", "quiet", {}, date ?? t("undated")));
  const row = make("tr", "", {}, head);
  const counts = rowOf(d);
  for (const l of inOrder) {
    const step = counts[l] ? Math.max(1, Math.ceil(8 * Math.sqrt(counts[l] / largest))) : 0;
    row.append(make("td", `h${step}`, { "data-cell": `${d} ${l}` }, counts[l] ? String(counts[l]) : ""));
  }
  return row;
}

function startMatrix() {
  $("matrix-sort").addEventListener("change", () => {
    matrixSort = $("matrix-sort").value;
    matrixPage = 0;
    drawMatrix();
  });
  $("matrix-scroll").addEventListener("click", (event) => {
    const button = event.target.closest("[data-document]");
    if (button) show({ document: Number(button.dataset.document) });
  });
}
