// The field for a message: text of several lines, and the menu of commands that opens on a slash.
// It is no textarea, because a textarea can't be a combobox: https://www.w3.org/TR/html-aria/#el-textarea

import { byId, h } from "/static/dom.js";

const SLASH = "/figshare ";

export class Composer {
  // `send(text)` resolves when the text has arrived and rejects when it hasn't; then the text comes back
  constructor(form, node, send) {
    this.node = node;
    this.sent = [];
    this.menu = null;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = this.text;
      if (!text.trim()) return;
      this.text = "";
      try {
        await send(text);
        this.sent.push(text);
      } catch {
        this.text = [text, this.text].filter(Boolean).join("\n");
      }
    });
    node.addEventListener("input", () => this.changed());
    node.addEventListener("keydown", (event) => {
      if (event.isComposing || this.menu?.takes(event)) return;
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); form.requestSubmit(); }
      if (event.key === "ArrowUp" && !this.text && this.sent.length) { event.preventDefault(); this.text = this.sent.at(-1); }
    });
    this.changed();
  }

  get text() {
    // an emptied field keeps a line break
    return this.node.innerText === "\n" ? "" : this.node.innerText;
  }

  set text(words) {
    this.node.textContent = words;
    if (document.activeElement === this.node) getSelection().selectAllChildren(this.node), getSelection().collapseToEnd();
    this.changed();
    this.menu?.close();
  }

  set placeholder(words) {
    this.node.dataset.placeholder = words;
  }

  focus() {
    this.node.focus();
    getSelection().selectAllChildren(this.node);
    getSelection().collapseToEnd();
  }

  changed() {
    this.node.classList.toggle("empty", !this.text);
    this.menu?.look(this.text);
  }
}

export class CommandMenu {
  constructor(composer) {
    this.composer = composer;
    this.list = byId("commands");
    this.commands = this.shown = [];
    this.index = -1;
    composer.menu = this;
    composer.node.addEventListener("blur", () => this.close());
  }

  // somebody may have typed a slash before the commands were here
  learn(commands) {
    if (this.commands.length) return;
    this.commands = commands;
    if (document.activeElement === this.composer.node) this.look(this.composer.text);
  }

  look(text) {
    this.open(matching(text.toLowerCase(), this.commands));
  }

  open(commands) {
    this.shown = commands;
    this.list.replaceChildren(...commands.map((command, index) => this.option(command, index)));
    this.list.hidden = !commands.length;
    this.composer.node.setAttribute("aria-expanded", String(commands.length > 0));
    this.list.scrollTop = 0;
    this.mark(-1);
  }

  close() {
    if (this.shown.length) this.open([]);
  }

  option(command, index) {
    // a press must not take the focus out of the field
    const press = (event) => { event.preventDefault(); this.choose(command); };
    return h("li", { id: `command-${index}`, role: "option", "aria-selected": "false", onmousedown: press },
      h("b", {}, `${SLASH}${command.name}`), h("span", {}, command.usage.slice(command.name.length)), h("small", {}, command.summary));
  }

  mark(index) {
    this.index = index;
    [...this.list.children].forEach((option, number) => option.setAttribute("aria-selected", String(number === index)));
    const option = this.list.children[index];
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.composer.node.setAttribute("aria-activedescendant", option.id);
    else this.composer.node.removeAttribute("aria-activedescendant");
  }

  choose(command) {
    this.composer.text = `${SLASH}${command.name} `;
  }

  // whether a key was for the menu
  takes(event) {
    const count = this.shown.length;
    if (!count) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.index < 0 && step < 0 ? count - 1 : (this.index + step + count) % count);
    else if (event.key === "Escape") this.close();
    else if (["Enter", "Tab"].includes(event.key) && !event.shiftKey && this.index >= 0) this.choose(this.shown[this.index]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

function matching(typed, commands) {
  if (!typed.startsWith("/")) return [];
  if (SLASH.startsWith(typed)) return commands;
  // many type /views where Slack has only /figshare
  const name = typed.startsWith(SLASH) ? typed.slice(SLASH.length) : typed.slice(1);
  return commands.filter((command) => command.name.startsWith(name));
}
