"""The policies hold, and each of them finds the fault that it is there for."""

from copy import deepcopy
from pathlib import Path

import pytest
from fault import Fault
from keyless import WANTED, keyless
from policies import POLICIES, Policy
from seeded_design_faults import DESIGN_FAULTS
from seeded_faults import FAULTS

from scripts.bicep import Expression, Infra, Unreadable, parse

ALL_FAULTS = (*FAULTS, *DESIGN_FAULTS)
INFRA = Path(__file__).parents[2] / "infra"


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.__name__)
def test_the_policy_holds(infra: Infra, policy: Policy) -> None:
    assert list(policy(infra)) == []


@pytest.mark.parametrize(
    "fault", ALL_FAULTS, ids=lambda fault: f"{fault.policy.__name__}-{fault.told}"
)
def test_the_policy_finds_the_fault(infra: Infra, fault: Fault) -> None:
    text = infra.files[fault.file].text
    assert text.count(fault.right) >= 1, "the seeded fault no longer applies: write it anew"
    broken = infra.files | {
        fault.file: parse(fault.file, text.replace(fault.right, fault.wrong, 1))
    }
    found = "\n".join(fault.policy(Infra(broken)))
    assert fault.told in found


@pytest.mark.parametrize(
    ("type_", "path"), [(type_, path) for type_, wanted in WANTED.items() for path in wanted]
)
def test_no_property_that_is_wanted_may_be_anything_else(
    infra: Infra, type_: str, path: str
) -> None:
    altered = deepcopy(infra)
    [*parents, last] = path.split(".")
    for resource in altered.of_type(type_):
        folder = resource.value
        for name in parents:
            folder = folder[name]
        folder[last] = Expression("something else")
    found = list(keyless(altered))
    assert found
    assert all(f": {path} has to be" in fault for fault in found)


def test_every_policy_has_a_fault_to_find() -> None:
    assert {fault.policy for fault in ALL_FAULTS} == set(POLICIES)


def test_a_file_that_cannot_be_read_is_named_with_its_line() -> None:
    with pytest.raises(Unreadable, match=r"x\.bicep:2:"):
        parse("x.bicep", "param a string\nresource {\n")
