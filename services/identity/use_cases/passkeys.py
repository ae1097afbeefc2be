"""Passkeys (WebAuthn Level 3): what the browser is asked for, and whether its answer is right."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from services.identity.use_cases.relying_party import RelyingParty
from shared.auth import Who
from shared.model.errors import N_, Invalid
from shared.runtime.kernel import Kernel

LONGEST: Final = 20_000
"""Characters of a browser's answer that are looked at."""

NO_PASSKEY: Final = N_("The passkey could not be checked. Try again, or use another second factor")

_WRONG: Final = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)
"""What the library raises for an answer that is none, or not the one that was asked for."""


class Made(NamedTuple):
    """A new passkey: its id, its public key (COSE), and how often it has signed as far as it tells."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def creation(party: RelyingParty, who: Who, challenge: bytes, known: Sequence[bytes]) -> str:
    """The options of `navigator.credentials.create` as JSON; authenticators that are `known` make no second one."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name="Postulo",
        user_id=who.account_id.bytes,
        user_name=who.user_code,
        user_display_name=who.name,
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return options_to_json(options)


def made(credential: str, challenge: bytes, party: RelyingParty) -> Made:
    """The passkey that a browser's answer holds. Raises Invalid."""
    try:
        verified = verify_registration_response(
            credential=credential if len(credential) <= LONGEST else "",
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except _WRONG:
        raise Invalid.because(NO_PASSKEY, "credential") from None
    return Made(verified.credential_id, verified.credential_public_key, verified.sign_count)


def asking(party: RelyingParty, challenge: bytes, known: Sequence[bytes]) -> str:
    """The options of `navigator.credentials.get` as JSON."""
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return options_to_json(options)


async def is_right(kernel: Kernel, account_id: object, credential: str, challenge: bytes, party: RelyingParty) -> bool:
    """Whether a passkey of this account signed this challenge; its counter moves on with it."""
    if len(credential) > LONGEST:
        return False
    try:
        answer = parse_authentication_credential_json(credential)
    except _WRONG:
        return False
    sql = "select factor_id, public_key, sign_count from second_factors where account_id = $1 and credential_id = $2"
    row = await kernel.pool.fetchrow(sql, account_id, answer.raw_id)
    if row is None:
        return False
    try:
        verified = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=row["public_key"],
            credential_current_sign_count=row["sign_count"],
        )
    except _WRONG:
        return False
    sql = """update second_factors set sign_count = $2, used_at = clock_timestamp()
        where factor_id = $1 and sign_count = $3 returning 1"""
    values = row["factor_id"], verified.new_sign_count, row["sign_count"]
    return bool(await kernel.pool.fetchval(sql, *values))
