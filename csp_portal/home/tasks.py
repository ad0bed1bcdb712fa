from celery import shared_task
from django.db import transaction

from csp_portal.shared import clock
from tenants.acts import Act

from .bulk import carrying
from .reminders import remind_of_transitions

# Long runs share the workers: each works for so long, and then queues again.
SECONDS = 30


@shared_task(name="home.remind_transitions")
def remind_transitions() -> None:
    """Remind both sides of what is paid twice, every 14 days at most; safe to repeat."""
    remind_of_transitions(act=Act.of_the_portal(at=clock.now(), on=clock.today()))


@shared_task(name="home.carry_on_bulk")
def carry_on_bulk(*, run_id: int) -> None:
    """Price or do the next rows of a run; safe to lose, to repeat, and to kill."""
    if carrying.carry_on(run_id=run_id, at=clock.now(), seconds=SECONDS):
        carry_on_bulk.delay(run_id=run_id)


def start_bulk(*, run_id: int) -> None:
    """Ring for a worker; with Redis down that is logged, and the sweep finds the run."""
    transaction.on_commit(lambda: carry_on_bulk.delay(run_id=run_id), robust=True)


@shared_task(name="home.sweep_bulk")
def sweep_bulk() -> None:
    """Start again what a lost message or a killed worker left undone."""
    for run in carrying.stalled(at=clock.now())[:100]:
        carry_on_bulk.delay(run_id=run.pk)
