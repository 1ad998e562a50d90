from django.conf import settings
from django.db import models
from django.db.models.functions import UUID7


class Shelf(models.Model):
    name = models.CharField(max_length=50, unique=True)
    best = models.ForeignKey("Item", models.SET_NULL, null=True, related_name="+")

    def __str__(self):
        return self.name


class Item(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, related_name="items")
    name = models.CharField(max_length=50)
    price = models.IntegerField(default=1)
    label = models.GeneratedField(
        expression=models.functions.Upper("name"),
        output_field=models.TextField(),
        db_persist=True,
    )
    liked_by = models.ManyToManyField(settings.AUTH_USER_MODEL)

    def __str__(self):
        return self.name


class Order(models.Model):
    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    item = models.ForeignKey(Item, models.CASCADE)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return str(self.pk)
