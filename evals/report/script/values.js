// Values as text, and two of them compared line by line.

const MANY_LINES = 200;

/** JSON over several lines. */
function pretty(value) {
  try {
    return JSON.stringify(value, null, 2) ?? "–";
  } catch {
    return "This value is nested too deeply to be shown.";
  }
}

/** The same value with keys in alphabetical order, and the items of its list too where order is nothing. */
function arranged(value, unordered = false) {
  if (value === null || typeof value !== "object" || isRaw(value)) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => arranged(item));
    return unordered
      ? items
          .map((item) => [JSON.stringify(item), item])
          .sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
          .map(([, item]) => item)
      : items;
  }
  // Not by assignment: a key `__proto__` would be lost.
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, arranged(value[key])]),
  );
}

function sameValue(one, other) {
  return JSON.stringify(arranged(one)) === JSON.stringify(arranged(other));
}

function valueBlock(value) {
  return make("pre", {}, shortened(pretty(value)));
}

/** Expected and given, line by line: `−` only expected, `+` only given. */
function valueDiff(expected, given, unordered) {
  const [before, after] = [expected, given].map((value) => pretty(arranged(value, unordered)).split("\n"));
  const lines = difference(before, after);
  if (!lines) {
    return make(
      "div",
      {},
      make("p", {}, "Too long to compare line by line."),
      make("h4", {}, "Expected"),
      valueBlock(expected),
      make("h4", {}, "Given"),
      valueBlock(given),
    );
  }
  const block = make("div", {
    class: "diff",
    role: "table",
    "aria-label": "Expected and given answer, line by line",
  });
  const add = (from, to) =>
    block.append(...lines.slice(from, to).map((line, at) => diffLine(line, otherSide(lines, from + at))));
  add(0, MANY_LINES);
  if (lines.length > MANY_LINES) {
    const more = button(
      `… show all ${count(lines.length)} lines`,
      () => {
        more.remove();
        add(MANY_LINES, lines.length);
      },
      { class: "more" },
    );
    block.append(more);
  }
  return block;
}

const SIGNS = { " ": ["", "in both"], "-": ["−", "only expected"], "+": ["+", "only given"] };
const LINE_STYLES = { " ": "line", "-": "line minus", "+": "line plus" };

function diffLine([sign, text], other) {
  const [mark, label] = SIGNS[sign];
  return make(
    "div",
    { class: LINE_STYLES[sign], role: "row" },
    make(
      "span",
      { role: "cell", class: "sign" },
      make("span", { "aria-hidden": "true" }, mark),
      make("span", { class: "unseen" }, label),
    ),
    make("code", { role: "cell" }, other === null ? shortened(text) : marked(text, other)),
  );
}

/** The line that replaces this one, where one line was replaced by one. */
function otherSide(lines, at) {
  const sign = lines[at][0];
  if (sign === " ") return null;
  const place = sign === "-" ? at + 1 : at - 1;
  const outer = [Math.min(at, place) - 1, Math.max(at, place) + 1].map((index) => lines[index]?.[0] ?? " ");
  const replaced =
    lines[place] &&
    lines[place][0] !== " " &&
    lines[place][0] !== sign &&
    outer.every((found) => found === " ");
  return replaced ? lines[place][1] : null;
}

/** A line with the part marked in which it differs from another. */
function marked(text, other) {
  if (text.length > LONG) return shortened(text);
  let start = 0;
  while (start < Math.min(text.length, other.length) && text[start] === other[start]) start += 1;
  let end = 0;
  while (end < Math.min(text.length, other.length) - start && text.at(-1 - end) === other.at(-1 - end))
    end += 1;
  return [
    text.slice(0, start),
    make("mark", {}, text.slice(start, text.length - end)),
    text.slice(text.length - end),
  ];
}
