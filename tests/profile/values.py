"""A profile in which nothing is missing or wrong, as the doors take it: values by section key."""

from typing import Any

COMPLETE: dict[str, dict[str, Any]] = {
    "contact": {
        "title": "ms",
        "family_name": "Díaz-Łukasik",
        "given_names": "Anna María",
        "birth_date": "1990-05-17",
        "birth_place": "Gdańsk",
        "birth_country": "PL",
        "gender": "female",
        "email": "anna@example.org",
        "phone": "+33 1 23 45 67 89",
        "permanent_street": "12 rue des Lilas",
        "permanent_postcode": "75011",
        "permanent_city": "Paris",
        "permanent_country": "FR",
        "same_address": "yes",
        "preferred_language": "fr",
    },
    "un_employment": {
        "ever_employed": "yes",
        "organisation": "UNHCR",
        "index_number": "123456",
        "function": "Associate Reporting Officer",
        "duty_station": "Amman",
        "category": "PD",
        "level": "P-2",
        "contract": "temporary",
        "from_date": "2019-01-15",
        "status": "separated",
        "to_date": "2021-06-30",
    },
    "family": {
        "marital_status": "married",
        "spouse_family_name": "Łukasik",
        "spouse_given_names": "Piotr",
        "has_dependants": "yes",
        "dependants": [{"name": "Zofia Łukasik", "birth_date": "2018-02-28", "relationship": "child"}],
        "has_relatives": "no",
    },
    "nationality": {
        "birth_nationality": "PL",
        "nationality": "PL",
        "second_nationality": "FR",
        "residence_country": "FR",
        "permanent_resident": "no",
        "intends_change": "no",
    },
}
