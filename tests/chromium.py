"""A headless Chromium for tests, spoken to over a pipe in its own protocol: no driver, no port, no network."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 60  # seconds for an answer
_VISIBLE = {"ArrowDown": 40, "ArrowUp": 38, "Tab": 9, "Home": 36, "End": 35, "Enter": 13, "Escape": 27}


def find():
    """The path of the browser; skips the test where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed (Debian: apt-get install chromium)")
    return path


def _place(to_read, to_write):
    """Where the browser expects its pipe: commands on descriptor 3, answers on 4."""
    high = [fcntl.fcntl(number, fcntl.F_DUPFD, 10) for number in (to_read, to_write)]
    for number, place in zip(high, (3, 4), strict=True):
        os.dup2(number, place)


class Browser:
    """One browser with one page. `errors` collects what the console and the security policy complain about, `requests`
    every address asked for."""

    def __init__(self):
        program = find()  # before anything that would have to be cleaned up
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)  # a helper process may still be at it
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        options = [
            "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--disable-background-networking",
            "--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={self._folder.name}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [program, *options], pass_fds=(3, 4), preexec_fn=lambda: _place(to_read, to_write),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        self._buffer, self._number, self._session = b"", 0, None
        self.errors, self.requests = [], []
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def close(self):
        """End the browser, and the helper processes that it leaves behind."""
        self._process.terminate()
        self._process.wait(_PATIENCE)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        os.close(self._to)
        os.close(self._from)
        self._folder.cleanup()

    def call(self, method, **values):
        """Send a command and wait for its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _receive(self):
        while b"\0" not in self._buffer:
            piece = os.read(self._from, 1 << 20)
            assert piece, "the browser ended"
            self._buffer += piece
        line, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(line)
        method, values = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(values["exceptionDetails"])
        elif method == "Log.entryAdded":
            self.errors.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        return message

    def open(self, path, fragment=""):
        """Open a file and wait until its script is done; gives the seconds from navigation to then."""
        self.call("Page.navigate", url="about:blank")
        self.errors.clear()
        self.requests.clear()
        answer = self.call("Page.navigate", url=path.resolve().as_uri() + fragment)
        assert "errorText" not in answer, answer
        self.wait("document.readyState === 'complete' && location.protocol === 'file:'")
        return self.run("performance.now()") / 1000

    def run(self, code):
        """The value of an expression in the page."""
        result = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait(self, condition):
        """Wait until an expression is true."""
        end = time.monotonic() + _PATIENCE
        while not self.run(condition):
            assert time.monotonic() < end, f"never true: {condition}"
            time.sleep(0.02)

    def press(self, key):
        """Press and let go of a key."""
        values = {"key": key, "windowsVirtualKeyCode": _VISIBLE.get(key, ord(key[0].upper()))}
        if len(key) == 1:
            values["text"] = key
        if key == "Enter":
            values["text"] = "\r"
        self.call("Input.dispatchKeyEvent", type="keyDown", **values)
        self.call("Input.dispatchKeyEvent", type="keyUp", **values)

    def view(self, width, height, scheme="light"):
        """The size of the window in CSS pixels and the theme of the system."""
        mobile = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
