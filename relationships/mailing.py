"""The same letter to several people, each in the language of the person."""

from collections.abc import Iterable, Mapping
from typing import Any

from csp_portal.shared.letters import compose, send_after_commit
from tenants.models import Partner, User
from tenants.queries.tenants import agents_of


def mail_to_each(people: Iterable[User], *, template: str, context: Mapping[str, Any]) -> None:
    for person in people:
        send_after_commit(
            compose(
                to=person.email,
                template=f"relationships/{template}",
                language=person.language,
                context=context,
            )
        )


def agents_of_all(partners: Iterable[Partner | None]) -> list[User]:
    """Return the Admin agents of these partners, each person once."""
    found = {
        person.pk: person
        for partner in dict.fromkeys(partners)
        if partner is not None
        for person in agents_of(partner.tenant)
    }
    return list(found.values())
