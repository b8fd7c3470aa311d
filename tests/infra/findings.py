"""How a policy tells a fault."""

from scripts.bicep import Declaration


def says(resource: Declaration, fault: str) -> str:
    return f"{resource.file}: {resource.name}: {fault}"
