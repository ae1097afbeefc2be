"""The HTML door of identity: the way in, "My account", and "My data"."""

from services.identity.pages import account, entrance, my_data

ROUTERS = (entrance.router, account.router, my_data.router)
