"""What the candidate of the journey writes into her application, and the vacancy that HR publishes for it."""

from typing import Any

PREFERENCES: dict[str, Any] = {
    "notice": "one_month",
    "travel": "occasionally",
    "field_ready": "yes",
    "appointments": ["fixed_term", "temporary"],
}
EDUCATION: dict[str, Any] = {
    "diplomas": [
        {
            "title": "Diplôme d'ingénieur",
            "institution": "École nationale des ponts et chaussées",
            "country": "FR",
            "field_of_study": "Génie civil",
            "started_on": "2008-09-01",
            "ended_on": "2011-06-30",
            "obtained": "yes",
            "obtained_on": "2011-07-01",
            "level": "master",
        }
    ],
    "jobs": [
        {
            "title": "Water engineer",
            "employer": "Ville de Paris",
            "country": "FR",
            "started_on": "2012-01-09",
            "current": "yes",
            "time": "full",
            "may_contact": "yes",
            "duties": "Planning and supervision of the renewal of 40 km of mains.",
            "achievements": "Losses fell from 11 % to 7 % in four years.",
        }
    ],
}
SKILLS: dict[str, Any] = {
    "mother_tongue": "fr",
    "languages": [
        {"language": "fr", "read": "fluent", "write": "fluent", "speak": "fluent", "understand": "fluent"},
        {"language": "en", "read": "fluent", "write": "confident", "speak": "confident", "understand": "fluent"},
    ],
}
REFERENCES: dict[str, Any] = {
    "referees": [
        {
            "name": name,
            "occupation": "Engineer",
            "relationship": "Supervisor",
            "email": f"{name.split()[0].lower()}@example.org",
            "phone": "+33 1 23 45 67 89",
            "country": "FR",
            "not_related": "yes",
        }
        for name in ("Jeanne Martin", "Ahmed Ben Salah", "Li Wei")
    ]
}
LETTER: dict[str, Any] = {
    "letter": "Madame, Monsieur,\n\nl'eau est mon métier, et votre mission est la mienne.",
    "convicted": "no",
    "dismissed": "no",
    "may_verify": "yes",
    "truthful": "yes",
}
SECTIONS: dict[str, dict[str, Any]] = {
    "preferences": PREFERENCES,
    "education": EDUCATION,
    "skills": SKILLS,
    "references": REFERENCES,
    "letter": LETTER,
}

ANSWERS: dict[str, Any] = {"years": "12", "french": "yes", "mission": "meets", "mission_explanation": "Two missions."}


def vacancy(number: str, closes_on: str) -> dict[str, Any]:
    """A vacancy with screening questions; `number` is its job opening number and stands in its title too."""
    return {
        "job_opening_number": number,
        "language": "en",
        "title": f"Water and Sanitation Engineer {number}",
        "description": "<p>Plans and builds <b>drinking water</b> networks in the mission area.</p>",
        "family": "ENG",
        "level": "P-3",
        "duty_stations": [{"code": "GENEVA"}],
        "department": "DESA",
        "closes_on": closes_on,
        "questions": [
            {"id": "years", "type": "number", "text": {"en": "Years of experience", "fr": "Années d'expérience"}},
            {"id": "french", "type": "yes_no", "text": {"en": "Do you work in French?"}, "eliminatory": True},
            {"id": "mission", "type": "criterion", "text": {"en": "Experience in a field mission"}},
        ],
    }
