"""The HTML doors: a page's surroundings, templates, forms, languages, assets and mails."""

from shared.web.install import install
from shared.web.page import Page, PageContext, page_of, pages_router

__all__ = ["Page", "PageContext", "install", "page_of", "pages_router"]
