"""A person at Chromium, by the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/tot/.

Elements on the page are found as a screen reader finds them: by role and name.
"""

import asyncio
import base64
import itertools
import os
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.waiting import poll_until

FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1200,900",
    "--remote-debugging-port=0",
    # A page that sends requests elsewhere is to fail on every machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# https://developer.mozilla.org/en-US/docs/Web/API/UI_Events/Keyboard_event_key_values
KEYS = {
    "Enter": (13, "\r"),
    "Tab": (9, ""),
    "Escape": (27, ""),
    " ": (32, " "),
    "ArrowUp": (38, ""),
    "ArrowDown": (40, ""),
}
SHIFT = 8


@dataclass(frozen=True)
class Element:
    """An element of the accessibility tree."""

    id: int
    role: str
    name: str


class Page:
    """A page: what is on it and what a person does there; `problems` is what its console complains of."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._serial = socket, itertools.count()
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.problems: list[str] = []

    async def listen(self) -> None:
        """Receive what the browser sends, until it ends."""
        async for message in self._socket:
            received = message.json()
            if "id" in received:
                # whoever asked may have waited too long
                if not (answer := self._answers.pop(received["id"])).done():
                    answer.set_result(received)
            else:
                self._on_event(received["method"], received["params"])

    def _on_event(self, event: str, parameters: dict[str, Any]) -> None:
        match event:
            case "Runtime.exceptionThrown":
                self.problems.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.problems.append(str(parameters["args"]))
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.problems.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result; raises RuntimeError for an error."""
        serial = next(self._serial)
        answer = self._answers[serial] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": serial, "method": method, "params": parameters})
        response = await asyncio.wait_for(answer, 20)
        if "error" in response:
            raise RuntimeError(f"{method}: {response['error']['message']}")
        return response["result"]

    async def open(self, url: str) -> None:
        for part in ("Page", "Runtime", "Log", "DOM", "Accessibility"):
            await self.call(f"{part}.enable")
        await self.call("Page.navigate", url=url)

    async def evaluate(self, script: str) -> Any:
        """Return what a script does, or what it promises."""
        response = await self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        return response["result"].get("value")

    async def resize(self, width: int, height: int) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    # --- reading

    async def find_elements(self, role: str, part: str = "", within: Element | None = None) -> list[Element]:
        """Return the elements with a role and a name that contains `part`, in the order of the page."""
        with suppress(RuntimeError):  # the page was drawn anew in between
            document = await self.call("DOM.getDocument", depth=0)
            root = {"backendNodeId": within.id} if within else {"nodeId": document["root"]["nodeId"]}
            found = await self.call("Accessibility.queryAXTree", **root, role=role)
            named = (
                Element(each["backendDOMNodeId"], role, each.get("name", {}).get("value", ""))
                for each in found["nodes"]
                if not each["ignored"]
            )
            return [element for element in named if part in element.name]
        return []

    async def wait_for_element(self, role: str, part: str = "", within: Element | None = None) -> Element:
        """Wait for such an element; of several return the last, which on this page is the newest."""
        try:
            return (await poll_until(lambda: self.find_elements(role, part, within)))[-1]
        except TimeoutError:
            raise AssertionError(f"no {role} named {part!r} on the page:\n{await self.text()}") from None

    async def text(self, role: str = "main", part: str = "") -> str:
        """Return what can be read in the last such element."""
        elements = await self.find_elements(role, part)
        if not elements:
            return ""
        with suppress(RuntimeError):
            node = await self.call("DOM.resolveNode", backendNodeId=elements[-1].id)
            response = await self.call(
                "Runtime.callFunctionOn",
                objectId=node["object"]["objectId"],
                functionDeclaration="function() { return this.innerText }",
                returnByValue=True,
            )
            return response["result"]["value"]
        return ""

    async def wait_for_text(self, words: str, role: str = "main", part: str = "") -> str:
        """Wait until some words can be read in such an element, and return its whole text."""

        async def find() -> str:
            text = await self.text(role, part)
            return text if words in text else ""

        try:
            return await poll_until(find)
        except TimeoutError:
            raise AssertionError(f"{words!r} is not there:\n{await self.text(role, part)}") from None

    async def focused(self) -> Element:
        """Return the element that has the focus."""
        node = await self.call("Runtime.evaluate", expression="document.activeElement")
        tree = await self.call(
            "Accessibility.getPartialAXTree", objectId=node["result"]["objectId"], fetchRelatives=False
        )
        one = tree["nodes"][0]
        role, name = (one.get(each, {}).get("value", "") for each in ("role", "name"))
        return Element(one["backendDOMNodeId"], role, name)

    async def write_screenshot(self, file: Path) -> int:
        """Write a screenshot to a file and return its size in bytes."""
        screenshot = await self.call("Page.captureScreenshot", format="png")
        return await asyncio.to_thread(file.write_bytes, base64.b64decode(screenshot["data"]))

    # --- acting

    async def click(self, role: str, part: str) -> None:
        """Press the mouse in the middle of such an element."""

        async def middle() -> dict[str, float]:
            element = await self.wait_for_element(role, part)
            with suppress(RuntimeError, IndexError):  # the page was drawn anew in between
                await self.call("DOM.scrollIntoViewIfNeeded", backendNodeId=element.id)
                corners = (await self.call("DOM.getContentQuads", backendNodeId=element.id))["quads"][0]
                return {"x": sum(corners[::2]) / 4, "y": sum(corners[1::2]) / 4}
            return {}

        position = await poll_until(middle)
        button = {"button": "left", "clickCount": 1}
        down = self.call("Input.dispatchMouseEvent", type="mousePressed", **position, **button)
        await asyncio.gather(
            down, self.call("Input.dispatchMouseEvent", type="mouseReleased", **position, **button)
        )

    async def key(self, key: str, shift: bool = False) -> None:
        """Press a key."""
        code, text = KEYS.get(key, (0, key))
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": SHIFT if shift else 0}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    async def type(self, text: str) -> None:
        """Type into what has the focus."""
        for letter in text:
            await self.key(letter)

    async def tab_to(self, role: str, part: str = "", back: bool = False) -> Element:
        """Press Tab until such an element has the focus."""
        passed = []
        for _ in range(80):
            await self.key("Tab", shift=back)
            element = await self.focused()
            if element.role == role and part in element.name:
                return element
            passed.append(element.name)
        raise AssertionError(f"Tab never comes to a {role} named {part!r}, only to {passed}")


@asynccontextmanager
async def chromium(program: str, folder: Path, url: str) -> AsyncIterator[Page]:
    """Open a page in a browser of its own that knows nothing from before."""
    profile = folder / "profile"
    # Chromium's own sandbox refuses root.
    flags = (*FLAGS, *(("--no-sandbox",) if os.geteuid() == 0 else ()), f"--user-data-dir={profile}")
    browser = await asyncio.create_subprocess_exec(
        program, *flags, "about:blank", stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    try:
        port = await poll_until(lambda: asyncio.to_thread(_port, profile / "DevToolsActivePort"))
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://127.0.0.1:{port}/json/list") as listed:
                tab = next(each for each in await listed.json() if each["type"] == "page")
            async with http.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                await page.open(url)
                yield page
        await listening
    finally:
        # Chromium is many processes; they are a group.
        with suppress(ProcessLookupError):
            os.killpg(browser.pid, 9)
        await browser.wait()


def _port(file: Path) -> str:
    return file.read_text().split("\n")[0] if file.exists() else ""
