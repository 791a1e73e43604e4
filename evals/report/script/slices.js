// Two tables whose lines filter the rows: the figures of every slice, and the plans that were mistaken.

const SLICE_FILTERS = { hops: "hop", tags: "tag", kinds: "kind", templates: "template" };
const MANY_PAIRS = 25;

let sliceOrder = "";

const SLICE_COLUMNS = [
  { key: "name", label: "Slice" },
  { key: "n", label: "Questions", number: true },
  { key: "plan", label: "Plan right", number: true },
  { key: "set", label: "As sets", number: true },
  { key: "strict", label: "Answer right", number: true },
  { key: "low", label: "95% interval" },
];

/** Every slice of the figures, in their order. */
function slicesOf(figures) {
  return Object.entries(figures).flatMap(([group, parts]) =>
    isObject(parts) && group !== "all"
      ? Object.entries(parts)
          .filter(([, part]) => isObject(part) && isShare(part.strict))
          .map(([value, part], place) => ({ group, value, part, place }))
      : [],
  );
}

function sliceName({ group, value }) {
  if (group === "hops") return `${value} ${value === "1" ? "hop" : "hops"}`;
  return group === "tags" ? value : `${SLICE_FILTERS[group] ?? group}: ${value}`;
}

const SLICE_VALUES = {
  n: ({ part }) => part.n,
  plan: ({ part }) => shareOf(part.plan),
  set: ({ part }) => shareOf(part.set),
  strict: ({ part }) => shareOf(part.strict),
  low: ({ part }) => part.strict.low,
};

function shareOf(share) {
  return isShare(share) && share.n ? share.right / share.n : -1;
}

function inOrder(slices, order) {
  const key = order.replace(/^-/, "");
  const sign = order.startsWith("-") ? -1 : 1;
  const value = SLICE_VALUES[key];
  if (!value) {
    const named = [...slices].sort((one, other) => COLLATOR.compare(sliceName(one), sliceName(other)));
    return key !== "name" ? slices : sign < 0 ? named.reverse() : named;
  }
  return [...slices].sort((one, other) => sign * (value(one) - value(other)));
}

/** The figures by slice; what the search field holds narrows them. */
function showSlices(figures) {
  const slices = slicesOf(figures);
  const words = byId("slice-search").value.toLowerCase();
  const sort = (order) => {
    sliceOrder = order;
    showSlices(figures);
    byId("slices").querySelector("[aria-sort] button").focus();
  };
  // All bars have one scale, which starts at the lowest interval, so that narrow ones can be told apart.
  const from = Math.floor(10 * Math.min(0.9, ...slices.map(({ part }) => part.strict.low))) / 10;
  const columns = SLICE_COLUMNS.map((column) =>
    column.key === "low" && from > 0
      ? { ...column, label: `95% interval, bars from ${Math.round(100 * from)}%` }
      : column,
  );
  const lines = inOrder(slices, sliceOrder)
    .filter((slice) => sliceName(slice).toLowerCase().includes(words))
    .map((slice) => {
      const { group, value, part } = slice;
      const field = SLICE_FILTERS[group];
      const name = sliceName(slice);
      return make(
        "tr",
        {},
        make("th", { scope: "row" }, field ? filterButton(shortened(name, 120), field, value) : name),
        make("td", { class: "number" }, count(part.n)),
        shareCell(part.plan),
        shareCell(part.set),
        shareCell(part.strict),
        make(
          "td",
          { class: "wide" },
          intervalBar(part.strict, from),
          make("span", { class: "muted" }, part.n ? interval(part.strict) : "–"),
        ),
      );
    });
  const empty = make(
    "tr",
    {},
    make(
      "td",
      { colspan: columns.length },
      slices.length ? "No slice has this name." : "The questions have neither hops nor tags.",
    ),
  );
  byId("slices").replaceChildren(
    make("thead", {}, make("tr", {}, sortable(columns, sliceOrder, sort))),
    make("tbody", {}, lines.length ? lines : empty),
  );
}

function shareCell(share) {
  const known = isShare(share) && share.n > 0;
  return make(
    "td",
    { class: "number", title: known ? `${share.right} of ${share.n}, 95%: ${interval(share)}` : null },
    known ? percent(share.right / share.n) : "–",
  );
}

/** Which plan was given where another was expected, the most frequent pair first. */
function showPlans(rows, limit = MANY_PAIRS) {
  const pairs = new Map();
  let planned = 0;
  for (const row of rows) {
    if (row.plan_right !== null) planned += 1;
    const pair = planPair(row);
    if (!pair) continue;
    const found = pairs.get(pair);
    if (found) found.n += 1;
    else pairs.set(pair, { pair, row, n: 1 });
  }
  if (!pairs.size) {
    byId("plans").replaceChildren(
      make(
        "caption",
        {},
        planned ? `None: all ${count(planned)} are right.` : "The questions have no expected plans.",
      ),
    );
    return;
  }
  const ranked = [...pairs.values()].sort((one, other) => other.n - one.n || one.row.at - other.row.at);
  const lines = ranked.slice(0, limit).map(({ pair, row, n }) => {
    const { expected, given } = planParts(row.expected_plan, row.plan);
    return make(
      "tr",
      {},
      make(
        "td",
        { class: "number" },
        filterButton(count(n), "pair", pair, { "aria-label": `Show ${plural(n, "row")} with these plans` }),
      ),
      make("td", {}, expected),
      make("td", {}, given),
    );
  });
  const head = make(
    "tr",
    {},
    ...[
      ["Rows", "number"],
      ["Expected", null],
      ["Given", null],
    ].map(([label, style]) => make("th", { scope: "col", class: style }, label)),
  );
  const wrong = ranked.reduce((sum, { n }) => sum + n, 0);
  const children = [
    make(
      "caption",
      {},
      `${count(wrong)} of ${count(planned)} plans are wrong, in ${plural(ranked.length, "way")}.`,
    ),
    make("thead", {}, head),
    make("tbody", {}, lines),
  ];
  if (ranked.length > limit) {
    const more = button(`Show all ${count(ranked.length)}`, () => showPlans(rows, Infinity), {
      class: "more",
    });
    children.push(make("tfoot", {}, make("tr", {}, make("td", { colspan: 3 }, more))));
  }
  byId("plans").replaceChildren(...children);
}
