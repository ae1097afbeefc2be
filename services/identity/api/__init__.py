"""The JSON door of identity, and what it shares with the pages."""

from services.identity.api import routes, tokens

ROUTERS = (routes.router, tokens.router)
