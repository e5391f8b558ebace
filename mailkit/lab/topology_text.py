"""A topology as TOML text, to keep, to hand round, to write by hand.

Must not know: what makes a topology right; `topology.py` checks that. Here only the form is judged.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from typing import Any

from mailkit.lab.topology import MailServer, Route, Topology, TopologyError, User, known
from mailkit.locale import _
from mailkit.net.zones import Host, Rule, Zone
from mailkit.server.relay_policy import RelayRule

_TABLES: dict[str, type[Any]] = {"zone": Zone, "host": Host, "rule": Rule, "server": MailServer}
_INNER: dict[str, type[Any]] = {"users": User, "routes": Route, "relaying": RelayRule}
"""Fields of a server that are lists of tables themselves."""
_OPTIONAL = ("port", "authenticated")
"""Left out, they are None: any port, logged in or not."""
_Form = tuple[Callable[[Any], bool], str]
"""Whether a value has a field's form, and what one looks like."""
_TEXT: _Form = (lambda value: isinstance(value, str), '"text"')
_TEXTS: _Form = (lambda value: _all(value, str), '["example.com"]')
_FLAG: _Form = (lambda value: type(value) is bool, "true")
_FORMS: dict[str, _Form] = {
    "port": (lambda value: type(value) is int, "25"),
    "ports": (lambda value: _all(value, int), "[25, 587]"),
    "domains": _TEXTS,
    "zone_files": _TEXTS,
    "authenticated": _FLAG,
    "users": (lambda value: _all(value, dict), '[{address = "goto@example.co.jp", name = "Goto"}]'),
    "routes": (lambda value: _all(value, dict), '[{domain = "example.co.jp", via = "mail"}]'),
    "relaying": (
        lambda value: _all(value, dict),
        '[{source = "any", authenticated = true, recipient = "any", decision = "relay"}]',
    ),
}
"""By the name of the field. Of all others, those that are True or False by default are flags, the rest is text."""


def to_toml(topology: Topology) -> str:
    """The text form. `from_toml` reads it back to an equal topology."""
    import tomli_w

    data = {
        "default": topology.default,
        "zone": [_written(zone) for zone in topology.zones],
        "host": [_written(host) for host in topology.hosts],
        "rule": [_written(rule) for rule in topology.rules],
        "server": [_written(server) for server in topology.servers],
        "zone_files": list(topology.zone_files),
    }
    return tomli_w.dumps(data, multiline_strings=True)


def relaying_to_toml(rules: Iterable[RelayRule]) -> str:
    """A relay table alone, as it stands below [[server]]."""
    import tomli_w

    return tomli_w.dumps({"relaying": [_written(rule) for rule in rules]})


def _written(record: Any) -> dict[str, Any]:
    """The fields that say something; TOML has no word for None."""
    usual = record._field_defaults
    fields = {name: value for name, value in record._asdict().items() if value is not None and value != usual.get(name)}
    for name in _INNER.keys() & fields.keys():
        fields[name] = [_written(record) for record in fields[name]]
    return fields


def from_toml(text: str) -> Topology:
    """Read the text form. TopologyError says where it departs from it, ZoneFileError what no DNS server could read."""
    from mailkit.net.dns import check

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TopologyError(_("this is not TOML: {error}.").format(error=error)) from None
    for key in data:
        known(_("table"), key, (*_TABLES, "zone_files", "default"), _("the topology"))
    zone_files = tuple(_field("zone_files", data.get("zone_files", []), _("the topology")))
    for zone_file in zone_files:
        check(zone_file)
    return Topology(
        zones=_read_all("zone", data),
        hosts=_read_all("host", data),
        servers=_read_all("server", data),
        rules=_read_all("rule", data),
        zone_files=zone_files,
        default=_field("default", data.get("default", "drop"), _("the topology")),
    )


def _read_all(name: str, data: dict[str, Any]) -> tuple[Any, ...]:
    tables = data.get(name, [])
    if not _all(tables, dict):
        raise TopologyError(_("{name} must be written as [[{name}]], once for each.").format(name=name))
    return tuple(_read(_TABLES[name], table, f"{name} {number}") for number, table in enumerate(tables, 1))


def _read(kind: type[Any], table: dict[str, Any], where: str) -> Any:
    fields: tuple[str, ...] = kind._fields
    for key in table:
        known(_("field"), key, fields, where)
    for name in fields:
        if name not in table and name not in (*kind._field_defaults, *_OPTIONAL):
            raise TopologyError(
                _("{where} has no {name!r}; it needs: {names}.").format(where=where, name=name, names=", ".join(fields))
            )
    values = {name: _field(name, value, where, kind._field_defaults.get(name)) for name, value in table.items()}
    for name in set(_OPTIONAL) & set(fields):
        values.setdefault(name, None)
    for name, inner in _INNER.items():
        if name in values:
            values[name] = tuple(_read(inner, row, f"{where}, {name} {n}") for n, row in enumerate(values[name], 1))
    return kind(**values)


def _field(name: str, value: Any, where: str, default: Any = None) -> Any:
    fits, example = _FORMS.get(name, _FLAG if isinstance(default, bool) else _TEXT)
    if not fits(value):
        raise TopologyError(
            _("{where}: {name} is {value!r}; expected something like {example}.").format(
                where=where, name=name, value=value, example=example
            )
        )
    return tuple(value) if isinstance(value, list) else value


def _all(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(item) is kind for item in value)
