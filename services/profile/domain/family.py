"""Situation de famille: spouse, dependants, and relatives employed by the United Nations."""

from shared.model.errors import N_
from shared.vocabulary.fields import NATIONALITIES, Entries, Field, Option
from shared.vocabulary.reference import ORGANISATIONS

YES = ("yes",)

COUPLED = ("married", "partnership")
MARITAL_STATUSES = (
    Option("single", N_("Single")),
    Option("married", N_("Married")),
    Option("partnership", N_("In a registered partnership")),
    Option("separated", N_("Legally separated")),
    Option("divorced", N_("Divorced")),
    Option("widowed", N_("Widowed")),
)
DEPENDENCIES = (
    Option("child", N_("Child")),
    Option("parent", N_("Parent")),
    Option("sibling", N_("Brother or sister")),
    Option("other", N_("Another dependant")),
)
RELATIONSHIPS = (
    Option("spouse", N_("Spouse or partner")),
    Option("child", N_("Child")),
    Option("parent", N_("Parent")),
    Option("sibling", N_("Brother or sister")),
    Option("other", N_("Another relative")),
)

FAMILY = (
    Field("marital_status", N_("Marital status"), "choice", required=True, options=MARITAL_STATUSES),
    Field("spouse_family_name", N_("Spouse or partner: family name"), required=True, when=("marital_status", COUPLED)),
    Field("spouse_given_names", N_("Spouse or partner: given names"), required=True, when=("marital_status", COUPLED)),
    Field(
        "spouse_birth_date", N_("Spouse or partner: date of birth"), "date", past=True, when=("marital_status", COUPLED)
    ),
    Field(
        "spouse_nationality",
        N_("Spouse or partner: nationality"),
        "lookup",
        options=NATIONALITIES,
        when=("marital_status", COUPLED),
    ),
    Field(
        "has_dependants",
        N_("Do you have dependants?"),
        "yesno",
        required=True,
        hint=N_("Children or others you support"),
    ),
    Entries(
        "dependants",
        N_("Dependants"),
        N_("Dependant"),
        (
            Field("name", N_("Full name"), required=True),
            Field("birth_date", N_("Date of birth"), "date", required=True, past=True),
            Field("relationship", N_("Relationship to you"), "choice", required=True, options=DEPENDENCIES),
        ),
        minimum=1,
        maximum=20,
        when=("has_dependants", YES),
    ),
    Field(
        "has_relatives",
        N_("Is any relative of yours employed by an organisation of the United Nations system?"),
        "yesno",
        required=True,
    ),
    Entries(
        "relatives",
        N_("Relatives employed by the United Nations"),
        N_("Relative employed by the United Nations"),
        (
            Field("name", N_("Full name"), required=True),
            Field("relationship", N_("Relationship to you"), "choice", required=True, options=RELATIONSHIPS),
            Field("organisation", N_("Organisation"), "lookup", required=True, options=ORGANISATIONS),
            Field("duty_station", N_("Duty station")),
        ),
        minimum=1,
        maximum=20,
        when=("has_relatives", YES),
    ),
)
