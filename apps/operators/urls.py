"""The ways in that are the desk's own; those of allauth stand in entrance.py."""

from django.urls import path

from apps.operators.pages.enter import enter
from apps.operators.pages.welcome import welcome

app_name = "operators"
urlpatterns = [
    path("enter/<str:key>/<str:token>/", enter, name="enter"),
    path("welcome/<str:key>/<str:token>/", welcome, name="welcome"),
]
