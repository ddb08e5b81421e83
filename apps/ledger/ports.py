"""The words of the books."""

# why money moved
TRADE, VARIATION, FEE, ADOPTION, FLOW, ACCRUAL, FX = (
    "trade", "variation", "fee", "adoption", "flow", "accrual", "fx",
)  # fmt: skip
CAUSES = (TRADE, VARIATION, FEE, ADOPTION, FLOW, ACCRUAL, FX)

# why the net asset value moved: the first four are the result, the others came from outside
PRICE = "price"
EARNED = (PRICE, FX, FEE, ACCRUAL)
RESULT_CAUSES = (*EARNED, FLOW, ADOPTION)
CAUSE_TITLES = {
    PRICE: "Price",
    FX: "Exchange rates",
    FEE: "Fees",
    ACCRUAL: "Accruals",
    FLOW: "Paid in and out",
    ADOPTION: "Adopted from the broker",
}

REASONS = {
    "FLOW_WITHOUT_REASON": "Money paid in or out is only booked with a reason.",
    "FLOW_AMOUNT": "The amount paid in or out is no number of money, or nought.",
    "FLOW_CURRENCY": "The books hold no cash of this currency; take the broker's balance over first.",
    "FLOW_IN_FUTURE": "Money is booked when it was paid, not before.",
    "FLOW_TWICE": "The same payment was booked some minutes ago; a second one would count it twice.",
    "CASH_NEVER_ADOPTED": "The books have no opening balance of the account, so its worth is unknown.",
    "CONTRACT_UNCONFIRMED": "The contract was only named in an execution or a position; its unit is unknown.",
    "ADOPTION_WITHOUT_REASON": "The broker's value is only taken over with a reason.",
    "BOOKS_DIFFER": "The books that were kept are not what the broker's own words make of them.",
    "FEE_PENDING": "The broker has not told the commission of an execution yet.",
}
