// A table block.

import { h } from "/static/dom.js";
import { plain, richText } from "/static/mrkdwn.js";

const content = (cell, world) => (cell.type === "rich_text" ? richText(cell, world) : plain(cell.text));

export function table(block, world) {
  const settings = block.column_settings || [];
  const side = (index) => `${settings[index]?.align || "left"}${settings[index]?.is_wrapped ? " wrapped" : ""}`;
  const [head, ...rest] = block.rows;
  return h("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", {},
    h("thead", {}, h("tr", {}, head.map((cell, index) => h("th", { scope: "col", class: side(index) }, content(cell, world))))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map((cell, index) => h("td", { class: side(index) }, content(cell, world))))))));
}
