"""The page that others are measured against: who asks, one query, fifty rows, nothing else."""

from django.http import HttpResponse
from django.template import engines
from django.urls import include, path
from django.views.decorators.http import require_safe

from tenants.http import PortalRequest
from tenants.models import Tenant
from tenants.permissions import for_anyone_signed_in

ROWS = 50
TEMPLATE = """<!doctype html><title>Bare</title><table>{% for row in rows %}<tr>
<th><a href="/x/{{ row.public_id }}">{{ row.name }}</a></th><td>{{ row.domain }}</td>
<td>{{ row.country }}</td><td>{{ row.currency }}</td><td>{{ row.city }}</td>
<td>{{ row.street }}</td><td>{{ row.postal_code }}</td><td>{{ row.created_at }}</td></tr>
{% endfor %}</table>"""
_template = engines["django"].from_string(TEMPLATE)


@for_anyone_signed_in
@require_safe
def bare(request: PortalRequest) -> HttpResponse:
    rows = Tenant.objects.order_by("-pk")[:ROWS]
    return HttpResponse(_template.render({"rows": rows}, request))


urlpatterns = [path("bare/", bare), path("", include("csp_portal.urls"))]
