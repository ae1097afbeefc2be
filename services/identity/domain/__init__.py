"""The rules of accounts, sessions and addresses."""

from services.identity.domain.account import ACCOUNT
from services.identity.domain.claim import CLAIM
from services.identity.domain.session import SESSION

ALL = (ACCOUNT, SESSION, CLAIM)
