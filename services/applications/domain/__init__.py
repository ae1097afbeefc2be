"""Rules of applications: what a draft holds, what a submission needs, and what may happen after it."""

from services.applications.domain.accommodation import ACCOMMODATION
from services.applications.domain.application import APPLICATION
from services.applications.domain.equivalence.catalogue import CATALOGUE
from services.applications.domain.equivalence.report import REPORT
from services.applications.domain.library import LIBRARY
from services.applications.domain.quota import QUOTA
from services.applications.domain.slot import SLOT

ALL = (APPLICATION, SLOT, QUOTA, CATALOGUE, REPORT, ACCOMMODATION, LIBRARY)
