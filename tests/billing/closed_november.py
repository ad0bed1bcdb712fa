"""The close of November 2026, as the portal itself does it on the first of December."""

from datetime import UTC, date, datetime

from tenants.acts import Act

NOVEMBER = date(2026, 11, 1)
DAY_AFTER = date(2026, 12, 1)
ACT = Act.of_the_portal(at=datetime(2026, 12, 1, 0, 20, tzinfo=UTC), on=DAY_AFTER)
