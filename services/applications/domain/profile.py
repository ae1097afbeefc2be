"""How the profile reads inside an application file: its fields as they are shown, not as they are filled in."""

from typing import Final

from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, NATIONALITIES, AnyField, Entries, Field, Option
from shared.vocabulary.reference import CATEGORIES, LEVELS, ORGANISATIONS

_TITLES = (
    Option("mr", N_("Mr")),
    Option("ms", N_("Ms")),
    Option("mx", N_("No title")),
    Option("dr", N_("Dr")),
    Option("prof", N_("Professor")),
)
_GENDERS = (
    Option("female", N_("Female")),
    Option("male", N_("Male")),
    Option("other", N_("Another gender")),
    Option("undisclosed", N_("I prefer not to say")),
)
_LANGUAGES = (Option("en", N_("English")), Option("fr", N_("French")))
_MARITAL = (
    Option("single", N_("Single")),
    Option("married", N_("Married")),
    Option("partnership", N_("In a registered partnership")),
    Option("separated", N_("Legally separated")),
    Option("divorced", N_("Divorced")),
    Option("widowed", N_("Widowed")),
)
_KIN = (
    Option("spouse", N_("Spouse or partner")),
    Option("child", N_("Child")),
    Option("parent", N_("Parent")),
    Option("sibling", N_("Brother or sister")),
    Option("other", N_("Another relative or dependant")),
)
_CONTRACTS = (
    Option("temporary", N_("Temporary appointment")),
    Option("fixed_term", N_("Fixed-term appointment")),
    Option("continuing", N_("Continuing appointment")),
    Option("permanent", N_("Permanent appointment")),
    Option("consultant", N_("Consultant or individual contractor")),
    Option("unv", N_("United Nations Volunteer")),
    Option("associate_expert", N_("Associate expert")),
    Option("intern", N_("Intern")),
    Option("military_police", N_("Military or police personnel")),
    Option("other", N_("Another contract")),
)
_STATUSES = (
    Option("employed", N_("Still employed")),
    Option("leave", N_("On special leave or secondment")),
    Option("separated", N_("Separated")),
    Option("retired", N_("Retired")),
)
_YES = ("yes",)
_COUPLED = ("married", "partnership")

CONTACT: Final = (
    Field("title", N_("Title"), "choice", options=_TITLES),
    Field("family_name", N_("Family name")),
    Field("given_names", N_("Given names")),
    Field("previous_name", N_("Maiden or previous name")),
    Field("birth_date", N_("Date of birth"), "date"),
    Field("birth_place", N_("Place of birth")),
    Field("birth_country", N_("Country of birth"), "lookup", options=COUNTRIES),
    Field("gender", N_("Gender"), "choice", options=_GENDERS),
    Field("email", N_("Primary e-mail"), "email"),
    Field("phone", N_("Main phone number"), "tel"),
    Field("other_phone", N_("Another phone number"), "tel"),
    Field("permanent_street", N_("Permanent address: street and number")),
    Field("permanent_postcode", N_("Permanent address: postal code")),
    Field("permanent_city", N_("Permanent address: town or city")),
    Field("permanent_region", N_("Permanent address: state or province")),
    Field("permanent_country", N_("Permanent address: country"), "lookup", options=COUNTRIES),
    Field("same_address", N_("Lives at the permanent address"), "yesno"),
    Field("current_street", N_("Current address: street and number"), when=("same_address", ("no",))),
    Field("current_postcode", N_("Current address: postal code"), when=("same_address", ("no",))),
    Field("current_city", N_("Current address: town or city"), when=("same_address", ("no",))),
    Field("current_region", N_("Current address: state or province"), when=("same_address", ("no",))),
    Field(
        "current_country",
        N_("Current address: country"),
        "lookup",
        options=COUNTRIES,
        when=("same_address", ("no",)),
    ),
    Field("preferred_language", N_("Preferred language of contact"), "choice", options=_LANGUAGES),
)

UN_EMPLOYMENT: Final = (
    Field("ever_employed", N_("Has worked for the United Nations system"), "yesno"),
    Field("organisation", N_("Organisation"), "lookup", options=ORGANISATIONS, when=("ever_employed", _YES)),
    Field("index_number", N_("Index number"), when=("ever_employed", _YES)),
    Field("function", N_("Functional title"), when=("ever_employed", _YES)),
    Field("duty_station", N_("Duty station"), when=("ever_employed", _YES)),
    Field("category", N_("Category"), "lookup", options=CATEGORIES, when=("ever_employed", _YES)),
    Field("level", N_("Level"), "lookup", options=LEVELS, when=("ever_employed", _YES)),
    Field("contract", N_("Type of contract"), "choice", options=_CONTRACTS, when=("ever_employed", _YES)),
    Field("from_date", N_("Employed from"), "date", when=("ever_employed", _YES)),
    Field("status", N_("Current status"), "choice", options=_STATUSES, when=("ever_employed", _YES)),
    Field("to_date", N_("Employed until"), "date", when=("ever_employed", _YES)),
)

FAMILY: Final = (
    Field("marital_status", N_("Marital status"), "choice", options=_MARITAL),
    Field("spouse_family_name", N_("Spouse or partner: family name"), when=("marital_status", _COUPLED)),
    Field("spouse_given_names", N_("Spouse or partner: given names"), when=("marital_status", _COUPLED)),
    Field("spouse_birth_date", N_("Spouse or partner: date of birth"), "date", when=("marital_status", _COUPLED)),
    Field(
        "spouse_nationality",
        N_("Spouse or partner: nationality"),
        "lookup",
        options=NATIONALITIES,
        when=("marital_status", _COUPLED),
    ),
    Field("has_dependants", N_("Has dependants"), "yesno"),
    Entries(
        "dependants",
        N_("Dependants"),
        N_("Dependant"),
        (
            Field("name", N_("Full name")),
            Field("birth_date", N_("Date of birth"), "date"),
            Field("relationship", N_("Relationship"), "choice", options=_KIN),
        ),
        when=("has_dependants", _YES),
    ),
    Field("has_relatives", N_("Has relatives employed by the United Nations system"), "yesno"),
    Entries(
        "relatives",
        N_("Relatives employed by the United Nations"),
        N_("Relative employed by the United Nations"),
        (
            Field("name", N_("Full name")),
            Field("relationship", N_("Relationship"), "choice", options=_KIN),
            Field("organisation", N_("Organisation"), "lookup", options=ORGANISATIONS),
            Field("duty_station", N_("Duty station")),
        ),
        when=("has_relatives", _YES),
    ),
)

NATIONALITY: Final = (
    Field("birth_nationality", N_("Nationality at birth"), "lookup", options=NATIONALITIES),
    Field("nationality", N_("Current nationality"), "lookup", options=NATIONALITIES),
    Field("second_nationality", N_("Second nationality"), "lookup", options=NATIONALITIES),
    Field("third_nationality", N_("Third nationality"), "lookup", options=NATIONALITIES),
    Field("residence_country", N_("Country of residence"), "lookup", options=COUNTRIES),
    Field("permanent_resident", N_("Permanent resident of a country of another nationality"), "yesno"),
    Field(
        "permanent_residence_country",
        N_("Country of permanent residence"),
        "lookup",
        options=COUNTRIES,
        when=("permanent_resident", _YES),
    ),
    Field("intends_change", N_("Changes or plans to change nationality or permanent residence"), "yesno"),
    Field("intended_change", N_("What was begun or is planned"), "textarea", when=("intends_change", _YES)),
)

PROFILE: Final[tuple[tuple[str, str, tuple[AnyField, ...]], ...]] = (
    ("contact", N_("Contact details"), CONTACT),
    ("un_employment", N_("UN employment"), UN_EMPLOYMENT),
    ("family", N_("Family situation"), FAMILY),
    ("nationality", N_("Nationality and residence"), NATIONALITY),
)
