"""ib_insync and its heir: contracts, chains, Greeks, bars."""

from pathlib import Path

import pytest

from tests.gateway import Gateway, gateway
from tests.simgateway.clients.actor import Trader, library, trade


def test_contracts_of_every_kind_are_found_and_nonsense_is_not(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        wanted = [
            library.Stock("AAPL", "SMART", "USD"),
            library.Forex("EURUSD"),
            library.Index("VIX", "CBOE", "USD"),
            library.Stock("CSPX", "SMART", "USD", primaryExchange="LSEETF"),
        ]
        for contract in wanted:
            details = await trader.ib.reqContractDetailsAsync(contract)
            assert len(details) == 1, contract
            assert details[0].tradingHours
        futures = await trader.ib.reqContractDetailsAsync(library.Future("MES", exchange="CME"))
        assert len(futures) > 1
        assert {row.contract.multiplier for row in futures} == {"5"}
        assert await trader.ib.reqContractDetailsAsync(library.Stock("NOSUCHNAME", "SMART", "USD")) == []
        assert 200 in trader.error_codes()

    trade(running, act)


def test_an_option_chain_leads_to_a_contract_with_greeks(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        under = await trader.contract(library.Stock("QQQ", "SMART", "USD"))
        chains = await trader.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId)
        chain = next(row for row in chains if row.exchange == "SMART")
        spot = await trader.price(under)
        strike = min(chain.strikes, key=lambda level: abs(level - spot))
        option = await trader.contract(
            library.Option("QQQ", sorted(chain.expirations)[2], strike, "C", "SMART", tradingClass="QQQ")
        )
        ticker = trader.ib.reqMktData(option)
        await trader.until(lambda: ticker.modelGreeks and ticker.bid > 0, "model Greeks")
        assert 0.3 < ticker.modelGreeks.delta < 0.7
        assert ticker.modelGreeks.impliedVol > 0.01
        assert ticker.bid <= ticker.modelGreeks.optPrice + 0.05

    trade(running, act)


def test_history_comes_in_bars_that_agree_with_themselves(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("MSFT", "SMART", "USD"))
        bars = await trader.ib.reqHistoricalDataAsync(contract, "", "2 D", "5 mins", "TRADES", True)
        assert len(bars) > 70
        assert all(
            bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars
        )
        assert [bar.date for bar in bars] == sorted({bar.date for bar in bars})

    trade(running, act)


def test_reference_data_tell_names_ticks_and_first_days(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        names = await trader.ib.reqMatchingSymbolsAsync("MSF")
        assert "MSFT" in {row.contract.symbol for row in names}
        (found,) = await trader.ib.reqContractDetailsAsync(library.Stock("MSFT", "SMART", "USD"))
        steps = await trader.ib.reqMarketRuleAsync(int(found.marketRuleIds.split(",")[0]))
        assert steps[0].increment > 0
        first = await trader.ib.reqHeadTimeStampAsync(found.contract, "TRADES", True, 1)
        assert first.year < 2026

    trade(running, act)


def test_a_price_and_its_volatility_lead_to_each_other(running: Gateway) -> None:
    async def act(trader: Trader) -> None:
        under = await trader.contract(library.Stock("QQQ", "SMART", "USD"))
        chains = await trader.ib.reqSecDefOptParamsAsync("QQQ", "", "STK", under.conId)
        chain = next(row for row in chains if row.exchange == "SMART")
        spot = await trader.price(under)
        strike = min(chain.strikes, key=lambda level: abs(level - spot))
        option = await trader.contract(
            library.Option("QQQ", sorted(chain.expirations)[3], strike, "P", "SMART", tradingClass="QQQ")
        )
        priced = await trader.ib.calculateOptionPriceAsync(option, 0.25, spot)
        implied = await trader.ib.calculateImpliedVolatilityAsync(option, priced.optPrice, spot)
        assert abs(implied.impliedVol - 0.25) < 0.005

    trade(running, act)


@pytest.mark.parametrize(("subscribed", "told"), [("live", 1), ("delayed", 3)])
def test_whoever_takes_delayed_quotes_is_told_which_they_are(
    tmp_path: Path, subscribed: str, told: int
) -> None:
    """Live ones where there is a subscription, as at the broker; else those of a quarter of an hour ago."""

    async def act(trader: Trader) -> None:
        contract = await trader.contract(library.Stock("PEP", "SMART", "USD"))
        trader.ib.reqMarketDataType(3)
        ticker = trader.ib.reqMktData(contract)
        await trader.until(lambda: ticker.bid > 0 and ticker.ask > ticker.bid, "a quote")
        assert ticker.marketDataType == told
        trader.ib.cancelMktData(contract)

    with gateway(tmp_path, "--switch", f"market_data={subscribed}") as started:
        trade(started, act)
