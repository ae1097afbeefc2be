"""The JSON door of identity."""

from services.identity.api import account, routes, second_factors, tokens

ROUTERS = (routes.router, account.router, second_factors.router, tokens.router, tokens.well_known)
