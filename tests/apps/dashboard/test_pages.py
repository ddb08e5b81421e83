import pytest
from tests.played_day import ordinary_day
pytestmark = pytest.mark.django_db
PAGES = ["/", "/review/", "/orders/", "/positions/", "/risk/", "/plans/", "/plans/import/", "/journal/", "/system/", "/account/", "/more/", "/orders/rows/", "/positions/rows/","/shell/header/","/shell/banner/","/review/queue/","/orders/orders.csv","/plans/1/"]
def test_every_page_shows_the_day(client, settings, django_user_model):
    day = ordinary_day(settings)
    client.force_login(django_user_model.objects.create_user("ann", is_staff=True))
    for p in PAGES:
        r = client.get(p)
        assert r.status_code == 200, p
    from apps.tickets.models import Ticket
    for k in Ticket.objects.values_list("key", flat=True):
        assert client.get(f"/orders/?open={k}").status_code == 200
        assert client.get(f"/orders/{k}/life/", headers={"HX-Request":"true"}).status_code == 200
