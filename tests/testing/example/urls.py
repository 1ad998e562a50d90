from django.http import HttpResponse
from django.urls import path
from shop.models import Item


def items(request):
    if name := request.GET.get("sell"):
        Item.objects.filter(name=name).delete()
    return HttpResponse(",".join(Item.objects.order_by("name").values_list("name", flat=True)))


def me(request):
    return HttpResponse(request.user.username)


urlpatterns = [path("", items), path("me/", me)]
