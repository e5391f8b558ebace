"""Debian's Dovecot with a throw-away mailbox, on ports of loopback, for tests that stand our servers beside it.

Must not know: what is asked of it.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATION = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = sdbox:{root}/mail/%u
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
pop3_uidl_format = %u
namespace inbox {{
  inbox = yes
  separator = /
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
"""


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in held]
    for sock in held:
        sock.close()
    return ports


def _users() -> dict[str, object]:
    """Root must give mail to somebody else; anybody else must keep all to himself."""
    me = pwd.getpwuid(os.geteuid())
    nobody = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    own = {"internal": me.pw_name, "internal_group": grp.getgrgid(me.pw_gid).gr_name, "login": me.pw_name}
    root = {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull"}
    return {"uid": nobody.pw_uid, "gid": nobody.pw_gid, **(root if me.pw_uid == 0 else own)}


@contextlib.contextmanager
def dovecot() -> Iterator[dict[str, int]]:
    """The ports, by protocol. Whoever says the password `secret` has a mailbox of his own."""
    program = shutil.which("dovecot", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert program, "Dovecot is not installed: apt-get install dovecot-imapd dovecot-pop3d"
    with tempfile.TemporaryDirectory(prefix="mailkit-", ignore_cleanup_errors=True) as folder:
        root, users = Path(folder), _users()
        root.chmod(0o755)
        for name in ("run", "state", "home", "mail"):
            (root / name).mkdir()
        os.chown(root / "mail", users["uid"], users["gid"])
        os.chown(root / "home", users["uid"], users["gid"])
        ports = dict(zip(("imap", "pop3"), _free_ports(2), strict=True))
        (root / "dovecot.conf").write_text(CONFIGURATION.format(root=root, **users, **ports))
        with subprocess.Popen([program, "-F", "-c", root / "dovecot.conf"], stderr=subprocess.DEVNULL) as process:
            try:
                for port in ports.values():
                    _wait_for(port, root / "log")
                yield ports
            finally:
                process.terminate()


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            if sock.recv(1):
                return
        time.sleep(0.05)
    raise AssertionError(f"Dovecot did not answer at port {port}; its log:\n{log.read_text() if log.exists() else ''}")
