// One message, as its reader sees it.

import { blocks } from "/static/blocks.js";
import { h, icon, post } from "/static/dom.js";
import { mrkdwn } from "/static/mrkdwn.js";
import { complain } from "/static/notice.js";

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export function avatar(person) {
  if (person?.is_bot) return h("span", { class: "avatar avatar-bot", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  const name = person?.real_name || "?";
  const letters = name.split(" ").map((word) => word[0]).slice(0, 2).join("");
  const hue = [...(person?.id || "")].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return h("span", { class: `avatar hue-${hue}`, "aria-hidden": "true" }, letters);
}

export function message(one, world, { replies, openThread, follows, sendAgain }) {
  const person = world.people.get(one.user) || { real_name: one.user, id: one.user };
  const when = new Date(Number(one.id) * 1000);
  const place = {
    world,
    narrow: !openThread || innerWidth < 760,
    chosen: (block, action) => one.chosen[block]?.[action],
    use: async (element, block, value) => {
      await tried(post("press", { user: world.me, where: one.id, action_id: element.action_id, block_id: block.block_id, value }));
    },
    suggest: async (element, query) => (await post("suggest", { user: world.me, where: one.id, action_id: element.action_id, query })).options,
  };
  const head = h("div", { class: "message-head" },
    h("span", { class: "author" }, person.real_name),
    person.is_bot ? h("span", { class: "app-badge" }, "APP") : null,
    h("time", { datetime: when.toISOString(), title: when.toLocaleString("en-GB") }, clock.format(when)),
    one.took !== null ? h("span", { class: "took", title: "how long the bot took" }, took(one.took)) : null);
  const body = one.blocks.length ? blocks(one.blocks, world, place) : h("div", { class: "section-text" }, mrkdwn(one.text, world));
  const last = replies?.at(-1);
  return h("article", { class: `message${one.ephemeral ? " ephemeral" : ""}${follows ? " follows" : ""}`, "aria-label": `${person.real_name}, ${clock.format(when)}` },
    one.ephemeral ? h("p", { class: "only-you" }, icon("eye", 14), "Only visible to you", one.asked ? h("code", {}, one.asked) : null) : null,
    one.command ? h("p", { class: "ran" }, "ran ", h("code", {}, one.command)) : null,
    h("div", { class: "message-row" }, avatar(person),
      h("div", { class: "message-body" }, head, body,
        sendAgain ? h("div", { class: "unheard" }, h("span", {}, "Nobody was asked: Figshare reads commands, mentions and direct messages only."), h("button", { type: "button", onclick: sendAgain }, "Send it to @figshare")) : null,
        one.files.map((file) => h("a", { class: "file", href: file.url, download: file.name }, icon("file"), file.name)),
        replies?.length ? h("button", { type: "button", class: "replies", "data-key": `replies-${one.id}`, onclick: () => openThread(one) },
          avatar(world.people.get(last.user)), h("b", {}, `${replies.length} ${replies.length === 1 ? "reply" : "replies"}`), h("span", { class: "muted" }, `last at ${clock.format(new Date(Number(last.id) * 1000))}`)) : null)),
    openThread && !one.ephemeral ? h("div", { class: "toolbar" }, h("button", { type: "button", class: "icon-button", "aria-label": "Reply in a thread", title: "Reply in a thread", "data-key": `thread-${one.id}`, onclick: () => openThread(one) }, icon("reply")),
      h("button", { type: "button", class: "icon-button", "aria-label": "Create a Figshare draft", title: "Create a Figshare draft", "data-key": `draft-${one.id}`, onclick: () => tried(post("shortcut", { user: world.me, where: one.id, callback: "draft.shortcut" })) }, icon("file"))) : null);
}

async function tried(action) {
  try {
    const answer = await action;
    if (answer.trouble) complain(new Error(answer.trouble));
  } catch (error) { complain(error); }
}

const took = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`);
