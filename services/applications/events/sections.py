"""The six sections of an application file (R17) and every field in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.applications.events.diplomas import LEVEL, LEVEL_REASON
from services.applications.events.recency import latest_first
from shared.model.errors import N_
from shared.vocabulary.fields import ANOTHER, COUNTRIES, LANGUAGES, AnyField, Entries, Field, Option
from shared.vocabulary.reference import DUTY_STATIONS, FAMILIES


@dataclass(frozen=True)
class Section:
    """One section: its name in URLs, its label, what to know before filling it, and its fields."""

    name: str
    label: str
    hint: str
    fields: tuple[AnyField, ...] = ()


SCREENING: Final = "screening"

_NOTICE = (
    Option("none", N_("At once")),
    Option("one_month", N_("Within one month")),
    Option("two_months", N_("Within two months")),
    Option("three_months", N_("Within three months")),
    Option("longer", N_("In more than three months")),
)
_TRAVEL = (
    Option("none", N_("Not at all")),
    Option("occasionally", N_("Up to a quarter of the time")),
    Option("often", N_("Up to half of the time")),
    Option("mostly", N_("More than half of the time")),
)
_APPOINTMENTS = (
    Option("fixed_term", N_("Fixed-term")),
    Option("temporary", N_("Temporary")),
    Option("consultancy", N_("Consultant or individual contractor")),
    Option("internship", N_("Internship")),
    Option("volunteer", N_("UN Volunteer")),
)

PREFERENCES = Section(
    "preferences",
    N_("Preferences"),
    N_("Your availability and preferences."),
    (
        Field("notice", N_("How soon could you start?"), "choice", required=True, options=_NOTICE),
        Field("earliest_start", N_("Earliest date on which you could start"), "date"),
        Field("travel", N_("How much work-related travel would you accept?"), "choice", required=True, options=_TRAVEL),
        Field(
            "field_ready",
            N_("Would you serve in a field duty station?"),
            "yesno",
            required=True,
            hint=N_("A mission, or a place with hardship or security restrictions."),
        ),
        Field(
            "appointments", N_("Appointment types that interest you"), "choices", required=True, options=_APPOINTMENTS
        ),
        Field("duty_stations", N_("Preferred duty stations"), "choices", options=DUTY_STATIONS),
        Field("families", N_("Preferred job families"), "choices", options=FAMILIES),
    ),
)

LANGUAGE_HINT: Final = N_(
    "Type its name in any language of this site. If it is not in the list, choose “Another language” and write its name"
    " below."
)

DIPLOMAS = Entries(
    "diplomas",
    N_("Diplomas"),
    N_("Diploma"),
    (
        Field("title", N_("Exact title of the diploma, in its own language"), required=True),
        Field("institution", N_("School or university"), required=True),
        Field("city", N_("City")),
        Field("country", N_("Country"), "lookup", required=True, options=COUNTRIES),
        Field("field_of_study", N_("Main field of study"), required=True),
        Field("language", N_("Language of study"), "lookup", options=LANGUAGES, hint=LANGUAGE_HINT),
        Field("other_language", N_("Name of the other language"), required=True, when=("language", (ANOTHER,))),
        Field("started_on", N_("Attended from"), "date", required=True, past=True),
        Field("ended_on", N_("Attended until"), "date", hint=N_("Leave empty if you still attend.")),
        Field("obtained", N_("Have you obtained this diploma?"), "yesno", required=True),
        Field("obtained_on", N_("Date obtained"), "date", required=True, past=True, when=("obtained", ("yes",))),
        LEVEL,
        LEVEL_REASON,
    ),
    minimum=1,
    gist=("title", "institution"),
    order=latest_first,
)

CERTIFICATES = Entries(
    "certificates",
    N_("Certificates and training"),
    N_("Certificate or training"),
    (
        Field("title", N_("Title of the certificate"), required=True),
        Field("institution", N_("Institution"), required=True),
        Field("country", N_("Country"), "lookup", options=COUNTRIES),
        Field("obtained_on", N_("Date obtained"), "date", required=True, past=True),
        Field("description", N_("Description"), "textarea", length=2_000),
    ),
    gist=("title", "institution"),
    order=latest_first,
)

_TIME = (Option("full", N_("Full time")), Option("part", N_("Part time")))

JOBS = Entries(
    "jobs",
    N_("Work experience"),
    N_("Job"),
    (
        Field("title", N_("Job title"), required=True),
        Field("employer", N_("Employer"), required=True),
        Field("business", N_("Type of business")),
        Field("city", N_("City")),
        Field("country", N_("Country"), "lookup", required=True, options=COUNTRIES),
        Field("started_on", N_("From"), "date", required=True, past=True),
        Field("current", N_("Is this your present job?"), "yesno", required=True),
        Field("ended_on", N_("Until"), "date", required=True, past=True, when=("current", ("no",))),
        Field("time", N_("Working time"), "choice", required=True, options=_TIME),
        Field(
            "percentage",
            N_("Percentage of full time"),
            "number",
            required=True,
            minimum=1,
            maximum=99,
            when=("time", ("part",)),
        ),
        Field("supervisor", N_("Name and title of your supervisor")),
        Field("staff", N_("Number of people you supervise or supervised"), "number", minimum=0, maximum=1_000_000),
        Field("may_contact", N_("May we contact this employer?"), "yesno", required=True),
        Field("leaving", N_("Reason for leaving"), "textarea", length=800, when=("current", ("no",))),
        Field(
            "duties",
            N_("Duties"),
            "textarea",
            required=True,
            length=10_000,
            hint=N_("What you were asked to do. You can paste a text that you prepared beforehand."),
        ),
        Field(
            "achievements",
            N_("Achievements"),
            "textarea",
            required=True,
            length=10_000,
            hint=N_("What you achieved. You can paste a text that you prepared beforehand."),
        ),
    ),
    gist=("title", "employer"),
    order=latest_first,
)

EDUCATION = Section(
    "education",
    N_("Education and experience"),
    N_("Your diplomas, certificates and jobs, the most recent first."),
    (DIPLOMAS, CERTIFICATES, JOBS),
)

_SKILL = (Option("basic", N_("Basic")), Option("confident", N_("Confident")), Option("fluent", N_("Fluent")))

SPOKEN = Entries(
    "languages",
    N_("Languages"),
    N_("Language"),
    (
        Field("language", N_("Language"), "lookup", required=True, options=LANGUAGES, hint=LANGUAGE_HINT),
        Field("other_language", N_("Name of the other language"), required=True, when=("language", (ANOTHER,))),
        Field("read", N_("Read"), "choice", required=True, options=_SKILL),
        Field("write", N_("Write"), "choice", required=True, options=_SKILL),
        Field("speak", N_("Speak"), "choice", required=True, options=_SKILL),
        Field("understand", N_("Understand"), "choice", required=True, options=_SKILL),
    ),
    minimum=1,
    hint=N_(
        "Your mother tongue too, if you work in it. “Fluent in” a language means fluent in all four skills, "
        "“knowledge of” it means confident or better in at least two."
    ),
    gist=("language", "other_language"),
)

LICENCES = Entries(
    "licences",
    N_("Licences"),
    N_("Licence"),
    (
        Field("title", N_("Licence"), required=True),
        Field("issuer", N_("Issued by"), required=True),
        Field("number", N_("Number")),
        Field("obtained_on", N_("Date obtained"), "date", past=True),
        Field("expires_on", N_("Valid until"), "date"),
    ),
)

PUBLICATIONS = Entries(
    "publications",
    N_("Publications"),
    N_("Publication"),
    (
        Field("title", N_("Title of the publication"), required=True),
        Field("publisher", N_("Published by or in")),
        Field("published_on", N_("Date of publication"), "date", past=True),
        Field("link", N_("Link"), length=500),
    ),
)

SKILLS = Section(
    "skills",
    N_("Skills"),
    N_("For each language, say how well you read, write, speak and understand it: basic, confident or fluent."),
    (
        Field("mother_tongue", N_("Mother tongue"), "lookup", required=True, options=LANGUAGES, hint=LANGUAGE_HINT),
        Field(
            "other_mother_tongue", N_("Name of your mother tongue"), required=True, when=("mother_tongue", (ANOTHER,))
        ),
        SPOKEN,
        Field("it_skills", N_("IT skills"), "textarea", length=4_000),
        Field("other_skills", N_("Other skills"), "textarea", length=4_000),
        LICENCES,
        PUBLICATIONS,
    ),
)

REFEREES = Entries(
    "referees",
    N_("References"),
    N_("Reference"),
    (
        Field("name", N_("Full name"), required=True, autocomplete="off"),
        Field("occupation", N_("Occupation"), required=True),
        Field("organisation", N_("Organisation")),
        Field("relationship", N_("How this person knows you"), required=True),
        Field("email", N_("E-mail address"), "email", required=True, autocomplete="off"),
        Field("phone", N_("Phone"), "tel", required=True, autocomplete="off"),
        Field("country", N_("Country"), "lookup", required=True, options=COUNTRIES),
        Field("not_related", N_("This person is not a relative of mine"), "checkbox", required=True),
    ),
    minimum=3,
    maximum=3,
)

REFERENCES = Section(
    "references",
    N_("References"),
    N_("Three people who know your work, who are not your relatives, and whom we may ask about you."),
    (REFEREES,),
)

_HEARD = (
    Option("portal", N_("This site or a job alert")),
    Option("colleague", N_("A colleague or friend")),
    Option("press", N_("A newspaper, journal or web site")),
    Option("event", N_("A career fair or a mission of recruiters")),
    Option("other", N_("Other")),
)

LETTER = Section(
    "letter",
    N_("Cover letter and other information"),
    N_("Your letter for this job opening, and your declarations."),
    (
        Field(
            "letter",
            N_("Cover letter"),
            "textarea",
            required=True,
            length=10_000,
            hint=N_("You can paste a text that you prepared beforehand."),
        ),
        Field("other_information", N_("Other information"), "textarea", length=4_000),
        Field("heard_from", N_("How did you hear of this job opening?"), "choice", options=_HEARD),
        Field(
            "convicted",
            N_("Have you ever been convicted of an offence, other than a minor traffic violation?"),
            "yesno",
            required=True,
        ),
        Field(
            "conviction",
            N_("What happened, where and when"),
            "textarea",
            required=True,
            length=4_000,
            when=("convicted", ("yes",)),
        ),
        Field("dismissed", N_("Have you ever been dismissed for misconduct?"), "yesno", required=True),
        Field(
            "dismissal",
            N_("By whom, when and why"),
            "textarea",
            required=True,
            length=4_000,
            when=("dismissed", ("yes",)),
        ),
        Field("may_verify", N_("I agree that what I state may be verified"), "checkbox", required=True),
        Field("truthful", N_("I certify that what I state is true and complete"), "checkbox", required=True),
    ),
)

DECLARATIONS: Final = ("convicted", "dismissed", "may_verify", "truthful")
"""What is answered anew in each application: an earlier answer may no longer be true."""

QUESTIONS = Section(SCREENING, N_("Screening questions"), N_("These questions are specific to the job opening."))

SECTIONS: Mapping[str, Section] = {
    section.name: section for section in (QUESTIONS, PREFERENCES, EDUCATION, SKILLS, REFERENCES, LETTER)
}

DECISIVE: Final = (SCREENING, SKILLS.name, LETTER.name)
"""To these sections attention is drawn (R36); in a copied draft they are not done before they were looked at."""
