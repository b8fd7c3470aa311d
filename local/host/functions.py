"""An indexed function and its bindings, as the runtime reports them to the host."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

HTTP_TRIGGER = "httpTrigger"
TIMER_TRIGGER = "timerTrigger"
SERVICE_BUS_TRIGGER = "serviceBusTrigger"


@dataclass(frozen=True)
class Binding:
    """One binding in the shape of function.json. Text of enums differs in case between SDKs."""

    name: str
    type: str
    direction: str
    properties: Mapping[str, object]

    @classmethod
    def parse(cls, raw: str) -> "Binding":
        """Read one of the runtime's raw bindings."""
        properties = json.loads(raw)
        return cls(
            name=str(properties.get("name", "")),
            type=str(properties.get("type", "")),
            direction=str(properties.get("direction", "in")).lower(),
            properties=properties,
        )

    @property
    def is_trigger(self) -> bool:
        """Whether this binding is what starts the function."""
        return self.type.lower().endswith("trigger")

    def text(self, name: str, default: str = "") -> str:
        """A property as text."""
        value = self.properties.get(name)
        return default if value is None else str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A property as a truth value."""
        return self.text(name, str(default)).lower() == "true"

    def texts(self, name: str) -> list[str]:
        """A property that is a list of texts; empty when it is absent."""
        value = self.properties.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []


@dataclass(frozen=True)
class Function:
    """A function as indexed. `disabled` comes from the setting AzureWebJobs.<name>.Disabled."""

    name: str
    id: str
    bindings: tuple[Binding, ...]
    has_retry_policy: bool
    disabled: bool

    @property
    def triggers(self) -> list[Binding]:
        """The trigger bindings; a function in order has exactly one."""
        return [binding for binding in self.bindings if binding.is_trigger]

    @property
    def trigger(self) -> Binding:
        """The function's one trigger."""
        return self.triggers[0]

    def output(self, type_: str) -> Binding | None:
        """The output binding of this type, if the function has one."""
        outputs = (b for b in self.bindings if b.type == type_ and b.direction == "out")
        return next(outputs, None)
