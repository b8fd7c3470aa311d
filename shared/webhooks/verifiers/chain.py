"""Verifiers one after the other: any of them, or all of them."""

from dataclasses import dataclass

from shared.clock import Clock
from shared.faults import Transient
from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import Verifier
from shared.webhooks.verifiers.ports import SigningKeys
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.webhooks.verifiers.shared import check_basic, check_header
from shared.webhooks.verifiers.signature import check_hmac
from shared.webhooks.verifiers.verdict import NotConvinced


@dataclass(frozen=True, slots=True)
class Verifiers:
    """What verifiers need to know: secrets, signing keys, the time, and where Entra is."""

    secrets: SenderSecrets
    keys: SigningKeys
    authority: str
    clock: Clock

    async def verify(self, verifier: Verifier, delivery: Delivery) -> None:
        """Raises NotConvinced, or Transient when a secret or a key cannot be had."""
        if verifier.anyOf:
            await self._any_of(verifier.anyOf, delivery)
        elif verifier.allOf:
            for each in verifier.allOf:
                await self.verify(each, delivery)
        else:
            await self._one(verifier, delivery)

    async def _any_of(self, verifiers: tuple[Verifier, ...], delivery: Delivery) -> None:
        reasons, unknown = [], None
        for each in verifiers:
            try:
                await self.verify(each, delivery)
            except NotConvinced as no:
                reasons.append(str(no))
            except Transient as fault:
                unknown = fault
            else:
                return
        if unknown:
            raise unknown
        raise NotConvinced("; ".join(reasons))

    async def _one(self, verifier: Verifier, delivery: Delivery) -> None:
        if form := verifier.hmac or (verifier.standardWebhooks and verifier.standardWebhooks.form):
            check_hmac(form, delivery, await self.secrets.read(form.secrets), self.clock())
        elif verifier.sharedHeader:
            secrets = await self.secrets.read(verifier.sharedHeader.secrets)
            check_header(verifier.sharedHeader, delivery, secrets)
        elif verifier.basic:
            check_basic(verifier.basic, delivery, await self.secrets.read(verifier.basic.secrets))
        elif verifier.entraToken:
            # Loaded by those who need it: cryptography costs a tenth of a second.
            from shared.webhooks.verifiers.token import check_token  # noqa: PLC0415

            await check_token(verifier.entraToken, delivery, self.keys, self.authority)
        elif verifier.messageSignature:
            from shared.webhooks.verifiers.message import check_message  # noqa: PLC0415

            signed = verifier.messageSignature
            keys = [key.encode() for key in signed.publicKeys or ()]
            if signed.secrets:
                keys = await self.secrets.read(signed.secrets)
            check_message(signed, delivery, keys)
