"""A prompt list of the profile's own (R23): the organizations of the United Nations system."""

from collections.abc import Mapping

from shared.fields import PromptList

_ORGANISATIONS = {
    "UN": ("United Nations Secretariat", "Secrétariat des Nations Unies"),
    "FAO": ("FAO – Food and Agriculture Organization", "FAO – Organisation pour l’alimentation et l’agriculture"),
    "IAEA": ("IAEA – International Atomic Energy Agency", "AIEA – Agence internationale de l’énergie atomique"),
    "ICAO": (
        "ICAO – International Civil Aviation Organization",
        "OACI – Organisation de l’aviation civile internationale",
    ),
    "ICC": ("ICC – International Criminal Court", "CPI – Cour pénale internationale"),
    "ICJ": ("ICJ – International Court of Justice", "CIJ – Cour internationale de Justice"),
    "IFAD": (
        "IFAD – International Fund for Agricultural Development",
        "FIDA – Fonds international de développement agricole",
    ),
    "ILO": ("ILO – International Labour Organization", "OIT – Organisation internationale du Travail"),
    "IMF": ("IMF – International Monetary Fund", "FMI – Fonds monétaire international"),
    "IMO": ("IMO – International Maritime Organization", "OMI – Organisation maritime internationale"),
    "IOM": ("IOM – International Organization for Migration", "OIM – Organisation internationale pour les migrations"),
    "ITC": ("ITC – International Trade Centre", "ITC – Centre du commerce international"),
    "ITU": ("ITU – International Telecommunication Union", "UIT – Union internationale des télécommunications"),
    "OPCW": (
        "OPCW – Organisation for the Prohibition of Chemical Weapons",
        "OIAC – Organisation pour l’interdiction des armes chimiques",
    ),
    "UNAIDS": ("UNAIDS – Joint Programme on HIV/AIDS", "ONUSIDA – Programme commun sur le VIH/sida"),
    "UNDP": ("UNDP – Development Programme", "PNUD – Programme pour le développement"),
    "UNEP": ("UNEP – Environment Programme", "PNUE – Programme pour l’environnement"),
    "UNESCO": (
        "UNESCO – Educational, Scientific and Cultural Organization",
        "UNESCO – Organisation pour l’éducation, la science et la culture",
    ),
    "UNFPA": ("UNFPA – Population Fund", "FNUAP – Fonds pour la population"),
    "UNHABITAT": (
        "UN-Habitat – Human Settlements Programme",
        "ONU-Habitat – Programme pour les établissements humains",
    ),
    "UNHCR": ("UNHCR – High Commissioner for Refugees", "HCR – Haut-Commissariat pour les réfugiés"),
    "UNICEF": ("UNICEF – Children's Fund", "UNICEF – Fonds pour l’enfance"),
    "UNIDO": ("UNIDO – Industrial Development Organization", "ONUDI – Organisation pour le développement industriel"),
    "UNODC": ("UNODC – Office on Drugs and Crime", "ONUDC – Office contre la drogue et le crime"),
    "UNOPS": ("UNOPS – Office for Project Services", "UNOPS – Bureau des services d’appui aux projets"),
    "UNRWA": ("UNRWA – Relief and Works Agency", "UNRWA – Office de secours et de travaux"),
    "UNU": ("UNU – United Nations University", "UNU – Université des Nations Unies"),
    "UNV": ("UNV – United Nations Volunteers", "VNU – Volontaires des Nations Unies"),
    "UNWOMEN": ("UN Women", "ONU-Femmes"),
    "UNTOURISM": ("UN Tourism", "ONU Tourisme"),
    "UPU": ("UPU – Universal Postal Union", "UPU – Union postale universelle"),
    "WB": ("World Bank Group", "Groupe de la Banque mondiale"),
    "WFP": ("WFP – World Food Programme", "PAM – Programme alimentaire mondial"),
    "WHO": ("WHO – World Health Organization", "OMS – Organisation mondiale de la Santé"),
    "WIPO": (
        "WIPO – World Intellectual Property Organization",
        "OMPI – Organisation mondiale de la propriété intellectuelle",
    ),
    "WMO": ("WMO – World Meteorological Organization", "OMM – Organisation météorologique mondiale"),
    "WTO": ("WTO – World Trade Organization", "OMC – Organisation mondiale du commerce"),
    "OTHER": ("Another organization of the system", "Autre organisation du système"),
}


def _organisations(language: str) -> Mapping[str, str]:
    return {code: french if language == "fr" else english for code, (english, french) in _ORGANISATIONS.items()}


ORGANISATIONS = PromptList("un_organisations", _organisations)
