"""Gives an application what its pages need: templates, catalogues and the assets."""

from pathlib import Path

from fastapi import FastAPI

from shared.web import assets, dates
from shared.web.environment import Web


def install(app: FastAPI, service: str, templates: Path | None = None) -> None:
    """`templates`: the service's own folder, unless it is services/<service>/templates."""
    app.state.web = Web.of(service, templates)
    assets.prepare()
    dates.prepare()
    app.add_route("/assets/{name}", assets.serve, include_in_schema=False)
