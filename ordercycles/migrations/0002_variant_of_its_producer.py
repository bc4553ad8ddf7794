"""A variant's producer is its product's: a foreign key over both columns, which Django has no word for."""

from django.db import migrations

_ADD = """
ALTER TABLE ordercycles_variant
    ADD CONSTRAINT variant_producer_is_its_products
    FOREIGN KEY (product_id, producer_id) REFERENCES ordercycles_product (id, producer_id)
    DEFERRABLE INITIALLY DEFERRED
"""
_DROP = "ALTER TABLE ordercycles_variant DROP CONSTRAINT variant_producer_is_its_products"


class Migration(migrations.Migration):
    """Add the constraint."""

    dependencies = [("ordercycles", "0001_initial")]

    operations = [migrations.RunSQL(_ADD, _DROP)]
