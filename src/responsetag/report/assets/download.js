// The filtered rows as files: columns and offsets are those of `responsetag tag`, so that a download is a finished run too.
const COLUMNS = [
  "document", "title", "date", "paragraph", "id", "start", "end", "text", "labels", "names", "scores", "evidence", "status", "message",
  "model", "model_version",
];

function rowAsObject(i) {
  const { d, n, id, s: start, t: text, st, m, mo, tags } = paragraphs[i];
  const at = start ?? 0; // of the paragraph in its document, which offsets count in
  const model = data.run.models[mo] ?? {};
  const slug = (tag) => labels[tag.l].slug;
  const evidence = tags.filter((tag) => tag.e).map((tag) => [slug(tag), {
    start: at + tag.e.a, end: at + tag.e.b, text: evidenceText(text, tag),
    words: (tag.e.w ?? []).map(([a, b, share]) => ({ start: at + a, end: at + b, share })),
  }]);
  return {
    document: documents[d].name, title: documents[d].title, date: documents[d].date, paragraph: n, id, start,
    end: start === null ? null : at + pointsOf(text), text,
    labels: tags.map(slug), names: tags.map((tag) => labels[tag.l].zh || slug(tag)),
    scores: Object.fromEntries(tags.map((tag) => [slug(tag), tag.p])), evidence: Object.fromEntries(evidence),
    status: st, message: m,
    model: model.name ?? null, model_version: model.version ?? null,
  };
}

// A cell that spreadsheets would take for a formula gets an apostrophe in front.
function csvCell(value) {
  let text = String(value ?? "");
  if (typeof value === "string" && /^[=+\-@\t\r\n＝＋－＠]/.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvRow(i) {
  const row = rowAsObject(i);
  const spans = row.labels.map((label) => (row.evidence[label]?.text ?? "").replaceAll(";", "；"));
  const listed = {
    ...row,
    labels: row.labels.join(";"),
    names: row.names.join(";"),
    scores: row.labels.map((label) => row.scores[label].toFixed(4)).join(";"),
    evidence: spans.some(Boolean) ? spans.join(";") : "",
  };
  return COLUMNS.map((column) => csvCell(listed[column])).join(",");
}

function save(parts, name, type) {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = make("a", "", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

function startDownloads() {
  // Rows are pieces of their own: one string of all would have an end.
  $("csv").addEventListener("click", () => {
    const rows = results.map((i) => `${csvRow(i)}\r\n`);
    save(["\ufeff", `${COLUMNS.join(",")}\r\n`, ...rows], "responsetag.csv", "text/csv;charset=utf-8");
  });
  $("jsonl").addEventListener("click", () => {
    save(results.map((i) => `${JSON.stringify(rowAsObject(i))}\n`), "responsetag.jsonl", "application/x-ndjson");
  });
}
