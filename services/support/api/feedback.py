"""What a candidate thinks of the site by JSON: said, read again and said otherwise."""

from typing import Any, Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.support.domain.feedback import FEEDBACK
from services.support.use_cases import feedback
from shared.auth import Candidate
from shared.http import api_router
from shared.runtime.kernel import KernelDep

router = api_router("support", {"": FEEDBACK})

EXAMPLE: Final[dict[str, Any]] = {"rating": 4, "text": "The form could be shorter."}


class Feedback(BaseModel):
    """What was said last, for whoever keeps the site up; no application is named, and nothing depends on it."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    rating: int | None = Field(ge=1, le=5, description="1 very dissatisfied to 5 very satisfied; null: none was given")
    text: str = Field("", description="How the site could be better")


class FeedbackGiven(BaseModel):
    """A rating, with a few words if you like. What was said before counts no longer."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    rating: int = Field(ge=1, le=5, description="1 very dissatisfied to 5 very satisfied")
    text: str = Field("", max_length=2_000, description="How the site could be better, at most 2,000 characters")


@router.get("/feedback", summary="Read what I said of the site")
async def read(who: Candidate, kernel: KernelDep) -> Feedback:
    """What one has said oneself; others' is the desk's."""
    said = await feedback.mine(kernel, who)
    return Feedback(rating=said["rating"], text=said["text"]) if said else Feedback(rating=None)


@router.put("/feedback", status_code=204, summary="Say what I think of the site")
async def give(body: FeedbackGiven, who: Candidate, kernel: KernelDep) -> Response:
    """Replaces what was said before; the same once more changes nothing."""
    await feedback.give(kernel, who, {"rating": str(body.rating), "text": body.text})
    return Response(status_code=204)
