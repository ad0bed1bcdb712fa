"""
A provider's link with its reseller ends while customers accept both, in real threads.

No customer is taken on for both once the link has ended: who comes second is told.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from relationships.models import Invitation, Relationship, ResellerLink
from relationships.services import answers, invitations, links
from tenants.roles import Kind, Role
from tests import make
from tests.races import THREADS, Dawdling, acts_of, customers_with_admins, in_threads
from tests.two_tier import link, two_tier
from tests.world import TODAY, build_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CUSTOMERS = THREADS - 1  # a round: one thread ends the link, the others accept


def end_while_accepting(
    rounds: int, moment: AbstractContextManager[None] | None = None
) -> tuple[Counter[str], list[int]]:
    """
    Return what came of it, and how many accepted after the end of their link was committed.

    Every round has a reseller of its own, so that its link ends in it.
    """
    tier = two_tier(build_world())
    customers = customers_with_admins(rounds * CUSTOMERS)
    acts = acts_of(customers)
    made: list[tuple[ResellerLink, list[Invitation]]] = []
    for n in range(rounds):
        reseller = make.partner(
            f"Reseller {n}", domain=f"reseller{n}.example", mpn_id=f"48000{n:02}",
            kind=Kind.INDIRECT_RESELLER,
        )  # fmt: skip
        lars = make.member("lars", reseller.tenant, Role.GLOBAL_ADMIN)
        made.append(
            (
                link(tier.world, tier.wingtip, reseller, by=tier.gwen, accepted_by=lars),
                [
                    invitations.invite(
                        partner=tier.wingtip,
                        reseller=reseller,
                        sent_by=tier.wingtip,
                        has_delegated_admin=True,
                        act=tier.world.act(tier.wes),
                    )[0]
                    for _ in range(CUSTOMERS)
                ],
            )
        )
    seen = [0] * rounds

    def taken_on(n: int) -> int:
        return Relationship.objects.filter(reseller=made[n][0].reseller).count()

    def attempt(thread: int, n: int) -> None:
        held, asked = made[n]
        if thread == CUSTOMERS:
            with moment or nullcontext():
                links.end_link(link=held, reason="no more", act=tier.world.act(tier.gwen, TODAY))
                seen[n] = taken_on(n)
        else:
            at = n * CUSTOMERS + thread
            invitations.accept(invitation=asked[thread], tenant=customers[at], act=acts[at])

    outcomes = in_threads(rounds, attempt)
    return outcomes, [taken_on(n) - seen[n] for n in range(rounds)]


def test_nobody_is_taken_on_for_both_once_their_link_has_ended() -> None:
    outcomes, later = end_while_accepting(8)

    assert later == [0] * 8
    assert set(outcomes) <= {"done", "NotLinked"}
    accepted = Invitation.objects.filter(answer="accepted", kind="customer", reseller__isnull=False)
    # Relecloud and whoever was in time; who was not still has an open invitation
    assert accepted.count() == 1 + outcomes["done"] - 8
    assert accepted.filter(relationship=None).count() == 0
    assert ResellerLink.objects.active().count() == 1


def test_without_the_links_lock_somebody_is(
    unguarded: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dawdling = Dawdling(answers.require_link)
    monkeypatch.setattr(answers, "require_link", dawdling)
    unguarded("relationships_reseller_is_linked")

    _, later = end_while_accepting(1, dawdling.meanwhile())

    assert sum(later) > 0
