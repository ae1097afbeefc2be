"""The rules of accounts, their second factors, sessions and addresses."""

from services.identity.domain.account import ACCOUNT
from services.identity.domain.claim import CLAIM
from services.identity.domain.second_factors import SECOND_FACTORS
from services.identity.domain.session import SESSION

ALL = (ACCOUNT, SESSION, CLAIM, SECOND_FACTORS)
