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

CV: dict[str, dict[str, Any]] = {
    "education": {
        "diplomas": [
            {
                "title": "Magister",
                "institution": "Uniwersytet Gdański",
                "city": "Gdańsk",
                "country": "PL",
                "field_of_study": "Economics",
                "language": "pl",
                "started_on": "2009-10-01",
                "ended_on": "2014-06-30",
                "obtained": "yes",
                "obtained_on": "2014-06-30",
            }
        ],
        "certificates": [{"title": "Auditing", "institution": "Audit Academy", "obtained_on": "2016-03-04"}],
        "jobs": [
            {
                "title": "Economist",
                "employer": "Trade & Co",
                "business": "Consultancy",
                "city": "Paris",
                "country": "FR",
                "started_on": "2014-09-01",
                "current": "yes",
                "time": "full",
                "may_contact": "yes",
                "duties": "Analysed trade.\nWrote <short> notes.",
                "achievements": "Wrote the yearly report.\nTrained forty officials.",
            }
        ],
    },
    "skills": {
        "mother_tongue": "pl",
        "languages": [
            {"language": "pl", "read": "fluent", "write": "fluent", "speak": "fluent", "understand": "fluent"},
            {"language": "fr", "read": "fluent", "write": "confident", "speak": "confident", "understand": "fluent"},
        ],
        "it_skills": "Python\nStata",
        "publications": [{"title": "Tariffs", "publisher": "Trade Review", "published_on": "2018-05-06"}],
    },
    "references": {
        "referees": [
            {
                "name": name,
                "occupation": "Director",
                "relationship": "Supervised my work",
                "email": "referee@example.org",
                "phone": "+33 1 23 45 67 89",
                "country": "FR",
                "not_related": "yes",
            }
            for name in ("Rosa Diop", "Li Wei", "Ivan Petrov")
        ]
    },
}
"""A CV kept with it, in which nothing is wrong."""
