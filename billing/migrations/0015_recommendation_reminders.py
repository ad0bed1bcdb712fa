"""Who made a recommendation is reminded of it, once a link."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0014_recommendation_letters'),
    ]

    operations = [
        migrations.AddField(
            model_name='recommendation',
            name='reminded_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
