"""ib_insync and its heir: brackets, OCA groups, combos, algos, conditions."""

from tests.gateway import Gateway
from tests.simgateway.clients.actor import Trader, library, trade, vertical


def test_a_bracket_waits_as_one_and_cancels_as_one(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("WEC", "SMART", "USD"))
        price = await trader.price(contract)
        bracket = trader.ib.bracketOrder(
            "BUY", 37, round(price * 0.95, 2), round(price * 1.04, 2), round(price * 0.92, 2)
        )
        for order in bracket:
            order.tif = "DAY"
        parent, target, stop = (trader.ib.placeOrder(contract, order) for order in bracket)
        await trader.status(parent, "Submitted")
        await trader.status(target, "PreSubmitted")
        await trader.status(stop, "PreSubmitted")
        told = {
            row["fields"][1]: row["fields"] for row in running.records("out") if row["fields"][:1] == ["5"]
        }
        assert told[str(target.order.orderId)][19] == str(
            parent.order.permId
        )  # the OCA group is the parent's
        trader.ib.cancelOrder(parent.order)
        for leg in (parent, target, stop):
            await trader.status(leg, "Cancelled")

    trade(running, act)


def test_the_entry_of_a_bracket_brings_its_exits_to_life(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("ATO", "SMART", "USD"))
        price = await trader.price(contract)
        bracket = trader.ib.bracketOrder(
            "BUY", 5, round(price * 1.01, 2), round(price * 1.04, 2), round(price * 0.92, 2)
        )
        for order in bracket:
            order.tif = "DAY"
        parent, target, stop = (trader.ib.placeOrder(contract, order) for order in bracket)
        await trader.status(parent, "Filled")
        await trader.status(target, "Submitted")
        assert stop.orderStatus.status == "PreSubmitted"
        assert "trigger" in stop.orderStatus.whyHeld
        trader.ib.cancelOrder(target.order)
        await trader.status(target, "Cancelled")

    trade(running, act)


def test_one_fill_of_an_oca_group_cancels_the_other(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        price = await trader.price(contract)
        orders = [trader.limit("BUY", 1, price * share) for share in (0.95, 0.96)]
        library.IB.oneCancelsAll(orders, "pair", 1)
        first, second = (trader.ib.placeOrder(contract, order) for order in orders)
        await trader.status(first, "Submitted")
        await trader.status(second, "Submitted")
        orders[0].lmtPrice = round(price * 1.01, 2)
        trader.ib.placeOrder(contract, orders[0])
        await trader.status(first, "Filled")
        await trader.status(second, "Cancelled")

    trade(running, act)


def test_a_combo_fills_with_a_print_of_its_own_and_one_for_each_leg(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        combo, cost = await vertical(trader)
        done = trader.ib.placeOrder(combo, trader.limit("BUY", 2, cost + 0.2))
        await trader.status(done, "Filled")
        kinds = sorted(fill.contract.secType for fill in done.fills)
        assert kinds.count("OPT") == 2 * kinds.count("BAG") >= 2
        assert done.filled() == 2

    trade(running, act)


def test_a_combo_may_name_the_price_of_each_leg(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        combo, _ = await vertical(trader)
        order = trader.limit("BUY", 1, 0)
        order.lmtPrice = ""
        order.orderComboLegs = [library.OrderComboLeg(9.0), library.OrderComboLeg(0.05)]
        order.smartComboRoutingParams = [library.TagValue("NonGuaranteed", "1")]
        resting = trader.ib.placeOrder(combo, order)
        await trader.until(lambda: resting.order.permId, "an answer")
        await trader.ib.reqOpenOrdersAsync()
        assert [leg.price for leg in resting.order.orderComboLegs] == [9.0, 0.05]
        trader.ib.cancelOrder(resting.order)
        await trader.status(resting, "Cancelled", "Filled")

    trade(running, act)


def test_an_adaptive_order_keeps_its_algo_on_the_way_back(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("PNW", "SMART", "USD"))
        order = trader.limit("BUY", 3, await trader.price(contract) * 0.9)
        order.algoStrategy = "Adaptive"
        order.algoParams = [library.TagValue("adaptivePriority", "Normal")]
        trader.ib.placeOrder(contract, order)
        found = next(
            row for row in await trader.ib.reqOpenOrdersAsync() if row.order.orderId == order.orderId
        )
        assert found.order.algoStrategy == "Adaptive"
        assert [(tag.tag, tag.value) for tag in found.order.algoParams] == [("adaptivePriority", "Normal")]
        trader.ib.cancelOrder(order)

    trade(running, act)


def test_six_kinds_of_condition_come_back_as_they_went(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("AAPL", "SMART", "USD"))
        order = trader.limit("BUY", 1, await trader.price(contract) * 0.9)
        order.conditions = [
            library.PriceCondition(
                conjunction="a", isMore=True, price=9000.0, conId=contract.conId, exch="SMART"
            ),
            library.TimeCondition(conjunction="a", isMore=True, time="20261118 20:00:00 US/Eastern"),
            library.MarginCondition(conjunction="o", isMore=True, percent=30),
            library.ExecutionCondition(conjunction="a", secType="STK", exch="SMART", symbol="MSFT"),
            library.VolumeCondition(
                conjunction="a", isMore=True, volume=9_000_000, conId=contract.conId, exch="SMART"
            ),
            library.PercentChangeCondition(
                conjunction="a", isMore=True, changePercent=50.0, conId=contract.conId, exch="SMART"
            ),
        ]
        trader.ib.placeOrder(contract, order)
        found = next(
            row for row in await trader.ib.reqOpenOrdersAsync() if row.order.orderId == order.orderId
        )
        assert [type(row).__name__ for row in found.order.conditions] == [
            type(row).__name__ for row in order.conditions
        ]
        assert found.order.conditions[0].price == 9000.0
        trader.ib.cancelOrder(order)

    trade(running, act)
