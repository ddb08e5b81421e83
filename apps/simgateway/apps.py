from django.apps import AppConfig


class SimGatewayConfig(AppConfig):
    name = "apps.simgateway"
    label = "simgateway"
