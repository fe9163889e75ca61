"""A real Chromium for tests, spoken to through its DevTools pipe: no driver, no network, one start for many pages."""

from __future__ import annotations

import base64
import io
import json
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from tests.tools import needs

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = needs(*NAMES)
"""The mark of tests that open pages."""
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-smooth-scrolling", "--allow-file-access-from-files", "--remote-debugging-pipe",
)  # fmt: skip
PIPES = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1'
"""Chromium reads its commands from descriptor 3 and answers on 4."""
TIMEOUT = 60.0
KEYS = {"ArrowRight": 39, "ArrowLeft": 37, "ArrowDown": 40, "ArrowUp": 38, "Home": 36, "End": 35, "Escape": 27,
        "Tab": 9}  # fmt: skip


class BrowserError(Exception):
    """Chromium, or a script in its page, complains."""


class Browser:
    """A running Chromium, closed at the end of a ``with`` block. Its profile is made in ``folder``."""

    def __init__(self, folder: Path) -> None:
        path = next(filter(None, map(shutil.which, NAMES)), None)
        assert path is not None, "no Chromium is installed"
        command = ("sh", "-c", PIPES, "sh", path, *FLAGS, f"--user-data-dir={folder / 'profile'}")
        environment = {**os.environ, "HOME": str(folder)}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert self._process.stdout is not None
        os.set_blocking(self._process.stdout.fileno(), False)
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._process.stdout, selectors.EVENT_READ)
        self._rest, self._sent = b"", 0
        self._waiting: list[dict[str, Any]] = []
        self.pages: dict[str, Page] = {}

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.call("Browser.close")
            self._process.wait(10)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._ready.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send one command and wait for its answer; events that come before it are noted in their pages."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\0")
        self._process.stdin.flush()
        while True:
            answer = self.next_message()
            if answer.get("id") == self._sent:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def next_message(self) -> dict[str, Any]:
        """The next answer or event; an event is noted in its page. Raises BrowserError where none comes."""
        end = time.monotonic() + TIMEOUT
        while not self._waiting:
            if not self._ready.select(end - time.monotonic()):
                raise BrowserError(f"no answer within {TIMEOUT:.0f} seconds")
            assert self._process.stdout is not None
            chunk = self._process.stdout.read()
            if not chunk:
                raise BrowserError("Chromium has gone")
            *whole, self._rest = (self._rest + chunk).split(b"\0")
            self._waiting += map(json.loads, whole)
        message = self._waiting.pop(0)
        page = self.pages.get(message.get("sessionId", ""))
        if page is not None and "method" in message:
            page.note(message["method"], message["params"])
        return message

    def page(self) -> Page:
        """A new empty page."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        return page


@dataclass
class Page:
    """One page: opened, resized, given keys, asked. ``complaints`` are the errors and warnings of its console."""

    browser: Browser
    session: str
    complaints: list[str] = field(default_factory=list)
    loaded: bool = False

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command to this page."""
        return self.browser.call(method, self.session, **parameters)

    def note(self, event: str, details: dict[str, Any]) -> None:
        """What happened in the page."""
        if event == "Page.loadEventFired":
            self.loaded = True
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(str(details["exceptionDetails"]))
        elif event == "Runtime.consoleAPICalled" and details["type"] in ("error", "warning", "assert"):
            self.complaints.append(str(details["args"]))
        elif event == "Log.entryAdded" and details["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{details['entry']['text']} {details['entry'].get('url', '')}")

    def open(self, path: Path) -> None:
        """Load a file and wait until it is there."""
        self.loaded = False
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self.loaded:
            self.browser.next_message()

    def resize(self, width: int, height: int = 800) -> None:
        """Make the window so large; a narrow one is a phone's."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)  # fmt: skip

    def emulate(self, media: str = "", **features: str) -> None:
        """Another medium (``print``), and what its user prefers: ``prefers_color_scheme="dark"``."""
        listed = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", media=media, features=listed)

    @contextmanager
    def without_script(self) -> Iterator[None]:
        """Pages opened meanwhile run no script; questions from outside are still answered."""
        self.call("Emulation.setScriptExecutionDisabled", value=True)
        try:
            yield
        finally:
            self.call("Emulation.setScriptExecutionDisabled", value=False)

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise BrowserError(str(found["exceptionDetails"].get("exception", found["exceptionDetails"])))
        return found["result"].get("value")

    def press(self, *keys: str) -> None:
        """Press keys one after another: ``ArrowRight``, ``n``."""
        for key in keys:
            code = KEYS.get(key, ord(key[0].upper()))
            typed = {"text": key} if len(key) == 1 else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **typed)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def point_at(self, x: float, y: float, press: bool = False) -> None:
        """Move the mouse there, and press it."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased") if press else ():
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, clip: dict[str, float] | None = None) -> Image.Image:
        """What the page looks like, all of it or the part ``clip`` (x, y, width, height)."""
        if clip is None:
            whole = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"x": 0, "y": 0, "width": whole["width"], "height": whole["height"]}
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={**clip, "scale": 1})
        return Image.open(io.BytesIO(base64.b64decode(taken["data"]))).convert("RGB")
