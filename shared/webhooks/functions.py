"""The functions that expressions may call: some of JMESPath's own, and ours for ITSM payloads.

Ours take null and answer null, so that a missing member stays missing.
"""

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jmespath import Options
from jmespath.functions import Functions, signature

if TYPE_CHECKING:
    from jmespath.functions import _Signature

_BUILT_IN = frozenset(
    "contains ends_with join length not_null starts_with to_number to_string".split()
)
_ANY: "_Signature" = {"types": []}
_TEXT: "_Signature" = {"types": ["string"]}
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


class _Ours(Functions):
    """Registered by name: `_func_<name>` (JMESPath's way)."""

    @signature(_ANY)
    def _func_value(self, given: Any) -> Any:
        """The plain value of a field of ServiceNow or Jira, whatever form it came in.

        ServiceNow sends "x", {"value": "x", "display_value": …} or {"value": "x", "link": …} for
        the same field, and "" for none; Jira wraps the options of a select alike.
        """
        if isinstance(given, dict):
            given = given.get("value")
        return None if given == "" else given

    @signature(_ANY)
    def _func_display(self, given: Any) -> Any:
        """The display value of a field of ServiceNow, else its plain value."""
        if isinstance(given, dict):
            given = given.get("display_value", given.get("value"))
        return None if given == "" else given

    @signature(_ANY)
    def _func_text(self, given: Any) -> Any:
        """A number or a text as text: ids come as both. Null for everything else."""
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            return None
        if isinstance(given, float) and math.isfinite(given) and given == int(given):
            given = int(given)
        return str(given)

    @signature(_ANY)
    def _func_truth(self, given: Any) -> Any:
        """true for true, "true", "yes", "1" and 1, false for their opposites, else null."""
        if isinstance(given, bool):
            return given
        text = str(given).strip().lower() if isinstance(given, str | int) else ""
        return True if text in _TRUE else False if text in _FALSE else None

    @signature(_ANY)
    def _func_lower(self, given: Any) -> Any:
        """A text in lower case."""
        return given.lower() if isinstance(given, str) else None

    @signature(_ANY)
    def _func_upper(self, given: Any) -> Any:
        """A text in upper case."""
        return given.upper() if isinstance(given, str) else None

    @signature(_ANY)
    def _func_trim(self, given: Any) -> Any:
        """A text without the white space around it; null when nothing is left."""
        return given.strip() or None if isinstance(given, str) else None

    @signature(_ANY, _TEXT)
    def _func_split(self, given: Any, separator: str) -> Any:
        """The parts of a text, trimmed, without empty ones."""
        if not isinstance(given, str) or not separator:
            return None
        return [part.strip() for part in given.split(separator) if part.strip()]

    @signature(_ANY, _TEXT)
    def _func_tag(self, given: Any, prefix: str) -> Any:
        """What follows `prefix` in the one tag or label that begins with it; null unless one."""
        tags = given if isinstance(given, list) else []
        found = [
            tag[len(prefix) :] for tag in tags if isinstance(tag, str) and tag.startswith(prefix)
        ]
        return found[0] if len(found) == 1 else None

    @signature(_ANY)
    def _func_utc(self, given: Any) -> Any:
        """A time as RFC 3339 in UTC: from ISO 8601, ServiceNow's form (UTC) or epoch milliseconds.

        The same instant is always the same text, and later texts sort behind earlier ones.
        """
        at = _instant(given)
        return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at else None


def _instant(given: Any) -> datetime | None:
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return datetime.fromtimestamp(given / 1000, UTC)
        if isinstance(given, str):
            at = datetime.fromisoformat(given)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


OURS = frozenset("value display text truth lower upper trim split tag utc".split())
ALLOWED = _BUILT_IN | OURS
OPTIONS = Options(custom_functions=_Ours())
