"""aiosmtpd as it comes, in a process of its own: keeps what it takes, prints its port, serves until its input ends."""

from __future__ import annotations

import asyncio
import sys
import threading

from aiosmtpd.smtp import SMTP


class Keeping:
    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.kept.append(envelope.original_content)
        return "250 OK"


async def serve() -> None:
    loop, handler = asyncio.get_running_loop(), Keeping()
    server = await loop.create_server(lambda: SMTP(handler, hostname="localhost", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve())
