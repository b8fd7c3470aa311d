"""The decision of a policy file: default deny, protection first, then the first rule that fits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from shared.changes.request import OPERATIONS
from shared.policy.document import NO_RULE, Decision, PolicyDocument
from shared.policy.policy_file import ROOT, PolicyError, load
from shared.policy.rules import decide
from shared.policy.subject import Asker, Subject
from shared.policy.windows import opens

NAMES = ("hub-1", "HUB-2", "room-3", "6a59ea83-02bd-468f-a40b-f2c3d1821983")
PATTERNS = ("*", "hub-*", "room-3", "*2", "6A59EA83-*", "nothing")
SOURCES = ("http", "intake", "servicenow")


def document(**members: Any) -> PolicyDocument:
    return PolicyDocument.model_validate({"version": 1, **members})


def rule(name: str, decision: str = "allow", **conditions: Any) -> dict[str, Any]:
    return {"name": name, "sources": ["*"], "decision": decision, **conditions}


def subject(
    source: str = "http", *, approved: bool = False, caller: str | None = None, **request: Any
) -> Subject:
    asked = {
        "operation": "patchDevice",
        "target": {"displayName": "hub-1"},
        "set": {"extensionAttributes": {"extensionAttribute1": "x"}},
        **request,
    }
    return Subject.of(asked, Asker(source, approved, caller))


@st.composite
def files(draw: st.DrawFn) -> PolicyDocument:
    some = {
        "operations": st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=2),
        "devices": st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
        "ticket": st.sampled_from(("named", "approved")),
    }
    names = iter(f"n{index}" for index in range(100))
    rules = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "sources": st.lists(st.sampled_from((*SOURCES, "*")), min_size=1, max_size=2),
                    "decision": st.sampled_from(("allow", "hold", "deny")),
                },
                optional=some,
            ),
            min_size=1,
            max_size=4,
        )
    )
    protected = draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "devices": st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
                    "decision": st.sampled_from(("hold", "deny")),
                }
            ),
            max_size=2,
        )
    )
    return document(
        rules=[{"name": next(names), **each} for each in rules],
        protected=[{"name": next(names), **each} for each in protected],
    )


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    ticket = {"ticket": {"source": "x", "id": "1"}} if draw(st.booleans()) else {}
    return subject(
        draw(st.sampled_from(SOURCES)),
        approved=draw(st.booleans()),
        operation=draw(st.sampled_from(OPERATIONS[:2])),
        target={"displayName": draw(st.sampled_from(NAMES))},
        **ticket,
    )


@given(files(), subjects())
def test_what_is_allowed_is_allowed_by_the_first_rule_that_fits_and_nothing_protects_it(
    policy: PolicyDocument, asked: Subject
) -> None:
    verdict = decide(policy, asked)
    alone = [decide(document(rules=[each.model_dump()]), asked).decision for each in policy.rules]
    fitting = [
        each
        for each, decision in zip(policy.rules, alone, strict=True)
        if decision is not Decision.DENY or (each.decision is Decision.DENY and _fits(each, asked))
    ]
    protecting = {each.name: each.decision for each in policy.protected if _hits(each, asked)}
    if protecting:
        assert verdict.decision is protecting[verdict.rule]
        assert verdict.decision is Decision.DENY or Decision.DENY not in protecting.values()
    elif fitting:
        assert (verdict.rule, verdict.decision) == (fitting[0].name, fitting[0].decision)
    else:
        assert (verdict.rule, verdict.decision) == (NO_RULE, Decision.DENY)


def _fits(each: Any, asked: Subject) -> bool:
    allowing = each.model_dump() | {"decision": "allow"}
    return decide(document(rules=[allowing]), asked).decision is Decision.ALLOW


def _hits(each: Any, asked: Subject) -> bool:
    everything = [rule("all")]
    found = decide(document(rules=everything, protected=[each.model_dump()]), asked)
    return found.rule == each.name


@given(files(), subjects(), st.data())
def test_taking_a_rule_that_allows_away_never_allows_more(
    policy: PolicyDocument, asked: Subject, data: st.DataObject
) -> None:
    allowing = [each for each in policy.rules if each.decision is Decision.ALLOW]
    if not allowing:
        return
    gone = data.draw(st.sampled_from(allowing))
    rest = [each.model_dump() for each in policy.rules if each is not gone]
    less = document(
        rules=rest or [rule("none", "deny")],
        protected=[each.model_dump() for each in policy.protected],
    )
    before, after = decide(policy, asked), decide(less, asked)
    if after.decision is Decision.ALLOW:
        assert before.decision is Decision.ALLOW


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [
        ({"sources": ["intake"]}, False),
        ({"sources": ["http"]}, True),
        ({"operations": ["patchUser"]}, False),
        ({"devices": ["HUB-*"]}, True),
        ({"devices": ["HUB"]}, False),
        ({"accounts": ["*"]}, False),
        ({"properties": ["extensionAttributes/*"]}, True),
        ({"properties": ["extensionAttributes/extensionAttribute2"]}, False),
        ({"ticket": "named"}, False),
        ({"callers": ["app-1"]}, True),
        ({"callers": ["app-2"]}, False),
    ],
)
def test_every_condition_of_a_rule_has_to_be_met(conditions: dict[str, Any], fits: bool) -> None:
    verdict = decide(document(rules=[rule("r", **conditions)]), subject(caller="app-1"))
    assert (verdict.decision is Decision.ALLOW) == fits


def test_a_rule_that_allows_covers_all_that_is_set_and_another_one_is_for_any_of_it() -> None:
    both = {"set": {"accountEnabled": True, "extensionAttributes": {"extensionAttribute1": "x"}}}
    only = {"properties": ["accountEnabled"]}
    assert decide(document(rules=[rule("r", **only)]), subject(**both)).rule == NO_RULE
    held = decide(document(rules=[rule("r", "hold", **only), rule("all")]), subject(**both))
    assert (held.rule, held.decision) == ("r", Decision.HOLD)


def test_an_approval_is_what_the_source_has_seen_and_not_what_a_request_says() -> None:
    approved = document(rules=[rule("r", ticket="approved")])
    ticket = {"ticket": {"source": "servicenow", "id": "1"}}
    assert decide(approved, subject(**ticket)).decision is Decision.DENY
    assert decide(approved, subject("servicenow", approved=True)).decision is Decision.DENY
    allowed = decide(approved, subject("servicenow", approved=True, **ticket))
    assert allowed.decision is Decision.ALLOW


@pytest.mark.parametrize(
    "request_",
    [
        {"operation": "rotateDeviceAccount", "target": {"account": "Boss@contoso.com"}},
        {"operation": "patchUser", "target": {"userId": "boss@contoso.com"}},
        {"operation": "patchManagedDevice", "target": {"primaryUser": "BOSS@contoso.com"}},
        {
            "operation": "updateDeviceAccount",
            "target": {"serialNumber": "SN-1"},
            "set": {"deviceAccount": {"userPrincipalName": "boss@contoso.com"}},
        },
        {
            "operation": "updateDeviceAccount",
            "target": {"serialNumber": "SN-1"},
            "set": {"deviceAccount": {"domainName": "contoso", "userName": "boss"}},
        },
    ],
)
def test_an_account_is_protected_wherever_a_request_names_it(request_: dict[str, Any]) -> None:
    protected = {"name": "vip", "accounts": ["boss@*", r"contoso\boss"], "decision": "deny"}
    asked = Subject.of({"set": {}, **request_}, Asker("http"))
    assert decide(document(rules=[rule("all")], protected=[protected]), asked).rule == "vip"


@given(st.integers(0, 365 * 86_400))
def test_outside_of_its_windows_a_change_waits_for_the_next_opening_and_no_longer(
    second: int,
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    windows = [
        {"days": ["fri"], "opens": "22:00", "closes": "02:00", "timeZone": "Europe/Berlin"},
        {"days": ["sat", "sun"], "opens": "10:00", "closes": "12:00"},
    ]
    days = document(rules=[rule("r", windows=windows)]).rules[0].windows or ()
    at = opens(days, now)
    assert now <= at < now + timedelta(days=7)
    assert opens(days, at) == at
    if at > now:
        assert opens(days, at - timedelta(seconds=1)) == at


SHIPPED = yaml.safe_load((ROOT / "policy.yaml").read_text())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"rules": []}, "rules"),
        ({"rules": [rule("a"), rule("a")]}, "twice"),
        ({"rules": [rule("no-rule")]}, "taken"),
        ({"rules": [rule("a", surprise=1)]}, "surprise"),
        ({"rules": [rule("a", operations=["format"])]}, "operations"),
        ({"rules": [rule("a", "hold", windows=[{"opens": "1:00", "closes": "2:00"}])]}, "opens"),
        ({"rules": [rule("a", windows=[{"opens": 1200, "closes": "02:00"}])]}, "opens"),
        ({"protected": [{"name": "p", "decision": "hold"}]}, "protected"),
        ({"protected": [{"name": "p", "devices": ["x"], "decision": "allow"}]}, "decision"),
        ({"brakes": [{"name": "b", "sources": ["*"], "devices": 0, "minutes": 1}]}, "devices"),
        ({"budgets": [{"name": "b", "sources": ["*"], "changesPerHour": "9"}]}, "changesPerHour"),
        ({"version": 2}, "version"),
    ],
)
def test_a_file_with_a_fault_is_not_used_and_the_fault_is_named(
    tmp_path: Path, wrong: dict[str, Any], told: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(yaml.safe_dump(SHIPPED | wrong))
    with pytest.raises(PolicyError, match=told):
        load(file)


def test_a_file_that_is_missing_or_no_yaml_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("version: 1\nversion: 1\n")
    with pytest.raises(PolicyError, match="twice"):
        load(tmp_path / "bad.yaml")


@pytest.mark.parametrize(
    ("asked", "rule"),
    [
        (subject("http"), "callers"),
        (subject("bulk"), "callers"),
        (subject("intake"), "callers"),
        (subject("operator"), "reversals"),
        (subject("timer", operation="rotateDeviceAccount"), "rotation-timer"),
        (subject("timer"), NO_RULE),
        (subject("jira", approved=True, ticket={"id": "1"}), "approved-tickets"),
        (subject("jira", ticket={"id": "1"}), NO_RULE),
    ],
)
def test_the_shipped_file_lets_every_way_in_do_its_own_and_nothing_else(
    asked: Subject, rule: str
) -> None:
    verdict = decide(load(Path("policy.yaml")).document, asked)
    decision = Decision.DENY if rule == NO_RULE else Decision.ALLOW
    assert (verdict.rule, verdict.decision) == (rule, decision)
