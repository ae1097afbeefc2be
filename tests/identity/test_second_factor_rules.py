"""The rules of second factors: what is added, replaced and removed, and which codes count."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.identity.domain.codes import (
    RECOVERY_LENGTH,
    STEP,
    as_digits,
    as_recovery_code,
    as_totp,
    as_user_code,
    enrolment_uri,
    recovery_code,
    step_of,
)
from services.identity.domain.second_factors import (
    MOST,
    QUIET,
    SECOND_FACTORS,
    AddSecondFactor,
    MakeRecoveryCodes,
    RemoveSecondFactor,
    ReportGuessing,
    UseRecoveryCode,
)
from services.identity.domain.secrets import ALPHABET
from services.identity.events import (
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorGuessed,
    SecondFactorRemoved,
)
from shared.model.errors import Invalid
from shared.model.testing import NOON, given

APP, KEY, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
ADDED: Final = SecondFactorAdded(factor=APP, kind="totp")
SECRET: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW: Final = datetime(2026, 11, 23, 12, 0, 15, tzinfo=UTC)


def test_a_factor_is_added_once() -> None:
    add = AddSecondFactor(factor=APP, kind="totp")
    given(SECOND_FACTORS).when(add).then(ADDED)
    given(SECOND_FACTORS, ADDED).when(add).then()


def test_a_new_app_takes_the_place_of_the_old_one_and_of_no_unknown_one() -> None:
    add = AddSecondFactor(factor=OTHER, kind="totp", instead=(APP, KEY))
    expected = [SecondFactorAdded(factor=OTHER, kind="totp"), SecondFactorRemoved(factor=APP, kind="totp")]
    given(SECOND_FACTORS, ADDED).when(add).then(*expected)


def test_an_account_has_ten_at_most_and_may_replace_one_of_ten() -> None:
    full = [SecondFactorAdded(factor=UUID(int=10 + n), kind="passkey") for n in range(MOST - 1)]
    given(SECOND_FACTORS, ADDED, *full).when(AddSecondFactor(factor=KEY, kind="passkey")).refused(Invalid)
    replacing = AddSecondFactor(factor=OTHER, kind="totp", instead=(APP,))
    expected = [SecondFactorAdded(factor=OTHER, kind="totp"), SecondFactorRemoved(factor=APP, kind="totp")]
    given(SECOND_FACTORS, ADDED, *full).when(replacing).then(*expected)


def test_what_is_not_there_is_not_removed() -> None:
    given(SECOND_FACTORS, ADDED).when(RemoveSecondFactor(factor=KEY)).then()
    removed = SecondFactorRemoved(factor=APP, kind="totp")
    given(SECOND_FACTORS, ADDED).when(RemoveSecondFactor(factor=APP)).then(removed)
    given(SECOND_FACTORS, ADDED, removed).when(RemoveSecondFactor(factor=APP)).then()


def test_recovery_codes_stand_in_for_a_factor_that_there_is() -> None:
    given(SECOND_FACTORS).when(MakeRecoveryCodes()).refused(Invalid)
    given(SECOND_FACTORS, ADDED).when(MakeRecoveryCodes()).then(RecoveryCodesMade())
    given(SECOND_FACTORS, ADDED, RecoveryCodesMade()).when(UseRecoveryCode()).then(RecoveryCodeUsed())


def test_the_holder_is_told_of_guessing_once_in_an_hour() -> None:
    now = SecondFactorGuessed(said_at=NOON)
    given(SECOND_FACTORS, ADDED).when(ReportGuessing()).then(now)
    recent, old = (SecondFactorGuessed(said_at=NOON - ago) for ago in (QUIET - timedelta(seconds=1), QUIET))
    given(SECOND_FACTORS, ADDED, recent).when(ReportGuessing()).then()
    given(SECOND_FACTORS, ADDED, old).when(ReportGuessing()).then(now)


@pytest.mark.parametrize(("off", "known"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phone_s_clock_may_be_one_interval_off(off: int, known: bool) -> None:
    code = pyotp.TOTP(SECRET).at(NOW + timedelta(seconds=off * STEP))
    step = int(NOW.timestamp()) // STEP + off
    assert step_of(SECRET, code, NOW) == (step if known else None)


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, as apps show them: the last six digits, SHA-1."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        assert step_of(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // STEP


def test_an_app_is_told_whose_account_it_is() -> None:
    expected = f"otpauth://totp/Postulo:P7K4-2QXM?secret={SECRET}&issuer=Postulo"
    assert enrolment_uri(SECRET, "P7K4-2QXM") == expected


@pytest.mark.parametrize(
    ("typed", "code"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("12345", None), ("1234567", None),
     ("12345a", None), ("١٢٣٤٥٦", "123456"), ("１２３ ４５６", "123456"), ("Code: 123 456", "123456"), ("", None)],
)  # fmt: skip
def test_six_digits_are_a_code_of_an_app(typed: str, code: str | None) -> None:
    assert as_totp(typed) == code


@for_all(st.integers(0, len(ALPHABET) ** RECOVERY_LENGTH - 1))
def test_a_recovery_code_is_read_however_it_is_typed(number: int) -> None:
    code = recovery_code(number)
    assert as_recovery_code(code) == code
    assert as_recovery_code(f" {code.lower().replace('-', ' ')} ") == code
    assert as_totp(code) is None


@pytest.mark.parametrize("typed", ["", "ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN-PQR0", "ABCD-EFGH-JKMN-PQRST", "123456"])
def test_what_cannot_be_a_recovery_code_is_none(typed: str) -> None:
    assert as_recovery_code(typed) is None


@pytest.mark.parametrize(
    "typed",
    [
        "1234 5678", "12345678", "1234-5678", "1234\u20115678", "1234\u00a05678", "1234\u200b5678",
        "\ufeff1234\u20605678",
        "1234.5678", "1234–5678", "١٢٣٤ ٥٦٧٨", "۱۲۳۴۵۶۷۸", "१२३४५६७८",
        "１２３４５６７８", "Code: 1234 5678", "Votre code : 1234 5678.",
    ],
)  # fmt: skip
def test_a_mailed_code_is_read_however_it_is_typed(typed: str) -> None:
    assert as_digits(typed) == "12345678"


@pytest.mark.parametrize(
    "typed",
    [
        "P7K4-2QXM", "p7k42qxm", "P7K4 2QXM", "P7K4\u20112QXM", "P7K4\u200b2QXM", "Ｐ７Ｋ４－２ＱＸＭ", "P7K4.2QXM",
        "Code utilisateur : P7K4-2QXM", "User ID: p7k4 2qxm ", "P٧K٤-٢QXM",
    ],
)  # fmt: skip
def test_a_user_code_is_read_however_it_is_typed(typed: str) -> None:
    assert as_user_code(typed) == "P7K4-2QXM"


@pytest.mark.parametrize("address", ["abc.d@ex.yz", "abcd@efgh", "P7K4-2QXM@example.org"])
def test_an_address_is_no_user_code(address: str) -> None:
    assert as_user_code(address) is None
