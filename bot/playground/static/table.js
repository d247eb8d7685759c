// table and data_table blocks; the second can be sorted and paged.

import { h } from "/static/dom.js";
import { plain, richText } from "/static/mrkdwn.js";

const full = new Intl.NumberFormat("en-GB");

function content(cell, world) {
  if (cell.type === "rich_text") return richText(cell, world);
  if (cell.type === "raw_number") return cell.text ?? full.format(cell.value);
  return plain(cell.text);
}

const isNumber = (cell) => cell.type === "raw_number";
const raw = (cell) => (isNumber(cell) ? cell.value : (cell.text ?? JSON.stringify(cell.elements)));

export function table(block, world) {
  const settings = block.column_settings || [];
  const side = (index, cell) => `${(settings[index] && settings[index].align) || (isNumber(cell) ? "right" : "left")}${settings[index] && settings[index].is_wrapped ? " wrapped" : ""}`;
  const [head, ...rest] = block.rows;
  return h("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((cell, index) => h("th", { scope: "col", class: side(index, cell) }, content(cell, world))))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map((cell, index) => h("td", { class: side(index, cell) }, content(cell, world))))))));
}

export function dataTable(block, world) {
  const [head, ...rows] = block.rows;
  const size = block.page_size || 5;
  const header = block.row_header_column_index ?? 0;
  let order = { column: -1, down: false }, first = 0;
  const body = h("tbody"), where = h("span", { class: "muted", "aria-live": "polite" });
  const numeric = head.map((_, index) => rows.every((row) => isNumber(row[index])));
  const columns = head.map((cell, index) => {
    const button = h("button", { type: "button", class: "sort", "data-key": `sort-${index}`, onclick: () => sort(index) }, plain(cell.text), h("span", { class: "arrow", "aria-hidden": "true" }));
    return h("th", { scope: "col", class: numeric[index] ? "right" : "left", "aria-sort": "none" }, button);
  });
  const back = h("button", { type: "button", class: "small", "data-key": "table-back", onclick: () => turn(-size) }, "Previous rows");
  const on = h("button", { type: "button", class: "small", "data-key": "table-on", onclick: () => turn(size) }, "Next rows");
  const foot = rows.length > size ? h("div", { class: "table-foot" }, where, h("span", { class: "gap" }), back, on) : null;

  function sort(column) {
    order = { column, down: order.column === column ? !order.down : numeric[column] };
    first = 0;
    draw();
  }
  function turn(by) {
    first = Math.min(Math.max(0, first + by), Math.max(0, rows.length - 1));
    draw();
  }
  function draw() {
    const sorted = order.column < 0 ? rows : [...rows].sort((one, other) => compare(raw(one[order.column]), raw(other[order.column])) * (order.down ? -1 : 1));
    columns.forEach((column, index) => column.setAttribute("aria-sort", index !== order.column ? "none" : order.down ? "descending" : "ascending"));
    body.replaceChildren(...sorted.slice(first, first + size).map((row) => h("tr", {}, row.map((cell, index) =>
      index === header ? h("th", { scope: "row" }, content(cell, world)) : h("td", { class: isNumber(cell) ? "right" : "left" }, content(cell, world))))));
    where.textContent = `${first + 1}–${Math.min(first + size, rows.length)} of ${rows.length}`;
    back.disabled = first === 0;
    on.disabled = first + size >= rows.length;
  }
  draw();
  return h("div", { class: "data-table" },
    h("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": block.caption },
      h("table", {}, h("caption", {}, plain(block.caption)), h("thead", {}, h("tr", {}, columns)), body)), foot);
}

const compare = (one, other) => (typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other), "en", { numeric: true }));
