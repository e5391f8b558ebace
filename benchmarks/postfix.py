"""Debian's Postfix as the mail server of example.co.jp, in a folder that is thrown away, on a port of loopback.

It takes letters into its queue on disk and discards them on delivery. Must not know: what is asked of it.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import subprocess
from typing import TYPE_CHECKING

from benchmarks.throwaway import Absent, find, folder, free_ports, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATION = """\
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
local_transport = discard:
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
"""
SERVICES = """\
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
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


@contextlib.contextmanager
def postfix(settings: str) -> Iterator[int]:
    """Its port. `settings` say who has a mailbox, and what else shall be other than usual."""
    program = find("postfix", "postfix")
    if os.geteuid() != 0:
        raise Absent("postfix changes users and so starts only as root")
    with folder("queue", "data", "log", "etc") as root:
        os.chown(root / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        (port,) = free_ports(1)
        (root / "etc/main.cf").write_text(CONFIGURATION.format(root=root) + settings)
        (root / "etc/master.cf").write_text(SERVICES.format(port=port))
        subprocess.run([program, "-c", root / "etc", "start"], check=True, **QUIET)
        try:
            wait_for(port, root / "log/mail.log")
            yield port
        finally:
            subprocess.run([program, "-c", root / "etc", "stop"], check=False, **QUIET)
