from django.db import connection

from tenants.models import Partner, Tenant

from ..models import CustomerTag

# From each word to the next one in the index: as quick with a million tags as with ten.
WORDS = """
WITH RECURSIVE words AS (
  (SELECT lower(word) AS folded, word FROM relationships_customertag
   WHERE partner_id = %(partner)s ORDER BY lower(word) LIMIT 1)
  UNION ALL
  SELECT next.folded, next.word FROM words CROSS JOIN LATERAL (
    SELECT lower(t.word) AS folded, t.word FROM relationships_customertag t
    WHERE t.partner_id = %(partner)s AND lower(t.word) > words.folded
    ORDER BY lower(t.word) LIMIT 1) next
)
SELECT word FROM words LIMIT 500
"""


def tags_of(partner: Partner, customer: Tenant) -> list[str]:
    """Return the partner's words for the customer, in alphabetical order."""
    words = CustomerTag.objects.of(partner).filter(customer=customer).values_list("word", flat=True)
    return sorted(words, key=str.casefold)


def words_of(partner: Partner) -> list[str]:
    """Return the words a partner uses as tags, each once whatever its case, at most 500."""
    with connection.cursor() as cursor:
        cursor.execute(WORDS, {"partner": partner.pk})
        return sorted((word for (word,) in cursor.fetchall()), key=str.casefold)
