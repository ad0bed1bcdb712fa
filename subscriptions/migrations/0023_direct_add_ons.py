"""Customers add add-ons to what they bought from the vendor themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('subscriptions', '0022_offer_matrix'),
        ('tenants', '0008_disabled_members_guards'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='subscription',
            name='subscriptions_only_csp_add_ons',
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('base__isnull', True), ('channel__in', ['csp', 'direct']), _connector='OR'), name='subscriptions_only_csp_and_direct_add_ons'),
        ),
    ]
