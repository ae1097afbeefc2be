"""Coordonnées: who the candidate is and how to reach them."""

from shared.model.errors import N_
from shared.vocabulary.fields import COUNTRIES, Field, Option

NO = ("no",)

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
    Field("family_name", N_("Family name"), required=True, autocomplete="family-name"),
    Field("given_names", N_("Given names"), required=True, autocomplete="given-name"),
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
        hint=N_("A private address that will still be yours in a year"),
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
    Field("same_address", N_("Do you live at your permanent address now?"), "yesno", required=True),
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
        options=(Option("en", N_("English")), Option("fr", N_("French"))),
    ),
)
