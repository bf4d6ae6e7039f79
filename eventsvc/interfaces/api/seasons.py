"""An expert's season by the link of a letter, over JSON."""

from __future__ import annotations

from typing import Any

from eventsvc.core import clock
from eventsvc.interfaces.api.blueprint import BY_LINK, Blueprint
from eventsvc.interfaces.services import services
from eventsvc.interfaces.shown_season import season_facts
from eventsvc.workflows.show_season import season_of

blueprint = Blueprint("seasons", __name__, url_prefix="/api/v1", description="All that is asked of an expert, by link")


@blueprint.get("/seasons/<token>")
@blueprint.doc(security=BY_LINK)
@blueprint.response(200)
def season(token: str) -> dict[str, Any]:
    """What is asked of the expert and agreed, leave, and the ways between; reading it changes nothing."""
    now = clock.now()
    return season_facts(season_of(*services().links.read_season(token, now), now))
