"""Gives the products that have reviews their rating tokens, and counts them; see `facets.py`."""

from django.db import migrations

_RATED = """
    WITH rated AS (
        UPDATE catalog_product SET facets = facets || CASE WHEN rating_hundredths >= 400 THEN '{r:4,r:3,r:2}'
            WHEN rating_hundredths >= 300 THEN '{r:3,r:2}' ELSE '{r:2}' END::varchar[]
        WHERE state = 'published' AND shelf IS NOT NULL AND rating_count > 0 AND rating_hundredths >= 200
            AND NOT facets && '{r:2}'::varchar[]
        RETURNING shelf, facets
    )
    INSERT INTO catalog_tally (category_id, token, change)
    SELECT shelf, token, count(*) FROM rated, unnest(facets) AS token WHERE starts_with(token, 'r:') GROUP BY shelf, token
"""


def give_tokens(apps, editor):
    editor.execute(_RATED)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_rating")]

    operations = [migrations.RunPython(give_tokens, migrations.RunPython.noop)]
