from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_saved_views")]
    operations = [
        migrations.AddField(
            model_name="membership",
            name="disabled_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
