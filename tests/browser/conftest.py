"""A real JupyterLab on a folder of its own, and a real browser that may talk to nobody else."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = os.environ.get("MAILKIT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ELSEWHERE = re.compile(r"^(?!data:|blob:|https?://127\.0\.0\.1[:/])")
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"doNotDisturbMode": True},
    "@jupyterlab/notebook-extension/tracker": {"recordTiming": False},
}
"""Beside the course's own (.jupyterlab/)."""


class LabServer(NamedTuple):
    """A running JupyterLab; `folder` is its root."""

    url: str
    token: str
    folder: Path

    def ask(self, path: str, data: Any = None, method: str = "") -> Any:
        """The JSON answer of a REST path; with data it is PUT there."""
        body = None if data is None else json.dumps(data).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers, method=method or ("PUT" if body else "GET"))
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def choose_theme(self, name: str) -> None:
        """The theme of every page that is opened after this."""
        self.ask("lab/api/settings/@jupyterlab/apputils-extension:themes", {"raw": json.dumps({"theme": name})})

    def end_kernel(self, notebook: str) -> None:
        """End the kernel of a notebook, and whatever ran in it."""
        for session in self.ask("api/sessions"):
            if session["path"] == notebook:
                self.ask(f"api/sessions/{session['id']}", method="DELETE")

    def kernel_is_ready(self, notebook: str) -> bool:
        """Whether a page is connected to the notebook's kernel, and the kernel waits for work."""
        kernels = [s["kernel"] for s in self.ask("api/sessions") if s["path"] == notebook]
        return any(k and k["connections"] > 0 and k["execution_state"] == "idle" for k in kernels)


def wait_until(condition: Any, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    pytest.importorskip("jupyterlab")
    home = tmp_path_factory.mktemp("jupyter")
    server = LabServer(f"http://127.0.0.1:{free_port()}/", secrets.token_hex(16), home / "notebooks")
    server.folder.mkdir()
    for name, value in SETTINGS.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value))
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
         f"--port={server.url.rstrip('/').rpartition(':')[2]}", "--ServerApp.port_retries=0",
         f"--ServerApp.root_dir={server.folder}", f"--LabApp.app_settings_dir={ROOT / '.jupyterlab'}",
         f"--IdentityProvider.token={server.token}"],
        env=os.environ | own_folders(home), stdout=(home / "log").open("wb"), stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_until(lambda: answers(server, process), 60, f"JupyterLab; its log is {home / 'log'}")
        yield server
    finally:
        process.terminate()
        process.wait(20)


def own_folders(home: Path) -> dict[str, str]:
    """Nothing of the user's own configuration; kernels of this Python, with this checkout first."""
    return {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "MAILKIT_LANG": "en",
        "PYTHONPATH": str(ROOT),
    }


def answers(server: LabServer, process: "subprocess.Popen[bytes]") -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"JupyterLab ended with {process.returncode}")
    try:
        server.ask("api/status")
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Notebook:
    """A notebook open in JupyterLab in the browser; `asked` are the addresses of all requests of its page.

    A request to anybody but the own server is refused; `refused` has their addresses.
    """

    def __init__(self, server: LabServer, browser: Any, name: str, **options: Any) -> None:
        self.server, self.name = server, name
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.asked: list[str] = []
        self.refused: list[str] = []
        self.complaints: list[str] = []
        self.context.route(ELSEWHERE, self._refuse)
        self.page.on("websocket", lambda socket: self.asked.append(socket.url))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _refuse(self, route: Any) -> None:
        self.refused.append(route.request.url)
        route.abort()

    def open(self) -> "Notebook":
        """Open it with a kernel of its own that waits for work."""
        self.page.goto(f"{self.server.url}lab/tree/{self.name}?reset&token={self.server.token}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        wait_until(self._is_ready, 60, f"a kernel for {self.name}")
        return self

    def _is_ready(self) -> bool:
        # 'idle' in the tool bar comes before the session is connected: ask the server.
        chooser = self.page.locator(".jp-Dialog button:has-text('Select')")
        if chooser.count():
            chooser.first.click()
        return self.server.kernel_is_ready(self.name)

    def run_all(self, done: str) -> None:
        """Run every cell; the last one writes the file `done`."""
        file = self.server.folder / done
        file.unlink(missing_ok=True)
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        self.page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        # Playwright's own waiting keeps the page's events going, time.sleep does not.
        for _ in range(900):
            if file.exists():
                return
            if self._is_ready() and self.page.locator(".jp-OutputArea-output[data-mime-type*='error']").count():
                raise AssertionError(
                    self.page.locator(".jp-OutputArea-output[data-mime-type*='error']").first.inner_text()
                )
            self.page.wait_for_timeout(100)
        raise TimeoutError(f"{self.name}: {done} was not written")

    def run_cell(self, text: str) -> None:
        """Run the one cell that holds `text`."""
        cell = self.page.locator(".jp-CodeCell", has_text=text).last
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def wait_for_file(self, name: str, text: str) -> None:
        """Until the kernel has written that text into that file."""
        file = self.server.folder / name
        wait_until(lambda: file.exists() and file.read_text() == text, 10, f"{text!r} in the file {name}")

    def save(self) -> Path:
        """Save the notebook as a reader does; the result is its file."""
        file = self.server.folder / self.name
        before = file.stat().st_mtime_ns
        self.page.locator(".jp-Notebook .jp-InputPrompt").first.click()
        self.page.keyboard.press("Control+s")
        for _ in range(100):
            if file.stat().st_mtime_ns != before and file.read_text(encoding="utf-8").endswith("}\n"):
                return file
            self.page.wait_for_timeout(100)
        raise TimeoutError(f"{self.name} was not saved")

    def asked_hosts(self) -> set[str | None]:
        """Whom the page has sent any request to."""
        return {urlsplit(url).hostname for url in self.asked if not url.startswith(("data:", "blob:"))}


@pytest.fixture(scope="module")
def open_notebook(lab_server: LabServer, chromium: Any) -> Iterator[Any]:
    """Open a notebook of the server's folder by name; it is closed after the module's last test."""
    opened: list[Notebook] = []

    def open_it(name: str, **options: Any) -> Notebook:
        opened.append(Notebook(lab_server, chromium, name, **options))
        return opened[-1].open()

    yield open_it
    for notebook in opened:
        notebook.context.close()


def write_notebook(file: Path, cells: list[str]) -> None:
    """A notebook of these cells, never run."""
    plain = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    code = [plain | {"id": f"c{n}", "source": dedent(cell).strip()} for n, cell in enumerate(cells)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
    file.write_text(json.dumps({"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}))


@pytest.fixture(scope="module")
def run_notebook(lab_server: LabServer, open_notebook: Any) -> Any:
    """`run_notebook("ladder", cells, theme="Dark")`: these cells in a JupyterLab of their own, every one run."""

    def run_it(name: str, cells: list[str], *, theme: str = "Light", **options: Any) -> Notebook:
        done = f"{name}-done"
        write_notebook(lab_server.folder / f"{name}.ipynb", [*cells, f"open({done!r}, 'w').close()"])
        lab_server.choose_theme(f"JupyterLab {theme}")
        try:
            opened = open_notebook(f"{name}.ipynb", **{"viewport": {"width": 1500, "height": 1400}} | options)
        finally:
            lab_server.choose_theme("JupyterLab Light")
        opened.run_all(done)
        return opened

    return run_it


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where screenshots go: MAILKIT_SHOTS if it is set, so that somebody can look at them."""
    folder = Path(os.environ.get("MAILKIT_SHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
