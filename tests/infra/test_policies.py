"""The policies hold, and each of them finds the fault that it is there for."""

from pathlib import Path

import pytest
from policies import POLICIES, Policy
from seeded_faults import FAULTS, Fault

from scripts.bicep import Infra, Unreadable, parse

INFRA = Path(__file__).parents[2] / "infra"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_the_policy_holds(infra: Infra, policy: Policy) -> None:
    assert list(policy(infra)) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.policy.__name__}-{fault.told}")
def test_the_policy_finds_the_fault(infra: Infra, fault: Fault) -> None:
    text = infra.files[fault.file].text
    assert text.count(fault.right) >= 1, "the seeded fault no longer applies: write it anew"
    broken = infra.files | {
        fault.file: parse(fault.file, text.replace(fault.right, fault.wrong, 1))
    }
    found = "\n".join(fault.policy(Infra(broken)))
    assert fault.told in found


def test_every_policy_has_a_fault_to_find() -> None:
    assert {fault.policy for fault in FAULTS} == set(POLICIES)


def test_a_file_that_cannot_be_read_is_named_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"x\.bicep:2:"):
        parse("x.bicep", "param a string\nresource {\n")
