"""The JSON door of identity."""

from services.identity.api import account, routes, tokens

ROUTERS = (routes.router, account.router, tokens.router)
