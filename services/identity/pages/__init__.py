"""The HTML door of identity: the way in, "My account", and "My data"."""

from services.identity.pages import account, entrance, my_data, second_factors

ROUTERS = (entrance.router, account.router, second_factors.router, my_data.router)
