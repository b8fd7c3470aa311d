"""What a password has to be like.

Source: Microsoft Entra, "Password policies and account restrictions": 8 to 256 characters, ASCII,
three of four classes, no word of the banned list. The alphabet leaves out what XML, shells and
keyboards of a meeting room trip over.
"""

from typing import Annotated

from pydantic import Field

from shared.changes.targets import Model

DEFAULT_SYMBOLS = "-_.!#%*+="


class PasswordPolicy(Model):
    """The policy of one account. `bannedWords` are looked for whatever their case."""

    length: Annotated[int, Field(ge=16, le=127)] = 28
    symbols: Annotated[str, Field(pattern=r"^[-_.!#%*+=:,@/?~^]*$")] = DEFAULT_SYMBOLS
    bannedWords: tuple[Annotated[str, Field(min_length=3, max_length=64)], ...] = ()
