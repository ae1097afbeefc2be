"""What is filled in in the four sections of the profile (R11): declared once, for forms and for files."""

from typing import Final

from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, NATIONALITIES, OFFICIAL_LANGUAGES, AnyField, Entries, Field, Option
from shared.vocabulary.reference import CATEGORIES, LEVELS, ORGANISATIONS

YES, NO = ("yes",), ("no",)

TITLES = (
    Option("mr", N_("Mr")),
    Option("ms", N_("Ms")),
    Option("dr", N_("Dr")),
    Option("prof", N_("Professor")),
    Option("mx", N_("No title")),
)
GENDERS = (
    Option("female", N_("Female")),
    Option("male", N_("Male")),
    Option("other", N_("Another gender")),
    Option("undisclosed", N_("I prefer not to say")),
)

CONTACT = (
    Field("title", N_("Title"), "choice", required=True, options=TITLES, autocomplete="honorific-prefix"),
    Field(
        "only_name",
        N_("I have only one name"),
        "checkbox",
        hint=N_("Then enter it as the family name"),
        statement=N_("Only one name"),
    ),
    Field("family_name", N_("Family name"), required=True, autocomplete="family-name"),
    Field(
        "given_names",
        N_("Given names"),
        required=True,
        when=("only_name", ("", "no")),
        autocomplete="given-name",
    ),
    Field(
        "previous_name",
        N_("Maiden or previous name"),
        hint=N_("If your diplomas or earlier records carry another name"),
    ),
    Field("birth_date", N_("Date of birth"), "date", required=True, past=True, autocomplete="bday"),
    Field("birth_place", N_("Place of birth"), required=True, hint=N_("Town or city")),
    Field("birth_country", N_("Country of birth"), "lookup", required=True, options=COUNTRIES),
    Field("gender", N_("Gender"), "choice", required=True, options=GENDERS, autocomplete="sex"),
    Field(
        "email",
        N_("Primary e-mail"),
        "email",
        required=True,
        hint=N_("Recruiters find it in your applications. Our own e-mails go to the address of your account"),
        autocomplete="email",
    ),
    Field("phone", N_("Main phone number"), "tel", required=True, hint=N_("With the country code"), autocomplete="tel"),
    Field("other_phone", N_("Another phone number"), "tel", hint=N_("With the country code")),
    Field("permanent_street", N_("Permanent address: street and number"), required=True, autocomplete="street-address"),
    Field("permanent_postcode", N_("Permanent address: postal code"), length=20, autocomplete="postal-code"),
    Field("permanent_city", N_("Permanent address: town or city"), required=True, autocomplete="address-level2"),
    Field("permanent_region", N_("Permanent address: state or province"), autocomplete="address-level1"),
    Field(
        "permanent_country",
        N_("Permanent address: country"),
        "lookup",
        required=True,
        options=COUNTRIES,
        autocomplete="country",
    ),
    Field(
        "same_address",
        N_("Do you live at your permanent address now?"),
        "yesno",
        required=True,
        statement=N_("Lives at the permanent address"),
    ),
    Field("current_street", N_("Current address: street and number"), required=True, when=("same_address", NO)),
    Field("current_postcode", N_("Current address: postal code"), length=20, when=("same_address", NO)),
    Field("current_city", N_("Current address: town or city"), required=True, when=("same_address", NO)),
    Field("current_region", N_("Current address: state or province"), when=("same_address", NO)),
    Field(
        "current_country",
        N_("Current address: country"),
        "lookup",
        required=True,
        options=COUNTRIES,
        when=("same_address", NO),
    ),
    Field(
        "preferred_language",
        N_("Preferred language of contact"),
        "choice",
        required=True,
        options=OFFICIAL_LANGUAGES,
    ),
)

CONTRACTS = (
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
EMPLOYED = "employed"
STATUSES = (
    Option(EMPLOYED, N_("Still employed")),
    Option("leave", N_("On special leave or secondment")),
    Option("separated", N_("Separated")),
    Option("retired", N_("Retired")),
)

UN_EMPLOYMENT = (
    Field(
        "ever_employed",
        N_("Have you ever worked for an organisation of the United Nations system?"),
        "yesno",
        required=True,
        hint=N_("Consultancies, internships and volunteer assignments count. If there were several, give the latest"),
        statement=N_("Has worked for the United Nations system"),
    ),
    Field(
        "organisation", N_("Organisation"), "lookup", required=True, options=ORGANISATIONS, when=("ever_employed", YES)
    ),
    Field("index_number", N_("Index number"), length=20, hint=N_("If you were given one"), when=("ever_employed", YES)),
    Field("function", N_("Functional title"), required=True, when=("ever_employed", YES)),
    Field("duty_station", N_("Duty station"), when=("ever_employed", YES)),
    Field(
        "category",
        N_("Category"),
        "lookup",
        options=CATEGORIES,
        hint=N_("Leave this empty if you had none, as consultants, interns and volunteers do"),
        when=("ever_employed", YES),
    ),
    Field(
        "level",
        N_("Level"),
        "lookup",
        options=LEVELS,
        hint=N_("Leave this empty if you had none"),
        when=("ever_employed", YES),
    ),
    Field("contract", N_("Type of contract"), "choice", required=True, options=CONTRACTS, when=("ever_employed", YES)),
    Field("from_date", N_("Employed from"), "date", required=True, past=True, when=("ever_employed", YES)),
    Field("status", N_("Current status"), "choice", required=True, options=STATUSES, when=("ever_employed", YES)),
    Field(
        "to_date",
        N_("Employed until"),
        "date",
        hint=N_("Only if the employment has ended"),
        when=("ever_employed", YES),
    ),
)

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
        statement=N_("Has dependants"),
    ),
    Entries(
        "dependants",
        N_("Dependants"),
        N_("Dependant"),
        (
            Field("name", N_("Full name"), required=True),
            Field("birth_date", N_("Date of birth"), "date", required=True, past=True),
            Field(
                "relationship",
                N_("Relationship to you"),
                "choice",
                required=True,
                options=DEPENDENCIES,
                statement=N_("Relationship"),
            ),
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
        statement=N_("Has relatives employed by the United Nations system"),
    ),
    Entries(
        "relatives",
        N_("Relatives employed by the United Nations"),
        N_("Relative employed by the United Nations"),
        (
            Field("name", N_("Full name"), required=True),
            Field(
                "relationship",
                N_("Relationship to you"),
                "choice",
                required=True,
                options=RELATIONSHIPS,
                statement=N_("Relationship"),
            ),
            Field("organisation", N_("Organisation"), "lookup", required=True, options=ORGANISATIONS),
            Field("duty_station", N_("Duty station")),
        ),
        minimum=1,
        maximum=20,
        when=("has_relatives", YES),
    ),
)

NATIONALITY = (
    Field("birth_nationality", N_("Nationality at birth"), "lookup", required=True, options=NATIONALITIES),
    Field("nationality", N_("Current nationality"), "lookup", required=True, options=NATIONALITIES),
    Field(
        "second_nationality",
        N_("Second nationality"),
        "lookup",
        options=NATIONALITIES,
        hint=N_("Leave this empty if you have none"),
    ),
    Field(
        "third_nationality",
        N_("Third nationality"),
        "lookup",
        options=NATIONALITIES,
        hint=N_("Leave this empty if you have none"),
    ),
    Field("residence_country", N_("Country of residence"), "lookup", required=True, options=COUNTRIES),
    Field(
        "permanent_resident",
        N_("Are you a permanent resident of a country whose nationality you do not hold?"),
        "yesno",
        required=True,
        statement=N_("Permanent resident of a country of another nationality"),
    ),
    Field(
        "permanent_residence_country",
        N_("Country of permanent residence"),
        "lookup",
        required=True,
        options=COUNTRIES,
        when=("permanent_resident", YES),
    ),
    Field(
        "intends_change",
        N_("Have you begun, or do you plan, to change your nationality or permanent residence?"),
        "yesno",
        required=True,
        statement=N_("Changes or plans to change nationality or permanent residence"),
    ),
    Field(
        "intended_change",
        N_("What you have begun or plan"),
        "textarea",
        required=True,
        length=2000,
        when=("intends_change", YES),
        statement=N_("What was begun or is planned"),
    ),
)

PROFILE_FIELDS: Final[tuple[tuple[str, str, tuple[AnyField, ...]], ...]] = (
    ("contact", N_("Contact details"), CONTACT),
    ("un_employment", N_("UN employment"), UN_EMPLOYMENT),
    ("family", N_("Family situation"), FAMILY),
    ("nationality", N_("Nationality and residence"), NATIONALITY),
)
"""By section, with the section's title."""
