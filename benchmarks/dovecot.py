"""Debian's Dovecot, started in a folder that is thrown away, on ports of loopback.

Must not know: what is asked of it.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import subprocess
from typing import TYPE_CHECKING

from benchmarks.throwaway import find, folder, free_ports, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "secret"
CONFIGURATION = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
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


@contextlib.contextmanager
def dovecot(settings: str, letters: Path | None = None) -> Iterator[dict[str, int]]:
    """The ports, by protocol. Whoever says PASSWORD is let in.

    `settings` say where mail is, and what else shall be other than usual; in them `{root}` is the folder, braces are
    doubled. `letters` is what `{root}/mail/cur` has in it.
    """
    program = find("dovecot", "dovecot-imapd and dovecot-pop3d")
    with folder("run", "state", "home", "mail/new", "mail/tmp") as root:
        shutil.copytree(letters, root / "mail/cur") if letters else (root / "mail/cur").mkdir()
        users, ports = _users(), dict(zip(("imap", "pop3"), free_ports(2), strict=True))
        subprocess.run(["chown", "-R", f"{users['uid']}:{users['gid']}", root / "mail", root / "home"], check=True)
        text = (CONFIGURATION + settings).format(root=root, password=PASSWORD, **users, **ports)
        (root / "dovecot.conf").write_text(text)
        with subprocess.Popen([program, "-F", "-c", root / "dovecot.conf"], stderr=subprocess.DEVNULL) as process:
            try:
                for port in ports.values():
                    wait_for(port, root / "log")
                yield ports
            finally:
                process.terminate()


def _users() -> dict[str, object]:
    """Root must give mail to somebody else; anybody else must keep all to himself."""
    me = pwd.getpwuid(os.geteuid())
    nobody = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    own = {"internal": me.pw_name, "internal_group": grp.getgrgid(me.pw_gid).gr_name, "login": me.pw_name}
    root = {"internal": "dovecot", "internal_group": "dovecot", "login": "dovenull"}
    return {"uid": nobody.pw_uid, "gid": nobody.pw_gid, **(root if me.pw_uid == 0 else own)}
