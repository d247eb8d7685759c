// A table block.

import { h } from "/static/dom.js";
import { plain, richText } from "/static/mrkdwn.js";

const content = (cell, world) => (cell.type === "rich_text" ? richText(cell, world) : plain(cell.text));

export function table(block, world, { title }) {
  const settings = block.column_settings || [];
  const [head, ...rest] = block.rows;
  const isRank = (index) => index === 0 && head[0].text === "#";
  const side = (index) => `${settings[index]?.align || "left"}${isRank(index) ? " rank" : ""}`;
  const name = title || "Table";
  // it can be scrolled, so the keyboard has to reach it
  return h("div", { class: "table-frame", tabindex: "0", role: "group", "aria-label": name }, h("table", { "aria-label": name },
    h("thead", {}, h("tr", {}, head.map((cell, index) => h("th", { scope: "col", class: side(index) }, content(cell, world))))),
    h("tbody", {}, rest.map((row) => h("tr", {}, row.map((cell, index) => h("td", { class: side(index) }, content(cell, world))))))));
}
