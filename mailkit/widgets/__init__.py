"""Thin views of a running lab: each a plain model, a shell for the notebook, a script that only draws."""

from mailkit.widgets.console_widget import Console
from mailkit.widgets.ladder_view import Ladder
from mailkit.widgets.mail_flow_map import MailFlowMap
from mailkit.widgets.timeline_widget import Timeline

__all__ = ["Console", "Ladder", "MailFlowMap", "Timeline"]
