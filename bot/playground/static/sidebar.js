// Channels, direct messages, and the people one can be.

import { byId, h } from "/static/dom.js";
import { avatar } from "/static/message.js";

// the number of the newest change that was seen in each channel
const read = new Map();

export const forgetRead = () => read.clear();

export function drawSidebar(world, go, become) {
  const focus = document.activeElement?.dataset?.key;
  const item = (channel) => {
    const newest = world.messages.findLast((one) => one.channel === channel.id)?.changed || 0;
    const here = channel.id === world.channel;
    // what was there at the first look counts as read
    if (here || !read.has(channel.id)) read.set(channel.id, newest);
    const unread = newest > read.get(channel.id);
    const name = channel.kind === "im" ? "Figshare" : channel.name;
    return h("li", {}, h("button", { type: "button", class: `${here ? "here" : ""} ${unread ? "unread" : ""}`, "aria-current": here ? "page" : null, "data-key": `channel-${channel.id}`, onclick: () => go(channel.id) },
      channel.kind === "im" ? avatar(world.people.get(world.bot)) : h("span", { class: "hash", "aria-hidden": "true" }, "#"), name,
      channel.shared ? h("span", { class: "tag", title: "shared with another workspace" }, "shared") : null, unread ? h("span", { class: "hidden" }, " (unread)") : null));
  };
  const all = [...world.channels.values()];
  renew(byId("channels"), all.filter((channel) => channel.kind !== "im").map(item));
  const directs = all.filter((channel) => channel.kind === "im");
  renew(byId("directs"), directs.length ? directs.map(item) : [h("li", { class: "none" }, "none from another workspace")]);
  renew(byId("persons"), [...world.people.values()].filter((person) => !person.is_bot && person.title).map((person) =>
    h("button", { type: "button", "aria-pressed": String(person.id === world.me), "data-key": `person-${person.id}`, onclick: () => become(person.id) },
      avatar(person), h("span", {}, h("b", {}, person.real_name), h("small", {}, person.title)))));
  if (focus) document.querySelector(`#sidebar [data-key="${focus}"]`)?.focus();
}

// a button that is exchanged while it's pressed is never clicked
function renew(list, items) {
  const fresh = h(list.tagName, {}, items);
  if (fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
}

export function drawer(open) {
  document.body.classList.toggle("drawer", open);
  byId("shade").hidden = !open;
  byId("menu").setAttribute("aria-expanded", String(open));
  if (open) document.querySelector("#sidebar [aria-current]")?.focus();
}
