"""Requests for help as the doors take them."""

from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from services.support.domain import Screenshot

ANNA = UUID("018f0000-0000-7000-8000-000000000001")

QUESTION: dict[str, Any] = {
    "full_name": "Anna Díaz",
    "user_code": "ADIAZ",
    "email": "anna@example.org",
    "nature": "question",
    "about_opening": "no",
    "subject": "Where do I find my drafts?",
    "description": "I saved a draft yesterday and do not see it on the Careers page.",
}
PROBLEM = {
    **QUESTION,
    "nature": "problem",
    "about_opening": "yes",
    "job_opening_number": "24-FIN-UNHQ-123456-R",
    "steps": "I opened Careers, pressed « Voir/Imprimer PHP », and a white page came.",
}
ENQUIRY = {**QUESTION, "nature": "submitted", "subject": "What became of my application?"}
VISITOR = {**QUESTION, "has_user_code": "no", "user_code": ""}


def picture(kind: str = "PNG", width: int = 40, height: int = 30, colour: str = "navy") -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def screenshot(name: str = "error.png", kind: str | None = "image/png", size: int = 1000) -> Screenshot:
    return Screenshot(id=UUID(int=len(name)), name=name, kind=kind, size=size, sha256=sha256(name.encode()).hexdigest())
