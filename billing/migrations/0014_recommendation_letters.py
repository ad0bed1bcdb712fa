"""A recommendation is sent again, and in the customer's language."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0013_order_requests_guards'),
    ]

    operations = [
        migrations.AddField(
            model_name='recommendation',
            name='language',
            field=models.CharField(choices=[('en', 'English'), ('de', 'Deutsch')], default='en', max_length=5),
        ),
        migrations.AddField(
            model_name='recommendation',
            name='last_sent_at',
            field=models.DateTimeField(blank=True, help_text='When the portal last mailed it or made a new link.', null=True),
        ),
    ]
