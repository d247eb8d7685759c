// The form on top of the stack, in a dialog that keeps the focus until it's closed.

import { blocks } from "/static/blocks.js";
import { h, icon, post } from "/static/dom.js";

let dialog = null, shown = null, entered = {}, opener = null;

export function showView(view, world) {
  if (!view) return hide();
  const state = JSON.stringify([view.id, view.hash, view.errors, view.trouble]);
  if (shown?.state === state) return;
  if (shown?.id !== view.id) entered = {};
  if (!dialog) {
    opener = document.activeElement;
    dialog = h("dialog", { class: "modal", "aria-labelledby": "modal-title", oncancel: (event) => { event.preventDefault(); close(); } });
    document.body.append(dialog);
    dialog.showModal();
  }
  const kept = shown?.id === view.id ? document.activeElement?.dataset?.key : null;
  shown = { state, id: view.id };
  draw();
  const error = dialog.querySelector("[aria-invalid=true]");
  const first = dialog.querySelector(".modal-body input, .modal-body textarea, .modal-body select");
  (error || (kept && dialog.querySelector(`[data-key="${CSS.escape(kept)}"]`)) || first || dialog.querySelector(".primary, button"))?.focus();

  async function close() {
    await post("close", { user: world.me }).catch(complain);
  }

  // a notice on the page would stand behind the form
  function complain(error) {
    dialog.querySelector(".modal-trouble").textContent = error.message;
  }

  function draw() {
    const place = {
      world, errors: view.errors,
      chosen: (block, action) => view.chosen[block]?.[action],
      use: async (element, block, value) => {
        if (block.type === "input") entered[element.action_id] = value;
        if (block.type !== "input" || block.dispatch_action) {
          const answer = await post("press", { user: world.me, where: view.id, action_id: element.action_id, block_id: block.block_id, value }).catch((error) => ({ trouble: error.message }));
          if (answer.trouble) complain(new Error(answer.trouble));
        }
      },
      suggest: async (element, query) => (await post("suggest", { user: world.me, where: view.id, action_id: element.action_id, query })).options,
    };
    // what was typed stays typed when the form comes back with errors
    for (const block of view.blocks) {
      const element = block.element;
      if (element && element.action_id in entered && typeof entered[element.action_id] === "string" && !/select/.test(element.type)) {
        (view.chosen[block.block_id] ||= {})[element.action_id] = { value: entered[element.action_id] };
      }
    }
    const submit = view.submit ? h("button", { type: "submit", class: "primary" }, view.submit) : null;
    dialog.replaceChildren(h("form", { onsubmit: async (event) => {
      event.preventDefault();
      if (submit) { submit.disabled = true; submit.classList.add("waiting"); }
      try { await post("submit", { user: world.me, view: view.id, values: entered }); } catch (error) { complain(error); } finally { if (submit) { submit.disabled = false; submit.classList.remove("waiting"); } }
    }, novalidate: true },
      h("header", {}, h("h2", { id: "modal-title" }, view.title), h("button", { type: "button", class: "icon-button", "aria-label": "Close", onclick: close }, icon("close"))),
      h("div", { class: "modal-body" }, h("p", { class: "modal-trouble", role: "alert" }, view.trouble), blocks(view.blocks, world, place)),
      h("footer", {}, h("button", { type: "button", onclick: close }, view.close), submit)));
  }
}

function hide() {
  if (!dialog) return;
  dialog.close();
  dialog.remove();
  dialog = shown = null;
  if (opener?.isConnected) opener.focus();
}
