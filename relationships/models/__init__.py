from .agreements import AgreementEvent, CustomerAgreement, ProgrammeAgreement
from .invitations import Invitation
from .links import ResellerLink
from .policy import PartnerPolicy
from .relationships import Relationship
from .suspensions import PartnerSuspension
from .transfers import Transfer
from .tags import CustomerTag

__all__ = [
    "AgreementEvent",
    "CustomerAgreement",
    "CustomerTag",
    "Invitation",
    "PartnerPolicy",
    "PartnerSuspension",
    "ProgrammeAgreement",
    "Relationship",
    "ResellerLink",
    "Transfer",
]
