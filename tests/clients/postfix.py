"""Debian's Postfix as the mail server of example.co.jp, on a port of loopback, for tests that stand ours beside it.

Set to the strictness that RFC 5321 has, since its usual one bears with old programs. It discards what it takes.
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
local_recipient_maps = inline:{{goto=1}}
local_transport = discard:
smtpd_relay_restrictions = reject_unauth_destination
smtpd_peername_lookup = no
smtpd_helo_required = yes
smtpd_helo_restrictions = reject_invalid_helo_hostname
strict_rfc821_envelopes = yes
strict_mailbox_ownership = no
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
smtpd_reject_unlisted_sender = no
message_size_limit = {size}
queue_minfree = 0
line_length_limit = 2048
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


@contextlib.contextmanager
def postfix(size: int) -> Iterator[int]:
    """Its port. It takes messages of up to `size` octets for goto@example.co.jp, and mail for no other domain."""
    program = shutil.which("postfix", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    assert program, "Postfix is not installed: apt-get install postfix"
    with tempfile.TemporaryDirectory(prefix="mailkit-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)
        for part in ("queue", "data", "log", "etc"):
            (root / part).mkdir()
        os.chown(root / "data", pwd.getpwnam("postfix").pw_uid, grp.getgrnam("postfix").gr_gid)
        with socket.create_server(("127.0.0.1", 0)) as held:
            port = held.getsockname()[1]
        (root / "etc/main.cf").write_text(CONFIGURATION.format(root=root, size=size))
        (root / "etc/master.cf").write_text(SERVICES.format(port=port))
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([program, "-c", root / "etc", "start"], check=True, **quiet)
        try:
            _wait_for(port)
            yield port
        finally:
            subprocess.run([program, "-c", root / "etc", "stop"], check=False, **quiet)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            if sock.recv(1):
                return
        time.sleep(0.05)
    raise AssertionError(f"Postfix did not answer at port {port}")
