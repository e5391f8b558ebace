"""Thin views of a running lab: each a plain model, a shell for the notebook, a script that only draws."""

from mailkit.widgets.bench_widget import TwoPCBench
from mailkit.widgets.console_widget import Console
from mailkit.widgets.envelope_and_letter import EnvelopeAndLetter
from mailkit.widgets.firewall_designer import FirewallDesigner
from mailkit.widgets.hop_map_widget import HopMap
from mailkit.widgets.ladder_view import Ladder
from mailkit.widgets.mail_flow_map import MailFlowMap
from mailkit.widgets.study_widgets import Hints, LookBack, Predict, ProgressMap, hints, look_back, predict, progress

__all__ = [
    "Console",
    "EnvelopeAndLetter",
    "FirewallDesigner",
    "Hints",
    "HopMap",
    "Ladder",
    "LookBack",
    "MailFlowMap",
    "Predict",
    "ProgressMap",
    "TwoPCBench",
    "hints",
    "look_back",
    "predict",
    "progress",
]
