from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL

from apps.approvals.models import Request
from apps.desks.models import Account, Strategy
from apps.market.models import Contract
from apps.plans.models import Line
from apps.risk.models import LimitSet, Stopping
from tradingdesk.domain.tickets.states import State

NOT_A_NUMBER = RawSQL("'NaN'::numeric", ())


class Ticket(models.Model):
    """One order to be. Its states and their events are the table in `tradingdesk.domain.tickets.states`."""

    key = models.CharField(max_length=60, unique=True)  # 81-1A, 81-1A-T, 81-1A-S
    request = models.ForeignKey(Request, null=True, on_delete=models.PROTECT, related_name="tickets")
    stopping = models.ForeignKey(Stopping, null=True, on_delete=models.PROTECT, related_name="closes")
    line = models.ForeignKey(Line, null=True, on_delete=models.PROTECT)
    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    strategy = models.ForeignKey(Strategy, on_delete=models.PROTECT)
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT)
    bracket = models.CharField(max_length=60)  # the group that is sent as one
    position_in_bracket = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=8)  # entry, target, stop, close
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    side = models.CharField(max_length=4)
    quantity = models.DecimalField(max_digits=18, decimal_places=4)
    order_type = models.CharField(max_length=12)
    limit_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    stop_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    tif = models.CharField(max_length=4, default="DAY")
    algo = models.JSONField(default=dict)
    outside_rth = models.BooleanField(default=False)
    state = models.CharField(max_length=12)
    filled = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    average_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    reason_code = models.CharField(max_length=60, blank=True)
    protocol_version = models.PositiveIntegerField()
    limit_set = models.ForeignKey(LimitSet, on_delete=models.PROTECT)
    not_after = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bracket", "position_in_bracket"], name="tickets_bracket_order"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="tickets_quantity_positive"),
            models.CheckConstraint(
                condition=Q(filled__gte=0) & Q(filled__lte=F("quantity")), name="tickets_filled_in_range"
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=False, stopping__isnull=True)
                | Q(request__isnull=True, stopping__isnull=False, role="close"),
                name="tickets_one_authority",
            ),
            models.CheckConstraint(condition=Q(side__in=["BUY", "SELL"]), name="tickets_side"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="tickets_state_known"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["entry", "target", "stop", "close"]), name="tickets_role_known"
            ),
            # PostgreSQL holds NaN to be greater than any number: it would pass for a size above zero
            models.CheckConstraint(
                condition=Q(quantity__lt=NOT_A_NUMBER)
                & (Q(limit_price=None) | Q(limit_price__lt=NOT_A_NUMBER))
                & (Q(stop_price=None) | Q(stop_price__lt=NOT_A_NUMBER)),
                name="tickets_numbers_are_numbers",
            ),
        ]
        indexes = [models.Index(fields=["state", "account"]), models.Index(fields=["bracket"])]

    def __str__(self) -> str:
        return self.key
