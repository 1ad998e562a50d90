from django.urls import path, re_path

from . import consumers

websocket_urlpatterns = [
    path("ws/projects/<str:key>/runs/<int:number>/", consumers.RunSocket.as_asgi()),
    re_path(r"", consumers.NoSuchSocket.as_asgi()),
]
