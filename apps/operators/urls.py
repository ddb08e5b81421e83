"""Coming in, going out, and changing one's password."""

from django.contrib.auth import views
from django.urls import path, reverse_lazy

from apps.operators.pages.enter import enter
from apps.operators.pages.login import Login

app_name = "operators"
urlpatterns = [
    path(
        "login/",
        Login.as_view(template_name="operators/login.html", redirect_authenticated_user=True),
        name="login",
    ),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("enter/<str:key>/<str:token>/", enter, name="enter"),
    path(
        "password/",
        views.PasswordChangeView.as_view(
            template_name="operators/password.html", success_url=reverse_lazy("operators:password_changed")
        ),
        name="password",
    ),
    path(
        "password/changed/",
        views.PasswordChangeDoneView.as_view(template_name="operators/password_changed.html"),
        name="password_changed",
    ),
]
