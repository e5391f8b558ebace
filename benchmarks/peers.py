"""The servers that are measured, each started in a folder that is thrown away, on high ports of loopback, and stopped.

Dovecot and Postfix are Debian's, set up for speed as far as their manuals go without giving up what they promise.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SBIN = "/usr/sbin:/sbin:/usr/lib/postfix/sbin"
PASSWORD = "secret"


class Absent(Exception):
    """A server that cannot be measured here; the sentence says why."""


class Peer(NamedTuple):
    """A running server: where it is, and Goto's password."""

    ports: dict[str, tuple[str, int]]
    password: str = PASSWORD
    user: str = "goto"


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in held]
    for sock in held:
        sock.close()
    return ports


def find(program: str, package: str) -> str:
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":" + SBIN)
    if path is None:
        raise Absent(f"{program} is not installed (Debian's package {package})")
    return path


def find_for_root(program: str, package: str) -> str:
    path = find(program, package)
    if os.geteuid() != 0:
        raise Absent(f"{program} changes users and so starts only as root")
    return path


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            if sock.recv(1):
                return
        time.sleep(0.05)
    raise Absent(f"nobody answers at port {port}")


@contextlib.contextmanager
def child(*command: str) -> Iterator[str]:
    """A server of ours that prints a line when it is up, and stops when its input ends."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline()
        finally:
            process.stdin.close()


@contextlib.contextmanager
def ours(letters: Path | None = None) -> Iterator[Peer]:
    more = [str(letters)] if letters else []
    with child(sys.executable, "-m", "benchmarks.our_server", *more) as line:
        told = json.loads(line)
        names = {"25": "smtp", "110": "pop3", "143": "imap"}
        yield Peer({names[p]: ("127.0.0.1", port) for p, port in told["ports"].items()}, told["password"])


@contextlib.contextmanager
def stock() -> Iterator[Peer]:
    with child(sys.executable, "-m", "benchmarks.stock_server") as line:
        yield Peer({"smtp": ("127.0.0.1", int(line))})


@contextlib.contextmanager
def smtp_sink() -> Iterator[Peer]:
    """Postfix's test server in C: counts and throws away."""
    (port,) = free_ports(1)
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    command = [find("smtp-sink", "postfix"), *user, f"127.0.0.1:{port}", "128"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield Peer({"smtp": ("127.0.0.1", port)})
        finally:
            process.terminate()


DOVECOT = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{root}/mail
mail_fsync = never
mail_max_userip_connections = 1000
first_valid_uid = 1
pop3_no_flag_updates = yes
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service imap-login {{
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_min_avail = 1
  service_count = 0
}}
service pop3-login {{
  process_min_avail = 1
  service_count = 0
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


@contextlib.contextmanager
def dovecot(letters: Path | None = None) -> Iterator[Peer]:
    program = find_for_root("dovecot", "dovecot-imapd and dovecot-pop3d")
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="bench-dovecot-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for part in ("run", "state", "home", "mail/new", "mail/tmp"):
            (root / part).mkdir(parents=True)
        shutil.copytree(letters, root / "mail/cur") if letters else (root / "mail/cur").mkdir()
        subprocess.run(["chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", root / "mail", root / "home"], check=True)
        imap, pop3 = free_ports(2)
        values = {"root": root, "uid": nobody.pw_uid, "gid": nobody.pw_gid, "imap": imap, "pop3": pop3}
        (root / "dovecot.conf").write_text(DOVECOT.format(password=PASSWORD, **values))
        with subprocess.Popen([program, "-F", "-c", root / "dovecot.conf"], stderr=subprocess.DEVNULL) as process:
            try:
                wait_for(imap)
                wait_for(pop3)
                yield Peer({"imap": ("127.0.0.1", imap), "pop3": ("127.0.0.1", pop3)})
            finally:
                process.terminate()


POSTFIX = """\
compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example.co.jp
mydestination = example.co.jp
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {root}/log/mail.log
maillog_file_prefixes = {root}/log
local_recipient_maps =
local_transport = discard:
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
"""
POSTFIX_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


@contextlib.contextmanager
def postfix() -> Iterator[Peer]:
    """Takes mail for example.co.jp into its queue on disk, and discards it on delivery."""
    program = find_for_root("postfix", "postfix")
    user, group = pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid
    with tempfile.TemporaryDirectory(prefix="bench-postfix-") as folder:
        root = Path(folder)
        root.chmod(0o755)
        for part in ("queue", "data", "log", "etc"):
            (root / part).mkdir()
        os.chown(root / "data", user, group)
        (port,) = free_ports(1)
        (root / "etc/main.cf").write_text(POSTFIX.format(root=root))
        (root / "etc/master.cf").write_text(POSTFIX_SERVICES.format(port=port))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([program, "-c", root / "etc", "start"], check=True, **quiet)
        try:
            wait_for(port)
            yield Peer({"smtp": ("127.0.0.1", port)})
        finally:
            subprocess.run([program, "-c", root / "etc", "stop"], check=False, **quiet)
