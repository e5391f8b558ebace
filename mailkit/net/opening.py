"""What of a lab is open to real programs of this computer, until it is closed or the lab ends.

Must not know: what is behind it, how it is told who comes in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from mailkit.net.carrier import Carrier


class Opening:
    """`host` and `port` are what a real program is told; a subclass opens them. Closed by `close`, or by `with`."""

    host: str
    port: int

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._shut: Callable[[], None] | None = None
        self.turned_away: list[int | None] = []
        """User ids of others on this computer who tried to come in; None: gone before it was seen who it was."""

    @property
    def title(self) -> str:
        """What is open, in the words that a program needs."""
        raise NotImplementedError

    def close(self) -> None:
        """Let nobody in any more, and end what is going on. May be called twice."""
        if self.is_open:
            self._carrier.run(self._close())
        self._shut = None

    async def _close(self) -> None:
        if self._shut:
            self._shut()

    @property
    def is_open(self) -> bool:
        """Whether a program can come in."""
        return self._shut is not None and self._carrier.loop.is_running()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        lines = [self.title]
        if not self.is_open:
            lines.append(_("closed"))
        if self.turned_away:
            lines.append(_("calls of other users turned away: {count}").format(count=len(self.turned_away)))
        return "; ".join(lines)
