// The list of rows: only those in sight are in the document, so that ten thousand are as quick as ten.

const OVERSCAN = 12;
const PRINTED = 2000;

const LIST_COLUMNS = [
  { key: "id", label: "Id" },
  { key: "question", label: "Question" },
  { key: "result", label: "Result" },
  { key: "plan", label: "Plan" },
  { key: "seconds", label: "Seconds", number: true },
];

class RowList {
  /**
   * @param grid Element that scrolls.
   * @param open Called with a row when it is opened.
   * @param sort Called with an order when a heading is pressed.
   * @param clear Called when all filters shall go.
   */
  constructor(grid, { open, sort, clear }) {
    Object.assign(this, { grid, sort, clear, rows: [], at: -1, opened: null, printing: false });
    this.head = make("div", { role: "row", class: "row heads", "aria-rowindex": 1 });
    this.body = make("div", { role: "rowgroup", class: "rows" });
    grid.replaceChildren(make("div", { role: "rowgroup", class: "top" }, this.head), this.body);
    grid.setAttribute("aria-colcount", LIST_COLUMNS.length);
    grid.addEventListener("scroll", () => this.drawSoon(), { passive: true });
    new ResizeObserver(() => this.draw()).observe(grid);
    this.body.addEventListener("click", (event) => {
      const line = event.target.closest("[data-at]");
      if (!line) return;
      this.select(Number(line.dataset.at));
      open(this.rows[this.at]);
    });
  }

  /** Shows other rows, or the same ones in another order; the selected row stays selected if it is there. */
  show(rows, order) {
    const selected = this.rows[this.at];
    this.rows = rows;
    this.at = selected ? rows.indexOf(selected) : -1;
    this.grid.setAttribute("aria-rowcount", rows.length + 1);
    const focused = this.head.contains(document.activeElement);
    this.head.replaceChildren(...sortable(LIST_COLUMNS, order, this.sort).map(asColumnHeader));
    if (focused) this.head.querySelector("[aria-sort] button")?.focus();
    this.grid.scrollTop = 0;
    if (this.at >= 0) this.reveal();
    this.draw();
  }

  /** Selects the row at a place of the list and brings it into sight. */
  select(at) {
    if (!this.rows.length) return;
    this.at = Math.min(Math.max(at, 0), this.rows.length - 1);
    this.reveal();
    this.draw();
  }

  /** Marks the row whose details are shown, or none. */
  mark(row) {
    this.opened = row;
    if (row) this.at = this.rows.indexOf(row);
    this.reveal();
    this.draw();
  }

  get height() {
    return parseFloat(getComputedStyle(this.grid).getPropertyValue("--row-height")) || 36;
  }

  reveal() {
    if (this.at < 0) return;
    const [top, room] = [this.at * this.height, this.grid.clientHeight - this.head.offsetHeight];
    if (top < this.grid.scrollTop) this.grid.scrollTop = top;
    else if (top + this.height > this.grid.scrollTop + room) this.grid.scrollTop = top + this.height - room;
  }

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { grid, rows, height } = this;
    let first = Math.max(0, Math.floor(grid.scrollTop / height) - OVERSCAN);
    let last = Math.min(rows.length, Math.ceil((grid.scrollTop + grid.clientHeight) / height) + OVERSCAN);
    if (this.printing) [first, last] = [0, Math.min(rows.length, PRINTED)];
    this.body.style.height = this.printing ? "auto" : `${rows.length * height}px`;
    const lines = rows.slice(first, last).map((row, place) => this.line(row, first + place, height));
    if (!rows.length) lines.push(this.nothing());
    if (last < rows.length && this.printing)
      lines.push(make("p", {}, `${count(rows.length - last)} more rows are not printed.`));
    this.body.replaceChildren(...lines);
    const active = this.at >= first && this.at < last ? `row-${this.rows[this.at].at}` : null;
    if (active) grid.setAttribute("aria-activedescendant", active);
    else grid.removeAttribute("aria-activedescendant");
  }

  line(row, at, height) {
    const cell = (style, ...children) => make("div", { role: "gridcell", class: style }, ...children);
    const line = make(
      "div",
      {
        role: "row",
        class: `row${at === this.at ? " active" : ""}${row === this.opened ? " opened" : ""}`,
        id: `row-${row.at}`,
        "aria-rowindex": at + 2,
        "aria-selected": String(row === this.opened),
        "data-at": at,
      },
      cell("id", row.id.slice(0, 200)),
      cell("question", row.question.slice(0, 400)),
      cell("result", badge(row)),
      cell(
        row.plan_right === false ? "plan wrong-plan" : "plan",
        row.plan.length ? planText(row.plan).slice(0, 300) : "–",
      ),
      cell("number", row.seconds.toFixed(2)),
    );
    line.style.top = `${at * height}px`;
    return line;
  }

  nothing() {
    return make("p", { class: "nothing" }, "No row fits all filters. ", button("Clear filters", this.clear));
  }

  /** Puts every row into the document for paper, or takes them out again. */
  print(printing) {
    this.printing = printing;
    this.draw();
  }
}

function asColumnHeader(cell) {
  const sort = cell.getAttribute("aria-sort");
  return make(
    "div",
    { role: "columnheader", class: cell.className || null, "aria-sort": sort },
    ...cell.childNodes,
  );
}
