"""The HTML door of identity: the way in, and "My account"."""

from services.identity.pages import account, entrance

ROUTERS = (entrance.router, account.router)
