import os

from django.core.wsgi import get_wsgi_application

from csp_portal.checks import refuse_insecure_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csp_portal.settings")
application = get_wsgi_application()
refuse_insecure_start()
