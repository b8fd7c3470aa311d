"""YAML read strictly: a member twice is a fault, and ${NAME} is an app setting."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import yaml
from pydantic import ValidationError

_SETTING = re.compile(r"\$\{([A-Za-z][A-Za-z0-9_]*)\}")


class BadYaml(ValueError):
    """The text cannot be read; says where and why."""


class _Loader(yaml.SafeLoader):
    """Safe, and strict about members; times stay texts, as in JSON."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key for key, _ in node.value if not key.tag.endswith(":merge")]
        names = [self.construct_object(key, deep=True) for key in keys]
        for name in names:
            if not isinstance(name, str):
                raise BadYaml(f"line {node.start_mark.line + 1}: {name!r} is no text, quote it")
            if names.count(name) > 1:
                raise BadYaml(f"line {node.start_mark.line + 1}: {name} stands there twice")
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> dict[str, Any]:
    """The members of the document; raises BadYaml."""
    try:
        document = yaml.load(text, _Loader)  # noqa: S506  a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise BadYaml(f"{where}{getattr(error, 'problem', None) or 'it is not YAML'}") from None
    except RecursionError:
        raise BadYaml("it is nested too deep") from None
    if not isinstance(document, dict):
        raise BadYaml("it is not a mapping")
    return document


def settings_named(text: str) -> set[str]:
    """The app settings that the text refers to."""
    return set(_SETTING.findall(text))


def with_settings(value: Any, environment: Mapping[str, str]) -> Any:
    """The value with app settings in place of their names; raises BadYaml for one not set."""
    if isinstance(value, dict):
        return {name: with_settings(member, environment) for name, member in value.items()}
    if isinstance(value, list):
        return [with_settings(element, environment) for element in value]
    if isinstance(value, str):
        return _SETTING.sub(lambda found: _setting(found[1], environment), value)
    return value


def _setting(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name)
    if not value:
        raise BadYaml(f"the app setting {name} is not set")
    return value


def told(error: ValidationError) -> str:
    """What is wrong with what a file says, without the values."""
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False, include_context=False)
    )
