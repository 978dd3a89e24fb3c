// The drawn charts, made to answer: labels, pairs of labels, and tables one can walk with arrow keys.

// A table whose cells are chosen by click or Enter. One cell at a time can have the focus; arrow keys move it.
function makeGrid(table, choose, look = () => {}) {
  table.setAttribute("role", "grid");
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1));
  let last = null;
  const take = (cell, focus) => {
    if (last) last.tabIndex = -1;
    last = cell;
    cell.tabIndex = 0;
    if (focus) cell.focus();
    if (focus) uncover(table, cell);
  };
  if (rows[0]?.[0]) take(rows[0][0], false);
  const cellAt = (event) => event.target.closest("tbody td");
  table.addEventListener("click", (event) => {
    const cell = cellAt(event);
    if (!cell) return;
    take(cell, false);
    choose(cell);
  });
  table.addEventListener("pointerover", (event) => look(cellAt(event)));
  table.addEventListener("focusin", (event) => look(cellAt(event)));
  table.addEventListener("keydown", (event) => {
    const cell = cellAt(event);
    if (!cell) return;
    const y = cell.parentElement.sectionRowIndex;
    const x = cell.cellIndex - 1;
    const moves = {
      ArrowRight: [y, x + 1], ArrowLeft: [y, x - 1], ArrowDown: [y + 1, x], ArrowUp: [y - 1, x],
      Home: [y, 0], End: [y, rows[y].length - 1],
    };
    if (event.key === "Enter" || event.key === " ") choose(cell);
    else if (!(event.key in moves)) return;
    else {
      const [toY, toX] = moves[event.key];
      const next = rows[toY]?.[toX];
      if (next) take(next, true);
    }
    event.preventDefault();
  });
}

// Scroll a cell from under the heads that stay in place, and from behind the edges.
function uncover(table, cell) {
  const place = cell.getBoundingClientRect();
  const box = table.parentElement;
  const edge = box.getBoundingClientRect();
  const left = cell.parentElement.cells[0].getBoundingClientRect().right - place.left;
  const top = table.tHead.rows[0].cells[0].getBoundingClientRect().bottom - place.top;
  const right = place.right - edge.left - box.clientWidth;
  const bottom = place.bottom - edge.top - box.clientHeight;
  box.scrollBy({
    left: left > 0 ? -left : Math.max(0, right), top: top > 0 ? -top : Math.max(0, bottom), behavior: "instant",
  });
}

function pairText(a, b) {
  const n = data.summary.together[a][b];
  const own = data.summary.labels[a];
  const percent = own ? Math.round((100 * n) / own) : 0;
  return t("pair", { a: plain(labelName(a)), b: plain(labelName(b)), n: number(n), percent });
}

function startCharts() {
  for (const button of document.querySelectorAll("[data-label]"))
    button.addEventListener("click", () => show({ labels: new Set([Number(button.dataset.label)]) }));
  $("show-failures")?.addEventListener("click", () => show({ failures: true }));
  const pairOf = (cell) => cell?.dataset.pair?.split(" ").map(Number);
  makeGrid(
    $("together-table"),
    (cell) => {
      if (pairOf(cell)) show({ labels: new Set(pairOf(cell)), match: "all" });
    },
    (cell) => {
      $("pair").textContent = pairOf(cell) ? pairText(...pairOf(cell)) : t("pair_hint");
    },
  );
  redrawn.push(() => {
    $("pair").textContent = t("pair_hint");
  });
}
