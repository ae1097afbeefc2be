"""Support's JSON door: for whoever asks for help, and for the agents' desk."""

from fastapi import APIRouter

from services.support.api import asking, desk, feedback

router = APIRouter()
router.include_router(asking.router)
router.include_router(feedback.router)
router.include_router(desk.router)
