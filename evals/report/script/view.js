// The view: which rows are shown, in which order, and which one is open. It lives in the address.

const LISTS = {
  result: (value) => RESULTS.has(value),
  outcome: (value) => OUTCOMES.has(value),
  tag: Boolean,
};
const SINGLES = ["q", "hop", "kind", "template", "pair", "sort", "row"];
// Browsers ignore, or refuse, pages that change their address more than a hundred times in half a minute.
const WRITE_AFTER_MS = 350;

function emptyView() {
  return { ...Object.fromEntries(SINGLES.map((name) => [name, ""])), result: [], outcome: [], tag: [] };
}

const shown = { view: emptyView() };

/** The view that an address describes; what it cannot mean is left out. */
function viewOf(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const view = emptyView();
  for (const name of SINGLES) view[name] = fields.get(name) ?? "";
  for (const [name, allowed] of Object.entries(LISTS))
    view[name] = [...new Set(fields.getAll(name))].filter(allowed);
  if (!Object.hasOwn(ROW_ORDERS, view.sort.replace(/^-/, ""))) view.sort = "";
  return view;
}

function hashOf(view) {
  const fields = new URLSearchParams();
  for (const name of [...Object.keys(LISTS), ...SINGLES]) {
    for (const value of [view[name]].flat()) if (value) fields.append(name, value);
  }
  return fields.size ? `#${fields}` : "";
}

let writing = 0;

/** Puts the view into the address, once it has come to rest. */
function rememberView(view) {
  clearTimeout(writing);
  writing = setTimeout(() => {
    if (hashOf(view) !== location.hash)
      history.replaceState(null, "", hashOf(view) || location.pathname + location.search);
  }, WRITE_AFTER_MS);
}

/** `view` with a value of a filter switched on or off. */
function switched(view, name, value) {
  if (!Array.isArray(view[name])) return { ...view, [name]: view[name] === value ? "" : value };
  const without = view[name].filter((one) => one !== value);
  return { ...view, [name]: without.length < view[name].length ? without : [...without, value] };
}

function isOn(view, name, value) {
  return Array.isArray(view[name]) ? view[name].includes(value) : view[name] === value;
}

/** A button that switches a value of a filter on and off; the page listens to all of them at once. */
function filterButton(label, name, value, attributes = {}) {
  const pressed = String(isOn(shown.view, name, value));
  const made = make(
    "button",
    { type: "button", class: "filter", "aria-pressed": pressed, ...attributes },
    label,
  );
  made.filter = [name, value];
  return made;
}

/** Tells every filter button whether it is on. */
function pressFilters() {
  for (const made of document.querySelectorAll("button.filter")) {
    made.setAttribute("aria-pressed", String(isOn(shown.view, ...made.filter)));
  }
}

/** `view` without its filters; order and open row stay. */
function unfiltered(view) {
  return { ...emptyView(), sort: view.sort, row: view.row };
}

/** The filters whose controls may be out of sight, as `[name, value, words]`. */
function setFilters(view) {
  const words = {
    outcome: (value) => `${value}: ${OUTCOMES.get(value).toLowerCase()}`,
    hop: (value) => `${value} hop${value === "1" ? "" : "s"}`,
    pair: pairWords,
  };
  const names = ["outcome", "hop", "tag", "kind", "template", "pair"];
  return names.flatMap((name) =>
    [view[name]]
      .flat()
      .filter(Boolean)
      .map((value) => [name, value, (words[name] ?? ((text) => `${name}: ${text}`))(value)]),
  );
}

function pairWords(pair) {
  try {
    const [expected, given] = JSON.parse(pair);
    return `${planText(expected)} expected, ${planText(given) || "no plan"} given`;
  } catch {
    return pair;
  }
}
