"""The decision of the policy file on one change: pure, and the same for the same change.

Protection goes before every rule; of the rules the first that fits decides; what none fits is
denied.
"""

from dataclasses import dataclass

from shared.changes.known_as import KnownAs
from shared.policy.document import NO_RULE, Days, Decision, PolicyDocument, Protection, Rule
from shared.policy.patterns import any_matches
from shared.policy.subject import Subject


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided and by what, by its name in the file; `windows` bound what is allowed."""

    decision: Decision
    rule: str
    windows: tuple[Days, ...] = ()


def decide(policy: PolicyDocument, subject: Subject) -> Verdict:
    """The decision on the change."""
    if protection := protecting(policy, subject.known_as):
        return Verdict(protection.decision, protection.name)
    for rule in policy.rules:
        if _fits(rule, subject):
            return Verdict(rule.decision, rule.name, rule.windows or ())
    return Verdict(Decision.DENY, NO_RULE)


def protecting(policy: PolicyDocument, known_as: KnownAs) -> Protection | None:
    """What protects one of these: one that denies goes before one that holds."""
    found = [
        each
        for each in policy.protected
        if any_matches(each.devices, known_as.devices)
        or any_matches(each.accounts, known_as.accounts)
    ]
    return min(found, key=lambda each: each.decision is not Decision.DENY, default=None)


def concerns(sources: tuple[str, ...], source: str) -> bool:
    """Whether a list of sources has this one."""
    return source in sources or "*" in sources


def _fits(rule: Rule, subject: Subject) -> bool:
    asker = subject.asker
    return (
        concerns(rule.sources, asker.source)
        and (rule.callers is None or any_matches(rule.callers, [asker.caller or ""]))
        and (rule.operations is None or subject.operation in rule.operations)
        and (rule.devices is None or any_matches(rule.devices, subject.known_as.devices))
        and (rule.accounts is None or any_matches(rule.accounts, subject.known_as.accounts))
        and _touches(rule, subject.properties)
        and _has_ticket(rule, subject)
    )


def _touches(rule: Rule, properties: tuple[str, ...]) -> bool:
    """One that allows must cover all that is set; one that does not is for any of it."""
    if rule.properties is None:
        return True
    covered = [any_matches(rule.properties, [each]) for each in properties]
    return bool(covered) and (all(covered) if rule.decision is Decision.ALLOW else any(covered))


def _has_ticket(rule: Rule, subject: Subject) -> bool:
    match rule.ticket:
        case "approved":
            return subject.has_ticket and subject.asker.approved
        case "named":
            return subject.has_ticket
        case _:
            return True
