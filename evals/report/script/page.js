// Puts the page together: reads the data, shows a view of them, and follows mouse, keyboard and address.

const report = JSON.parse(byId("report-data").textContent);
const rows = readRows();
const byKey = new Map(rows.map((row) => [row.key, row]));
const narrow = matchMedia("screen and (max-width: 900px)");

const list = new RowList(byId("list"), {
  open: (row) => open(row),
  sort: (order) => change({ ...shown.view, sort: order }),
  clear: () => change(unfiltered(shown.view)),
});

/** Shows another view: its rows, its filters, and its open row. */
function change(view) {
  shown.view = view;
  const found = chosen(rows, view);
  list.show(found, view.sort);
  byId("shown").textContent = `${count(found.length)} of ${plural(rows.length, "row")}`;
  if (byId("search").value !== view.q) byId("search").value = view.q;
  byId("chips").replaceChildren(...chips(view));
  showDetail();
  pressFilters();
  rememberView(view);
}

function chips(view) {
  const set = setFilters(view);
  const made = set.map(([name, value, words]) =>
    button(
      [make("span", {}, words.slice(0, 160)), make("span", { "aria-hidden": "true" }, " ×")],
      () => change(switched(shown.view, name, value)),
      {
        class: "chip",
        "aria-label": `Remove the filter ${words.slice(0, 160)}`,
      },
    ),
  );
  if (hashOf({ ...view, sort: "", row: "" }))
    made.push(button("Clear filters", () => change(unfiltered(shown.view)), { class: "clear" }));
  return made;
}

function open(row) {
  shown.view = { ...shown.view, row: row ? row.key : "" };
  showDetail();
  rememberView(shown.view);
  if (row && narrow.matches) byId("detail").focus();
}

function close() {
  open(null);
  byId("list").focus({ preventScroll: true });
}

function showDetail() {
  const row = byKey.get(shown.view.row) ?? null;
  const pane = byId("detail");
  pane.hidden = !row;
  byId("browser").classList.toggle("split", row !== null);
  if (row && pane.row !== row) {
    pane.replaceChildren(...detailOf(row, { go, close }));
    pane.scrollTop = 0;
  }
  pane.row = row;
  list.mark(row);
}

/** Selects the row so many places on; where details are shown, they follow. */
function go(steps) {
  const from = list.at < 0 ? (steps > 0 ? -1 : list.rows.length) : list.at;
  list.select(from + steps);
  if (shown.view.row && list.rows[list.at]) open(list.rows[list.at]);
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const field = event.target.closest("input, select, textarea");
  const inList = event.target === byId("list");
  const steps = {
    j: 1,
    k: -1,
    ...(inList ? { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity } : {}),
  };
  if (event.key === "Escape") leave(field);
  else if (field) return;
  else if (event.key === "/") byId("search").focus();
  else if (Object.hasOwn(steps, event.key)) {
    go(
      Number.isFinite(steps[event.key])
        ? steps[event.key]
        : steps[event.key] > 0
          ? list.rows.length
          : -list.rows.length,
    );
    if (!byId("detail").contains(document.activeElement)) byId("list").focus({ preventScroll: true });
  } else if (event.key === "Enter" && (inList || event.target === document.body) && list.rows[list.at]) {
    open(list.rows[list.at]);
    byId("detail").focus({ preventScroll: true });
  } else return;
  event.preventDefault();
}

function leave(field) {
  if (field) byId("list").focus({ preventScroll: true });
  else if (shown.view.row) close();
}

function showControls() {
  const counts = new Map();
  for (const row of rows) counts.set(row.result, (counts.get(row.result) ?? 0) + 1);
  const results = [...RESULTS].filter(([name]) => counts.has(name));
  byId("results").replaceChildren(
    ...results.map(([name, label]) =>
      filterButton(
        [make("span", {}, label), make("span", { class: "muted" }, ` ${count(counts.get(name))}`)],
        "result",
        name,
        {
          "data-result": name,
        },
      ),
    ),
  );
  const tags = [...new Set(rows.flatMap((row) => row.tags))].sort(COLLATOR.compare);
  byId("tag").replaceChildren(
    make("option", { value: "" }, "Any tag"),
    ...tags.map((tag) => make("option", { value: tag }, tag.slice(0, 80))),
  );
  byId("tag").hidden = !tags.length;
}

function listen() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    const made = event.target.closest("button.filter");
    if (!made) return;
    change(switched(shown.view, ...made.filter));
    // Where the figures fill the window, the rows that were asked for are out of sight.
    if (made.closest("#overview")) byId("rows-section").scrollIntoView({ block: "start" });
  });
  let typing = 0;
  byId("search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => change({ ...shown.view, q: byId("search").value }), 120);
  });
  byId("tag").addEventListener("change", () => {
    const tag = byId("tag").value;
    byId("tag").value = "";
    if (tag && !isOn(shown.view, "tag", tag)) change(switched(shown.view, "tag", tag));
  });
  byId("slice-search").addEventListener("input", () => showSlices(report.figures));
  addEventListener("hashchange", () => change(viewOf(location.hash)));
  addEventListener("beforeprint", () => list.print(true));
  addEventListener("afterprint", () => list.print(false));
}

/** The colours of the system, until the button asks for the others. */
function showTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => {
    byId("theme").textContent = isDark() ? "Light colours" : "Dark colours";
  };
  byId("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);
  label();
}

showTheme();
showHead(report);
showCards(report.figures);
shown.view = viewOf(location.hash);
showSlices(report.figures);
showOutcomes(rows);
showPlans(rows);
showLatency(rows);
showControls();
listen();
change(shown.view);
