// The line at the top that says what happened beside the conversation, with what can be done about it.

import { byId, h, icon } from "/static/dom.js";

export function notify(words, { button = null, press = null, trouble = false } = {}) {
  const box = byId("notice");
  box.classList.toggle("trouble", trouble);
  box.replaceChildren(h("span", {}, words),
    ...(button ? [h("button", { type: "button", class: "notice-button", onclick: press }, button)] : []),
    h("button", { type: "button", class: "icon-button", "aria-label": "Close this notice", onclick: dismiss }, icon("close", 16)));
}

function dismiss() {
  byId("notice").replaceChildren();
}

export const complain = (error) => (error.gone ? gone() : error.outdated ? outdated() : notify(error.message, { trouble: true }));

let lost = false;

export function gone() {
  lost = true;
  notify("The playground isn't answering: it may have been stopped. What you typed stays here. Start it again in the terminal, as you did before.", { trouble: true });
}

export function back() {
  if (lost) dismiss();
  lost = false;
}

export function outdated() {
  lost = false;
  notify("The playground was started again, and this page is from before. Reload it to go on; what you typed stays.", { button: "Reload", press: () => location.reload(), trouble: true });
}
