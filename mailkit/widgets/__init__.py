"""Thin views of a running lab: each a plain model, a shell for the notebook, a script that only draws.

Public names only. Each is loaded when it is first used, so that a notebook with one widget loads one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailkit.widgets.bench_widget import TwoPCBench as TwoPCBench
    from mailkit.widgets.console_widget import Console as Console
    from mailkit.widgets.eavesdropper_widget import Eavesdropper as Eavesdropper
    from mailkit.widgets.envelope_and_letter import EnvelopeAndLetter as EnvelopeAndLetter
    from mailkit.widgets.firewall_designer import FirewallDesigner as FirewallDesigner
    from mailkit.widgets.hop_map_widget import HopMap as HopMap
    from mailkit.widgets.ladder_view import Ladder as Ladder
    from mailkit.widgets.mail_flow_map import MailFlowMap as MailFlowMap
    from mailkit.widgets.relay_widget import RelayTable as RelayTable
    from mailkit.widgets.study_widgets import Hints as Hints
    from mailkit.widgets.study_widgets import LookBack as LookBack
    from mailkit.widgets.study_widgets import Predict as Predict
    from mailkit.widgets.study_widgets import ProgressMap as ProgressMap
    from mailkit.widgets.study_widgets import hints as hints
    from mailkit.widgets.study_widgets import look_back as look_back
    from mailkit.widgets.study_widgets import predict as predict
    from mailkit.widgets.study_widgets import progress as progress
    from mailkit.widgets.timeline_widget import Timeline as Timeline

# No module here has the name of one of these: once loaded, it would stand in its place.
_HOMES = {
    "Console": "console_widget",
    "Eavesdropper": "eavesdropper_widget",
    "EnvelopeAndLetter": "envelope_and_letter",
    "FirewallDesigner": "firewall_designer",
    "HopMap": "hop_map_widget",
    "Ladder": "ladder_view",
    "MailFlowMap": "mail_flow_map",
    "RelayTable": "relay_widget",
    "Timeline": "timeline_widget",
    "TwoPCBench": "bench_widget",
    **dict.fromkeys(("Hints", "LookBack", "Predict", "ProgressMap"), "study_widgets"),
    **dict.fromkeys(("hints", "look_back", "predict", "progress"), "study_widgets"),
}
__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"mailkit.widgets.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'mailkit.widgets' has no {name!r}; it has: {', '.join(_HOMES)}")


def __dir__() -> list[str]:
    return __all__
