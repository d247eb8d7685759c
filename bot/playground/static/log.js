// A list of messages: draws what is new or changed, and keeps in sight what a person wants to read.

export class Log {
  constructor(list) {
    this.list = list;
    this.nodes = new Map();
    // after somebody sent something, the list moves to the answer wherever it stands
    this.pinned = true;
  }

  forget() {
    this.nodes.clear();
    this.list.replaceChildren();
    this.pinned = true;
  }

  draw(wanted, make) {
    const { list, nodes } = this;
    const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const focus = list.contains(document.activeElement) ? document.activeElement.dataset?.key : null;
    const keys = new Set(wanted.map((one) => one.key));
    for (const [key, drawn] of nodes) if (!keys.has(key)) { drawn.node.remove(); nodes.delete(key); }
    let before = list.firstChild, hasNew = false, last = null;
    for (const one of wanted) {
      const drawn = nodes.get(one.key);
      if (drawn && drawn.state === one.state) { before = drawn.node.nextSibling; last = null; continue; }
      const node = last = make(one);
      if (drawn) { drawn.node.replaceWith(node); before = node.nextSibling; } else { list.insertBefore(node, before); hasNew = true; }
      nodes.set(one.key, { node, state: one.state });
      if (focus && !list.contains(document.activeElement)) node.querySelector(`[data-key="${CSS.escape(focus)}"]`)?.focus({ preventScroll: true });
    }
    if (wasAtEnd || (hasNew && this.pinned)) this.show(last);
    if (hasNew && wanted.at(-1)?.isAnswer) this.pinned = false;
  }

  // the end, or the beginning of a message at the end that is longer than the list is high
  show(last) {
    this.list.scrollTop = this.list.scrollHeight;
    if (last && last.offsetHeight > this.list.clientHeight) this.scrollTo(last);
  }

  scrollTo(node) {
    this.list.scrollTop += node.getBoundingClientRect().top - this.list.getBoundingClientRect().top - 8;
  }

  reveal(key) {
    const node = this.nodes.get(key)?.node;
    if (!node) return;
    this.scrollTo(node);
    node.tabIndex = -1;
    node.focus({ preventScroll: true });
  }
}
