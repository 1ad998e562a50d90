from shop.models import Item


def make_items(shelf, count):
    return [Item.objects.create(shelf=shelf, name=f"{shelf.name} {n}") for n in range(count)]
