"""Chapter two: Anna prepares an application early, and the catalogue of degrees is put right."""

import io
from typing import Any, Final

from pypdf import PdfWriter

from services.applications.events import OFFICE, SETTINGS
from tests.system.answers import SECTIONS
from tests.system.journey.traveller import APPLICATIONS, Traveller, expect, until

CATALOGUE: Final = "/applications/api/equivalences"


async def prepares_a_draft(anna: Traveller) -> None:
    """Prepares a draft without a vacancy, section by section, closes, finds it on Careers (R15-R18, R25-R31)"""
    await anna.refused("R16", "POST", APPLICATIONS, json={"confirmed": False, "start": "start_blank"})
    anna.earlier = await anna.new_draft(start="start_blank")
    for section, values in SECTIONS.items():
        await anna.save(anna.earlier, section, values)
        anna.say(f"   saved: {section}")
    expect(await anna.blockers(anna.earlier), "a draft without a vacancy could be submitted")
    refusal = await anna.submit(anna.earlier, 422)
    anna.say(f"   R31 refused: {refusal['errors'][0]['message']}")
    await anna.careers("Brouillon", anna.earlier)


async def attaches_a_file(anna: Traveller) -> None:
    """Attaches a PDF; one of a megabyte, or with a strange name, is refused (R61, R62); prints the draft (R27)"""
    path, content = f"{APPLICATIONS}/{anna.earlier}/attachments", pdf()
    large = content + b"\n%" + b"0" * (1_000_000 - len(content) - 2)
    await anna.refused("R61", "POST", path, files={"file": ("AM_Diplome.pdf", large, "application/pdf")})
    await anna.refused("R62", "POST", path, files={"file": ("mon diplôme!.pdf", content, "application/pdf")})
    await anna.call("POST", path, 201, files={"file": ("AM_Diplome.pdf", content, "application/pdf")})
    php = await anna.call("GET", f"/applications/{anna.earlier}/php")
    expect(php.startswith(b"%PDF"), "the PHP is no PDF")
    anna.say(f"   PHP: {len(php):,} bytes of PDF")


async def her_degree_is_put_right(anna: Traveller) -> None:
    """The catalogue takes her school for a licence; she overrides and reports it; a curator corrects it (R69-R74)"""
    curator, school = await anna.machine("hr"), f"École {anna.number}"
    entry = {"country": "FR", "institution": school, "title": "Diplôme d’ingénieur", "reason": "Delivered so"}
    added = await anna.call("POST", CATALOGUE, 201, by=curator, json={**entry, "level": "licence"})
    diploma = {**SECTIONS["education"]["diplomas"][0], "title": entry["title"], "institution": school, "level": ""}
    await anna.save(anna.earlier, "education", {**SECTIONS["education"], "diplomas": [diploma]})
    here = f"{APPLICATIONS}/{anna.earlier}/diplomas"

    async def proposed() -> Any:
        [known] = await anna.call("GET", here)
        return known if known["proposed"] else None

    known = await until(proposed, "the proposed level")
    anna.say(f"   R71 proposed: {known['proposed']['level']}. {known['proposed']['because']}")
    chosen = {**diploma, "level": "master", "level_reason": "Cinq ans après le baccalauréat"}
    await anna.save(anna.earlier, "education", {**SECTIONS["education"], "diplomas": [chosen]})
    anna.say("   R73 chosen by hand: Diplôme national de Master")
    report = {"level": "master", "explanation": "Cinq ans d’études"}
    await anna.call("POST", f"{here}/{known['id']}/report", 201, json=report)
    await anna.mail(school, to=SETTINGS[OFFICE].default)
    right = {"level": "master", "reason": "The State awards the grade of master with it"}
    corrected = await anna.call("PUT", f"{CATALOGUE}/{added['id']}", by=curator, json=right)
    anna.say(f"   R72 corrected: {corrected['title']}, {corrected['institution']}: {corrected['level']}")


def pdf() -> bytes:
    """A PDF of one empty page."""
    writer, content = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(content)
    return content.getvalue()


STEPS = (prepares_a_draft, attaches_a_file, her_degree_is_put_right)
