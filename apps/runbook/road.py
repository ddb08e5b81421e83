"""The road, read from top to bottom: a plan comes in, is put to the limits, waits for a person, becomes
tickets; the link sends them; what the broker says is booked. Each step is a station's own verb."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from apps.approvals.actions.ask_window import ask_window
from apps.approvals.actions.open_request import open_request
from apps.approvals.models import Request
from apps.approvals.queries import notional_of_open, tightened_to
from apps.broker.actions.ask_preview import ask_previews
from apps.desks.queries import phase_of
from apps.journal.database_clock import database_now
from apps.journal.statements import put
from apps.market.actions.answer_lookup import ask_lookup
from apps.market.actions.watch import watch
from apps.market.queries import contracts_by_symbol, refused_symbols, unanswered_symbols
from apps.plans.actions.mark_lines import set_contracts, set_plan_state, skip_lines
from apps.plans.models import Line, Plan
from apps.plans.queries import taken_lines
from apps.risk.actions.change_limits import values_of
from apps.risk.actions.judge import AT_CLAIM, Judged, judge_contexts, keep_verdicts, worst_of
from apps.risk.models import LimitSet
from apps.risk.queries import limits_in_force, reserved
from apps.runbook.content import content_of, cut_off_of, groups_of, link_session, mids_of, notional_of
from apps.runbook.situation import (
    Seen,
    ask_markets,
    contexts_of_bracket,
    contexts_of_lines,
    line_value,
    trading_day,
)
from apps.runbook.walking import walk_terms, window_problem
from apps.tickets.models import Ticket
from apps.tickets.queries import promised
from tradingdesk.domain.approvals import Phase, strictest
from tradingdesk.domain.market import QuoteLimits, is_open, quote_problem, time_problem
from tradingdesk.domain.money import Reason
from tradingdesk.domain.plans import allot
from tradingdesk.domain.risk import AT_PROPOSAL, FIRST_SET, Context, Outcome
from tradingdesk.domain.risk import LimitSet as LimitValues
from tradingdesk.domain.risk.checks import DOUBLES

WATCH_FOR = timedelta(hours=8)
SKIPS = ("SYMBOL_ALREADY_HELD", "SYMBOL_ALREADY_WORKING")
TIGHTENED = Reason("PHASE_TIGHTENED", "this plan was tightened")
REASONS = {"PLAN_NOTHING_LEFT": "No line of the plan can be traded."}


# a plan comes in


def look_up_contracts(plan: Plan) -> bool:
    """Every symbol becomes a contract of the broker. False: the link has not answered all of them yet."""
    symbols = [line.symbol for line in taken_lines(plan.pk)]
    settled = {*refused_symbols(symbols, since=plan.received_at), *contracts_by_symbol(symbols)}
    for symbol in symbols:
        if symbol not in settled:
            ask_lookup(symbol)
    if unanswered_symbols(symbols):
        return False
    found = contracts_by_symbol(symbols)
    set_contracts(plan, found)
    refused = refused_symbols(symbols)
    unnamed = "the broker did not name it"
    skip_lines(
        [
            (line, Reason("CONTRACT_UNKNOWN", refused.get(line.symbol, unnamed)))
            for line in taken_lines(plan.pk)
            if line.contract is None
        ]
    )
    watch(plan.account.gateway, [row.pk for row in found.values()], WATCH_FOR)
    return True


# it is put to the limits


@transaction.atomic
def propose(plan: Plan, now: datetime) -> Request | None:
    """Judge it, freeze it, put it before people. None: nothing is left of it to propose."""
    plan = (
        Plan.objects.select_for_update(of=("self",))
        .select_related("account__gateway", "strategy")
        .get(pk=plan.pk)
    )
    if plan.state != Plan.RECEIVED:
        return None
    limit_set = limits_in_force()
    contexts = _skip_doubles(plan, limit_set, now)
    _skip_exposure(plan, limit_set, now)
    lines = taken_lines(plan.pk)
    if not lines:
        set_plan_state(plan, Plan.NOTHING, reason=Reason("PLAN_NOTHING_LEFT", "no line of it can be traded"))
        return None
    if len(lines) < len(contexts):  # each was measured after lines that are gone now
        contexts = contexts_of_plan(plan, lines, limit_set, now)
    judged = _judge_proposal(contexts, now)
    request = _open(plan, lines, limit_set, now, outcome=worst_of(judged))
    keep_verdicts(
        judged,
        kind="request",
        subject_id=request.pk,
        stage="proposal",
        limit_set=limit_set,
        now=now,
    )
    set_plan_state(plan, Plan.PROPOSED)
    ask_previews(request, [spec for _, groups in groups_of(plan.pk, lines) for spec in groups[:1]])
    return request


def _skip_doubles(plan: Plan, limit_set: LimitSet, now: datetime) -> list[tuple[str, Context]]:
    """Each line against what is held and working; all of them against one reading of the books."""
    lines = taken_lines(plan.pk)
    contexts = contexts_of_plan(plan, lines, limit_set, now)
    judged = judge_contexts(contexts, checks=DOUBLES)
    doubles = [
        (line, Reason(finding.reason_code, finding.measured))
        for line, (_, findings) in zip(lines, judged, strict=True)
        for finding in [one for one in findings if one.reason_code in SKIPS][:1]
    ]
    skip_lines(doubles)
    return contexts


def _skip_exposure(plan: Plan, limit_set: LimitSet, now: datetime) -> None:
    rows = {row.number: row for row in taken_lines(plan.pk)}
    limits = values_of(limit_set, f"account:{plan.account.code}", f"strategy:{plan.strategy.name}")
    allotted = allot(
        [line_value(row) for row in rows.values()],
        limits["daily_exposure"],
        already_planned=reserved(plan.account.code, trading_day(now))
        + promised(plan.account_id)
        + notional_of_open(plan.account_id, without_plan=plan.pk),
    )
    skip_lines([(rows[one.line.number], one.refused) for one in allotted if one.refused is not None])


def contexts_of_plan(
    plan: Plan, lines: Sequence[Line], limit_set: LimitSet, now: datetime
) -> list[tuple[str, Context]]:
    return contexts_of_lines(
        lines, account=plan.account, strategy=plan.strategy, limit_set=limit_set, now=now
    )


def _judge_proposal(contexts: Sequence[tuple[str, Context]], now: datetime) -> list[Judged]:
    """Before the session there is no market to measure; the approval measures it, whatever came before."""
    in_session = all(c.session is not None and is_open(c.session, now) for _, c in contexts)
    return judge_contexts(contexts, checks=FIRST_SET if in_session else AT_PROPOSAL)


# it waits for a person, for a window to run out, or for nobody


def _open(
    plan: Plan, lines: Sequence[Line], limit_set: LimitSet, now: datetime, *, outcome: Outcome
) -> Request:
    notional = sum((notional_of(line) for line in lines), start=Decimal(0))
    cut_off = cut_off_of(plan, lines, limit_set, now)
    terms = walk_terms(plan.strategy.parameters, lines)
    phase, stricter = _phase_for(plan, cut_off, outcome, seconds=terms.seconds, now=now)
    request = open_request(
        plan,
        lambda nonce: content_of(plan, lines, limit_set, nonce=nonce, cut_off=cut_off),
        account=plan.account,
        strategy=plan.strategy,
        phase=phase.value,
        counting=phase is Phase.WALK,
        why_stricter=stricter,
        limit_set=limit_set,
        notional=notional,
        shown={
            "mids": {str(k): str(v) for k, v in mids_of(lines).items()},
            "link_session": link_session(plan),
        },
        now=now,
    )
    if phase is Phase.WALK:
        ask_window(request, seconds=terms.seconds, sent_first=terms.sent_first, now=database_now())
    return request


def _phase_for(
    plan: Plan, cut_off: datetime, outcome: Outcome, *, seconds: int, now: datetime
) -> tuple[Phase, Reason | None]:
    """The phase it is handled in, and why that is stricter than its strategy's."""
    phase = Phase(phase_of(plan.strategy, plan.account))
    tightened = tightened_to(plan.pk)
    stricter = strictest(phase, tightened)
    if stricter is Phase.CRAWL:
        return stricter, None if phase is Phase.CRAWL else Reason(
            "PHASE_TIGHTENED", "this plan was tightened"
        )
    if outcome is not Outcome.PASS:
        return Phase.CRAWL, Reason("WARNING_UNEXPLAINED", "a check warns or blocks, so a person looks at it")
    if stricter is Phase.WALK and (late := window_problem(cut_off, seconds=seconds, now=now)) is not None:
        return Phase.CRAWL, late
    return stricter, None if stricter is phase else TIGHTENED


# the link claims its tickets: the same limits once more, and the market


def judge_claim(tickets: Sequence[Ticket], now: datetime) -> Reason | None:
    """The first thing that blocks a bracket at the moment of its claim: the limits, then the market.

    A bracket that waits is judged again and again; its verdicts are kept when they say something new.
    """
    limit_set = limits_in_force()
    contexts = contexts_of_bracket(tickets, now, limit_set)
    judged = judge_contexts(contexts, checks=AT_CLAIM)
    problem = first_block(judged)
    if problem is None or problem.code != tickets[0].reason_code:
        keep_verdicts(
            judged, kind="ticket", subject_id=tickets[0].pk, stage="claim", limit_set=limit_set, now=now
        )
    ((_, context),) = contexts
    return problem or _market_in(context, context.limits, now)


def first_block(judged: Sequence[Judged]) -> Reason | None:
    """The first check that forbids it, in words for a person."""
    for about, findings in judged:
        for finding in findings:
            if finding.outcome is Outcome.BLOCK:
                text = f"{about}: {finding.title}: {finding.measured}, allowed {finding.limit}"
                return Reason(finding.reason_code, text)
    return None


def market_problem(tickets: Sequence[Ticket], now: datetime) -> Reason | None:
    """Whether the market may be traded from what we know of it this second."""
    entry = tickets[0]
    set_in_force, markets = limits_in_force.ask(), ask_markets([entry.contract], entry.account, now)
    put(set_in_force, *markets)
    limits = values_of(
        set_in_force.answer(), f"account:{entry.account.code}", f"strategy:{entry.strategy.name}"
    )
    return _market_in(markets.seen(entry.contract), limits, now)


def _market_in(seen: Context | Seen, limits: LimitValues, now: datetime) -> Reason | None:
    """No limit and no switch lets these two through, whatever the checks are set to."""
    lead = timedelta(minutes=float(limits["minutes_to_close"]))
    cut_off = None if seen.session is None else seen.session.close_at - lead
    rules = QuoteLimits(
        max_age=timedelta(seconds=float(limits["quote_age"])), max_jump_pct=limits["quote_jump"]
    )
    late = time_problem(seen.session, now, cut_off=cut_off, clock_skew=seen.clock_skew)
    return late or quote_problem(seen.quote, now, rules, previous_mid=seen.previous_mid)
