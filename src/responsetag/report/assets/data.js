// The payload, and what all other parts look up in it.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const data = read("data");
const { labels, documents } = data;
const paragraphs = data.paragraphs;
const root = document.documentElement;
const COLOURS = 6;

// A document that failed as a whole has a row of its own, so that the reader shows it.
const seen = new Set(paragraphs.map((p) => p.d));
documents.forEach((document_, d) => {
  if (document_.failed !== null && !seen.has(d))
    paragraphs.push({ d, n: 0, id: null, s: null, t: "", st: "error", m: document_.failed, mo: null, tags: [] });
});
paragraphs.sort((a, b) => a.d - b.d); // stable: rows of a document keep their order

// Groups that have labels, in the order of the charts; labels of no known group last.
const known = new Map(data.groups.map((group) => [group.id, group]));
const groupOf = (label) => (known.has(label.group) ? label.group : "");
const used = [...known.keys(), ""].filter((id) => labels.some((label) => groupOf(label) === id));
const groups = used.map((id, i) => ({
  id, zh: known.get(id)?.zh ?? "", en: known.get(id)?.en ?? "", colour: i % COLOURS,
  labels: labels.flatMap((label, l) => (groupOf(label) === id ? [l] : [])),
}));
const inOrder = groups.flatMap((group) => group.labels);
const colours = new Map(groups.flatMap((group) => group.labels.map((l) => [l, group.colour])));

const $ = (id) => document.getElementById(id);

// An element with classes, attributes and children; texts become text nodes.
function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
