"use strict";
// Makes nodes. Nothing else does, and text only ever becomes text.

const SVG = "http://www.w3.org/2000/svg";
const LONG = 4000;

/** An HTML element; functions among the attributes listen to the event of that name. */
function make(tag, attributes = {}, ...children) {
  return furnished(document.createElement(tag), attributes, children);
}

/** An SVG element. */
function draw(tag, attributes = {}, ...children) {
  return furnished(document.createElementNS(SVG, tag), attributes, children);
}

function furnished(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function byId(id) {
  return document.getElementById(id);
}

function button(label, press, attributes = {}) {
  return make("button", { type: "button", click: press, ...attributes }, label);
}

/** Text, or its beginning and a button for the rest: megabytes take a browser long to lay out. */
function shortened(text, limit = LONG) {
  if (text.length <= limit) return [text];
  const shown = document.createTextNode(text.slice(0, limit));
  const more = button(
    `… show all ${count(text.length)} characters`,
    () => {
      shown.data = text;
      more.remove();
    },
    { class: "more" },
  );
  return [shown, more];
}

/** The cells of a heading that sorts its table, each `{key, label, number}`. */
function sortable(columns, order, sort) {
  return columns.map(({ key, label, number }) => {
    const down = order === `-${key}`;
    const ordered = down || order === key;
    const mark = ordered ? (down ? " ▾" : " ▴") : "";
    return make(
      "th",
      {
        scope: "col",
        class: number ? "number" : null,
        "aria-sort": ordered ? (down ? "descending" : "ascending") : null,
      },
      button(`${label}${mark}`, () => sort(down || !ordered ? key : `-${key}`), { class: "sort" }),
    );
  });
}
