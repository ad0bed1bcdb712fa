from .agreements import AgreementEvent, CustomerAgreement, ProgrammeAgreement
from .invitations import Invitation
from .links import ResellerLink
from .planned_moves import PlannedMove
from .policy import PartnerPolicy
from .relationships import Relationship
from .suspensions import PartnerSuspension
from .tags import CustomerTag
from .transfers import Transfer

__all__ = [
    "AgreementEvent",
    "CustomerAgreement",
    "CustomerTag",
    "Invitation",
    "PartnerPolicy",
    "PartnerSuspension",
    "PlannedMove",
    "ProgrammeAgreement",
    "Relationship",
    "ResellerLink",
    "Transfer",
]
