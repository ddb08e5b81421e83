"""Every address of the screens. All of them want a login; what changes something is a POST."""

from django.urls import path

from apps.dashboard.pages import account, desk, journal, orders, plans, positions, review, risk, system
from apps.dashboard.pages import plan_import as intake

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("tiles/<str:name>/", desk.tile, name="tile"),
    path("shell/header/", desk.header, name="shell-header"),
    path("shell/banner/", desk.banner, name="shell-banner"),
    path("more/", desk.more, name="more"),
    path("review/", review.review, name="review"),
    path("review/queue/", review.queue, name="review-queue"),
    path("review/<int:number>/", review.review, name="review-one"),
    path("review/<int:number>/card/", review.card, name="review-card"),
    path("review/<int:number>/watch/", review.watch, name="review-watch"),
    path("review/<int:number>/approve/", review.approve, name="review-approve"),
    path("review/<int:number>/reject/", review.turn_down, name="review-reject"),
    path("orders/", orders.orders, name="orders"),
    path("orders/rows/", orders.rows, name="orders-rows"),
    path("orders/orders.csv", orders.export, name="orders-csv"),
    path("orders/<str:key>/life/", orders.life, name="orders-life"),
    path("orders/<str:key>/cancel/", orders.cancel, name="orders-cancel"),
    path("orders/<str:key>/resolve/", orders.resolve, name="orders-resolve"),
    path("positions/", positions.positions, name="positions"),
    path("positions/rows/", positions.rows, name="positions-rows"),
    path("plans/", plans.plans, name="plans"),
    path("plans/rows/", plans.rows, name="plans-rows"),
    path("plans/import/", intake.plan_import, name="plan-import"),
    path("plans/propose/", intake.plan_propose, name="plan-propose"),
    path("plans/<int:number>/", plans.plan, name="plan"),
    path("risk/", risk.risk, name="risk"),
    path("risk/limits/", risk.risk, name="risk-limits"),
    path("journal/", journal.journal, name="journal"),
    path("journal/rows/", journal.rows, name="journal-rows"),
    path("system/", system.system, name="system"),
    path("system/panels/", system.panels, name="system-panels"),
    path("account/", account.account, name="account"),
    path("account/<str:name>/", account.preference, name="preference"),
]
