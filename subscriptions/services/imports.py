"""Adding tenants, and subscriptions of other channels, from CSV files: all rows or none."""

from csp_portal.shared.csvfiles import RowProblem

from .import_offer_matrix import import_offer_matrix
from .import_report import ImportRefused, ImportReport, Progress
from .import_subscriptions import import_subscriptions
from .import_tenants import import_tenants

__all__ = [
    "ImportRefused",
    "ImportReport",
    "Progress",
    "RowProblem",
    "import_offer_matrix",
    "import_subscriptions",
    "import_tenants",
]
