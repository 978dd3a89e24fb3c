// Text from outside: hidden characters as marks, offsets in code points, pieces with highlights.

// Characters without a shape of their own, or that move their neighbours; and long runs of spaces. visible.py has the same.
const HIDDEN =
  /\s{9,}|(?![\t\n\r]|\p{Variation_Selector})[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const LONGEST = 300; // of a name, a title or a message
const RANGE = 4000; // of highlighted text that lies beyond what is shown

function markOf(found) {
  if (/^\s{9,}$/.test(found)) return `␣×${number(found.length)}`;
  return `U+${found.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

// Append `text` to `parent` with its hidden characters as small marks.
function appendText(parent, text) {
  let done = 0;
  for (const found of text.matchAll(HIDDEN)) {
    parent.append(text.slice(done, found.index), make("span", "mark", {}, markOf(found[0])));
    done = found.index + found[0].length;
  }
  parent.append(text.slice(done));
  return parent;
}

// A name, title or message as an element that cannot reorder what stands around it.
function outside(text) {
  const bdi = appendText(make("bdi"), text.slice(0, LONGEST));
  if (text.length > LONGEST) bdi.append("…");
  return bdi;
}

// The same for places that take text only: attributes, options, spoken messages.
function plain(text, longest = LONGEST) {
  const cut = text.slice(0, longest).replace(HIDDEN, (found) => `[${markOf(found)}]`);
  return text.length > longest ? `${cut}…` : cut;
}

// Places in code points to places in the UTF-16 units that strings of JavaScript count.
function unitsOf(text, points) {
  if (!/[\ud800-\udfff]/.test(text)) return (point) => Math.min(point, text.length);
  const units = new Map();
  let unit = 0;
  let point = 0;
  for (const wanted of [...new Set(points)].sort((a, b) => a - b)) {
    for (; point < wanted && unit < text.length; point++) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
    units.set(wanted, unit);
  }
  return (wanted) => units.get(wanted);
}

// What a tag highlights: its evidence and the words in it, as ranges of units; heavier words get thicker lines.
function rangesOf(text, tag) {
  if (!tag?.e) return [];
  const words = tag.e.w ?? [];
  const unit = unitsOf(text, [tag.e.a, tag.e.b, ...words.flatMap(([start, end]) => [start, end])]);
  const ranges = [{ from: unit(tag.e.a), to: unit(tag.e.b), kind: "evidence" }];
  for (const [start, end, share] of words)
    if (share > 0) {
      const level = share >= 0.3 ? 3 : share >= 0.12 ? 2 : 1;
      const title = t("share", { share: Math.round(100 * share) });
      ranges.push({ from: unit(start), to: unit(end), kind: `word w${level}`, title });
    }
  return ranges;
}

// How many code points a text has.
function pointsOf(text) {
  let pairs = 0;
  for (const _ of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) pairs++;
  return text.length - pairs;
}

function evidenceText(text, tag) {
  const unit = unitsOf(text, [tag.e.a, tag.e.b]);
  return text.slice(unit(tag.e.a), unit(tag.e.b));
}

// A cut that does not halve a character.
function wholeCut(text, place) {
  const low = text.charCodeAt(place);
  return place < text.length && low >= 0xdc00 && low <= 0xdfff ? place + 1 : place;
}

// Draw text from 0 to `shown`, and the range `far` where it lies further on.
function paint(element, text, shown, ranges, far) {
  element.replaceChildren();
  paintPiece(element, text, 0, shown, ranges);
  if (far && far.to > shown) {
    const from = wholeCut(text, Math.max(shown, far.from - 100));
    const to = wholeCut(text, Math.min(text.length, far.to + 100, Math.max(from, far.from) + RANGE));
    if (from > shown) element.append(make("span", "gap", {}, ` … ${t("left_out", { n: number(from - shown) })} … `));
    paintPiece(element, text, from, to, ranges);
  }
}

function paintPiece(element, text, from, to, ranges) {
  const here = ranges.filter((range) => range.to > from && range.from < to);
  const places = here.flatMap((range) => [Math.max(from, range.from), Math.min(to, range.to)]);
  const cuts = [...new Set([from, ...places, to])].sort((a, b) => a - b);
  for (let i = 0; i + 1 < cuts.length; i++) {
    const over = here.filter((range) => range.from <= cuts[i] && range.to >= cuts[i + 1]);
    const part = text.slice(cuts[i], cuts[i + 1]);
    if (!over.length) appendText(element, part);
    else {
      const tag = over.some((range) => range.kind === "evidence" || range.kind === "hit") ? "mark" : "span";
      const piece = make(tag, over.map((range) => range.kind).join(" "));
      const title = over.find((range) => range.title)?.title;
      if (title) piece.title = title;
      element.append(appendText(piece, part));
    }
  }
}
