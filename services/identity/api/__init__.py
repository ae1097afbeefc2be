"""The JSON door of identity, and what it shares with the pages."""

from services.identity.api import account, routes, tokens

ROUTERS = (routes.router, account.router, tokens.router)
