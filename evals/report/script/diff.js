// What differs between two lists of lines: the longest common subsequence, by dynamic programming.

const LARGEST_TABLE = 4e6;

/**
 * The lines of both, each `[sign, text]` with the sign " ", "-" or "+".
 * Null where both are so long and so different that a comparison would take seconds.
 */
function difference(before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let [end, other] = [before.length, after.length];
  while (end > start && other > start && before[end - 1] === after[other - 1]) {
    end -= 1;
    other -= 1;
  }
  const middle = compared(before.slice(start, end), after.slice(start, other));
  if (!middle) return null;
  const same = (lines) => lines.map((text) => [" ", text]);
  return [...same(before.slice(0, start)), ...middle, ...same(before.slice(end))];
}

function compared(before, after) {
  const width = after.length + 1;
  if ((before.length + 1) * width > LARGEST_TABLE) return null;
  const common = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const here = row * width + column;
      common[here] =
        before[row] === after[column]
          ? common[here + width + 1] + 1
          : Math.max(common[here + width], common[here + 1]);
    }
  }
  const lines = [];
  let [row, column] = [0, 0];
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      lines.push([" ", before[row]]);
      row += 1;
      column += 1;
    } else if (common[(row + 1) * width + column] >= common[row * width + column + 1]) {
      lines.push(["-", before[row]]);
      row += 1;
    } else {
      lines.push(["+", after[column]]);
      column += 1;
    }
  }
  for (; row < before.length; row += 1) lines.push(["-", before[row]]);
  for (; column < after.length; column += 1) lines.push(["+", after[column]]);
  return lines;
}

/** Two plans as nodes, with the functions that only one of them has marked. */
function planParts(expected, given) {
  const steps = difference(expected, given) ?? [
    ...expected.map((name) => ["-", name]),
    ...given.map((name) => ["+", name]),
  ];
  const side = (sign, tag, label) => {
    const names = steps.filter(([found]) => found === " " || found === sign);
    if (!names.length) return make("span", { class: "muted" }, "no plan");
    const parts = names.flatMap(([found, name], at) => [
      at ? " → " : null,
      make(found === " " ? "span" : tag, { title: found === " " ? null : label }, shortened(name, 200)),
    ]);
    return make("code", { class: "plan" }, parts);
  };
  return {
    expected: side("-", "del", "only in the expected plan"),
    given: side("+", "ins", "only in the plan given"),
  };
}
