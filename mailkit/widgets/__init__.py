"""Thin views of a running lab: each a plain model, a shell for the notebook, a script that only draws."""

from mailkit.widgets.bench_widget import TwoPCBench
from mailkit.widgets.console_widget import Console
from mailkit.widgets.eavesdropper_widget import Eavesdropper
from mailkit.widgets.envelope_and_letter import EnvelopeAndLetter
from mailkit.widgets.firewall_designer import FirewallDesigner
from mailkit.widgets.hop_map_widget import HopMap
from mailkit.widgets.ladder_view import Ladder
from mailkit.widgets.mail_flow_map import MailFlowMap
from mailkit.widgets.relay_widget import RelayTable
from mailkit.widgets.study_widgets import Hints, LookBack, Predict, ProgressMap, hints, look_back, predict, progress
from mailkit.widgets.timeline_widget import Timeline

__all__ = [
    "Console",
    "Eavesdropper",
    "EnvelopeAndLetter",
    "FirewallDesigner",
    "Hints",
    "HopMap",
    "Ladder",
    "LookBack",
    "MailFlowMap",
    "Predict",
    "ProgressMap",
    "RelayTable",
    "Timeline",
    "TwoPCBench",
    "hints",
    "look_back",
    "predict",
    "progress",
]
