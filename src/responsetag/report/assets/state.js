// What is asked for: filters and a paragraph, kept in the address behind "#".
const state = {};

function clearState() {
  Object.assign(state, {
    labels: new Set(), match: "any", document: -1, score: 0, text: "",
    actions: false, low: false, failures: false, page: 0, target: null,
  });
}
clearState();

function hashOf() {
  const parts = new URLSearchParams();
  for (const l of state.labels) parts.append("l", labels[l].slug);
  if (state.match === "all") parts.set("m", "all");
  if (state.document >= 0) parts.set("d", state.document);
  if (state.score > 0) parts.set("s", state.score);
  if (state.text) parts.set("q", state.text);
  for (const name of ["actions", "low", "failures"]) if (state[name]) parts.set(name, 1);
  if (state.target !== null) parts.set("p", placeOf(paragraphs[state.target]));
  else if (state.page) parts.set("page", state.page + 1);
  return parts.toString();
}

// Document and number; where several rows have the same, as in a run put together from two, the later ones are counted.
const places = new Map();
const times = new Map();
for (const paragraph of paragraphs) {
  const place = `${paragraph.d}.${paragraph.n}`;
  times.set(place, (times.get(place) ?? 0) + 1);
  places.set(paragraph, times.get(place) > 1 ? `${place}.${times.get(place)}` : place);
}
const placeOf = (paragraph) => places.get(paragraph);
const addressOf = (hash) => location.href.split("#")[0] + (hash ? `#${hash}` : "");

function writeHash() {
  // Browsers refuse too many changes in a short time; the next change writes it then.
  try { history.replaceState(null, "", addressOf(hashOf())); } catch { /* as above */ }
}

// Take the state from the address. Returns a place that is asked for and does not exist, or null.
function readHash() {
  const parts = new URLSearchParams(location.hash.slice(1));
  clearState();
  const slugs = new Map(labels.map((label, l) => [label.slug, l]));
  for (const slug of parts.getAll("l")) if (slugs.has(slug)) state.labels.add(slugs.get(slug));
  state.match = parts.get("m") === "all" ? "all" : "any";
  const d = Number(parts.get("d") ?? -1);
  state.document = Number.isInteger(d) && d >= 0 && d < documents.length ? d : -1;
  state.score = Math.min(1, Math.max(0, Number(parts.get("s")) || 0));
  state.text = parts.get("q") ?? "";
  for (const name of ["actions", "low", "failures"]) state[name] = parts.get(name) === "1";
  state.page = Math.max(0, Math.floor(Number(parts.get("page")) || 1) - 1);
  const place = parts.get("p");
  if (place === null) return null;
  const found = paragraphs.findIndex((paragraph) => placeOf(paragraph) === place);
  state.target = found < 0 ? null : found;
  return found < 0 ? place : null;
}

const wordsOf = (text) => text.split(/\s+/u).filter(Boolean).slice(0, 20);
const wordPattern = (word, flags) => new RegExp(word.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), flags);

// The paragraphs that match, by their place in the list.
function matching() {
  const patterns = wordsOf(state.text).map((word) => wordPattern(word, "i"));
  const tagged = state.actions || state.low || state.score > 0 || state.labels.size > 0;
  const found = [];
  paragraphs.forEach((paragraph, i) => {
    if (state.document >= 0 && paragraph.d !== state.document) return;
    if (state.failures && paragraph.st !== "error") return;
    if (tagged && !tagsMatch(paragraph.tags)) return;
    if (patterns.every((pattern) => pattern.test(paragraph.t))) found.push(i);
  });
  return found;
}

function tagsMatch(tags) {
  const able = tags.filter((tag) => tag.p >= state.score && (!state.low || tag.p < data.low));
  if (!state.labels.size) return able.length > 0;
  const carries = (l) => able.some((tag) => tag.l === l);
  return state.match === "all" ? [...state.labels].every(carries) : [...state.labels].some(carries);
}
