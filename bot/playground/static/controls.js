// Buttons, menus and inputs. Each tells `use(element, block, value)` what a person did.

import { address, h, icon } from "/static/dom.js";
import { plain, textOf } from "/static/mrkdwn.js";

let serial = 0;

const MAKE = { button, static_select: select, external_select: combobox, multi_static_select: boxes, multi_external_select: combobox, plain_text_input: input, timepicker: picker, datepicker: picker };

export const control = (element, block, place) => MAKE[element.type](element, block, place);

async function confirmed(element, opener) {
  if (!element.confirm) return true;
  const { title, text, confirm, deny, style } = element.confirm;
  return new Promise((resolve) => {
    const id = `confirm-${++serial}`;
    const done = (answer) => { dialog.close(); dialog.remove(); opener?.focus(); resolve(answer); };
    const dialog = h("dialog", { class: "modal small-modal", "aria-labelledby": id, oncancel: (event) => { event.preventDefault(); done(false); } },
      h("header", {}, h("h2", { id }, plain(title.text))), h("div", { class: "modal-body" }, textOf(text, { people: new Map(), channels: new Map() })),
      h("footer", {}, h("button", { type: "button", onclick: () => done(false) }, plain(deny.text)),
        h("button", { type: "button", class: style === "danger" ? "danger" : "primary", onclick: () => done(true) }, plain(confirm.text))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

function button(element, block, place) {
  const label = element.accessibility_label || null;
  const key = `${block.block_id}/${element.action_id}`;
  const style = element.style || "";
  if (element.url && address(element.url)) {
    return h("a", { class: `button ${style}`, href: address(element.url), target: "_blank", rel: "noopener noreferrer", "aria-label": label, "data-key": key,
      onclick: () => place.use(element, block, null) }, plain(element.text.text), icon("out", 13), h("span", { class: "hidden" }, " (opens a new tab)"));
  }
  const node = h("button", { type: "button", class: style, "aria-label": label, "data-key": key, onclick: async () => {
    if (!(await confirmed(element, node))) return;
    node.classList.add("waiting");
    node.setAttribute("aria-busy", "true");
    try { await place.use(element, block, null); } finally { node.classList.remove("waiting"); node.removeAttribute("aria-busy"); }
  } }, plain(element.text.text));
  return node;
}

// in a form the label beside it names a menu; below an answer there is only what stands in it
const named = (place, words) => place.label || (place.id ? null : plain(words));

const held = (element, block, place) => place.chosen(block.block_id, element.action_id);

function select(element, block, place) {
  const now = held(element, block, place)?.selected_option || element.initial_option;
  const choice = (option) => h("option", { value: option.value, selected: now && now.value === option.value }, plain(option.text.text));
  return h("select", { id: place.id, "aria-label": named(place, element.placeholder?.text || "Choose"), "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`,
    onchange: async (event) => { const node = event.currentTarget; if (node.value && (await confirmed(element, node))) place.use(element, block, node.value); } },
    h("option", { value: "", selected: !now }, plain(element.placeholder?.text || "Choose…")), element.options.map(choice));
}

// The browser's own pickers, as Slack shows its own: `09:00` and `2026-11-30`.
function picker(element, block, place) {
  const kind = element.type === "timepicker" ? "time" : "date";
  const now = held(element, block, place);
  return h("input", { id: place.id, type: kind, "aria-label": place.label || null, "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`,
    value: now?.value ?? now?.[`selected_${kind}`] ?? element[`initial_${kind}`] ?? "", onchange: (event) => place.use(element, block, event.currentTarget.value) });
}

function combobox(element, block, place) {
  const id = `list-${++serial}`;
  const now = held(element, block, place)?.selected_option || element.initial_option;
  let found = [], at = -1, timer;
  const list = h("ul", { id, role: "listbox", class: "menu", hidden: true });
  const field = h("input", { id: place.id, type: "text", role: "combobox", "aria-label": named(place, element.placeholder?.text || "Search"), "aria-autocomplete": "list", "aria-controls": id, "aria-expanded": "false",
    "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`, placeholder: plain(element.placeholder?.text || "Type to search"), value: now ? plain(now.text.text) : "",
    oninput: () => { clearTimeout(timer); timer = setTimeout(look, 200); },
    onblur: () => setTimeout(() => show(false), 150),
    onkeydown: (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && found.length) { event.preventDefault(); mark((at + step + found.length) % found.length); }
      if (event.key === "Enter" && !list.hidden && at >= 0) { event.preventDefault(); choose(found[at]); }
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); event.stopPropagation(); show(false); }
    } });
  function show(open) { list.hidden = !open; field.setAttribute("aria-expanded", String(open)); }
  function mark(index) {
    at = index;
    [...list.children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
    field.setAttribute("aria-activedescendant", `${id}-${at}`);
  }
  function choose(option) { field.value = plain(option.text.text); show(false); place.use(element, block, option); }
  async function look() {
    const least = element.min_query_length ?? 3;
    if (field.value.length < least) return show(false);
    const answer = await place.suggest(element, field.value);
    found = answer.flatMap((one) => one.options || [one]);
    at = -1;
    list.replaceChildren(...(found.length ? found.map((option, index) => h("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => { event.preventDefault(); choose(option); } }, plain(option.text.text)))
      : [h("li", { class: "muted", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "No results")]));
    show(true);
  }
  return h("span", { class: "combobox" }, field, list);
}

function boxes(element, block, place) {
  const now = held(element, block, place);
  const chosen = new Set((now?.selected_options || element.initial_options || []).map((option) => option.value));
  const group = h("span", { class: "boxes", role: "group", "aria-label": place.label || "Choices", "aria-describedby": place.described });
  group.append(...element.options.map((option) => h("label", {}, h("input", { type: "checkbox", value: option.value, checked: chosen.has(option.value), "data-key": `${block.block_id}/${element.action_id}/${option.value}`,
    onchange: () => place.use(element, block, [...group.querySelectorAll("input:checked")].map((node) => node.value)) }),
    h("span", {}, textOf(option.text, place.world), option.description ? h("small", {}, textOf(option.description, place.world)) : null))));
  return group;
}

function input(element, block, place) {
  const props = { id: place.id, "aria-label": place.label, "aria-describedby": place.described, "aria-invalid": place.invalid, "aria-required": place.required, "data-key": `${block.block_id}/${element.action_id}`,
    placeholder: element.placeholder ? plain(element.placeholder.text) : null, maxlength: element.max_length, value: held(element, block, place)?.value ?? element.initial_value ?? "",
    oninput: (event) => place.use(element, block, event.currentTarget.value) };
  return element.multiline ? h("textarea", { rows: 4, ...props }) : h("input", { type: "text", ...props });
}
